"""What a process does until it is killed: store, decide, read logs, and sequence."""

from __future__ import annotations

import itertools
import json
import os
import random
from multiprocessing.connection import Connection
from pathlib import Path

from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest


def work(root: Path, seed: int, ready: Connection) -> None:
    """Work on the data folder in ``root``; what was promised goes to the file ``said``, a line each."""
    chance = random.Random(seed)
    said = os.open(root / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    installation = Installation.open(root / "data", create=True)
    from tests.findings.samples import finding

    from waybill.findings import handling
    from waybill.findings.states import FindingState
    from waybill.findings.store import DatabaseFindingStore
    from waybill.flow.proof.sequencing import sequence

    store, log = DatabaseFindingStore(), root / "day.ndjson"
    ready.send(True)
    for turn in itertools.count():
        number = seed * 1000 + turn
        found = [
            finding(number + 100_000 * part, subject=f"p-person{part:04d}") for part in range(chance.randint(1, 4))
        ]
        store.commit("d", found, {}, store.cursor("d"))
        os.write(said, "".join(f"finding {one.id}\n" for one in found).encode())
        handling.set_state([found[0].id], FindingState.IN_PROGRESS, who="me", reason="r")
        os.write(said, f"decision {found[0].id}\n".encode())
        if chance.random() < 0.3:
            event = {"time": "2026-03-04T09:00:00Z", "action": "read", "channel": "file", "request": number}
            log.write_text(json.dumps(event) + "\n")
            ingest(installation, [log], installation.plan(), workers=0, progress=lambda count: None)
            os.write(said, b"transfer\n")
        if chance.random() < 0.6:
            sequence(installation)
