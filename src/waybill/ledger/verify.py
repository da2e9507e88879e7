"""Checking a whole log from its public files and a policy: no server, no database, nothing of the writer's state.

Every entry is hashed, every tile compared with what lies below it, and the root with the signed checkpoint. Where a
tile and what lies below it disagree, the hash in the tile above tells which of the two is wrong, and on the right
edge, where there is none, the signed root does; so what is damaged is named exactly.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.hashing import Hashing, quickest
from waybill.ledger.merkle import HASH_BYTES
from waybill.ledger.policy import Policy
from waybill.ledger.rows import Fault, Nodes, Row, edge_root, stored
from waybill.ledger.source import Source
from waybill.ledger.tiles import WIDTH
from waybill.model.errors import InputError

STRETCH = WIDTH * WIDTH
"""Entries that one process checks at a time: what lies below one tile of level 1."""

Told = Callable[[int, int], None]
"""Told how many of how many entries are checked."""


@dataclass(slots=True)
class Verification:
    """What checking a log found."""

    place: str
    checkpoint: Checkpoint | None = None
    """What the log signed, if it did."""
    witnesses: dict[str, int] = field(default_factory=dict)
    """Who cosigned, and when (seconds since 1970)."""
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything is as it was signed."""
        return not self.faults


def verify(
    source: Source,
    policy: Policy,
    *,
    told: Told | None = None,
    processes: int | None = None,
    hashing: Hashing | None = None,
) -> Verification:
    """Check the log at ``source`` against its checkpoint, and that against ``policy``."""
    found = Verification(str(source))
    try:
        note = source.checkpoint()
        found.checkpoint = policy.check_log(note)
    except InputError as error:
        found.faults.append(Fault("checkpoint", None, error.what))
        return found
    try:
        found.witnesses = policy.check(note).witnesses
    except ProofError as error:
        found.faults.append(Fault("checkpoint", None, error.what))
    told, hashing = told or (lambda _done, _total: None), hashing or quickest(found.checkpoint.size)
    found.faults += _check_tree(source, found.checkpoint, told, processes, hashing)
    return found


def _check_tree(
    source: Source, checkpoint: Checkpoint, told: Told, processes: int | None, hashing: Hashing
) -> Iterator[Fault]:
    size, level = checkpoint.size, 0
    roots: list[bytes | None] = []
    edge: list[Row] = []
    for number, (below, edges, faults) in enumerate(_stretches(source, size, processes, hashing), 1):
        roots += below
        edge += edges
        yield from faults
        told(min(size, number * STRETCH), size)
    while roots:
        level += 1
        rows = [Row.upper(source, level, index, size, roots) for index in range(-(-len(roots) // WIDTH))]
        roots, edges, faults = _settle(source, rows, size, hashing)
        edge += edges
        yield from faults
    yield from _check_edge(edge, checkpoint)


Settled = tuple[list[bytes | None], list[Row], list[Fault]]
"""Roots of the full tiles among some, the tiles that are not full, and what is wrong."""


def _stretches(source: Source, size: int, processes: int | None, hashing: Hashing) -> Iterator[Settled]:
    """Check what lies below each tile of level 1, in several processes if there is enough to do."""
    numbers = range(-(-size // STRETCH))
    workers = min(len(numbers) // 2, processes or os.cpu_count() or 1)
    with ExitStack() as stack:
        run: Callable[..., Iterable[Settled]] = map
        if workers > 1:
            run = stack.enter_context(ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))).map
        yield from run(partial(_check_stretch, source, size, hashing), numbers)


def _check_stretch(source: Source, size: int, hashing: Hashing, number: int) -> Settled:
    last = -(-min(size, (number + 1) * STRETCH) // WIDTH)
    return _settle(
        source, (Row.lowest(source, index, size, hashing) for index in range(number * WIDTH, last)), size, hashing
    )


def _settle(source: Source, rows: Iterable[Row], size: int, hashing: Hashing) -> Settled:
    """Decide what the full tiles among ``rows``, all of one level, should be."""
    roots: list[bytes | None] = []
    edge: list[Row] = []
    faults: list[Fault] = []
    above: dict[int, Nodes | None] = {}
    for row in rows:
        if row.width < WIDTH:
            edge.append(row)
            continue
        parent, place = divmod(row.index, WIDTH)
        if parent not in above:
            above[parent] = stored(source, row.level + 1, parent, size)
        judges = above[parent]
        root, found = row.settle(judges[place * HASH_BYTES :][:HASH_BYTES] if judges else None, hashing)
        roots.append(root)
        faults += found
    return roots, edge, faults


def _check_edge(rows: list[Row], checkpoint: Checkpoint) -> Iterator[Fault]:
    """Check the tiles of the right edge, which have no tile above, by the root that they must give."""
    for chosen in itertools.product(*(row.choices for row in rows)):
        if edge_root(rows, chosen, checkpoint.size) == checkpoint.root:
            for row, nodes in zip(rows, chosen, strict=True):
                yield from row.faults(nodes)
            return
    for row in rows:
        yield from row.faults(None)
    yield Fault("checkpoint", None, f"the {checkpoint.size} entries do not give the root that was signed")
