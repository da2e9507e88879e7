"""Reads instruments from TOML. Whatever is wrong is told with file, line, and what was expected."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from waybill.model.errors import RuleError, UsageError
from waybill.rulebook.atoms import Atom, parse
from waybill.rulebook.facts import FactKind, Value, read_facts, vocabulary
from waybill.rulebook.file_format import DeadlineRow, EventRow, File, GradingRow, ProvisionRow, RuleRow
from waybill.rulebook.instruments import (
    Deadline,
    DeadlineTest,
    Duty,
    Event,
    Field,
    Grading,
    Instrument,
    Provision,
    Rule,
    RuleTest,
    Unit,
)
from waybill.rulebook.quotes import unsaid
from waybill.rulebook.words import Moment, Outcome

REVIEW = timedelta(days=365)
"""How long a verification counts where the file names no day."""


def read_instrument(text: str, file: str) -> Instrument:
    """Return the instrument that a file holds. Raises RuleError with the line of what is wrong."""
    try:
        whole = msgspec.toml.decode(text, type=File)
    except msgspec.DecodeError as error:
        raise RuleError(str(error), where=_place_of_error(text, file, str(error))) from None
    reader = _Reader(text, file, whole)
    return Instrument(
        id=whole.id,
        regime=whole.regime,
        name=whole.name,
        source=whole.source,
        first=whole.first,
        known_on=whole.known_on or whole.first,
        confidence=whole.confidence,
        rules=tuple(reader.rule(row) for row in whole.rules),
        events=reader.events,
        place=file,
        deadlines=tuple(reader.deadline(row) for row in whole.deadlines),
        gradings=tuple(reader.grading(row) for row in whole.gradings),
        zone=reader.zone(),
        country=whole.country,
    )


class _Reader:
    """Turns what stands in one file into rules, deadlines and gradings."""

    def __init__(self, text: str, file: str, whole: File) -> None:
        self._lines = text.splitlines()
        self._file = file
        self._whole = whole
        self._forms = {form.id: tuple(Field(row.id, row.ask, row.first) for row in form.fields) for form in whole.forms}
        self.events = tuple(self._event(event) for event in whole.events)

    def rule(self, row: RuleRow) -> Rule:
        """Return one rule. Raises RuleError."""
        made = Rule(
            **self._provision(row),
            outcome=row.outcome,
            priority=row.priority,
            filing=row.filing,
            duties=tuple(Duty(duty.what, duty.to, duty.within, duty.keep_years) for duty in row.duties),
            tests=tuple(RuleTest(self._facts(test.facts, row), test.outcome, test.on) for test in row.tests),
        )
        if made.outcome is None and not made.duties:
            raise self._error(made, "the rule decides nothing and adds no duty: it lacks `outcome` or `duties`")
        if made.outcome is Outcome.FILE and not made.filing:
            raise self._error(made, "it is not said what is to be filed: `filing` is missing")
        self._check_quote(made)
        return made

    def deadline(self, row: DeadlineRow) -> Deadline:
        """Return one deadline. Raises RuleError."""
        made = Deadline(
            **self._provision(row),
            starts=row.starts,
            length=row.length,
            unit=row.unit,
            to=row.to,
            form=self._forms.get(row.form, ()),
            tests=tuple(DeadlineTest(self._facts(test.facts, row), test.runs) for test in row.tests),
        )
        if (made.unit is Unit.AT_ONCE) is not (made.length == 0):
            raise self._error(made, "a deadline has a `length`, unless its unit is `at-once`")
        if made.starts not in {*Moment, *(one.id for one in self._whole.deadlines if one is not row)}:
            raise self._error(made, f"{made.starts!r} is no moment: write {', '.join(Moment)}, or another deadline")
        if row.form and row.form not in self._forms:
            raise self._error(made, f"there is no form {row.form!r} in this file")
        self._check_quote(made)
        return made

    def grading(self, row: GradingRow) -> Grading:
        """Return one grading. Raises RuleError."""
        made = Grading(**self._provision(row), fact=row.fact, value=row.value)
        fact = vocabulary().get(row.fact)
        if fact is None or fact.kind is not FactKind.CHOICE or row.value not in fact.choices:
            raise self._error(made, f"{row.fact} = {row.value} is no grade: facts.toml names facts and their choices")
        self._check_quote(made)
        return made

    def zone(self) -> str:
        """Return the file's time zone. Raises RuleError if there is none of its name."""
        try:
            ZoneInfo(self._whole.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            where = f"{self._file}:{self._line('zone', 0)}"
            raise RuleError(
                f"there is no time zone {self._whole.zone!r}", where=where, expected="Asia/Shanghai"
            ) from None
        return self._whole.zone

    def _provision(self, row: ProvisionRow) -> dict[str, Any]:
        """Return what rules, deadlines and gradings have in common."""
        line = self._line(f'"{row.id}"', 0)
        verified = row.verified_on or (self._whole.verified_on if row.quote else None)
        return {
            "id": row.id,
            "article": row.article,
            "says": row.says,
            "when": tuple(self._atom(text, line) for text in row.when),
            "quote": row.quote,
            "quote_sha256": row.quote_sha256,
            "first": row.first or self._whole.first,
            "events": (*self.events, *(self._event(event) for event in row.events)),
            "verified_on": verified,
            "review_on": row.review_on or self._whole.review_on or (verified + REVIEW if verified else None),
            "place": f"{self._file}:{line}",
        }

    def _event(self, event: EventRow) -> Event:
        if event.last is not None and event.last < event.first:
            raise RuleError(f"a change ends on {event.last}, before it begins", where=f"{self._file}: {event.by}")
        return Event(event.change, event.first, event.last, event.by, event.known_on or event.first)

    def _check_quote(self, made: Provision) -> None:
        """Raise RuleError unless the quote is the one on file, and says the numbers of what rests on it."""
        wrong = ""
        if made.quote and not made.fits_its_quote:
            wrong = "the quote is not the one whose hash is on file (`quote_sha256`)"
        elif made.verified_on and not made.quote:
            wrong = "a rule without a quote cannot be verified"
        elif made.verified_on and not self._whole.source:
            wrong = "a rule without a source cannot be verified"
        elif made.quote and (missing := unsaid(made.quote, made.numbers)):
            told = ", ".join(f"{number:,}" for number in missing)
            wrong = f"the quote does not say {told}, and the conditions do"
        if wrong:
            raise self._error(made, wrong)

    def _error(self, made: Provision, what: str) -> RuleError:
        return RuleError(what, where=f"{made.place}: {made.id}")

    def _atom(self, text: str, after: int) -> Atom:
        try:
            return parse(text)
        except ValueError as error:
            raise RuleError(str(error), where=f"{self._file}:{self._line(text, after - 1)}") from None

    def _facts(self, given: dict[str, Value], row: ProvisionRow) -> dict[str, Value]:
        try:
            return read_facts(given)
        except UsageError as error:
            place = f"{self._file}:{self._line(row.id, 0)}"
            raise RuleError(error.what, where=f"{place}: tests: {error.where}", expected=error.expected) from None

    def _line(self, text: str, after: int) -> int:
        return next((number for number, line in enumerate(self._lines[after:], after + 1) if text in line), after + 1)


def _place_of_error(text: str, file: str, error: str) -> str:
    """Return file and line: as the TOML parser says it, or of the part that the fault is in."""
    if found := re.search(r"line (\d+)", error):
        return f"{file}:{found[1]}"
    if found := re.search(r"\$\.(rules|deadlines|gradings|forms)\[(\d+)\]", error):
        heads = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == f"[[{found[1]}]]"]
        if int(found[2]) < len(heads):
            return f"{file}:{heads[int(found[2])]}"
    return file
