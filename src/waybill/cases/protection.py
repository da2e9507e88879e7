"""Transfers of protected disclosures: from which pages and files leave away who acted."""

from __future__ import annotations

from collections.abc import Iterable

from waybill.cases import models
from waybill.cases.words import Link
from waybill.control import storage_faults
from waybill.findings.store import chunks

_POINTING = (Link.ACTOR.value, Link.DESTINATION.value)


def protect(case: int, transfers: Iterable[str]) -> None:
    """Let these transfers (ids as hex) never tell who acted, and the case join nothing by that. For good."""
    with storage_faults():
        models.ProtectedTransfer.objects.bulk_create(
            (models.ProtectedTransfer(transfer=bytes.fromhex(one)) for one in transfers), ignore_conflicts=True
        )
        models.CaseTrait.objects.filter(place__case_id=case, kind__in=_POINTING).delete()


def protected(transfers: Iterable[str]) -> set[str]:
    """Return those of these transfers (ids as hex) that belong to a protected disclosure."""
    wanted = [bytes.fromhex(one) for one in transfers]
    with storage_faults():
        if not models.ProtectedTransfer.objects.exists():
            return set()
        found = (
            row for part in chunks(wanted)
            for row in models.ProtectedTransfer.objects.filter(pk__in=part).values_list("pk", flat=True)
        )  # fmt: skip
        return {bytes(one).hex() for one in found}


def every() -> list[bytes]:
    """Return the ids of all protected transfers."""
    with storage_faults():
        return [bytes(one) for one in models.ProtectedTransfer.objects.values_list("pk", flat=True)]
