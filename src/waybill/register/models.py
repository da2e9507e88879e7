"""The register's tables. Field names are those of ``model.register``; tuples rest as in the files, joined by ``;``.

References between assets, places and permits are foreign keys; a permit's party and an asset's owner may also
name an organisation that has no row of its own, so those are plain ids, checked on import.
"""

from __future__ import annotations

from django.db import models

from waybill.model.words import AssetKind, Channel, Grade, PartyKind

ID_LENGTH = 200
"""Longest id, in characters."""


def _one_of(field: str, words: type[AssetKind | Channel | Grade | PartyKind], *, empty: bool = False) -> models.Q:
    values = [str(word) for word in words]
    return models.Q(**{f"{field}__in": [*values, ""] if empty else values})


class Place(models.Model):
    """Where something is; places nest by ``parent``."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    name = models.CharField(max_length=400, blank=True, default="")
    jurisdiction = models.CharField(max_length=2, blank=True, default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    patterns = models.TextField(blank=True, default="")
    approved_egress = models.BooleanField(default=False)

    class Meta:
        """Keeps ids from being empty, and a place from lying in itself."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="place_has_id"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")), name="place_not_in_itself"
            ),
        )

    def __str__(self) -> str:
        return self.id


class Asset(models.Model):
    """Something controlled."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    name = models.CharField(max_length=400)
    kind = models.CharField(max_length=20)
    grade = models.CharField(max_length=20)
    owner = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    home = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="assets")
    public_interest = models.BooleanField(default=False)
    patterns = models.TextField(blank=True, default="")

    class Meta:
        """Keeps grade and kind to the words of the model."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="asset_has_id"),
            models.CheckConstraint(condition=_one_of("kind", AssetKind), name="asset_kind_known"),
            models.CheckConstraint(condition=_one_of("grade", Grade), name="asset_grade_known"),
        )

    def __str__(self) -> str:
        return self.id


class Party(models.Model):
    """A person by pseudonym, a service, an organisation or a site."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    kind = models.CharField(max_length=20)
    org = models.CharField(max_length=ID_LENGTH, blank=True, default="", db_index=True)
    jurisdiction = models.CharField(max_length=2, blank=True, default="")
    roles = models.TextField(blank=True, default="")

    class Meta:
        """Keeps kind to the words of the model."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="party_has_id"),
            models.CheckConstraint(condition=_one_of("kind", PartyKind), name="party_kind_known"),
        )

    def __str__(self) -> str:
        return self.id


class Permit(models.Model):
    """Who may transfer what, where, until when, how much, on which basis."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="permits")
    party = models.CharField(max_length=ID_LENGTH, blank=True, default="", db_index=True)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="permits")
    jurisdiction = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=20, blank=True, default="")
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    max_bytes = models.BigIntegerField(null=True)
    max_records = models.BigIntegerField(null=True)
    basis = models.TextField(blank=True, default="")

    class Meta:
        """Keeps limits from being negative, and validity from ending before it begins."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="permit_has_id"),
            models.CheckConstraint(condition=_one_of("channel", Channel, empty=True), name="permit_channel_known"),
            models.CheckConstraint(
                condition=models.Q(max_bytes__isnull=True) | models.Q(max_bytes__gte=0),
                name="permit_bytes_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(max_records__isnull=True) | models.Q(max_records__gte=0),
                name="permit_records_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="permit_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return self.id


class Identity(models.Model):
    """Who is behind a pseudonym, sealed: readable only with the key, which never rests in this database."""

    pseudonym = models.CharField(primary_key=True, max_length=ID_LENGTH)
    sealed = models.BinaryField()

    class Meta:
        """Keeps pseudonyms from being empty."""

        constraints = (models.CheckConstraint(condition=~models.Q(pseudonym=""), name="identity_has_pseudonym"),)

    def __str__(self) -> str:
        return self.pseudonym


class Alias(models.Model):
    """A further name of the person behind a pseudonym, sealed like the first one."""

    pseudonym = models.CharField(max_length=ID_LENGTH, db_index=True)
    sealed = models.BinaryField()

    class Meta:
        """Keeps pseudonyms from being empty."""

        constraints = (models.CheckConstraint(condition=~models.Q(pseudonym=""), name="alias_has_pseudonym"),)

    def __str__(self) -> str:
        return self.pseudonym
