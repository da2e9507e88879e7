"""Simulated chains as detectors see them: captured by the room of custody, and read as its tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.materials import MaterialsDetector
from waybill.epcis.capturing import capture
from waybill.epcis.document import read_document
from waybill.epcis.store import Store
from waybill.epcis.tables import custody
from waybill.model.custody import Custody
from waybill.model.findings import Finding
from waybill.model.protocols import State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.simulate.chain import KINDS, Chain, Kind, Seeded, make
from waybill.simulate.chain.dealings import THRESHOLD

DETECTOR = MaterialsDetector({"2846": THRESHOLD})
NO_ROWS = pa.schema([SCHEMA.field(name) for name in DETECTOR.columns]).empty_table()


@dataclass(frozen=True)
class Seen:
    """A chain, and what is known of its custody."""

    chain: Chain
    custody: Custody

    def evidence(self, seeded: Seeded) -> set[str]:
        """Return the ids of the transfers that the decisive events of a deed became."""
        wanted = pc.is_in(self.custody.events["id"], value_set=pa.array(seeded.events))
        numbers = self.custody.events.filter(wanted)["number"].combine_chunks()
        items = self.custody.items.filter(pc.is_in(self.custody.items["number"], value_set=numbers))
        return {one.hex() for one in items["transfer"].to_pylist()}

    def items(self, seeded: Seeded) -> set[str]:
        """Return the items that the decisive events of a deed are about."""
        wanted = pc.is_in(self.custody.events["id"], value_set=pa.array(seeded.events))
        numbers = self.custody.events.filter(wanted)["number"].combine_chunks()
        items = self.custody.items.filter(pc.is_in(self.custody.items["number"], value_set=numbers))
        return {one.removeprefix("https://id.gs1.org/") for one in items["item"].to_pylist()}


@lru_cache(maxsize=4)
def seen(seed: int, kinds: tuple[Kind, ...] = KINDS, weeks: int = 30, *, leak: bool = True) -> Seen:
    """Return a chain and its custody; documents come every three days."""
    chain = make(seed, kinds=kinds, weeks=weeks, leak=leak)
    return Seen(
        chain,
        custody_of((moment, json.dumps(one).encode()) for moment, one in chain.documents(together=timedelta(days=3))),
    )


def custody_of(documents: Iterable[tuple[datetime, bytes]]) -> Custody:
    """Capture documents, each at its moment, and return the custody."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "custody.sqlite3")
        for moment, content in documents:
            capture(
                store,
                read_document(content),
                submitter="chain",
                now=moment,
                identify=lambda raw: hashlib.blake2b(raw, digest_size=16).digest(),
                clean=lambda event: event,
            )
        return custody(store)


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
