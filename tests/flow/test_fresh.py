"""Answers that are kept: made once for many who ask, anew when they are old, and told wrong where making them fails."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from waybill.flow import fresh
from waybill.flow.fresh import Fresh
from waybill.model.errors import UsageError


class Costly:
    """Something that is made again and again."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self) -> int:
        """Make it."""
        self.gate.wait(10)
        if self.fails:
            raise UsageError("no")
        self.made += 1
        return self.made


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time go on."""
    now = time.monotonic() + seconds
    monkeypatch.setattr("waybill.flow.fresh.time.monotonic", lambda: now)


def test_many_who_ask_at_once_wait_for_one_answer() -> None:
    costly = Costly()
    costly.gate.clear()
    answer = Fresh(costly)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(answer.get) for _ in range(8)]
        costly.gate.set()
        assert {one.result() for one in asked} == {1}
    assert answer.get() == costly.made == 1


def test_who_asks_gets_the_old_answer_while_a_new_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    costly = Costly()
    answer = Fresh(costly)
    assert answer.get() == 1
    costly.gate.clear()
    later(monkeypatch, fresh.SOON_SECONDS + 1)
    assert answer.get() == answer.get() == 1
    costly.gate.set()
    for _ in range(500):
        if costly.made == 2:
            break
        threading.Event().wait(0.01)
    assert costly.made == 2


def test_an_answer_that_is_very_old_is_made_anew_first(monkeypatch: pytest.MonkeyPatch) -> None:
    costly = Costly()
    answer = Fresh(costly)
    answer.get()
    later(monkeypatch, fresh.STALE_SECONDS + 1)
    assert answer.get() == 2


def test_a_failure_is_told_and_does_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    costly = Costly()
    costly.fails = True
    answer = Fresh(costly)
    with pytest.raises(UsageError):
        answer.get()
    costly.fails = False
    assert answer.get() == 1
    costly.fails = True
    later(monkeypatch, fresh.SOON_SECONDS + 1)
    assert answer.get() == 1
