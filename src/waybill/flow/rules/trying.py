"""Rules tried on what is stored for somebody who looks at a page: beside the answers, in a process of its own.

It reads much of the lake, so there is one at a time, which stands back behind all else. What comes of it stays in the
memory of whoever asked for it, for a while: it quotes findings, and nothing is kept of those.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from waybill.flow.installation import Installation
from waybill.model.errors import BusyError, WaybillError

if TYPE_CHECKING:
    from waybill.flow.rules.backtest import Backtest

KEEP_SECONDS = 900.0
"""How long what came of it is shown."""

NICENESS = 10
"""How far it stands back (nice(2))."""

TELL_SECONDS = 0.5
"""Time between two words on how far it is."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule over some days: how far it is, or what came of it."""

    rule: str
    days: int
    begun: float
    """On the clock of this machine (time.monotonic)."""
    looked: int = 0
    """Transfers that were looked at."""
    over: bool = False
    result: Backtest | None = None
    """None while it is under way, and where it did not work or the rule is gone."""
    problem: str = ""
    """Why it did not work."""


class Trials:
    """What was tried for this process; for several threads."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._trials: dict[tuple[str, int], Trial] = {}
        self._lock = threading.Lock()

    def begin(self, rule: str, file: Path, days: int) -> None:
        """Begin to try a rule of a file over so many days; nothing happens if that is under way.

        Raises BusyError while another one is tried.
        """
        trial = Trial(rule, days, time.monotonic())
        with self._lock:
            under_way = [one for one in self._trials.values() if not one.over]
            if any((one.rule, one.days) == (rule, days) for one in under_way):
                return
            if under_way:
                raise BusyError("another rule is being tried", advice="try again in a moment")
            self._trials[rule, days] = trial
        threading.Thread(target=self._follow, args=(trial, file), daemon=True).start()

    def of(self, rule: str, days: int) -> Trial | None:
        """Return how a trial stands; None if there was none of late."""
        with self._lock:
            late = time.monotonic() - KEEP_SECONDS
            self._trials = {key: one for key, one in self._trials.items() if one.begun > late or not one.over}
            return self._trials.get((rule, days))

    def _follow(self, trial: Trial, file: Path) -> None:
        """Run a trial in a process and take what it tells, until it is over or gone."""
        here, there = multiprocessing.Pipe(duplex=False)
        arguments = (self._data, trial.rule, file, trial.days, there)
        process = multiprocessing.get_context("spawn").Process(target=_try, args=arguments, daemon=True)
        process.start()
        there.close()
        told: int | Backtest | str | None = "the process ended before it was done"
        try:
            while isinstance(told := here.recv(), int):
                self._note(replace(trial, looked=told))
        except EOFError:
            told = "the process ended before it was done"
        result, problem = (None, told) if isinstance(told, str) else (told, "")
        self._note(replace(trial, over=True, result=result, problem=problem))
        process.join()

    def _note(self, trial: Trial) -> None:
        with self._lock:
            self._trials[trial.rule, trial.days] = trial


def _try(data: Path, rule: str, file: Path, days: int, there: Connection) -> None:
    """Try a rule and tell how far it is, then what came of it; ends when nobody listens any more."""
    from waybill.flow.rules.backtest import backtest

    os.nice(NICENESS)
    looked, told = 0, time.monotonic()

    def progress(count: int) -> None:
        nonlocal looked, told
        looked += count
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            there.send(looked)

    try:
        report = backtest(
            Installation.open(data), [file], since=datetime.now(UTC) - timedelta(days=days), progress=progress
        )
        there.send(next((one for one in report.rules if one.id == rule), None))
    except WaybillError as error:
        there.send(error.what)
    except BrokenPipeError:
        pass
