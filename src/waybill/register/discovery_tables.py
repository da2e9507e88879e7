"""The table of what discovery found."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from django.db import models

from waybill.model.words import Grade

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Rows: TypeAlias = QuerySet["Discovered"]


class Discovered(models.Model):
    """One file, object or table, as it was inspected last."""

    id = models.CharField(primary_key=True, max_length=24)
    place = models.TextField(db_index=True)
    name = models.TextField()
    version = models.CharField(max_length=200, blank=True, default="")
    basis = models.CharField(max_length=64, blank=True, default="")
    grade = models.CharField(max_length=20)
    """Suggested."""
    partial = models.BooleanField(default=False)
    telling = models.BooleanField(default=False)
    """Whether a registered document or a mark of ours is in it: what detectors are told of."""
    inspected_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    body = models.TextField()
    """All of what was found, as JSON; no value and no text of it."""
    asset = models.CharField(max_length=200, blank=True, default="")
    confirmed = models.CharField(max_length=20, blank=True, default="")
    confirmed_by = models.CharField(max_length=200, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """Keeps grades to the words of the model; a grade is confirmed by somebody."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(grade__in=[str(grade) for grade in Grade]), name="discovered_grade_known"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed="") | ~models.Q(confirmed_by=""), name="discovered_confirmed_by_somebody"
            ),
        )
        indexes = (models.Index(fields=["grade", "place"], name="discovered_by_grade"),)

    def __str__(self) -> str:
        return self.id


class Canary(models.Model):
    """A marked copy, decoys or a decoy thing: asked for by one, approved by another, then made, perhaps revoked."""

    kind = models.CharField(max_length=20)
    document = models.CharField(max_length=400)
    """Name of what is copied, or of the thing."""
    asset = models.CharField(max_length=200)
    recipient = models.CharField(max_length=200)
    """An organisation, or a person by pseudonym; of a thing, where it lies."""
    reason = models.TextField()
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    answer = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(null=True)
    values = models.TextField(blank=True, default="")
    """Keyed hashes of decoys, joined by spaces."""
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=200, blank=True, default="")
    revoked_because = models.TextField(blank=True, default="")

    class Meta:
        """Two people and a reason."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="canary_has_reason"),
            models.CheckConstraint(condition=~models.Q(asset=""), name="canary_has_asset"),
            models.CheckConstraint(condition=~models.Q(asked_by=models.F("decided_by")), name="canary_by_two"),
        )

    def __str__(self) -> str:
        return f"canary {self.pk}"
