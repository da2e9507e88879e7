"""What commands do after their answer: the ledger takes what they recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waybill.cli.printing import tell_remarks

if TYPE_CHECKING:
    from waybill.flow.installation import Installation


def sequence_now(installation: Installation) -> None:
    """Sequence what was recorded, and tell what did not work; the command has succeeded already."""
    from waybill.flow.proof.sequencing import sequence_soon

    tell_remarks(sequence_soon(installation))
