"""One event of the Linux audit system from its lines: system call, program, arguments, paths.

Lines of one event share ``msg=audit(time:serial)`` and reach this module joined: ``type`` and ``body`` hold the values
of all lines. `read` gives their fields by the names that auditd has, which are Sigma's too; values of several lines are
joined. Values that may hold any byte are written in hexadecimal where they hold a quote, a space or a control
character; here they are texts. Names that end in capitals (``AUID="li.na"``) are auditd's own translations of numbers.

Formats: https://github.com/linux-audit/audit-documentation/wiki.
"""

from __future__ import annotations

import re
from itertools import cycle
from typing import Any

from waybill.collect.masking import without_secrets
from waybill.model.transfers import SEPARATOR

Record = dict[str, Any]
Fields = dict[str, list[str]]

_PAIR = re.compile(r"(?<![\w-])([A-Za-z_][\w-]*+)=(?:\"([^\"]*+)\"|'([^']*+)'?|([^\s\"'\x1d]*+))")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})++")
_ARGUMENT = re.compile(r"a\d+(?:\[\d+\])?")

_ANY_BYTES = frozenset(
    ("proctitle", "name", "comm", "exe", "cwd", "path", "acct", "cmd", "data", "dir", "file", "key", "vm", "saddr_path")
)
"""Fields whose unquoted values are hexadecimal."""

_NO_VALUE = frozenset(("?", "(null)", "(none)", "unset", "4294967295"))

_FLAGS = {"open": "a1", "openat": "a2"}
"""Argument that holds the flags."""

_VOLUME = re.compile(r"/(?:run/)?media/(?:[^/]+/)?[^/]+(?=/)")
"""Where desktops mount what is plugged in: below the user's name, or not."""

CALLS = {"2": "open", "257": "openat", "59": "execve", "322": "execveat", "221": "execve", "281": "execveat"}
"""Numbers of the calls that matter most, on x86-64 (programs also on arm64), where auditd did not translate them."""


def read(record: Record) -> Record:
    """Return the record with the fields of all its lines."""
    types = record.get("type", "").split(SEPARATOR)
    bodies = record.pop("body", "").split(SEPARATOR)
    found: Fields = {}
    for kind, body in zip(types if len(types) == len(bodies) else cycle(types), bodies, strict=False):
        _add(found, kind, body)
    for name, values in found.items():
        record.setdefault(name, SEPARATOR.join(values))
    _describe(record, found)
    return record


def _add(found: Fields, kind: str, body: str) -> None:
    for name, double, single, plain in _PAIR.findall(body):
        if single and "=" in single:
            _add(found, kind, single)  # what a program says in its own words: msg='op=… acct="…"'
            continue
        value = double or single or _decoded(name, plain, kind)
        if value and value not in _NO_VALUE:
            found.setdefault(name, []).append(value)


def _decoded(name: str, value: str, kind: str) -> str:
    """Return the text behind a value that is written in hexadecimal."""
    arguments = kind == "EXECVE" and _ARGUMENT.fullmatch(name)
    if not (name in _ANY_BYTES or arguments) or not _HEX.fullmatch(value):
        return value
    return bytes.fromhex(value).replace(b"\0", b" ").decode(errors="replace").rstrip()


def _describe(record: Record, found: Fields) -> None:
    """Add what ran and what it touched, by the names of Sigma's process_creation and file_event."""
    call = record.get("SYSCALL") or CALLS.get(record.get("syscall", ""), "")
    if call:
        record["SYSCALL"] = call
    if "proctitle" in record:
        record["proctitle"] = without_secrets(record["proctitle"])
    arguments = _arguments(record, found)
    path = _path(found)
    described = {
        "Image": record.get("exe", ""),
        "CommandLine": " ".join(arguments) or (record.get("proctitle", "") if call.startswith("execve") else ""),
        "CurrentDirectory": record.get("cwd", ""),
        "User": next(iter(found.get("UID", [])), ""),
        "waybill.object": path,
        "waybill.volume": volume[0] if (volume := _VOLUME.match(path)) else "",
        "waybill.access": _access(call, found),
        "TargetFilename": path if "CREATE" in found.get("nametype", ()) else "",
    }
    record.update({name: value for name, value in described.items() if value})


def _access(call: str, found: Fields) -> str:
    """Return whether a file was opened to be read or written: the lowest two bits of the flags of open(2)."""
    flags = found.get(_FLAGS.get(call, ""), [""])[0]
    if not flags:
        return ""
    return "write" if flags[-1] in "12569abdeABDE" else "read"


def _arguments(record: Record, found: Fields) -> list[str]:
    """Return the arguments of EXECVE in order, secrets masked; SYSCALL has an ``a0`` to ``a3`` of its own before."""
    if "EXECVE" not in record.get("type", "").split(SEPARATOR):
        return []
    names = sorted((name for name in found if re.fullmatch(r"a\d+", name)), key=lambda name: int(name[1:]))
    count = int(record["argc"]) if record.get("argc", "").isdecimal() else len(names)
    for name in names:
        found[name] = [without_secrets(value) for value in found[name]]
        record[name] = SEPARATOR.join(found[name])
    return [found[name][-1] for name in names[:count]]


def _path(found: Fields) -> str:
    """Return the file that a call was about: the last path that is no parent folder, below the working folder."""
    kinds = found.get("nametype", [])
    names = found.get("name", [])
    own = [name for name, kind in zip(names, kinds, strict=False) if kind != "PARENT"] or names
    if not own:
        return ""
    folder = next(iter(found.get("cwd", [])), "")
    return own[-1] if own[-1].startswith("/") or not folder else f"{folder.rstrip('/')}/{own[-1]}"
