"""Reads instruments from TOML. Whatever is wrong is told with file, line, and what was expected."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

import msgspec

from waybill.model.errors import RuleError, UsageError
from waybill.model.findings import Text
from waybill.rulebook.atoms import Atom, parse
from waybill.rulebook.facts import read_facts
from waybill.rulebook.instruments import Change, Duty, Event, Instrument, Rule, RuleTest
from waybill.rulebook.words import Confidence, Outcome

REVIEW = timedelta(days=365)
"""How long a verification counts where the file names no day."""

_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9./-]{1,60}$")]


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    change: Change
    first: date
    by: str
    last: date | None = None
    known_on: date | None = None


class _Duty(msgspec.Struct, forbid_unknown_fields=True):
    what: Text
    to: Text | None = None
    within: str = ""
    keep_years: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None


class _Test(msgspec.Struct, forbid_unknown_fields=True):
    facts: dict[str, bool | int | float | str]
    outcome: Outcome
    on: date | None = None


class _Rule(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    article: str
    says: Text
    when: tuple[str, ...]
    priority: int = 0
    outcome: Outcome | None = None
    filing: str = ""
    duties: tuple[_Duty, ...] = ()
    quote: str = ""
    quote_sha256: str = ""
    first: date | None = None
    events: tuple[_Event, ...] = ()
    tests: tuple[_Test, ...] = ()
    verified_on: date | None = None
    review_on: date | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    regime: _Id
    name: Text
    source: str
    first: date
    confidence: Confidence
    rules: tuple[_Rule, ...]
    known_on: date | None = None
    verified_on: date | None = None
    review_on: date | None = None
    events: tuple[_Event, ...] = ()


def read_instrument(text: str, file: str) -> Instrument:
    """Return the instrument that a file holds. Raises RuleError with the line of what is wrong."""
    try:
        whole = msgspec.toml.decode(text, type=_File)
    except msgspec.DecodeError as error:
        raise RuleError(str(error), where=_place_of_error(text, file, str(error))) from None
    reader = _Reader(text, file, whole)
    known_on = whole.known_on or whole.first
    events = tuple(reader.event(event) for event in whole.events)
    rules = tuple(reader.rule(rule, events) for rule in whole.rules)
    return Instrument(
        whole.id, whole.regime, whole.name, whole.source, whole.first, known_on, whole.confidence, rules, events, file
    )


class _Reader:
    """Turns what stands in one file into rules."""

    def __init__(self, text: str, file: str, whole: _File) -> None:
        self._lines = text.splitlines()
        self._file = file
        self._whole = whole

    def rule(self, rule: _Rule, events: tuple[Event, ...]) -> Rule:
        """Return one rule. Raises RuleError."""
        line = self._line(f'"{rule.id}"', 0)
        place = f"{self._file}:{line}"
        verified = rule.verified_on or (self._whole.verified_on if rule.quote else None)
        made = Rule(
            rule.id,
            rule.article,
            rule.says,
            tuple(self._atom(text, line) for text in rule.when),
            rule.outcome,
            rule.priority,
            rule.filing,
            tuple(Duty(duty.what, duty.to, duty.within, duty.keep_years) for duty in rule.duties),
            rule.quote,
            rule.quote_sha256,
            rule.first or self._whole.first,
            (*events, *(self.event(event) for event in rule.events)),
            tuple(self._test(test, place) for test in rule.tests),
            verified,
            rule.review_on or self._whole.review_on or (verified + REVIEW if verified else None),
            place,
        )
        self._check(made)
        return made

    def event(self, event: _Event) -> Event:
        """Return one change. Raises RuleError if it ends before it begins."""
        if event.last is not None and event.last < event.first:
            raise RuleError(f"a change ends on {event.last}, before it begins", where=f"{self._file}: {event.by}")
        return Event(event.change, event.first, event.last, event.by, event.known_on or event.first)

    def _check(self, rule: Rule) -> None:
        wrong = ""
        if rule.outcome is None and not rule.duties:
            wrong = "the rule decides nothing and adds no duty: it lacks `outcome` or `duties`"
        elif rule.outcome is Outcome.FILE and not rule.filing:
            wrong = "it is not said what is to be filed: `filing` is missing"
        elif rule.quote and not rule.fits_its_quote:
            wrong = "the quote is not the one whose hash is on file (`quote_sha256`)"
        elif rule.verified_on and not rule.quote:
            wrong = "a rule without a quote cannot be verified"
        elif rule.verified_on and not self._whole.source:
            wrong = "a rule without a source cannot be verified"
        elif rule.quote and (missing := unsaid_numbers(rule)):
            wrong = f"the quote does not say {', '.join(f'{number:,}' for number in missing)}, and the conditions do"
        if wrong:
            raise RuleError(wrong, where=f"{rule.place}: {rule.id}")

    def _atom(self, text: str, after: int) -> Atom:
        try:
            return parse(text)
        except ValueError as error:
            raise RuleError(str(error), where=f"{self._file}:{self._line(text, after - 1)}") from None

    def _test(self, test: _Test, place: str) -> RuleTest:
        try:
            return RuleTest(read_facts(test.facts), test.outcome, test.on)
        except UsageError as error:
            raise RuleError(error.what, where=f"{place}: tests: {error.where}", expected=error.expected) from None

    def _line(self, text: str, after: int) -> int:
        return next((number for number, line in enumerate(self._lines[after:], after + 1) if text in line), after + 1)


_CHINESE = {"百": 10**2, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_STATED = re.compile(r"([0-9][0-9,.]*)\s*(百万|千万|百|千|万|亿|%|percent)?")


def unsaid_numbers(rule: Rule) -> list[int | float]:
    """Return the numbers of a rule's conditions that its quote does not say; 0 and 1 are said in words."""
    stated = set()
    for number, unit in _STATED.findall(rule.quote):
        value = float(number.replace(",", "").rstrip(".") or 0)
        stated.add(value / 100 if unit in {"%", "percent"} else value * _CHINESE.get(unit, 1))
    numbers = [atom.value for atom in rule.when if not isinstance(atom.value, (bool, frozenset))]
    return [number for number in numbers if number > 1 and float(number) not in stated]


def _place_of_error(text: str, file: str, error: str) -> str:
    """Return file and line: as the TOML parser says it, or of the rule that the fault is in."""
    if found := re.search(r"line (\d+)", error):
        return f"{file}:{found[1]}"
    if found := re.search(r"\$\.rules\[(\d+)\]", error):
        heads = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[rules]]"]
        if int(found[1]) < len(heads):
            return f"{file}:{heads[int(found[1])]}"
    return file
