"""Batches of transfers: one entry of the ledger for all that came into the lake together, and each one's path in it.

The lake and the control database cannot share a transaction. So nothing is handed over at all: the sequencer looks
which numbers of the lake's log are committed and in no batch yet, and records those; a crash in between changes
nothing. Before transfers are erased, the hashes of their ids are kept where others need them for their paths.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.flow.installation import Installation
from waybill.ledger.batches import BatchTree
from waybill.ledger.disclosure import Member
from waybill.ledger.encoding import to_base64
from waybill.ledger.merkle import leaf_hash
from waybill.model.errors import DamagedError, UsageError
from waybill.model.ids import ID_BYTES
from waybill.outbox import batches, models
from waybill.outbox.batches import Batch

BATCH_ROWS = 1 << 16
"""A batch is closed when it has so many transfers: a path is made by hashing all of them again."""


def has_unrecorded(installation: Installation) -> bool:
    """Return whether transfers are committed that no batch covers."""
    return installation.lake.status().sequence > batches.last_recorded()


def record_batches(installation: Installation) -> None:
    """Record the transfers that were committed since the last batch. Hold the ledger's lock."""
    after, until = batches.last_recorded(), installation.lake.status().sequence
    if until > after:
        sequences, ids = _committed(installation, after, until)
        batches.add_batches(_cut(sequences, ids))


def keep_paths(installation: Installation, going: pa.Table) -> None:
    """Keep the hashes of transfers (``sequence`` and ``id``) that are about to be removed from the lake."""
    wanted = np.sort(going["sequence"].to_numpy())
    place = 0
    while place < len(wanted):
        row = batches.holding(int(wanted[place]))
        if row is None:
            place += 1  # no batch covers it yet; the batch to come will not have it
            continue
        batch = batches.batch_of(row)
        inside = going.filter((pc.field("sequence") >= batch.first) & (pc.field("sequence") <= batch.last))
        _keep_paths_of(installation, row, batch, set(inside["id"].to_pylist()))
        place = int(np.searchsorted(wanted, batch.last, side="right"))


def member(installation: Installation, transfer: str) -> tuple[models.Row, Member]:
    """Return the batch that a transfer (by id, hex) is in, and its path there."""
    id = bytes.fromhex(transfer)
    with installation.lake.snapshot() as snapshot:
        found = snapshot.query("SELECT sequence FROM transfers WHERE id = $id", {"id": id})["sequence"].to_pylist()
    row = batches.holding(found[0]) if found else None
    if row is None:
        raise UsageError(
            "no batch holds this transfer" if found else "there is no such transfer",
            where=transfer,
            advice="`waybill ledger sequence` records what is new" if found else "",
        )
    batch = batches.batch_of(row)
    places = _places(installation, row, batch)
    lost = batches.gone(row)
    hashes = {place: leaf_hash(one) for one, place in places.items()} | lost
    tree = BatchTree([hashes[place] for place in range(batch.transfers)] if len(hashes) == batch.transfers else [])
    if id not in places or to_base64(tree.root) != batch.root:
        raise DamagedError(
            "the transfers of a batch are not those that were recorded",
            where=f"numbers {batch.first} to {batch.last} of the lake's log",
            advice="run `waybill lake verify`",
        )
    return row, tree.member(id, places[id])


def _keep_paths_of(installation: Installation, row: models.Row, batch: Batch, doomed: set[bytes]) -> None:
    places = _places(installation, row, batch)
    if doomed < places.keys():  # else nobody is left who needs a path
        batches.note_gone(row, {places[one]: leaf_hash(one) for one in doomed})


def _places(installation: Installation, row: models.Row, batch: Batch) -> dict[bytes, int]:
    """Return the position in the batch of each transfer that is still in the lake."""
    _, ids = _committed(installation, batch.first - 1, batch.last)
    lost = {hash: place for place, hash in batches.gone(row).items()}
    others = iter(sorted(set(range(batch.transfers)).difference(lost.values())))
    # What is noted as gone may still be there, if a crash came before its removal.
    found = ((one, lost.get(leaf_hash(one)) if lost else None) for one in _each_once(ids))
    return {one: next(others, -1) if place is None else place for one, place in found}


def _committed(installation: Installation, after: int, until: int) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and ids of the transfers with numbers above ``after`` up to ``until``, by number."""
    sequences, ids = [np.empty(0, np.int64)], [np.empty(0, f"S{ID_BYTES}")]
    with installation.lake.snapshot() as snapshot:
        for table in snapshot.scan(columns=["sequence", "id"], after=after, until=until):
            sequences.append(table["sequence"].to_numpy())
            ids.append(_fixed(table["id"]))
    numbers = np.concatenate(sequences)
    order = np.argsort(numbers, kind="stable")
    return numbers[order], np.concatenate(ids)[order]


def _cut(sequences: np.ndarray, ids: np.ndarray) -> Iterator[Batch]:
    """Cut transfers, by number, into batches that end where a number ends."""
    start = 0
    while start < len(sequences):
        last = sequences[min(start + BATCH_ROWS, len(sequences)) - 1]
        end = int(np.searchsorted(sequences, last, side="right"))
        members = _each_once(ids[start:end])
        root = to_base64(BatchTree.over(members).root)
        yield Batch(int(sequences[start]), int(last), len(members), root)
        start = end


def _each_once(ids: np.ndarray) -> list[bytes]:
    """Return ids in the order of their bytes."""
    firsts = ids.view(">u8")[::2]
    order = np.argsort(firsts)
    content = ids[order].tobytes()
    found = [content[at : at + ID_BYTES] for at in range(0, len(content), ID_BYTES)]
    alike = bool((np.diff(firsts[order]) == 0).any())  # sorting numbers is ten times as fast, and nearly always enough
    return sorted(set(found)) if alike else found


def _fixed(ids: pa.ChunkedArray) -> np.ndarray:
    fixed = ids.cast(pa.binary(ID_BYTES)).combine_chunks()
    whole = np.frombuffer(fixed.buffers()[1], f"S{ID_BYTES}")
    return whole[fixed.offset : fixed.offset + len(fixed)].copy()
