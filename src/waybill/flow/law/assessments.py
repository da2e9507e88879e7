"""Assessments of planned transfers: made by the rules on file, kept in the ledger, and made again later."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from waybill.model.errors import UsageError
from waybill.rulebook import Assessment, Rulebook, assess, load_rulebook
from waybill.rulebook.facts import Value
from waybill.rulebook.verifying import verified
from waybill.rulebook.words import Outcome

if TYPE_CHECKING:
    from waybill.flow.installation import Installation  # its parts are heavy, and rules of law need none of them
    from waybill.flow.settings import Settings


class Kept(msgspec.Struct, frozen=True):
    """What the ledger proves of an assessment: what was asked, by which rules, and what came out."""

    day: date
    known: date
    rulebook: str
    facts: dict[str, Value]
    outcomes: dict[str, Outcome | None]
    """By regime; None where it was open."""


class Replay(msgspec.Struct, frozen=True):
    """An earlier assessment made again with the rules on file now."""

    record: str
    same_rules: bool
    """Whether these are the very rules it was made with."""
    flipped: dict[str, tuple[Outcome | None, Outcome | None]]
    """Regimes that now say otherwise: then and now."""


def rulebook_of(installation: Installation) -> Rulebook:
    """Return the rules in force here: where a file is broken, those that were read last (see ``rule_set``)."""
    return installation.law.current()


def rulebook_with(installation: Installation | None, settings: Settings, more: Iterable[Path] = ()) -> Rulebook:
    """Return the built-in rules, those that the settings name, and more, with what people of here verified.

    Raises RuleError with file and line: who asks so wants to know what is wrong.
    """
    book = load_rulebook([*settings.rulebook, *more])
    if installation is None:
        return book
    from waybill.register import verifications

    return verified(book, verifications.every())


def keep(
    installation: Installation, assessments: Sequence[tuple[dict[str, Value], Assessment]], *, who: str
) -> list[str]:
    """Record assessments for the ledger, with the facts they were made of; returns the names of the records."""
    from django.db import transaction

    from waybill.control import storage_faults
    from waybill.outbox.adding import Record, add_all
    from waybill.outbox.kinds import Kind

    records = [
        Record(Kind.ASSESSMENT, secrets.token_hex(8), {"what": _kept(facts, made), "who": {"by": who}})
        for facts, made in assessments
    ]
    with storage_faults(), transaction.atomic():
        return add_all(records)


def replay(installation: Installation, record: str, *, known: date | None = None) -> Replay:
    """Make a kept assessment again, with the rules as they are on file now.

    ``known`` also lets it know what was made public until then; without it, no more than when it was made. Raises
    UsageError if there is no such record.
    """
    return again(rulebook_of(installation), record, _find(record), known=known)


def again(book: Rulebook, record: str, kept: Kept, *, known: date | None = None) -> Replay:
    """Make a kept assessment again with these rules."""
    made = assess(book, kept.facts, kept.day, known or kept.known)
    now = {answer.regime: answer.outcome for answer in made.answers}
    flipped = {
        regime: (kept.outcomes.get(regime), now.get(regime))
        for regime in {**kept.outcomes, **now}
        if kept.outcomes.get(regime) is not now.get(regime)
    }
    return Replay(record, kept.rulebook == book.digest, flipped)


def kept_records() -> list[tuple[str, Kept]]:
    """Return every assessment that was kept, with the name of its record, the oldest first."""
    from waybill.control import storage_faults
    from waybill.outbox.kinds import Kind
    from waybill.outbox.models import Row

    with storage_faults():
        rows = Row.objects.filter(kind=Kind.ASSESSMENT).order_by("id").values_list("record", "content")
        return [(record, msgspec.json.decode(content, type=_Content).what) for record, content in rows]


def _kept(facts: dict[str, Value], made: Assessment) -> Kept:
    outcomes = {answer.regime: answer.outcome for answer in made.answers}
    return Kept(made.day, made.known, made.digest, facts, outcomes)


class _Content(msgspec.Struct):
    what: Kept


def _find(record: str) -> Kept:
    from waybill.control import storage_faults
    from waybill.outbox.kinds import Kind
    from waybill.outbox.models import Row

    with storage_faults():
        row = Row.objects.filter(kind=Kind.ASSESSMENT, record=record).first()
    if row is None:
        raise UsageError(
            "there is no such assessment", where=record, advice="`waybill assess` tells the record of each one it keeps"
        )
    return msgspec.json.decode(row.content, type=_Content).what
