"""Every record against its leaf in the ledger: what was changed, removed or added behind its back is named."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from waybill.flow.installation import Installation
from waybill.ledger import Checkpoint, Fault
from waybill.ledger.commitments import Leaf, commit
from waybill.ledger.errors import ProofError
from waybill.ledger.restore import continued
from waybill.ledger.source import Source
from waybill.ledger.tiles import WIDTH, width_at
from waybill.outbox import queue
from waybill.outbox.kinds import Kind
from waybill.outbox.leaves import groups_of, salts_of, subjects_of
from waybill.outbox.models import Row


@dataclass(slots=True)
class Comparison:
    """What came of it."""

    records: int = 0
    erased: int = 0
    """Records of which some or all was erased."""
    allowed: int = 0
    """How many records the erasures that are recorded took something from."""
    waiting: int = 0
    faults: list[Fault] = field(default_factory=list)


def compare(installation: Installation) -> Comparison:
    """Hold every row of the outbox against its leaf."""
    found = Comparison(waiting=queue.standing().waiting)
    for origin in sorted({installation.ledger.origin, *queue.logs()}):
        source = installation.ledger.source(origin)
        size = Checkpoint.parse(source.checkpoint().text).size
        last = -1
        rows = (row for row in queue.placed(origin) if (row.index or 0) < size)
        for index, part in itertools.groupby(rows, lambda row: (row.index or 0) // WIDTH):
            of_bundle = list(part)
            entries = source.bundle(index, width_at(0, index, size))
            keys = installation.ledger.keys.known(subjects_of(of_bundle))
            for row in of_bundle:
                at = row.index or 0
                found.faults += _missing(source, size, last + 1, at)
                found.faults += _compare(found, row, entries[at % WIDTH], keys)
                last = at
        found.faults += _missing(source, size, last + 1, size)
    if found.erased > found.allowed:
        what = f"{found.erased} records lack something, and the erasures on record account for {found.allowed}"
        found.faults.append(Fault("the database", None, what))
    return found


def _compare(found: Comparison, row: Row, entry: bytes, keys: Mapping[str, bytes]) -> Iterator[Fault]:
    found.records += 1
    name = f"record {row.record} ({row.kind} {row.reference})"
    try:
        leaf, groups = Leaf.parse(entry), groups_of(row.content)
        salts = salts_of(row, groups, keys)
    except (ProofError, msgspec.DecodeError):
        yield Fault(name, row.index, "it is not what was recorded")
        return
    except KeyError:
        yield Fault(name, row.index, "it cannot be compared: the key of its salts is gone")
        return
    if leaf.kind != row.kind:
        yield Fault(name, row.index, f"it was recorded as a {leaf.kind}")
    for group, content in groups.items():
        if leaf.commitments.get(group) != commit(salts[group], content):
            yield Fault(name, row.index, f"what it says in {group!r} is not what was recorded")
    found.erased += bool(leaf.commitments.keys() - groups.keys())
    if row.kind == Kind.ERASURE and "what" in groups:
        found.allowed += int(msgspec.json.decode(groups["what"])["records"])


def _missing(source: Source, size: int, start: int, end: int) -> Iterator[Fault]:
    """Yield a fault if entries from ``start`` to before ``end`` have no record, unless they only continue a log."""
    if start < end and not (start == 0 and end == 1 and continued(source.entry(0, size)) is not None):
        many = f"entries {start} to {end - 1}" if end - start > 1 else f"entry {start}"
        yield Fault("the database", start, f"no record stands for {many} of the ledger")
