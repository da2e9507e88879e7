"""How grave an unauthorised move is.

Severity follows the asset's grade: sensitive medium, important high, core critical; one step lower where the attempt
was blocked or failed. The score orders findings of one severity and is a sum of three parts, halved for an attempt
that did not succeed: the grade (sensitive 40, important 55, core 70), the destination (another jurisdiction 20, a
place nobody registered 15, else 10), and the permit (none that fits 10, one expired, not yet valid or used up 5).
"""

from __future__ import annotations

from waybill.detect.unauthorised.moves import Destination
from waybill.detect.unauthorised.permits import Refusal
from waybill.model.findings import Part
from waybill.model.register import Asset
from waybill.model.words import Grade, Outcome, Severity

_SEVERITIES = {Grade.SENSITIVE: Severity.MEDIUM, Grade.IMPORTANT: Severity.HIGH, Grade.CORE: Severity.CRITICAL}
_GRADES = {Grade.SENSITIVE: 40.0, Grade.IMPORTANT: 55.0, Grade.CORE: 70.0}


def happened(outcome: str) -> bool:
    """Return whether the asset moved; an outcome that the source does not tell counts as moved."""
    return outcome not in (Outcome.BLOCKED, Outcome.FAILURE)


def severity(grade: Grade, outcome: str) -> Severity:
    """Return the severity for an asset of this grade."""
    full = _SEVERITIES[grade]
    return full if happened(outcome) else list(Severity)[full.number - 2]


def weigh(asset: Asset, home: str, end: Destination, refusal: Refusal, outcome: str) -> tuple[float, tuple[Part, ...]]:
    """Return the score and its parts; ``home`` is the jurisdiction of the asset's home, where known."""
    grade = _GRADES[asset.grade]
    abroad = bool(home and end.jurisdiction and home != end.jurisdiction)
    where = 20.0 if abroad else 10.0 if end.places else 15.0
    permit = 10.0 if refusal.rule_id == "unauthorised.no-permit" else 5.0
    total = grade + where + permit
    name = end.name or "another party"
    parts = (
        Part("grade", str(asset.grade), share=round(grade / total, 4)),
        Part(
            "destination",
            f"{name} ({end.jurisdiction})" if end.jurisdiction else name,
            usual=f"{asset.home} ({home})" if asset.home and home else asset.home,
            share=round(where / total, 4),
        ),
        Part(
            "permit",
            refusal.permit.id if refusal.permit else "none",
            usual="a permit that covers the move",
            share=round(permit / total, 4),
        ),
        Part("outcome", outcome),
        Part("jurisdiction", end.jurisdiction, usual=home),
    )
    return (total if happened(outcome) else total / 2), parts
