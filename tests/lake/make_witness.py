"""Make the data folder that later versions must be able to open.

Run ``python -m tests.lake.make_witness /tmp/witness`` and copy what it made to ``tests/lake/data``, without the
locks: the table remembers where it was made, and that should tell nothing about anybody.

It holds two files of the table in different months, and two entries of the log. Run it once per format of the folder
and keep what it made; a test opens it for ever after.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from tests.lake.samples import batch

from waybill.lake import Lake

COMMITTED = ((15, 1), (15, 2))
WAITING = ((15, 3), (15, 1))
"""Rows and seed of each batch; the last one repeats the first and must be recognised."""


def transfers(rows: int, seed: int) -> pa.Table:
    """Return one batch of the witness."""
    return batch(rows, seed, start=datetime(2026, 10, 20 if seed == 1 else 10, tzinfo=UTC), days=20)


def main(folder: Path) -> None:
    """Make the folder."""
    lake = Lake.open(folder)
    for rows, seed in COMMITTED:
        lake.append(transfers(rows, seed))
        lake.commit()
    for rows, seed in WAITING:
        lake.append(transfers(rows, seed))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
