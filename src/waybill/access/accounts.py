"""Accounts: who has one, with which roles, and what these allow. Every change is recorded.

The login of an account is sealed among the identities of the register; here it is known by its pseudonym.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F

from waybill.access import models
from waybill.access.reach import Bound, Reach, check_organisations
from waybill.access.recording import account_record, sign_in_record
from waybill.access.roles import BOUND, PERMISSIONS, Permission, Role
from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.words import Grade
from waybill.outbox import adding as outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A role, for some organisations or all, up to a grade, until a time or until it is taken away."""

    role: Role
    organisations: tuple[str, ...] = ()
    grade: Grade = Grade.CORE
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Return whether it has not ended."""
        return self.until is None or now < self.until

    @property
    def bound(self) -> Bound:
        """Whose records it covers."""
        return Bound(frozenset(self.organisations), self.grade)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it may be shown."""

    pseudonym: str
    active: bool
    assignments: tuple[Assignment, ...]

    def reach(self, permission: Permission, now: datetime | None = None) -> Reach:
        """Return whose records a permission covers for this account now; nothing where it has none."""
        now = now or datetime.now(UTC)
        if not self.active:
            return Reach()
        holding = (one for one in self.assignments if one.holds(now) and permission in PERMISSIONS[one.role])
        return Reach.of(one.bound for one in holding)

    def may(self, permission: Permission) -> bool:
        """Return whether the account has a permission now, for whatever records."""
        return bool(self.reach(permission))


def of(user: models.User) -> Account:
    """Return an account as it stands now."""
    with storage_faults():
        assignments = tuple(_assignment(row) for row in user.assignments.order_by("role"))
    return Account(user.pseudonym, user.is_active, assignments)


def every() -> list[Account]:
    """Return all accounts, the oldest first."""
    with storage_faults():
        users = models.User.objects.order_by("pk").prefetch_related("assignments")
        return [
            Account(user.pseudonym, user.is_active, tuple(map(_assignment, user.assignments.all()))) for user in users
        ]


def named(pseudonym: str) -> models.User:
    """Return the account of a person. Raises UsageError if there is none."""
    with storage_faults():
        user = models.User.objects.filter(pseudonym=pseudonym).first()
    if user is None:
        raise UsageError("there is no such account", where=pseudonym, advice="`waybill users list` shows them")
    return user


def open_for(pseudonym: str, assignments: Sequence[Assignment], *, who: str) -> models.User:
    """Make an account that nobody can sign in to yet. Raises UsageError if the person has one."""
    with storage_faults(), transaction.atomic():
        if models.User.objects.filter(pseudonym=pseudonym).exists():
            raise UsageError(
                "this person has an account already", advice="`waybill users link` makes a new link for it"
            )
        user = models.User(pseudonym=pseudonym, created_at=datetime.now(UTC))
        user.set_unusable_password()
        user.save(force_insert=True)
        _assign(user, assignments, who)
    return user


def open_first(pseudonym: str) -> models.User:
    """Make the account of the first administrator. Raises UsageError if there is any account already."""
    with storage_faults(), transaction.atomic():
        if models.User.objects.exists():
            raise UsageError("there is an administrator already", advice="ask for an invitation")
        return open_for(pseudonym, [Assignment(role=Role.ADMINISTRATOR)], who="first start")


def set_password(user: models.User, password: str) -> None:
    """Give an account its password, by which it is taken into use; sessions of before end."""
    with storage_faults(), transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        outbox.add(sign_in_record(user.pseudonym, "joined", "link"))


def forget_password(user: models.User) -> None:
    """Take an account's password away, because somebody else knows its owner's."""
    with storage_faults(), transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        outbox.add(sign_in_record(user.pseudonym, "password ended", "directory"))


def end_sessions(user: models.User) -> None:
    """End all sessions of an account."""
    with storage_faults(), transaction.atomic():
        models.User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
        user.refresh_from_db(fields=["epoch"])
        outbox.add(sign_in_record(user.pseudonym, "sessions ended", "all"))


def assign(user: models.User, assignments: Sequence[Assignment], *, who: str) -> None:
    """Give an account these roles in place of those it had. Raises UsageError for a role that cannot be given so.

    Nobody changes the own roles: ``who`` is the pseudonym of another account, or whoever runs commands.
    """
    if who == user.pseudonym:
        raise UsageError("nobody changes the own roles", advice="ask another administrator")
    with storage_faults(), transaction.atomic():
        user.assignments.all().delete()
        _assign(user, assignments, who)


def set_active(user: models.User, active: bool, *, who: str) -> None:
    """Shut an account, with all its sessions, or open it again."""
    if who == user.pseudonym:
        raise UsageError("nobody shuts the own account", advice="ask another administrator")
    with storage_faults(), transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        end_sessions(user)
        outbox.add(account_record(user, who=who))


def _assign(user: models.User, assignments: Sequence[Assignment], who: str) -> None:
    for one in assignments:
        if one.role in BOUND and not one.organisations:
            raise UsageError(f"the role {one.role} needs an organisation", expected="the organisation it is given for")
        check_organisations(one.organisations)
    if len({one.role for one in assignments}) != len(assignments):
        raise UsageError("a role is given once", expected="each role with all of its organisations")
    models.Assignment.objects.bulk_create(
        models.Assignment(
            user=user, role=one.role, organisations=";".join(one.organisations), grade=one.grade, until=one.until
        )
        for one in assignments
    )
    outbox.add(account_record(user, who=who))


def _assignment(row: models.Assignment) -> Assignment:
    organisations = tuple(filter(None, row.organisations.split(";")))
    return Assignment(role=Role(row.role), organisations=organisations, grade=Grade(row.grade), until=row.until)
