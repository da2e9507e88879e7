"""The tables of the incident register, in VERIS's long form, and of what was published of it."""

from __future__ import annotations

from django.db import models

from waybill.cases.words import Origin
from waybill.model.words import Intent
from waybill.trends.incidents import NAME_LENGTH, Precision
from waybill.trends.words import SpendState


class Import(models.Model):
    """One change of the register: a file that was read, or a case that was closed into it."""

    at = models.DateTimeField()
    who = models.CharField(max_length=NAME_LENGTH)
    source = models.CharField(max_length=NAME_LENGTH)
    added = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    """Records that were there already, byte for byte."""
    refused = models.PositiveIntegerField()
    version = models.CharField(max_length=64)
    """Hash over the version before and what was added: the same version, the same register."""

    def __str__(self) -> str:
        return f"import {self.pk} of {self.source}"


class Incident(models.Model):
    """One incident; see ``incidents.Incident`` for what the columns mean."""

    source = models.CharField(max_length=NAME_LENGTH)
    name = models.CharField(max_length=NAME_LENGTH)
    """Its id in the source."""
    digest = models.CharField(max_length=32)
    """Hash of its content: the same record is not stored twice."""
    brought = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="incidents")
    occurred = models.DateField()
    precision = models.CharField(max_length=10)
    reported_at = models.DateField(null=True)
    coded_at = models.DateField(null=True)
    status = models.CharField(max_length=20)
    disclosed = models.CharField(max_length=20)
    intent = models.CharField(max_length=20)
    origin = models.CharField(max_length=20)
    victim = models.CharField(max_length=NAME_LENGTH, blank=True)
    industry = models.CharField(max_length=10, blank=True)
    countries = models.CharField(max_length=NAME_LENGTH, blank=True)
    employees = models.CharField(max_length=20)
    records = models.BigIntegerField(null=True)
    discovery_value = models.FloatField(null=True)
    discovery_unit = models.CharField(max_length=10)
    public_interest = models.BooleanField()
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="duplicates")

    class Meta:
        """A record is kept once, and its words are known ones."""

        indexes = (models.Index(fields=["source", "occurred"], name="incident_by_source"),)
        constraints = (
            models.UniqueConstraint(fields=["source", "name", "digest"], name="incident_once"),
            models.CheckConstraint(
                condition=models.Q(precision__in=[str(one) for one in Precision]), name="incident_precision_known"
            ),
            models.CheckConstraint(
                condition=models.Q(intent__in=[str(one) for one in Intent]), name="incident_intent_known"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=[str(one) for one in Origin]), name="incident_origin_known"
            ),
        )

    def __str__(self) -> str:
        return f"incident {self.pk} of {self.source}"


class IncidentAction(models.Model):
    """What was done."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=20)
    variety = models.CharField(max_length=NAME_LENGTH)
    vector = models.CharField(max_length=NAME_LENGTH)

    def __str__(self) -> str:
        return f"{self.kind}: {self.variety}"


class IncidentActor(models.Model):
    """Who did it, by kind."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="actors")
    kind = models.CharField(max_length=20)
    variety = models.CharField(max_length=NAME_LENGTH)
    motive = models.CharField(max_length=NAME_LENGTH)

    def __str__(self) -> str:
        return f"{self.kind}: {self.variety}"


class IncidentData(models.Model):
    """What sort of data was concerned."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="data")
    variety = models.CharField(max_length=NAME_LENGTH)
    records = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.variety


class IncidentAsset(models.Model):
    """What the data lay on."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="assets")
    variety = models.CharField(max_length=NAME_LENGTH)

    def __str__(self) -> str:
        return self.variety


class IncidentDiscovery(models.Model):
    """How it came to light."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="discoveries")
    method = models.CharField(max_length=20)
    variety = models.CharField(max_length=NAME_LENGTH)

    def __str__(self) -> str:
        return f"{self.method}: {self.variety}"


class Account(models.Model):
    """How much of its privacy a set of data may give away in a year."""

    source = models.CharField(max_length=NAME_LENGTH)
    year = models.PositiveSmallIntegerField()
    limit = models.DecimalField(max_digits=8, decimal_places=4)
    """Epsilon, for one organisation, over all releases of the year together (sequential composition)."""

    class Meta:
        """There is one account for a set of data and a year."""

        constraints = (models.UniqueConstraint(fields=["source", "year"], name="account_once"),)

    def __str__(self) -> str:
        return f"account of {self.source} {self.year}"


class Spend(models.Model):
    """One release to the public: what it takes from the account, by which means, and who signed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="spends")
    state = models.CharField(max_length=20, default=SpendState.PROPOSED.value)
    epsilon = models.DecimalField(max_digits=8, decimal_places=4)
    unit = models.CharField(max_length=20)
    bound = models.PositiveSmallIntegerField()
    """How many incidents of one organisation are counted."""
    mechanism = models.CharField(max_length=40)
    query = models.TextField()
    """Which tables of which incidents, as JSON; its hash goes into the ledger."""
    version = models.CharField(max_length=64)
    """Of the register, when it was proposed."""
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=NAME_LENGTH)
    release = models.TextField(blank=True, default="")
    """What was published, as JSON: made once, so that asking again never draws other noise."""

    class Meta:
        """States are known ones, and nothing is spent for nothing."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[str(one) for one in SpendState]), name="spend_state_known"
            ),
            models.CheckConstraint(condition=models.Q(epsilon__gt=0), name="spend_of_something"),
        )

    def __str__(self) -> str:
        return f"release {self.pk}"


class Signature(models.Model):
    """Somebody's consent to a release."""

    spend = models.ForeignKey(Spend, on_delete=models.PROTECT, related_name="signatures")
    who = models.CharField(max_length=NAME_LENGTH)
    at = models.DateTimeField()

    class Meta:
        """Nobody signs twice."""

        constraints = (models.UniqueConstraint(fields=["spend", "who"], name="signature_once"),)

    def __str__(self) -> str:
        return f"{self.who} for release {self.spend_id}"
