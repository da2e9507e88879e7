"""The register's tables. Field names are those of ``model.register``; tuples rest as in the files, joined by ``;``.

References between assets, places and permits are foreign keys; a permit's party and an asset's owner may also
name an organisation that has no row of its own, so those are plain ids, checked on import.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from waybill.model.disclosures import GIVEN, PriceRole, Stage
from waybill.model.words import AssetKind, Channel, Grade, PartyKind
from waybill.register.discovery_tables import Canary, Discovered
from waybill.register.legal_tables import AssetProfile, Holding, Post, Verification

ID_LENGTH = 200
"""Longest id, in characters."""


def _one_of(field: str, words: type[StrEnum], *, empty: bool = False) -> models.Q:
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
    max_kilograms = models.DecimalField(null=True, max_digits=18, decimal_places=6)
    end_use = models.CharField(max_length=400, blank=True, default="")
    suspended_from = models.DateTimeField(null=True)
    suspended_until = models.DateTimeField(null=True)
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


class Disclosure(models.Model):
    """One report of figures, made inside or filed; nobody's name is in it. Rows are added and never changed."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    stage = models.CharField(max_length=20)
    event = models.CharField(max_length=ID_LENGTH, db_index=True)
    organisation = models.CharField(max_length=ID_LENGTH)
    made_at = models.DateTimeField()
    kind = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    day = models.DateField(null=True)
    site = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    figures = models.TextField(blank=True, default="")
    due_at = models.DateTimeField(null=True)
    document = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    amends = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    basis = models.TextField(blank=True, default="")
    transfer = models.CharField(max_length=32, blank=True, default="")
    source = models.TextField(blank=True, default="")
    file = models.TextField(blank=True, default="")
    position = models.BigIntegerField(default=0)

    class Meta:
        """Keeps the stage to the words of the model, and where reports inside were read out of the table."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="disclosure_has_id"),
            models.CheckConstraint(condition=_one_of("stage", Stage), name="disclosure_stage_known"),
            models.CheckConstraint(
                condition=models.Q(stage=Stage.FILING.value)
                | models.Q(source="", file="", position=0, reason__in=["", GIVEN]),
                name="disclosure_inside_tells_no_author",
            ),
        )

    def __str__(self) -> str:
        return self.id


class Duty(models.Model):
    """A rule that demands a filing; one with the id of a built-in rule stands in its place."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    instrument = models.TextField()
    article = models.TextField(blank=True, default="")
    kinds = models.TextField(blank=True, default="")
    hours = models.IntegerField(null=True)
    amend_hours = models.IntegerField(null=True)
    figures = models.TextField(blank=True, default="")
    applies_when = models.TextField(blank=True, default="")
    certainty = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    source = models.TextField(blank=True, default="")
    verified_on = models.DateField(null=True)

    class Meta:
        """Keeps ids from being empty."""

        constraints = (models.CheckConstraint(condition=~models.Q(id=""), name="duty_has_id"),)

    def __str__(self) -> str:
        return self.id


class Price(models.Model):
    """A price paid with public money, or a reference for one; numbers are kept as they were written."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    role = models.CharField(max_length=20)
    item = models.CharField(max_length=ID_LENGTH)
    price = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    unit = models.CharField(max_length=ID_LENGTH)
    day = models.DateField()
    source = models.TextField(blank=True, default="")
    quality = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    quantity = models.CharField(max_length=40, null=True)

    class Meta:
        """Keeps the role to the words of the model."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="price_has_id"),
            models.CheckConstraint(condition=_one_of("role", PriceRole), name="price_role_known"),
        )

    def __str__(self) -> str:
        return self.id


class Unmasking(models.Model):
    """A wish to see who is behind a pseudonym: asked by one, decided by another, good for a while."""

    pseudonym = models.CharField(max_length=ID_LENGTH, db_index=True)
    reason = models.TextField()
    finding = models.CharField(max_length=32, blank=True, default="")
    """What it is about."""
    asset = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    """The registered asset concerned, which tells who may not decide."""
    asked_by = models.CharField(max_length=ID_LENGTH)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True, default="")
    """The reason of the decision."""
    until = models.DateTimeField(null=True)
    """First moment at which the name is hidden again."""

    class Meta:
        """Two people, a reason, and an end."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="unmasking_has_reason"),
            models.CheckConstraint(condition=~models.Q(asked_by=models.F("decided_by")), name="unmasking_by_two"),
            models.CheckConstraint(
                condition=models.Q(granted__isnull=True)
                | models.Q(granted=False)
                | models.Q(granted=True, until__isnull=False),
                name="unmasking_ends",
            ),
        )

    def __str__(self) -> str:
        return f"unmasking {self.pk}"


class PermitRequest(models.Model):
    """A wish for a permit: asked by one, decided by another; granted, it is in the register under its own id."""

    terms = models.TextField()
    """The permit as it would be, as JSON."""
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="permit_requests")
    reason = models.TextField()
    asked_by = models.CharField(max_length=ID_LENGTH)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True, default="")
    """The reason of the decision."""

    class Meta:
        """Two people and a reason."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="permit_request_has_reason"),
            models.CheckConstraint(condition=~models.Q(asked_by=models.F("decided_by")), name="permit_request_by_two"),
        )

    def __str__(self) -> str:
        return f"permit request {self.pk}"


APART = (AssetProfile, Canary, Discovered, Holding, Post, Verification)
"""Tables that stand in a module of their own."""

Table = Place | Asset | Party | Permit | Disclosure | Duty | Price
"""The tables that files are read into."""


class DataSubject(models.Model):
    """The number of a person whose data were exported; all that is kept of the person is a keyed hash."""

    number = models.AutoField(primary_key=True)
    mark = models.BinaryField(max_length=16, unique=True)

    def __str__(self) -> str:
        return str(self.number)


class CountedExport(models.Model):
    """The persons whose data of one category an exporter gave a recipient on a day."""

    day = models.DateField()
    exporter = models.CharField(max_length=ID_LENGTH)
    recipient = models.CharField(max_length=ID_LENGTH)
    category = models.CharField(max_length=20)
    exempt = models.BooleanField()
    persons = models.BinaryField()
    """Their numbers, as a roaring bitmap."""

    class Meta:
        """One row for each day, pair, category and ground: more persons come into it."""

        constraints = (
            models.UniqueConstraint(
                fields=["exporter", "category", "day", "recipient", "exempt"], name="counted_export_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.exporter} → {self.recipient}"
