"""What was read, as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from waybill.flow.intake.tally import Intake


def intake_summary(intake: Intake) -> dict[str, Any]:
    """Return the tally of a run; rejected records as examples and counted by reason."""
    return {
        "files": len(intake.files),
        "bytes": intake.bytes,
        "transfers": intake.transfers,
        "duplicates": intake.duplicates,
        "sources": dict(intake.by_source.most_common()),
        "first": intake.first,
        "last": intake.last,
        "protected": intake.protected,
        "inspected": {
            "things": intake.inspected.things,
            "partly": intake.inspected.partly,
            "recognised": intake.inspected.recognised,
            "grades": dict(intake.inspected.grades.most_common()),
            "kinds": dict(intake.inspected.kinds.most_common()),
        },
        "rejected": intake.rejected,
        "refused_files": intake.refused,
        "reasons": [
            {"source": source, "reason": reason, "records": count}
            for (source, reason), count in intake.reasons.most_common()
        ],
        "rejected_examples": [
            {
                "file": rejected.file,
                "position": rejected.position,
                "field": rejected.field,
                "reason": rejected.reason,
                "expected": rejected.expected,
                "advice": rejected.advice,
            }
            for rejected in intake.examples
        ],
    }
