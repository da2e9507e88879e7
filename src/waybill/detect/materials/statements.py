"""What a check says: the rule, what it rests on, and the words of its sentence; and the finding that this becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from waybill.detect.materials.wording import ADVICE, SENTENCES, TITLES
from waybill.epcis.history.history import History
from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Outcome, Severity

DETECTOR = "materials"

_SCORES = {Severity.CRITICAL: 95.0, Severity.HIGH: 80.0, Severity.MEDIUM: 60.0, Severity.LOW: 40.0}


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is wrong: ``rows`` are the rows of items that it rests on, the decisive one first."""

    rule: str
    """Without the name of the detector: ``balance-step``."""
    rows: Sequence[int]
    severity: Severity
    words: Mapping[str, str] = field(default_factory=dict)
    """What is filled into the sentence beside ``item``, ``place`` and ``day``."""
    parts: tuple[Part, ...] = ()
    transfers: tuple[str, ...] = ()
    """Ids of further transfers that it rests on."""


def finding(statement: Statement, history: History) -> Finding:
    """Return the finding that a statement becomes; the same rows give the same finding."""
    rows, rule = history.rows, f"{DETECTOR}.{statement.rule}"
    first = statement.rows[0]
    item = history.items[int(rows.item.codes[first])]
    moments = [history.moment(int(rows.event[row])) for row in statement.rows]
    event = int(rows.event[first])
    id_ = history.events["id"][event].as_py()
    asset = history.register.asset_of(item)
    words = {
        "item": name(item),
        "place": history.places.name(int(history.places.here[event])) or "—",
        "day": f"{moments[0]:%Y-%m-%d}",
        **statement.words,
    }
    sentence = SENTENCES[rule]
    return Finding(
        id=finding_id(DETECTOR, rule, item, id_, *statement.transfers),
        detector=DETECTOR,
        rule_id=rule,
        title=TITLES[rule],
        severity=statement.severity,
        score=_SCORES[statement.severity],
        time=min(moments),
        last_time=max(moments),
        subject="",
        asset=asset.id if asset else item,
        channel=Channel.FREIGHT,
        outcome=Outcome.SUCCESS,
        source=Position("epcis", id_, 0),
        transfers=tuple(sorted({*statement.transfers, *_transfers(history, statement.rows)})),
        sentence=Text(sentence.en.format(**words), sentence.zh.format(**words)),
        advice=ADVICE[rule],
        parts=(Part("item", name(item)), *statement.parts),
    )


def findings(statements: Iterable[Statement], history: History) -> list[Finding]:
    """Return the findings of some statements."""
    return [finding(statement, history) for statement in statements]


def _transfers(history: History, rows: Sequence[int]) -> Iterable[str]:
    for row in rows:
        yield history.rows.transfer[int(row)].as_py().hex()


def name(item: str) -> str:
    """Return an item as people read it: a Digital Link without its host."""
    return item.removeprefix("https://id.gs1.org/")
