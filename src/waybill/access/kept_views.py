"""Lists that an account comes back to: a page with what is asked of it, under a name."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from waybill.access import models
from waybill.control import storage_faults
from waybill.model.errors import UsageError

MOST = 50
"""Views that an account keeps of one page."""


@dataclass(frozen=True, slots=True)
class KeptView:
    """One view."""

    number: int
    name: str
    query: str


def of(user: models.User, page: str) -> list[KeptView]:
    """Return the views that an account keeps of a page, by name."""
    with storage_faults():
        rows = models.KeptView.objects.filter(user=user, page=page).order_by("name")
        return [KeptView(row.pk, row.name, row.query) for row in rows]


def keep(user: models.User, page: str, name: str, query: str) -> None:
    """Keep a view; one of the same name is replaced. Raises UsageError without a name or beyond ``MOST``."""
    if not name.strip():
        raise UsageError("A view needs a name.", expected="a name")
    with storage_faults(), transaction.atomic():
        rows = models.KeptView.objects.filter(user=user, page=page)
        if not rows.filter(name=name).exists() and rows.count() >= MOST:
            raise UsageError("There are too many views.", expected=f"at most {MOST}", advice="Remove one first.")
        models.KeptView.objects.update_or_create(user=user, page=page, name=name, defaults={"query": query})


def remove(user: models.User, number: int) -> None:
    """Remove one of an account's own views; nothing happens if it has none of this number."""
    with storage_faults():
        models.KeptView.objects.filter(user=user, pk=number).delete()


def erase(pseudonym: str) -> int:
    """Remove all views that ask for a person; returns how many."""
    with storage_faults():
        return models.KeptView.objects.filter(query__contains=pseudonym).delete()[0]
