"""The detector: remembers offers, and at the end of a run passes every check over what is known of custody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import msgspec
import pyarrow as pa

from waybill.detect.materials import (
    balance,
    diversion,
    gaps,
    grades,
    identity,
    offers,
    patterns,
    recording,
    relabelling,
    splitting,
    travel,
    yields,
)
from waybill.detect.materials.chain import Chain
from waybill.detect.materials.codes import codebook
from waybill.detect.materials.offers import Offer
from waybill.detect.materials.parties import listed
from waybill.detect.materials.statements import DETECTOR, Statement, findings
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.words import Scope

CHECKS: tuple[Callable[[Chain], Iterator[Statement]], ...] = (
    balance.check,
    yields.check,
    grades.check,
    identity.check,
    travel.check,
    diversion.check,
    splitting.check,
    relabelling.check,
    gaps.check,
    recording.check,
    patterns.check,
)
"""Every check of custody, in the order of docs/materials.md."""

_OFFER, _TOLD = "offer ", "told"


class MaterialsDetector:
    """Tells lots and devices that were diverted, mislabelled or made out of nothing, from their custody events.

    Elements are balanced over steps, lots and sites; yields, purities, values, weights and journeys are held against
    what is usual and what is possible; licences, identities and routes against what is declared; and offers on grey
    markets against what is missing. Custody is judged as a whole in each run, so that an event that comes late changes
    what was said before. See docs/materials.md.
    """

    name: ClassVar[str] = DETECTOR
    columns: tuple[str, ...] = offers.COLUMNS
    scope: ClassVar[Scope] = Scope.FOLD
    history: ClassVar[timedelta] = timedelta(0)

    def __init__(self, thresholds: Mapping[str, float] | None = None, lists: Sequence[Path] = ()) -> None:
        """``lists`` are files of parties (FollowTheMoney entities) that those who offer are held against."""
        self._thresholds = dict(thresholds or {})
        self._lists = tuple(lists)

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Remember the offers among the rows; without rows, judge the custody."""
        if tables.transfers.num_rows:
            read = {f"{_OFFER}{one.transfer}": msgspec.to_builtins(one) for one in offers.read(tables.transfers)}
            return Result([], {**state, **read})
        known = [msgspec.convert(kept, Offer) for key, kept in state.items() if key.startswith(_OFFER)]
        found = {one.id: one for one in (*self._judged(tables, known), *listed(known, self._lists))}
        before = set(state.get(_TOLD, ()))
        new = [finding for id_, finding in sorted(found.items()) if id_ not in before]
        return Result(new, {**state, _TOLD: sorted(found)}, over=tuple(sorted(before - found.keys())))

    def _judged(self, tables: Tables, known: list[Offer]) -> list[Finding]:
        """Return what the checks say of custody, and of offers of what is missing there."""
        if tables.custody is None or not tables.custody.events.num_rows:
            return []
        chain = Chain.of(tables.custody, tables.register, tables.now, codebook(), self._thresholds)
        told = [statement for check in CHECKS for statement in check(chain)]
        told += offers.check(chain, known, told)
        return findings(told, chain.history)
