"""The tables of findings: the statement, its evidence, its handling, exceptions, and what detectors remember."""

from __future__ import annotations

from django.db import models

from waybill.findings.states import FindingState


class DetectorState(models.Model):
    """How far a detector has read."""

    detector = models.CharField(primary_key=True, max_length=100)
    cursor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.detector} @ {self.cursor}"


class DetectorMemory(models.Model):
    """What a detector remembers of one partition key, as JSON."""

    detector = models.ForeignKey(DetectorState, on_delete=models.CASCADE, related_name="memory")
    key = models.TextField()
    value = models.TextField()

    class Meta:
        """One row for each key."""

        constraints = (models.UniqueConstraint(fields=["detector", "key"], name="memory_once_per_key"),)

    def __str__(self) -> str:
        return f"{self.detector_id}: {self.key}"


class ExceptionRule(models.Model):
    """Findings that an owner accepts until a date, with the reason. An empty field does not restrict."""

    owner = models.CharField(max_length=200)
    reason = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    rule_id = models.CharField(max_length=200, blank=True, default="")
    subject = models.TextField(blank=True, default="")
    asset = models.TextField(blank=True, default="")
    channel = models.CharField(max_length=20, blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        """Accepting everything, for ever, by nobody or without a reason is not an exception."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(owner="") & ~models.Q(reason=""), name="exception_is_owned"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="exception_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~models.Q(rule_id="", subject="", asset="", channel="", source=""),
                name="exception_restricts_something",
            ),
        )

    def __str__(self) -> str:
        return f"exception {self.pk}"


class Finding(models.Model):
    """A finding: the columns that queries need, and the whole statement as JSON without its transfers."""

    id = models.CharField(primary_key=True, max_length=32)
    detector = models.CharField(max_length=100)
    rule_id = models.CharField(max_length=200)
    severity = models.PositiveSmallIntegerField()
    score = models.FloatField()
    time = models.DateTimeField()
    last_time = models.DateTimeField()
    subject = models.TextField(blank=True, default="")
    asset = models.TextField(blank=True, default="")
    channel = models.CharField(max_length=20, blank=True, default="")
    source = models.CharField(max_length=200)
    statement = models.TextField()
    state = models.CharField(max_length=20, default=FindingState.NEW.value)
    exception = models.ForeignKey(ExceptionRule, null=True, on_delete=models.SET_NULL, related_name="findings")
    first_seen = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Indexes for the filters; each ends in the order of the pages (time, id)."""

        indexes = (
            models.Index(fields=["time", "id"], name="finding_by_time"),
            models.Index(fields=["state", "time", "id"], name="finding_by_state"),
            models.Index(fields=["source", "time", "id"], name="finding_by_source"),
            models.Index(fields=["rule_id", "time", "id"], name="finding_by_rule"),
            models.Index(fields=["subject", "time", "id"], name="finding_by_subject"),
            models.Index(fields=["asset", "time", "id"], name="finding_by_asset"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in FindingState]), name="finding_state_known"
            ),
            models.CheckConstraint(condition=models.Q(severity__range=(1, 5)), name="finding_severity_known"),
        )

    def __str__(self) -> str:
        return self.id


class FindingTransfer(models.Model):
    """One transfer that is evidence for a finding, by its 16-byte id."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="evidence")
    transfer = models.BinaryField(db_index=True)

    class Meta:
        """Evidence counts once."""

        constraints = (models.UniqueConstraint(fields=["finding", "transfer"], name="evidence_once"),)

    def __str__(self) -> str:
        return bytes(self.transfer).hex()


class FindingHistory(models.Model):
    """One change of a finding's state: from what to what, when, by whom and why."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField()
    who = models.CharField(max_length=200)
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.before} -> {self.after}"


class Alert(models.Model):
    """One message to one receiver about findings that were new: what it tells of, and whether it got there."""

    receiver = models.CharField(max_length=16)
    """A mark of the address; the address itself rests in the settings alone."""
    findings = models.TextField(blank=True, default="")
    """Their ids, joined by ``;``; empty where only the beginning is marked from which on a receiver is told."""
    until = models.DateTimeField()
    """When the newest of them was stored: the next message begins behind it."""
    made_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    """When it is tried next, while it is not sent."""
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """The newest of a receiver is found at once; it is sent before another one is made."""

        indexes = (models.Index(fields=["receiver", "id"], name="alert_by_receiver"),)
        constraints = (
            models.UniqueConstraint(
                fields=["receiver"], name="alert_one_under_way", condition=models.Q(sent_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"alert {self.pk}"
