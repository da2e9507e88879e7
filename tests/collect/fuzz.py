"""Feeds made-up files to the collectors: ``python -m tests.collect.fuzz SECONDS [FOLDER]``.

With Atheris (coverage-guided, libFuzzer below) where it is installed, else with plain mutation of the samples. Whatever
the bytes are, collecting them must not fail, and what cannot be read must be told with reason and expectation.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:  # it has no wheel for every Python
    atheris = None

_watched: Any = nullcontext()
if atheris is not None and __name__ == "__main__":
    _watched = atheris.instrument_imports(include=["waybill.collect"])

with _watched:
    from tests.collect.samples import event, ndjson, plan
    from tests.collect.text_samples import SAMPLES

    from waybill.collect import recollect

PLAN = plan(record_bytes=4096, chunk_bytes=2048)


def one(data: bytes) -> None:
    """Collect some bytes as a file and check what came of it."""
    for batch in recollect([("fuzz.log", 1, data)], PLAN):
        assert all(position >= 1 for position in batch.transfers["position"].to_pylist())
        assert all(record.reason and record.expected for record in batch.rejected)
        assert batch.transfers["id"].null_count == 0


def seeds() -> list[bytes]:
    """Return good files of every source, to begin with."""
    return [ndjson([event(1), event(2)]), *(sample.content * 2 for sample in SAMPLES.values())]


def by_coverage(seconds: int, folder: Path) -> None:
    """Fuzz with Atheris; ends the process. Inputs that fail are left in ``folder``."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=30", "-rss_limit_mb=4096", "-verbosity=0"]
    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={folder}/", *options], one)
    atheris.Fuzz()


def by_mutation(seconds: int, folder: Path) -> None:
    """Fuzz by changing, cutting, doubling and mixing the samples."""
    chance, good, end = random.Random(seconds), seeds(), time.monotonic() + seconds
    while time.monotonic() < end:
        data = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 9)):
            place = chance.randrange(len(data) + 1)
            other = chance.choice(good)
            start = chance.randrange(len(other))
            data[place : place + chance.choice((0, 1, 9))] = chance.choice(
                (
                    bytes([chance.randrange(256)]),
                    other[start : start + 40],
                    b"",
                    b'"',
                    b"\n",
                    data[place : place + 30] * 3,
                )
            )
        try:
            one(bytes(data))
        except BaseException:
            (folder / "crash-mutation").write_bytes(data)
            raise


def main() -> None:
    """Fuzz for as long as asked."""
    seconds = int(sys.argv[1])
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="waybill-fuzz-"))
    fuzz = by_mutation if atheris is None else by_coverage
    fuzz(seconds, folder)


if __name__ == "__main__":
    main()
