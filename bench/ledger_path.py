"""From rows of the outbox to a published checkpoint, and what the ledger adds to the work of reading logs."""

from __future__ import annotations

import resource
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from bench import events
from bench.scoreboard import Row, row
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest

ROWS = 100_000
PEOPLE = 2_000
REPEATS = 3
EVENTS = 300_000


def measure_path(home: Path, bulk: float | None) -> Iterator[Row]:
    """Return the figures; ``bulk`` is what pymerkle's SQLite tree does in bulk with bare entries."""
    runs = [_sequenced(home / f"path{number}") for number in range(REPEATS)]
    rate, work = max(run[0] for run in runs), max(run[1] for run in runs)
    what = "records of four groups, from the outbox to a published checkpoint"
    yield row(what, rate, "records/s", at_least=20_000)
    yield row(f"{what}, by processor time", work, "records/s", at_least=20_000)
    if bulk:
        yield row(what, rate, "records/s", peer="pymerkle SQLite, in bulk, bare entries", peer_value=bulk)
    share = _share(home / "share")
    yield row("processor time that the ledger adds, after the answer, to that of reading logs", 100 * share, "%")


def _sequenced(root: Path) -> tuple[float, float]:
    """Return records a second, by the clock and by processor time."""
    installation = Installation.open(root, create=True)
    from django.db import transaction

    from waybill.flow.proof.sequencing import sequence
    from waybill.outbox.adding import Record, add_all
    from waybill.outbox.kinds import Kind

    people = [f"p-{secrets.token_hex(8)}" for _ in range(PEOPLE)]
    with transaction.atomic():
        add_all(
            Record(
                Kind.DECISION,
                f"{number:032x}",
                {
                    "what": {"finding": f"{number:032x}", "before": "new", "after": "in_progress"},
                    "who": {"by": "duty officer"},
                    "when": {"time": "2026-03-02T09:00:00Z"},
                    "decision": {"reason": "the owner was asked and had not heard of it"},
                },
                people[number % PEOPLE],
            )
            for number in range(ROWS)
        )
    start, work = time.perf_counter(), time.process_time()
    done = sequence(installation)
    seconds, busy = time.perf_counter() - start, time.process_time() - work
    if done.size != ROWS:
        raise AssertionError(f"{done.size} of {ROWS} records are under the checkpoint")
    return ROWS / seconds, ROWS / busy


def _share(root: Path) -> float:
    """Return the processor time of sequencing what was read, as a share of that of reading it."""
    root.mkdir()
    events.write_ndjson(root / "day.ndjson", EVENTS)
    installation = Installation.open(root / "data", create=True)
    from waybill.flow.proof.sequencing import sequence

    before = _busy()
    ingest(installation, [root / "day.ndjson"], installation.plan(), workers=1, progress=lambda count: None)
    between = _busy()
    sequence(installation)
    return (_busy() - between) / (between - before)


def _busy() -> float:
    """Return the processor time of this process and of those it started, in seconds."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
