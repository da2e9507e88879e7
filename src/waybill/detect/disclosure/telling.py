"""Findings on filings and prices: how grave they are, what they rest on, and their parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from waybill.detect.disclosure.accounts import Account, Fault, Flaw
from waybill.detect.disclosure.differences import FACTS, Difference
from waybill.detect.disclosure.prices import LEAST_REFERENCES, LEAST_SOURCES, Comparison
from waybill.detect.disclosure.wording import ADVICE, TITLES, moment, price_sentence, sentence
from waybill.model.disclosures import Figure, Stage, plain
from waybill.model.findings import Finding, Part, Position
from waybill.model.ids import finding_id
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel, Outcome, Severity

DETECTOR = "disclosure"

_HARM = {
    "deaths": Severity.CRITICAL,
    "missing": Severity.CRITICAL,
    "seriously_injured": Severity.HIGH,
    "injured": Severity.HIGH,
}
"""How grave it is to file less of this; of anything else it is medium."""

_OF_FAULT = {Fault.LATE: Severity.MEDIUM, Fault.MISSING: Severity.HIGH, Fault.WITHDRAWN: Severity.HIGH}
_WITH_DEATHS = {Fault.LATE: Severity.HIGH, Fault.MISSING: Severity.CRITICAL, Fault.WITHDRAWN: Severity.CRITICAL}
_SCORES = {Severity.CRITICAL: 95.0, Severity.HIGH: 80.0, Severity.MEDIUM: 60.0, Severity.LOW: 40.0}

_FROM_REGISTER = Position("register", "disclosures", 0)
"""Where a statement stands that was imported, or that rests on reports inside alone: where those were read may tell
whose they are."""


def of_flaw(account: Account, flaw: Flaw, register: RegisterSnapshot) -> Finding:
    """Return the finding on one thing that is wrong with the filing of an event."""
    rule = f"{DETECTOR}.{flaw.fault}"
    parts = tuple(_of_differences(flaw.differences) if flaw.differences else _of_figures(account, flaw))
    severity = max((_gravity(one) for one in flaw.differences), key=_number, default=_untold(flaw))
    document = flaw.document
    return Finding(
        id=finding_id(
            DETECTOR, rule, account.organisation, account.event, document.id if document else "", flaw.at.isoformat(),
            *(f"{part.name}\x1e{part.value}\x1e{part.usual}" for part in parts),
        ),
        detector=DETECTOR,
        rule_id=rule,
        title=TITLES[rule],
        severity=severity,
        score=_SCORES[severity],
        time=flaw.at,
        last_time=flaw.at,
        subject="",
        asset=_asset(account.event, register),
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position(document.source, document.file, document.position)
        if document is not None and document.stage is Stage.FILING and document.source
        else _FROM_REGISTER,
        transfers=account.transfers,
        sentence=sentence(account, flaw),
        advice=ADVICE[rule],
        parts=parts,
    )  # fmt: skip


def _asset(name: str, register: RegisterSnapshot) -> str:
    asset = register.asset_of(name)
    return asset.id if asset else name


def _of_differences(differences: Sequence[Difference]) -> list[Part]:
    total = sum(_number(_gravity(one)) for one in differences)
    return [Part(one.name, one.filed, usual=one.inside, share=_number(_gravity(one)) / total) for one in differences]


def _of_figures(account: Account, flaw: Flaw) -> list[Part]:
    """Return when it was due, and every figure: as filed, and as reported inside."""
    inside = {figure.name: figure.amount for figure in account.inside}
    filed = flaw.fault is not Fault.MISSING
    when = Part(
        "filed", moment(flaw.at) if filed else "", usual=moment(account.due_at) if account.due_at else "", share=1.0
    )
    figures = [Part(one.name, one.amount if filed else "", usual=inside.get(one.name, "")) for one in flaw.figures]
    return [when, *figures]


def _gravity(one: Difference) -> Severity:
    if one.name in FACTS:
        return Severity.MEDIUM if one.name == "day" else Severity.LOW
    grave = _HARM.get(one.name, Severity.MEDIUM)
    return grave if one.less else Severity.MEDIUM


def _untold(flaw: Flaw) -> Severity:
    return (_WITH_DEATHS if _killed(flaw.figures) else _OF_FAULT).get(flaw.fault, Severity.MEDIUM)


def _killed(figures: Sequence[Figure]) -> bool:
    return any(figure.value > 0 for figure in figures if figure.name in ("deaths", "missing"))


def _number(severity: Severity) -> int:
    return severity.number


def of_price(one: Comparison, register: RegisterSnapshot) -> Finding:
    """Return the finding on a price; one above every reference weighs more than one among them."""
    severity = Severity.LOW if one.paid.price <= one.highest else Severity.HIGH if one.excess >= 1 else Severity.MEDIUM
    at, rule = datetime.combine(one.paid.day, time(), UTC), f"{DETECTOR}.price"
    references = f"{len(one.references)} from {plain(one.lowest)} to {plain(one.highest)}"
    return Finding(
        id=finding_id(DETECTOR, rule, one.paid.id, plain(one.paid.price), plain(one.market), references),
        detector=DETECTOR,
        rule_id=rule,
        title=TITLES[rule],
        severity=severity,
        score=_SCORES[severity],
        time=at,
        last_time=at,
        subject="",
        asset=_asset(one.paid.item, register),
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position("register", "prices", 0),
        transfers=(),
        sentence=price_sentence(one),
        advice=ADVICE[rule],
        parts=(
            Part(
                "price",
                f"{plain(one.paid.price)} {one.paid.currency}",
                usual=plain(one.market),
                peers=references,
                share=1.0,
            ),
            Part("above the market", f"{one.excess:.0%}"),
            Part("record", one.paid.id),
        ),
    )


def too_few(one: Comparison) -> str:
    """Return the remark on a price that there are too few references for."""
    return (
        f"price {one.paid.id}: {len(one.references)} comparable references, at least {LEAST_REFERENCES} from "
        f"{LEAST_SOURCES} places are needed ({one.other_qualities} of other quality)"
    )
