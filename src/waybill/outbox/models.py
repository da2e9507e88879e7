"""The tables of the outbox: rows for the ledger, and what of a batch of transfers is no longer in the lake."""

from __future__ import annotations

from django.db import models


class Row(models.Model):
    """One record: what it says, and where its leaf stands once the sequencer has put it into the log."""

    record = models.CharField(max_length=32, unique=True)
    """A random name, 16 bytes as hex: salts are made from it."""
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=200, blank=True, default="")
    """What the record is about: the id of a finding, of a permit, …"""
    subject = models.CharField(max_length=200, blank=True, default="")
    """The person it is about, by pseudonym; empty where it is about none."""
    content = models.TextField()
    """Canonical JSON of the groups, less those that were erased."""
    recorded_at = models.DateTimeField()
    log = models.CharField(max_length=255, blank=True, default="")
    """Origin of the log that holds the leaf."""
    index = models.BigIntegerField(null=True)
    """The leaf's index in that log; none while it waits."""

    class Meta:
        """Waiting rows are found at once however many there are; an index of a log holds one row's leaf."""

        indexes = (
            models.Index(fields=["id"], name="row_waiting", condition=models.Q(index__isnull=True)),
            models.Index(fields=["kind", "reference", "id"], name="row_by_reference"),
            models.Index(fields=["subject"], name="row_by_subject", condition=~models.Q(subject="")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["log", "index"], name="row_once_per_index", condition=models.Q(index__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


class Gap(models.Model):
    """Members of a batch that were erased from the lake: position and hash, so that the others keep their paths."""

    batch = models.OneToOneField(Row, primary_key=True, on_delete=models.CASCADE, related_name="gap")
    members = models.BinaryField()
    """For each, its position (4 bytes, big-endian) and its hash (32 bytes)."""

    def __str__(self) -> str:
        return f"gap of {self.batch_id}"
