"""Verification by a person: somebody held a rule against the text of its source, and gives that text.

A hash proves that a text is the same as before, and never that it is right: that is what the person says.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from waybill.model.errors import RuleError
from waybill.rulebook.book import Rulebook
from waybill.rulebook.instruments import Provision
from waybill.rulebook.quotes import unsaid

SHORTEST = 8
"""Characters that a quote has at least; fewer say nothing."""

_Part = TypeVar("_Part", bound=Provision)


@dataclass(frozen=True, slots=True)
class Verification:
    """A rule was held against its source."""

    provision: str
    quote: str
    quote_sha256: str
    source: str
    """Where the text was read."""
    by: str
    on: date
    review_on: date


def check(book: Rulebook, provision: str, quote: str, source: str) -> None:
    """Raise RuleError unless this text can be what a rule rests on: it is there, long enough, and says its numbers.

    A rule whose file has a quote can only be verified with that very text.
    """
    found = book.provisions.get(provision)
    if found is None:
        raise RuleError("there is no such rule", where=provision, advice="`waybill rulebook list` lists them")
    _, said = found
    if len(quote.strip()) < SHORTEST:
        raise RuleError("the text is missing, or too short to say anything", where=provision)
    if not source.strip():
        raise RuleError("it is not said where the text was read", where=provision, expected="an address or a title")
    if said.quote and quote != said.quote:
        raise RuleError(
            "the text is not the one on file",
            where=provision,
            expected=f"SHA-256 {said.quote_sha256}",
            advice="if the law was changed, the rule needs an event and a new rule beside it",
        )
    if missing := unsaid(quote, said.numbers):
        told = ", ".join(f"{number:,}" for number in missing)
        raise RuleError(f"the text does not say {told}, and the rule does", where=provision)


def verified(book: Rulebook, verifications: Iterable[Verification]) -> Rulebook:
    """Return the rules with what people verified; what does not fit its rule any more counts for nothing.

    The digest is that of the rules and the verifications together.
    """
    latest: dict[str, Verification] = {}
    for one in verifications:
        latest[one.provision] = one
    fitting = {id: one for id, one in latest.items() if _fits(book, one)}
    if not fitting:
        return book
    instruments = [
        dataclasses.replace(
            instrument,
            rules=tuple(_with(rule, fitting) for rule in instrument.rules),
            deadlines=tuple(_with(deadline, fitting) for deadline in instrument.deadlines),
            gradings=tuple(_with(grading, fitting) for grading in instrument.gradings),
        )
        for instrument in book.instruments
    ]
    digest = hashlib.sha256(book.digest.encode())
    for one in sorted(fitting.values(), key=lambda one: one.provision):
        digest.update(f"{one.provision} {one.quote_sha256} {one.on} {one.review_on}\n".encode())
    return Rulebook(instruments, digest.hexdigest())


def _fits(book: Rulebook, one: Verification) -> bool:
    try:
        check(book, one.provision, one.quote, one.source)
    except RuleError:
        return False
    return hashlib.sha256(one.quote.encode()).hexdigest() == one.quote_sha256


def _with(said: _Part, verifications: dict[str, Verification]) -> _Part:
    one = verifications.get(said.id)
    if one is None or (said.verified_on is not None and said.verified_on > one.on):
        return said
    return dataclasses.replace(
        said, quote=one.quote, quote_sha256=one.quote_sha256, verified_on=one.on, review_on=one.review_on
    )
