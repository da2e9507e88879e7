"""Proving from a log's public files alone: no lock, no writer, no state."""

from __future__ import annotations

from waybill.ledger import merkle
from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.proof import Proof
from waybill.ledger.source import Source, TileNodes
from waybill.model.errors import InputError


def prove(source: Source, index: int, *, extra: bytes = b"") -> Proof:
    """Return the proof that entry ``index`` is under the checkpoint at ``source``; check it before relying on it."""
    note = source.checkpoint()
    size = Checkpoint.parse(note.text).size
    if not 0 <= index < size:
        raise InputError(f"the log has no entry {index}", where=str(source), expected=f"an index below {size}")
    path = merkle.inclusion_path(TileNodes(source, size).node, index, size)
    return Proof(index, tuple(path), note, extra)
