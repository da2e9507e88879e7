"""Simulated chains as detectors see them: captured by the room of custody, and read as its tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from bench.materials_detectors import DETECTOR, NO_ROWS, custody_of, documents_of

from waybill.model.custody import Custody
from waybill.model.findings import Finding
from waybill.model.protocols import State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.simulate.chain import KINDS, Chain, Kind, Seeded, make


@dataclass(frozen=True)
class Seen:
    """A chain, and what is known of its custody."""

    chain: Chain
    custody: Custody

    def evidence(self, seeded: Seeded) -> set[str]:
        """Return the ids of the transfers that the decisive events of a deed became."""
        return {one.hex() for one in self._decisive(seeded)["transfer"].to_pylist()}

    def items(self, seeded: Seeded) -> set[str]:
        """Return the items that the decisive events of a deed are about."""
        return {one.removeprefix("https://id.gs1.org/") for one in self._decisive(seeded)["item"].to_pylist()}

    def _decisive(self, seeded: Seeded) -> pa.Table:
        wanted = pc.is_in(self.custody.events["id"], value_set=pa.array(seeded.events))
        numbers = self.custody.events.filter(wanted)["number"].combine_chunks()
        return self.custody.items.filter(pc.is_in(self.custody.items["number"], value_set=numbers))


@lru_cache(maxsize=4)
def seen(seed: int, kinds: tuple[Kind, ...] = KINDS, weeks: int = 30, *, leak: bool = True) -> Seen:
    """Return a chain and its custody; documents come every three days."""
    chain = make(seed, kinds=kinds, weeks=weeks, leak=leak)
    return Seen(chain, custody_of(documents_of(chain)))


def without(known: Custody, events: Collection[str]) -> Custody:
    """Return custody as if some events had never been captured."""
    gone = pc.is_in(known.events["id"], value_set=pa.array(list(events), pa.string()))
    numbers = known.events.filter(gone)["number"].combine_chunks()

    def kept(table: pa.Table) -> pa.Table:
        return table.filter(pc.invert(pc.is_in(table["number"], value_set=numbers)))

    return Custody(
        kept(known.events), kept(known.items), kept(known.readings), kept(known.documents), kept(known.attributes),
        known.master_data, kept(known.marks),
    )  # fmt: skip


def findings(
    known: Custody, register: RegisterSnapshot, state: State | None = None, now: datetime | None = None
) -> Sequence[Finding]:
    """Return what the detector says of custody."""
    return DETECTOR.run(Tables(NO_ROWS, register, now, known), state or {}).findings


def plain(found: Sequence[Finding]) -> list[bytes]:
    """Return findings as bytes, in an order of their own."""
    return sorted(msgspec.json.encode(one) for one in found)
