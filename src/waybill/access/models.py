"""The tables of access: tokens, and for each agent how far it has got."""

from __future__ import annotations

from django.db import models

NAME_LENGTH = 64


class Token(models.Model):
    """A token: of its secret only the hash is kept, so that nobody who reads this table can use it."""

    id = models.CharField(primary_key=True, max_length=12)
    """The part of a token that is no secret: it stands in logs and lists."""
    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    digest = models.BinaryField(max_length=32)
    """SHA-256 of the secret. It is 256 random bits: there is nothing to guess, and so nothing to slow down."""
    scopes = models.TextField()
    """Joined by ``;``."""
    sources = models.TextField(blank=True, default="")
    """The sources it may send, joined by ``;``; empty for all."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Keeps a token from ending before it begins."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="token_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return self.id


class Agent(models.Model):
    """One sender of numbered batches, under a token."""

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="agents")
    name = models.CharField(max_length=NAME_LENGTH)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    batches = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    highest = models.BigIntegerField(default=0)
    """The highest number of a batch that came."""
    missing = models.TextField(blank=True, default="[]")
    """Numbers below it that did not come, as a JSON list of first and last."""
    answers = models.BinaryField(default=b"")
    """What the newest batches were answered, see ``access.agents``."""

    class Meta:
        """An agent's name is its own under its token."""

        constraints = (models.UniqueConstraint(fields=["token", "name"], name="agent_once_per_token"),)

    def __str__(self) -> str:
        return f"{self.token_id}/{self.name}"
