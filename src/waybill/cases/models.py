"""The tables of cases: the case as it stands, why each finding is in it, and a journal that only grows."""

from __future__ import annotations

from django.db import models

from waybill.cases.words import Act, CaseState, Link, Origin
from waybill.findings.models import Finding
from waybill.model.words import Intent

NAME_LENGTH = 200
"""Longest name of a person, a task or a file, in characters."""


class Case(models.Model):
    """Findings that are handled together."""

    state = models.CharField(max_length=20, default=CaseState.NEW.value)
    opened_at = models.DateTimeField()
    """When it was opened: from then on the organisation knows, so clocks run from here."""
    first = models.DateTimeField()
    """When the first transfer of its findings happened."""
    last = models.DateTimeField()
    severity = models.PositiveSmallIntegerField()
    judged_severity = models.BooleanField(default=False)
    """Whether a person has set the severity; then no finding raises it."""
    intent = models.CharField(max_length=20, default=Intent.UNKNOWN.value)
    origin = models.CharField(max_length=20, default=Origin.UNKNOWN.value)
    harm = models.TextField(blank=True, default="")
    """The estimated harm, as JSON; empty before somebody has estimated it."""
    facts = models.TextField(blank=True, default="{}")
    """What is known of what the law asks about the case, as JSON."""
    moments = models.TextField(blank=True, default="{}")
    """When what happened that deadlines run from, as JSON; who says nothing became aware when it was opened."""
    assignee = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    public_interest = models.BooleanField(default=False)
    """Whether the public has an interest in an asset of it; once it has, who acted stays withheld."""
    protected = models.BooleanField(default=False)
    """Whether it is a protected disclosure: who acted is out of view for good."""
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")

    class Meta:
        """Keeps states, intents and severities to their words, and a merged case where its findings are."""

        indexes = (models.Index(fields=["state", "last"], name="case_by_state"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in CaseState]), name="case_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(intent__in=[str(intent) for intent in Intent]), name="case_intent_known"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=[str(origin) for origin in Origin]), name="case_origin_known"
            ),
            models.CheckConstraint(condition=models.Q(severity__range=(1, 5)), name="case_severity_known"),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="case_ends_after_it_begins"),
            models.CheckConstraint(
                condition=models.Q(state=CaseState.MERGED.value, merged_into__isnull=False)
                | (~models.Q(state=CaseState.MERGED.value) & models.Q(merged_into__isnull=True)),
                name="case_merged_somewhere",
            ),
        )

    def __str__(self) -> str:
        return f"case {self.pk}"


class CaseFinding(models.Model):
    """A finding's place in a case, and why it is there. A finding is in one case at most."""

    finding = models.OneToOneField(Finding, primary_key=True, on_delete=models.CASCADE, related_name="placed")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="findings")
    link = models.CharField(max_length=20)
    via = models.CharField(max_length=32, blank=True, default="")
    """The finding of the case that it shares this with."""
    at = models.DateTimeField()

    class Meta:
        """Keeps links to their words."""

        constraints = (
            models.CheckConstraint(condition=models.Q(link__in=[str(link) for link in Link]), name="case_link_known"),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} in case {self.case_id}"


class CaseTrait(models.Model):
    """Something by which other findings may belong to the same case."""

    place = models.ForeignKey(CaseFinding, on_delete=models.CASCADE, related_name="traits")
    kind = models.CharField(max_length=20)
    value = models.TextField()

    class Meta:
        """A finding has each trait once; those of one kind and value are found at once."""

        indexes = (models.Index(fields=["kind", "value"], name="case_trait_by_value"),)
        constraints = (models.UniqueConstraint(fields=["place", "kind", "value"], name="case_trait_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class CaseEntry(models.Model):
    """One act, as the journal keeps it. Rows are added and never changed, but for erasing a person."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    who = models.CharField(max_length=NAME_LENGTH)
    act = models.CharField(max_length=20)
    what = models.TextField(blank=True, default="{}")
    """What changed, as JSON."""
    reason = models.TextField(blank=True, default="")

    class Meta:
        """Keeps acts to their words, and the journal of a case together."""

        indexes = (models.Index(fields=["case", "id"], name="case_entry_by_case"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(act__in=[str(act) for act in Act]), name="case_act_known"),
        )

    def __str__(self) -> str:
        return f"{self.act} in case {self.case_id}"


class CaseTask(models.Model):
    """Something to be done for a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    title = models.TextField()
    assignee = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    after = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="waiting")
    """The task that must be done before."""
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=NAME_LENGTH, blank=True, default="")

    def __str__(self) -> str:
        return f"task {self.pk} of case {self.case_id}"


class CaseEvidence(models.Model):
    """A file that belongs to a case, by its hash; the file itself stays where the organisation keeps such things."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence")
    name = models.CharField(max_length=NAME_LENGTH)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=NAME_LENGTH)

    class Meta:
        """The same bytes belong to a case once."""

        constraints = (models.UniqueConstraint(fields=["case", "sha256"], name="case_evidence_once"),)

    def __str__(self) -> str:
        return self.name


class Reading(models.Model):
    """Up to when stored findings have been looked at for cases; there is one row."""

    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"findings until {self.until}"


class Considered(models.Model):
    """A finding that was looked at for cases a short while ago; it is looked at again once it has changed."""

    finding = models.OneToOneField(Finding, primary_key=True, on_delete=models.CASCADE, related_name="considered")
    until = models.DateTimeField()
    """When it had changed last."""

    def __str__(self) -> str:
        return f"{self.finding_id} until {self.until}"


class CaseClock(models.Model):
    """A deadline of law that runs for a case, and whether it was met."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    clock = models.CharField(max_length=NAME_LENGTH)
    """Id of the deadline in the rulebook."""
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    certain = models.BooleanField()
    """False: it rests on facts that nobody has told yet, and may not run."""
    told = models.TextField()
    """What the rulebook says of it, as JSON: to whom, what, by which article, what to ask."""
    ended_at = models.DateTimeField(null=True)
    """When it was met, or ended because it applies no longer."""
    ended_by = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    is_met = models.BooleanField(default=False)
    escalated = models.PositiveSmallIntegerField(default=0)
    """How many of the steps of escalation have been told."""

    class Meta:
        """A deadline runs once for a case; those that run are found by when they are due."""

        indexes = (models.Index(fields=["due_at"], name="case_clock_due", condition=models.Q(ended_at__isnull=True)),)
        constraints = (
            models.UniqueConstraint(fields=["case", "clock"], name="case_clock_once"),
            models.CheckConstraint(
                condition=models.Q(is_met=False) | models.Q(ended_at__isnull=False), name="case_clock_met_is_over"
            ),
        )

    def __str__(self) -> str:
        return f"{self.clock} of case {self.case_id}"


class ProtectedTransfer(models.Model):
    """A transfer of a protected disclosure, by its 16-byte id: who acted is shown nowhere."""

    transfer = models.BinaryField(primary_key=True, max_length=16)

    def __str__(self) -> str:
        return bytes(self.transfer).hex()


class Shift(models.Model):
    """Somebody is on call from one moment to another. No two shifts overlap, so that it is one person who is asked."""

    person = models.CharField(max_length=NAME_LENGTH)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        """Keeps shifts from ending before they begin, and finds them by time."""

        indexes = (models.Index(fields=["ends_at"], name="duty_shift_by_end"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("begins_at")), name="duty_shift_lasts"),
        )

    def __str__(self) -> str:
        return f"shift {self.pk}"


class ShiftSwap(models.Model):
    """Somebody asks another one to take a shift."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="swaps")
    asked_by = models.CharField(max_length=NAME_LENGTH)
    to = models.CharField(max_length=NAME_LENGTH)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    taken = models.BooleanField(null=True)
    """None: not answered."""
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"swap {self.pk} of shift {self.shift_id}"


class Handover(models.Model):
    """What was said when duty was handed over, and when whoever follows took it."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="handovers")
    by = models.CharField(max_length=NAME_LENGTH)
    to = models.CharField(max_length=NAME_LENGTH)
    note = models.TextField()
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"hand-over {self.pk} of shift {self.shift_id}"
