"""Twice what the service can take, for minutes: memory stays bounded, agents are told to wait, nothing is lost."""

from __future__ import annotations

import pytest
from bench.overload import measure


@pytest.mark.soak
def test_twice_the_capacity() -> None:
    assert [row for row in measure() if not row.met] == []
