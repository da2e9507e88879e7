"""What code can do, module by module: hosts it talks to, what it sends over, whose data it reads, what it starts.

Two states of a program are told apart by it. It is read from the facts of a full reading, and from the bytes of every
file that sends at all, since a fixed text that is sent holds no data to follow and is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from waybill.exposure.code.facts import FIXED, Danger, Module, Source
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.hosts import host_in
from waybill.exposure.code.program import CODE, MOST_BYTES, SCRIPTS, Code
from waybill.exposure.code.screening import Holds, imported, screen
from waybill.exposure.folders import content_of, shown, walk
from waybill.exposure.snapshots import NotInspected, Snapshot


class Kind(StrEnum):
    """What sort of thing code can do."""

    HOST = "host"
    """It names a host, in a file that sends."""
    SENDS = "sends"
    """It sends data, over what."""
    HANDS = "hands"
    """It hands data to where they can do harm: a statement of SQL, a page, a file."""
    READS = "reads"
    """It reads the personal data of many, or what people type."""
    STARTS = "starts"
    """It starts a program."""
    CIPHERS = "ciphers"
    """It uses cryptography."""


@dataclass(frozen=True, slots=True, order=True)
class Capability:
    """One thing that a module can do."""

    file: str
    kind: Kind
    what: str


Shown = Mapping[Capability, str]
"""Capabilities, each with the line that shows it."""


class Drift(Snapshot):
    """What a program can do now beyond what it could. Parts: ``before`` and ``now`` (``Shown``), ``flows``, ``known``.

    ``flows`` are the ways of personal data out of the program now; ``known`` are those of before, as ``meeting`` has
    them.
    """

    channel: ClassVar[str] = "code"

    @property
    def fresh(self) -> Iterator[tuple[Capability, str, tuple[str, ...]]]:
        """Capabilities that a module had not, with the line, and with other files that could do the same before."""
        before: Shown = self.part("before")
        now: Shown = self.part("now")
        elsewhere: dict[tuple[Kind, str], list[str]] = {}
        for one in sorted(before):
            elsewhere.setdefault((one.kind, one.what), []).append(one.file)
        for one in sorted(now.keys() - before.keys()):
            yield one, now[one], tuple(elsewhere.get((one.kind, one.what), ()))

    @property
    def meetings(self) -> Iterator[Flow]:
        """Ways of personal data to a host that the program did not know, or newly to one that nothing names."""
        before: Shown = self.part("before")
        hosts = {one.what for one in before if one.kind is Kind.HOST}
        known: frozenset[tuple[str, str, str]] = self.part("known")
        flows: list[Flow] = self.part("flows")
        for flow in flows:
            if meeting(flow) not in known and flow.exit.host not in hosts:
                yield flow


def meeting(flow: Flow) -> tuple[str, str, str]:
    """Return by what a way out is known again in another state of the program: whose data, from which file, whereto."""
    return flow.what, flow.exit.file, flow.exit.host


def capabilities_of(code: Code, root: Path) -> dict[Capability, str]:
    """Return what the code below a folder can do; what could not be read is told by its reader already."""
    found: dict[Capability, str] = {}
    modules: Mapping[str, Module] = code.part("modules")
    for file, module in modules.items():
        for kind, what, line in _of_facts(module):
            found.setdefault(Capability(file, kind, what), f"{file}:{line}")
    for flow in code.departures:
        if flow.exit.host:
            found.setdefault(
                Capability(flow.exit.file, Kind.HOST, flow.exit.host), f"{flow.exit.file}:{flow.exit.line}"
            )
    for one in walk(root):
        if isinstance(one, NotInspected) or not one.is_file or not one.name.endswith(CODE):
            continue
        name = Path(one.path).relative_to(root).as_posix()
        try:
            content = content_of(Path(one.path), MOST_BYTES, shown(name))
        except NotInspected:
            continue
        for kind, what, line in _of_bytes(content, name):
            found.setdefault(Capability(shown(name), kind, what), f"{shown(name)}:{line}")
    return found


_SENT = frozenset({Source.PERSONS, Source.FIELDS})


def _of_facts(module: Module) -> Iterator[tuple[Kind, str, int]]:
    for function in module.functions:
        for read in function.reads:
            if read.kind in _SENT:
                yield Kind.READS, read.what, read.line
        for sink in function.sinks:
            if sink.danger in FIXED or sink.danger is Danger.GUESSED:
                yield Kind.CIPHERS, sink.callee, sink.line
            elif sink.danger is Danger.COMMAND or sink.over == "a program":
                yield Kind.STARTS, f"{sink.callee} {_program(sink.texts)}".strip(), sink.line
            elif sink.danger is Danger.EGRESS:
                yield Kind.SENDS, sink.over, sink.line
                if host := host_in(sink.texts):
                    yield Kind.HOST, host, sink.line
            else:
                yield Kind.HANDS, str(sink.danger), sink.line


def _program(texts: list[str]) -> str:
    """Return the name of the program that a command begins with."""
    words = texts[0].split() if texts else []
    return words[0].rpartition("/")[2] if words else ""


_ADDRESS = re.compile(rb"\b(?:https?|wss?|ftps?)://(?:[^\s/@\"']{0,64}@)?([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+)")
_STARTED = re.compile(
    rb"\b(subprocess\.\w+|os\.(?:system|popen)|exec(?:Sync|File|FileSync)?|spawn(?:Sync)?)\(\s{0,9}\[?\s{0,9}"
    rb"[\"'`]([\w./-]{1,200})"
)
_CIPHERS = frozenset(
    {"hashlib", "hmac", "ssl", "secrets", "cryptography", "Crypto", "Cryptodome", "nacl", "OpenSSL", "jwt", "jose",
     "rsa", "ecdsa", "bcrypt", "argon2", "passlib", "pyzipper", "gnupg", "crypto", "node:crypto", "crypto-js",
     "node-forge", "tweetnacl", "libsodium-wrappers", "jsonwebtoken", "sjcl", "openpgp", "bcryptjs"}
)  # fmt: skip
"""Packages of cryptography, as imports begin."""


def _of_bytes(content: bytes, name: str) -> Iterator[tuple[Kind, str, int]]:
    """Yield what the bytes of a file show."""
    is_script = name.endswith(SCRIPTS)
    for full in imported(content, name, is_script=is_script):
        package = full.partition("/")[0] if is_script else full.partition(".")[0]
        if package in _CIPHERS:
            at = content.find(package.encode())
            yield Kind.CIPHERS, package, content.count(b"\n", 0, max(0, at)) + 1
    if Holds.EGRESS not in screen(content, is_script=is_script):
        return
    for match in _ADDRESS.finditer(content):
        yield Kind.HOST, match[1].decode().lower(), content.count(b"\n", 0, match.start()) + 1
    for match in _STARTED.finditer(content):
        program = match[2].decode().rpartition("/")[2]
        yield Kind.STARTS, f"{match[1].decode()} {program}", content.count(b"\n", 0, match.start()) + 1
