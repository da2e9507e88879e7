"""Calls that end in time, whatever they wait for: a socket on which a byte comes every second, a name look-up, a child.

Time limits of libraries hold for one read, not for the whole. A call that is late is left to itself, in a thread that
keeps no process alive; what becomes of it nobody knows, so whoever made it looks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from waybill.control import close_database
from waybill.respond.acting import ConnectorError

Result = TypeVar("Result")


class LateError(ConnectorError):
    """A connector did not come to an end in time; what it was asked may yet happen."""


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what a call returns, or raise what it raises. Raises LateError after so many seconds."""
    results: list[Result] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as fault:  # noqa: BLE001  it is raised again where somebody waits for it
            faults.append(fault)
        finally:
            close_database()

    thread = threading.Thread(target=work, name="connector", daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not results:
        raise LateError(f"it did not come to an end within {seconds:g} s, and was left to itself")
    return results[0]
