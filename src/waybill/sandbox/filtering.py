"""System calls that a process refuses itself, so that code which takes it over reaches neither network nor programs.

A filter of Linux (seccomp, mode 2) is a program of the classic Berkeley Packet Filter over the number of the call: here
it answers EPERM to a few of them and lets the rest pass. It is a second wall behind the limits: what it refuses, no
parser needs. Where the kernel or the machine knows no such filter, the process runs without it.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import signal
import struct

_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 43, 49, 50, 59, 62, 101, 165, 288, 310, 311, 322, 425)),
    "aarch64": (0xC00000B7, (198, 203, 202, 200, 201, 221, 129, 117, 40, 242, 270, 271, 281, 425)),
}
"""By machine: its audit number, and its numbers of socket, connect, accept, bind, listen, execve, kill, ptrace, mount,
accept4, process_vm_readv, process_vm_writev, execveat and io_uring_setup."""

_PARENT_DEATH, _NO_NEW_PRIVILEGES, _SECCOMP = 1, 38, 22  # prctl(2)
_FILTER_MODE = 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
_X32 = 0x40000000
"""From this number on, x86-64 takes its calls a second time."""


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def refuse_calls() -> bool:
    """Refuse network, programs and other processes to this process from now on; return whether the kernel does.

    The process also ends when its parent does.
    """
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    machine = _CALLS.get(platform.machine())
    if machine is None or prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    code = _program(*machine)
    program = _Program(len(code) // 8, code)
    return bool(prctl(_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def _program(audit: int, calls: tuple[int, ...]) -> bytes:
    """Return the filter: calls of another machine or by other numbers are refused, then these; the rest is allowed."""
    count = len(calls)
    steps = [(_LOAD, 0, 0, 4), (_EQUALS, 0, count + 3, audit), (_LOAD, 0, 0, 0), (_AT_LEAST, count + 1, 0, _X32)]
    # A jump of 0 goes on to the next step; a call that is refused jumps behind the last comparison and ALLOW.
    steps += [(_EQUALS, count - place, 0, call) for place, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
