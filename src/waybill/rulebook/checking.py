"""Runs the cases that stand with the rules."""

from __future__ import annotations

from datetime import date

import msgspec

from waybill.rulebook.asking import possible
from waybill.rulebook.book import Rulebook
from waybill.rulebook.instruments import Instrument, Rule, RuleTest


class Failure(msgspec.Struct, frozen=True):
    """A case that comes out otherwise than its rule says."""

    rule: str
    place: str
    what: str


def check_cases(book: Rulebook) -> list[Failure]:
    """Return the cases that come out otherwise. Raises RuleError where the rules of a day leave a gap."""
    cases = ((one, rule, test) for one, rule in book.rules.values() for test in rule.tests)
    return [failure for case in cases if (failure := _check(book, *case)) is not None]


def _check(book: Rulebook, instrument: Instrument, rule: Rule, test: RuleTest) -> Failure | None:
    day = test.on or max(rule.first, instrument.known_on)
    found = possible(book.regime(instrument.regime, day, date.max), test.facts)
    if found.outcomes == (test.outcome,):
        return None
    came = " or ".join(found.outcomes) + (f" (unknown: {', '.join(found.questions)})" if found.questions else "")
    decided = ", ".join(one.id for one in found.rules)
    what = f"on {day} {came} by {decided}, expected {test.outcome}"
    return Failure(rule.id, rule.place, what)
