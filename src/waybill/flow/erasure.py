"""Erases one person from everything an installation keeps."""

from __future__ import annotations

from dataclasses import dataclass

from waybill.flow.installation import Installation


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was removed."""

    transfers: int
    findings: int
    """Findings, notes and memories of detectors that went or changed."""
    register: int
    """Rows of the register that went or changed, the sealed identity among them."""


def erase(installation: Installation, pseudonym: str) -> Erasure:
    """Remove a person's transfers, findings, register rows and sealed identity, so that no byte of them remains.

    The sealed identity goes last: should a step fail, the same call can be made again. Records in quarantine are
    sealed as a whole and name nobody; drop them if they may concern the person.
    """
    from waybill.findings.erasing import erase_subject
    from waybill.register import identities

    transfers = installation.lake.erase([pseudonym]).rows
    return Erasure(transfers, erase_subject(pseudonym), identities.erase(pseudonym))
