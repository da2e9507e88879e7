"""Memory that is kept while much is read is given back behind it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from waybill.flow import memory


def test_memory_is_kept_inside_the_block_only() -> None:
    usual = pa.default_memory_pool().backend_name
    with memory.kept():
        assert pa.default_memory_pool().backend_name == "system"
        table = pa.table({"a": pa.array(range(100_000))})
    assert pa.default_memory_pool().backend_name == usual
    assert table["a"][99_999].as_py() == 99_999


def test_a_fault_inside_ends_it_too() -> None:
    usual = pa.default_memory_pool().backend_name
    with pytest.raises(ValueError, match="broken"), memory.kept():
        raise ValueError("broken")
    assert pa.default_memory_pool().backend_name == usual


def test_without_the_gnu_library_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = pa.default_memory_pool().backend_name
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    with memory.kept():
        assert pa.default_memory_pool().backend_name == usual
