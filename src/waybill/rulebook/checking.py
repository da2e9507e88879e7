"""Runs the cases that stand with the rules."""

from __future__ import annotations

from datetime import date

import msgspec

from waybill.rulebook.asking import possible
from waybill.rulebook.book import Rulebook
from waybill.rulebook.clocks import with_grade
from waybill.rulebook.instruments import Deadline, DeadlineTest, Instrument, Rule, RuleTest


class Failure(msgspec.Struct, frozen=True):
    """A case that comes out otherwise than its rule says."""

    rule: str
    place: str
    what: str


def check_cases(book: Rulebook) -> list[Failure]:
    """Return the cases that come out otherwise. Raises RuleError where the rules of a day leave a gap."""
    cases = ((one, rule, test) for one, rule in book.rules.values() for test in rule.tests)
    running = ((one, deadline, test) for one, deadline in book.deadlines.values() for test in deadline.tests)
    found = (*(_check(book, *case) for case in cases), *(_check_deadline(book, *case) for case in running))
    return [failure for failure in found if failure is not None]


def _check(book: Rulebook, instrument: Instrument, rule: Rule, test: RuleTest) -> Failure | None:
    day = test.on or max(rule.first, instrument.known_on)
    found = possible(book.regime(instrument.regime, day, date.max), test.facts)
    if found.outcomes == (test.outcome,):
        return None
    came = " or ".join(found.outcomes) + (f" (unknown: {', '.join(found.questions)})" if found.questions else "")
    decided = ", ".join(one.id for one in found.rules)
    what = f"on {day} {came} by {decided}, expected {test.outcome}"
    return Failure(rule.id, rule.place, what)


def _check_deadline(book: Rulebook, instrument: Instrument, deadline: Deadline, test: DeadlineTest) -> Failure | None:
    day = max(deadline.first, instrument.known_on)
    runs = deadline.holds(with_grade(book, test.facts, day, date.max))
    if runs is test.runs:
        return None
    came = {True: "it runs", False: "it does not run", None: "it may run"}[runs]
    return Failure(deadline.id, deadline.place, f"on {day} {came}, expected {str(test.runs).lower()}")
