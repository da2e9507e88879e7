"""What a process does until it is killed: append, and now and then sign."""

from __future__ import annotations

import os
import random
from multiprocessing.connection import Connection
from pathlib import Path

from tests.ledger.making import entries, open_log, size_of

MOST = 400


def work(folder: Path, seed: int, ready: Connection) -> None:
    """Append, sign, and write what was promised to the file ``said``, a line each."""
    chance = random.Random(seed)
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with open_log(folder / "log") as log:
        ready.send(True)
        while True:
            log.append(entries(log.size, log.size + chance.randint(1, MOST)))
            os.write(said, b"added %d\n" % log.size)
            if chance.random() < 0.5:
                note = log.checkpoint()
                root = note.text.split("\n")[2]
                os.write(said, f"signed {size_of(note)} {root}\n".encode())
