"""Who offers, held against the lists that the organisation loads: sanctioned, listed or watched parties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from waybill.detect.materials.offers import Offer
from waybill.detect.materials.statements import DETECTOR
from waybill.detect.materials.wording import ADVICE, SENTENCES, TITLES
from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Outcome, Severity
from waybill.rulebook.screening import Match, load_lists

RULE = f"{DETECTOR}.offer-listed"


def listed(offers: Sequence[Offer], lists: Sequence[Path]) -> Iterator[Finding]:
    """Yield the offers by a party whose name is like one on a list; the likest entry is told.

    Raises InputError or UsageError where a list cannot be read.
    """
    named = [offer for offer in offers if offer.by]
    if not named or not lists:
        return
    screening = load_lists(lists)
    matches = {name: screening.matches(name) for name in {offer.by for offer in named}}
    for offer in named:
        if matches[offer.by]:
            yield _finding(offer, matches[offer.by][0])


def _finding(offer: Offer, match: Match) -> Finding:
    words = {
        "by": offer.by,
        "offered": f"{offer.at:%Y-%m-%d}",
        "entry": match.name,
        "list": match.party.list,
    }
    return Finding(
        id=finding_id(DETECTOR, RULE, offer.transfer),
        detector=DETECTOR,
        rule_id=RULE,
        title=TITLES[RULE],
        severity=Severity.HIGH if match.score == 100 else Severity.MEDIUM,
        score=match.score,
        time=offer.at,
        last_time=offer.at,
        subject="",
        asset=offer.lot or offer.material,
        channel=Channel.WEB,
        outcome=Outcome.UNKNOWN,
        source=Position("offer", offer.transfer, 0),
        transfers=(offer.transfer,),
        sentence=Text(SENTENCES[RULE].en.format(**words), SENTENCES[RULE].zh.format(**words)),
        advice=ADVICE[RULE],
        parts=(Part("name", offer.by, usual=match.name, share=1.0), Part("likeness", f"{match.score:.0f} of 100")),
    )
