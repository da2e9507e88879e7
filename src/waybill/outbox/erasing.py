"""Forgetting a person: what was recorded about him goes, and what others' records say that names him."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec
from django.db import transaction
from django.db.models import Q

from waybill.control import storage_faults
from waybill.outbox import models
from waybill.outbox.kinds import Kind
from waybill.outbox.subjects import people

NOTHING = "{}"
"""The content of a row of which nothing is left."""


def erase_subject(pseudonym: str, things: Collection[str] = ()) -> int:
    """Remove the content of rows about a person, and the groups of others that name him; return how many changed.

    ``things`` are names of what is about the person alone, as his findings are: groups that mention them go too.
    The rows stay, since they tell which leaf is theirs. To be called inside a transaction, and the file scrubbed
    afterwards.
    """

    def names(text: str) -> bool:
        return pseudonym in people(text) or any(thing in text for thing in things)

    changed = 0
    with storage_faults(), transaction.atomic():
        for row in models.Row.objects.filter(_mentioning(pseudonym, things)).iterator():
            if row.subject == pseudonym:
                row.content, row.subject, row.reference = NOTHING, "", ""
            elif (content := _without(row.content, names)) != row.content:
                row.content = content
            else:
                continue
            row.save(update_fields=["content", "subject", "reference"])
            changed += 1
    return changed


def forget_people(reference: str) -> int:
    """Remove the groups that name anybody from what was recorded about a thing; returns how many rows changed.

    To be called inside a transaction.
    """
    changed = 0
    with storage_faults(), transaction.atomic():
        for row in models.Row.objects.filter(reference=reference):
            if (content := _without(row.content, lambda text: bool(people(text)))) != row.content:
                row.content = content
                row.save(update_fields=["content"])
                changed += 1
    return changed


def _mentioning(pseudonym: str, things: Collection[str]) -> Q:
    found = Q(subject=pseudonym) | Q(content__contains=pseudonym)
    if things:  # records of one thing are found by their reference; those of others that list it are of cases
        found |= Q(kind=Kind.CASE.value, content__regex="|".join(sorted(things)))
    return found


def _without(content: str, names: Callable[[str], bool]) -> str:
    """Return the groups that do not name what shall be forgotten; what stays keeps its bytes."""
    groups = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(
        {name: value for name, value in groups.items() if not names(bytes(value).decode())}
    ).decode()
