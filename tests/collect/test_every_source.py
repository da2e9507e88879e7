"""Every built-in source: its benchmark measures it, and no other source takes its files for its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.source_lines import SOURCES, lines
from tests.collect.samples import read_bytes, rejected, rows

from waybill.collect import built_in_mappings

BUILT_IN = [mapping.name for mapping in built_in_mappings()]


def test_the_benchmark_knows_every_source() -> None:
    assert sorted(SOURCES) == sorted(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_file_is_read_by_its_own_source(name: str, tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"\n".join(lines(name, 60)) + b"\n")
    assert rejected(found) == []
    assert [row["source"] for row in rows(found)] == [name] * 60
    assert all(row["time"].year == 2026 and row["action"] for row in rows(found))
