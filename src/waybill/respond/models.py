"""The tables of runs: a run of a playbook for a case, and each of its acts, a row before it is done."""

from __future__ import annotations

from django.db import models

from waybill.cases.models import NAME_LENGTH, Case
from waybill.respond.words import ActState, RunState


class Run(models.Model):
    """A playbook that is run for a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="runs")
    playbook = models.CharField(max_length=NAME_LENGTH)
    content = models.TextField()
    """The playbooks that are run, this one first, as a JSON list, with people by pseudonym: a file that changes later
    changes nothing."""
    values = models.TextField(default="{}")
    """What variables were given, with people by pseudonym and without secrets."""
    sealed = models.BinaryField(default=b"")
    """Both as they are exactly, sealed; empty once somebody whom they name was forgotten."""
    state = models.CharField(max_length=20, default=RunState.RUNS.value)
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=NAME_LENGTH)
    undo_by = models.DateTimeField(null=True)
    """By when whoever began it wants it undone."""
    ended_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    """Until when a process has it in hand; one that died lets go by that."""

    class Meta:
        """Keeps states to their words."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in RunState]), name="run_state_known"
            ),
        )

    @property
    def place(self) -> str:
        """What its seal is bound to."""
        return f"run-{self.pk}"

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunAct(models.Model):
    """One command of a run: what was to be done, how it stands, and what was before."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="acts")
    key = models.TextField()
    """Its place in the walk."""
    step = models.CharField(max_length=NAME_LENGTH)
    command = models.CharField(max_length=NAME_LENGTH)
    arguments = models.TextField(default="{}")
    """What the command is told, with people by pseudonym and without secrets."""
    sealed = models.BinaryField(default=b"")
    """The same exactly, sealed; empty once somebody whom it names was forgotten."""
    state = models.CharField(max_length=20, default=ActState.WAITS.value)
    before = models.TextField(blank=True, default="{}")
    approved_by = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    remark = models.TextField(blank=True, default="")
    """What went wrong, or by whom and why it was refused."""
    begun_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    """When its effect was last seen, or seen to be gone."""

    class Meta:
        """A place is there once in a run."""

        constraints = (
            models.UniqueConstraint(fields=["run", "key"], name="run_act_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in ActState]), name="run_act_state_known"
            ),
        )

    @property
    def place(self) -> str:
        """What its seal is bound to."""
        return f"run-{self.run_id}/{self.key}"

    def __str__(self) -> str:
        return f"{self.command} of run {self.run_id}"


class Notice(models.Model):
    """A message of a playbook to a receiver, until it was taken: sent by a task of its own, never while one waits."""

    receiver = models.CharField(max_length=NAME_LENGTH)
    """As the settings of response name it."""
    message = models.TextField()
    """With people by pseudonym."""
    made_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    """Before that it is not tried again."""
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """Finds what is due."""

        indexes = (models.Index(fields=["sent_at", "next_at"], name="notice_due"),)

    def __str__(self) -> str:
        return f"notice {self.pk} to {self.receiver}"
