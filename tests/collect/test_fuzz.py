"""Minutes of fuzzing in ``make soak``; an hour with ``WAYBILL_FUZZ_SECONDS=3600 make soak``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.collect import fuzz


def test_the_seeds_themselves_are_accounted_for() -> None:
    for seed in fuzz.seeds():
        fuzz.one(seed)


def test_mutations_for_a_second(tmp_path: Path) -> None:
    fuzz.by_mutation(1, tmp_path)


@pytest.mark.soak
def test_no_input_makes_collecting_fail(tmp_path: Path) -> None:
    seconds = int(os.environ.get("WAYBILL_FUZZ_SECONDS", "180"))
    command = [sys.executable, "-m", "tests.collect.fuzz", str(seconds), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 300, check=False)
    left = [file.name for file in tmp_path.iterdir() if file.is_file()]
    assert (done.returncode, left) == (0, []), done.stderr[-4000:]
