"""Closes connections on which nothing comes any more, so that silent clients do not use up what others need.

The HTTP server bounds the time for the head of a request but not for its body, and a thread waits for that. The
kernel knows when each connection last brought something (``TCP_INFO``, tcp(7)). What is closed here ends as a body
that was cut off.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")
_LAST_RECEIVED = struct.Struct("=52xI")
"""``tcpi_last_data_recv`` in ``struct tcp_info``, milliseconds."""

_ESTABLISHED = 1


def close_silent(seconds: float, port: int) -> int:
    """Close this process's connections to ``port`` on which nothing came for so long; returns how many."""
    closed = 0
    for entry in list(_DESCRIPTORS.iterdir()):
        with suppress(OSError):  # it was closed while we looked
            if stat.S_ISSOCK(entry.stat().st_mode):
                with socket.socket(fileno=os.dup(int(entry.name))) as one:
                    closed += _close_if_silent(one, seconds, port)
    return closed


def watch(seconds: float, port: int, is_working: Callable[[float], bool]) -> None:
    """Look again and again, but not while an answer takes long: which client waits for it, nobody can tell here."""
    pause = min(1.0, seconds / 4)
    while True:
        time.sleep(pause)
        if not is_working(seconds - 2 * pause):
            close_silent(seconds, port)


def _close_if_silent(one: socket.socket, seconds: float, port: int) -> bool:
    if one.family not in {socket.AF_INET, socket.AF_INET6} or one.getsockname()[1] != port:
        return False
    info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_RECEIVED.size)
    (silent,) = _LAST_RECEIVED.unpack(info)
    if info[0] != _ESTABLISHED or silent < seconds * 1000:
        return False
    one.shutdown(socket.SHUT_RDWR)
    return True
