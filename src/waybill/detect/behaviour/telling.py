"""Makes a finding of a day that stands out: the sentence, the parts that add up, and the transfers it rests on."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from waybill.detect.behaviour.adding import DAY
from waybill.detect.behaviour.conformal import WINDOW
from waybill.detect.behaviour.features import NAMES
from waybill.detect.behaviour.kinds import TAKES_OUT, Kind, are_of
from waybill.detect.behaviour.scorer import CONTEXT_PART, MEMORY_PART, Scored
from waybill.detect.behaviour.watching import Watched
from waybill.detect.behaviour.wording import ADVICE, UNLIKE, odds, parts_of, sentence
from waybill.model.findings import Finding, Part, Position
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Outcome, Severity

NAME = "behaviour"
RULE = "behaviour.unlike"

Told = tuple[int, float, float, float]
"""A feature, today's value, own usual, the peers' usual."""

MOST_TOLD = 3
"""Reasons in the sentence; the parts have all of them."""

MOST_EVIDENCE = 200
"""Transfers that a finding names."""

_MOVES = (*TAKES_OUT, Kind.DOWNLOAD, Kind.READ, Kind.QUERY)

_RESTS_ON: dict[str, tuple[Kind, ...]] = {
    "sign-ins": (Kind.SIGN_IN,),
    "machines": (Kind.SIGN_IN,),
    "new machines": (Kind.SIGN_IN,),
    "others' machines": (Kind.SIGN_IN,),
    "plug-ins": (Kind.PLUG_IN, Kind.MEDIA),
    "media files": (Kind.MEDIA,),
    "media megabytes": (Kind.MEDIA,),
    "visits": (Kind.VISIT,),
    "mails inside": (Kind.MAIL_INSIDE,),
    "new sites": (Kind.VISIT, Kind.UPLOAD, Kind.DOWNLOAD),
    "mails outside": (Kind.MAIL_OUTSIDE,),
    "mail megabytes": (Kind.MAIL_OUTSIDE,),
    "new receivers": (Kind.MAIL_OUTSIDE,),
    "mails to rare": (Kind.MAIL_OUTSIDE,),
    "receivers": (Kind.MAIL_INSIDE, Kind.MAIL_OUTSIDE),
    "uploads": (Kind.UPLOAD,),
    "upload megabytes": (Kind.UPLOAD,),
    "uploads to new": (Kind.UPLOAD,),
    "uploads to rare": (Kind.UPLOAD,),
    "uploads to new and rare": (Kind.UPLOAD,),
    "shares": (Kind.SHARE,),
    "downloads": (Kind.DOWNLOAD,),
    "controlled reads": (Kind.READ, Kind.QUERY, Kind.DOWNLOAD),
    "controlled assets": (Kind.READ, Kind.QUERY, Kind.DOWNLOAD),
    "new areas": (Kind.READ, Kind.QUERY),
    "foreign reads": (Kind.READ, Kind.QUERY),
    "records": (Kind.QUERY, Kind.DOWNLOAD),
    "controlled out": tuple(TAKES_OUT),
    "controlled out lately": tuple(TAKES_OUT),
    "swept": (*TAKES_OUT, Kind.READ, Kind.DELETE),
    "deletions": (Kind.DELETE,),
    "prints": (Kind.PRINT,),
    "career sites": (Kind.CAREER,),
}
"""Kinds of deeds that a feature counts; the others rest on whatever moved."""


def watched(name: str, row: int, scored: Scored, atoms: pa.Table, *, told: bool) -> Watched:
    """Return what is to be said of one row of a day; ``atoms`` are those of its entity on that day."""
    p = float(scored.p[row])
    reasons, parts = _reasons(scored, row)
    evidence = _evidence(atoms, [NAMES[feature] for feature, *_ in reasons])
    begin = int(evidence[0][0]) if evidence else scored.day * DAY
    return Watched(
        subject=name,
        day=scored.day,
        score=float(scored.score[row]),
        p=p,
        told=told,
        sentence=sentence(name, reasons, odds(p, WINDOW)),
        parts=parts,
        transfers=tuple(sorted({one.hex() for _, one in evidence})),
        first=begin,
        last=int(evidence[-1][0]) if evidence else begin,
    )


def finding(one: Watched, begin: int, severity: Severity) -> Finding:
    """Return the finding on a person-day; days of one ``begin`` (the day that was told first) are told together."""
    return Finding(
        id=finding_id(NAME, RULE, one.subject, "", str(begin)),
        detector=NAME,
        rule_id=RULE,
        title=UNLIKE,
        severity=severity,
        score=100 * (1 - one.p**0.25),
        time=datetime.fromtimestamp(one.first / 1_000_000, UTC),
        last_time=datetime.fromtimestamp(one.last / 1_000_000, UTC),
        subject=one.subject,
        asset="",
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position(NAME, "", 0),
        transfers=one.transfers,
        sentence=one.sentence,
        advice=ADVICE,
        parts=one.parts,
    )


def _reasons(scored: Scored, row: int) -> tuple[list[Told], tuple[Part, ...]]:
    """Return what the sentence tells of one row of a day, and all parts of its score, the largest first."""
    order = np.argsort(-scored.parts[row], kind="stable").tolist()
    shares = [(number, float(scored.parts[row, number])) for number in order if scored.parts[row, number] > 0]
    of_groups = [number for number, _ in shares if number not in {MEMORY_PART, CONTEXT_PART}]
    figures = {number: _figures(scored, row, number) for number in of_groups}
    told = _told(scored, row, of_groups)
    return told, parts_of(shares, figures, float(scored.score[row]), int(scored.context[row]))


def _figures(scored: Scored, row: int, number: int) -> tuple[float, float, float]:
    feature = int(scored.feature[row, number])
    values = (scored.figures[row, feature], scored.usual[row, feature], scored.peers[row, feature])
    return tuple(float(value) for value in values)  # type: ignore[return-value]


def _told(scored: Scored, row: int, numbers: list[int]) -> list[Told]:
    """Return the features for the sentence: those that are above what is usual, each once."""
    told: dict[int, tuple[float, float, float]] = {}
    for number in numbers:
        value, usual, peers = _figures(scored, row, number)
        if value > usual:
            told.setdefault(int(scored.feature[row, number]), (value, usual, peers))
    return [(feature, *values) for feature, values in list(told.items())[:MOST_TOLD]]


def _evidence(atoms: pa.Table, features: list[str]) -> list[tuple[int, bytes]]:
    """Return time and id of the transfers that some features count, in the order of time, the largest if too many."""
    kinds = {kind for feature in features for kind in _RESTS_ON.get(feature, _MOVES)}
    chosen = atoms.filter(are_of(atoms, kinds))
    if chosen.num_rows > MOST_EVIDENCE:
        ordered = chosen.sort_by([("graded", "descending"), ("bytes", "descending"), ("id", "ascending")])
        chosen = ordered.slice(0, MOST_EVIDENCE)
    return sorted(zip(chosen["time"].to_pylist(), chosen["id"].to_pylist(), strict=True))
