"""What people judge about a case, each with the reason: state, severity, intent, origin, harm, protection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from waybill.cases import journal, models
from waybill.cases.acting import acting
from waybill.cases.words import SET_BY_PEOPLE, Act, CaseState, Origin
from waybill.model.errors import UsageError
from waybill.model.words import Intent, Severity
from waybill.rulebook.facts import Value
from waybill.rulebook.words import Moment


class Harm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An estimate of what a case did, as far as anybody can say; its reasoning is the reason of the act."""

    persons: int | None = None
    """How many persons are concerned."""
    amount: Decimal | None = None
    currency: str = ""
    """ISO 4217."""
    also: str = ""
    """What is neither persons nor money: environment, safety, lives, know-how."""


def set_state(number: int, state: CaseState, *, who: str, reason: str) -> None:
    """Say how far the handling has come; once it is closed, its handling has ended.

    Raises UsageError for a state that only merging gives, and for closing while a clock runs that certainly applies.
    """
    if state not in SET_BY_PEOPLE:
        raise UsageError("A case becomes merged by merging it.", expected="one of " + ", ".join(sorted(SET_BY_PEOPLE)))
    with acting(number, who=who, reason=reason) as case:
        if state is CaseState.CLOSED:
            _check_no_clock_runs(case)
            moments = msgspec.json.decode(case.moments, type=dict[str, datetime])
            moments.setdefault(Moment.HANDLED, datetime.now(UTC))
            case.moments = msgspec.json.encode(moments).decode()
        _judge(case, Act.STATE, state, who, reason)


def set_intent(number: int, intent: Intent, *, who: str, reason: str) -> None:
    """Say why it happened, as far as anybody found out."""
    with acting(number, who=who, reason=reason) as case:
        _judge(case, Act.INTENT, intent, who, reason)


def set_origin(number: int, origin: Origin, *, who: str, reason: str) -> None:
    """Say whether it went over an official channel."""
    with acting(number, who=who, reason=reason) as case:
        _judge(case, Act.ORIGIN, origin, who, reason)


def set_severity(number: int, severity: Severity, *, who: str, reason: str) -> None:
    """Say how urgent the case is; from then on no finding changes that."""
    with acting(number, who=who, reason=reason) as case:
        before = list(Severity)[case.severity - 1]
        case.severity, case.judged_severity = severity.number, True
        _write(case, Act.SEVERITY, {"before": before, "after": severity}, who, reason)


def set_harm(number: int, harm: Harm, *, who: str, reason: str) -> None:
    """Estimate the harm; ``reason`` is how the estimate was made. Raises UsageError for an estimate of nothing."""
    if harm == Harm():
        raise UsageError("The estimate says nothing.", expected="persons, an amount, or what else is harmed")
    if (harm.persons or 0) < 0 or (harm.amount or 0) < 0 or (harm.amount is not None and len(harm.currency) != 3):
        raise UsageError("The estimate cannot be read.", expected="numbers from 0, and a currency such as CNY")
    with acting(number, who=who, reason=reason) as case:
        case.harm = msgspec.json.encode(harm).decode()
        _write(case, Act.HARM, {"harm": harm}, who, reason)


def protect(number: int, *, who: str, reason: str) -> None:
    """Mark a case as a protected disclosure, for good; ``flow.cases.protection`` takes the person out of view with it.

    Raises UsageError where it is one.
    """
    with acting(number, who=who, reason=reason) as case:
        if case.protected:
            raise UsageError("This case is protected already.", where=str(number))
        case.protected = True
        _write(case, Act.PROTECTED, {}, who, reason)


def set_facts(
    number: int, facts: Mapping[str, Value], moments: Mapping[str, datetime], *, who: str, reason: str
) -> None:
    """Say what the law asks about a case; facts and moments that are not named stay as they are.

    ``facts`` are read already (``rulebook.facts.read_facts``). Raises UsageError for a moment that is none of
    ``rulebook.words.Moment``, has no time zone or is to come.
    """
    for name, moment in moments.items():
        if name not in set(Moment) or moment.tzinfo is None or moment > datetime.now(UTC):
            raise UsageError(
                "This cannot be when it happened.", where=name, expected=f"a past time of {', '.join(Moment)}"
            )
    with acting(number, who=who, reason=reason) as case:
        case.facts = _joined(case.facts, facts)
        case.moments = _joined(case.moments, moments)
        _write(case, Act.FACTS, {**facts, **moments}, who, reason)


def _joined(known: str, more: Mapping[str, object]) -> str:
    return msgspec.json.encode({**msgspec.json.decode(known), **more}).decode()


def _check_no_clock_runs(case: models.Case) -> None:
    running = case.clocks.filter(ended_at__isnull=True, certain=True).order_by("due_at").values_list("clock", flat=True)
    if running:
        raise UsageError(
            "A clock still runs.",
            where=", ".join(running),
            advice="Say that the report was made, or why the clock does not apply.",
        )


def _judge(case: models.Case, act: Act, after: StrEnum, who: str, reason: str) -> None:
    """Change the column that is called as the act is."""
    before = getattr(case, act.value)
    setattr(case, act.value, after.value)
    _write(case, act, {"before": before, "after": after.value}, who, reason)


def _write(case: models.Case, act: Act, what: dict[str, object], who: str, reason: str) -> None:
    journal.write(case, act, who=who, at=datetime.now(UTC), what=what, reason=reason.strip())
