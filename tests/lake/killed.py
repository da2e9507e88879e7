"""What a process does until it is killed: append, and now and then commit, compact or retain."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from tests.lake.samples import batch

from waybill.lake import Lake, table

ROWS = 10
CUT = datetime(2026, 11, 3, tzinfo=UTC)


def work(folder: Path, first: int, ready: Connection) -> None:
    """Append batches with seeds from ``first`` on and write each acknowledged seed to the file ``said``."""
    table.CHECKPOINT_EVERY = 5
    chance = random.Random(first)
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    lake = Lake.open(folder / "lake")
    ready.send(True)
    for seed in range(first, first + 10_000):
        lake.append(batch(ROWS, seed))
        os.write(said, b"%d\n" % seed)
        what = chance.random()
        if what < 0.3:
            lake.commit()
        elif what < 0.4:
            lake.compact()
        elif what < 0.45:
            lake.retain(CUT)
