"""The tables of access: accounts with their roles and invitations; tokens, and how far each agent has got."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from waybill.access.roles import Role
from waybill.model.words import Grade

NAME_LENGTH = 64
PSEUDONYM_LENGTH = 200


class User(AbstractBaseUser):
    """An account: of one person, known by the pseudonym of the login, as in the logs. The login itself is sealed."""

    pseudonym = models.CharField(max_length=PSEUDONYM_LENGTH, unique=True)
    is_active = models.BooleanField(default=True)
    epoch = models.IntegerField(default=0)
    """Part of what makes a session this account's: one more, and all of its sessions are over."""
    created_at = models.DateTimeField()

    USERNAME_FIELD = "pseudonym"
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()

    class Meta:
        """Keeps pseudonyms from being empty."""

        constraints = (models.CheckConstraint(condition=~models.Q(pseudonym=""), name="user_has_pseudonym"),)

    def get_session_auth_hash(self) -> str:
        """Return what a session must hold to be this account's: another password or epoch, another hash."""
        return salted_hmac("waybill.session", f"{self.password}:{self.epoch}", algorithm="sha256").hexdigest()


class Assignment(models.Model):
    """A role of an account: for some organisations or all, up to a grade, until a time or until it is taken away."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=20)
    organisations = models.TextField(blank=True, default="")
    """Joined by ``;``; empty for all."""
    grade = models.CharField(max_length=20, default=Grade.CORE.value)
    """The highest."""
    until = models.DateTimeField(null=True)

    class Meta:
        """Keeps role and grade to their words; an account has a role once."""

        constraints = (
            models.UniqueConstraint(fields=["user", "role"], name="role_once_per_account"),
            models.CheckConstraint(condition=models.Q(role__in=[r.value for r in Role]), name="assignment_role_known"),
            models.CheckConstraint(
                condition=models.Q(grade__in=[grade.value for grade in Grade]), name="assignment_grade_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id}"


class Invitation(models.Model):
    """A link that opens once and for a while, by which a person takes an account into use; its hash alone is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    """SHA-256 of the secret, 256 random bits."""
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="invitations")
    """None for the first administrator, who says the login."""
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invitation of {self.user_id}"


class KeptView(models.Model):
    """A list that an account comes back to: a page and what is asked of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_views")
    page = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.TextField()
    """The query string of the address; may name a person by pseudonym."""

    class Meta:
        """An account has one view of a name on a page."""

        constraints = (
            models.UniqueConstraint(fields=["user", "page", "name"], name="kept_view_once_per_name"),
            models.CheckConstraint(condition=~models.Q(name=""), name="kept_view_has_name"),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


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
    organisations = models.TextField(blank=True, default="")
    """Whose records it may read, joined by ``;``; empty for all."""
    grade = models.CharField(max_length=20, default=Grade.CORE.value)
    """Up to which grade."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Keeps a token from ending before it begins."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="token_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(grade__in=[grade.value for grade in Grade]), name="token_grade_known"
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
