"""TLS endpoints: what they offer. sslscan (a program of its own) asks; only addresses that are named are asked."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar
from xml.parsers import expat

from waybill.exposure.crypto.quantum import speaks
from waybill.exposure.crypto.strength import protocol
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.errors import InputError, UsageError
from waybill.model.findings import Position

SECONDS = 120
"""To wait for sslscan."""

_ADDRESS = re.compile(r"tls://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})")


class Endpoint(Snapshot):
    """Parts by their names in ``parts``."""

    channel: ClassVar[str] = "network"

    @property
    def protocols(self) -> tuple[str, ...]:
        """Protocols it speaks."""
        return tuple(self.part("protocols"))

    @property
    def withstands(self) -> bool:
        """Whether it exchanges keys that withstand a quantum computer, where a client can."""
        return bool(self.part("post-quantum"))

    @property
    def suites(self) -> tuple[str, ...]:
        """Cipher suites it accepts."""
        return tuple(self.part("suites"))


def ask(target: str) -> Iterator[Endpoint | NotInspected]:
    """Ask an endpoint what it offers."""
    match = _ADDRESS.fullmatch(target)
    if match is None:
        raise InputError("this is no address", where=target, expected="tls://HOST:PORT")
    program = shutil.which("sslscan")
    if program is None:
        raise UsageError("asking an endpoint needs sslscan", advice="install it (Debian: sslscan), or read its XML")
    command = [program, "--no-colour", "--xml=-", f"{match[1]}:{match[2]}"]
    try:
        said = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).stdout  # noqa: S603
    except subprocess.TimeoutExpired:
        yield NotInspected(target, f"no answer within {SECONDS} s")
        return
    found = list(parse(said, "sslscan")) if said.strip() else []
    for one in found:
        yield replace(one, parts={**one.parts, "post-quantum": _quantum(match[1], int(match[2]))})
    if not found:
        yield NotInspected(target, "it cannot be reached, or speaks no TLS")


def _quantum(host: str, port: int) -> bool | Unread:
    try:
        return speaks(host, port)
    except NotInspected as gap:
        return Unread(gap.why)


def parse(content: bytes, file: str) -> Iterator[Endpoint]:
    """Yield the endpoints in sslscan's XML; raise ``InputError`` if it is none."""
    endpoints: list[dict[str, Any]] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        if name == "ssltest":
            endpoints.append({"host": attributes.get("host"), "port": attributes.get("port")})
            endpoints[-1] |= {"protocols": [], "suites": []}
        elif endpoints and name == "protocol" and attributes.get("enabled") == "1":
            endpoints[-1]["protocols"].append(_protocol(attributes))
        elif endpoints and name == "cipher" and attributes.get("status") != "rejected":
            endpoints[-1]["suites"].append(attributes.get("cipher", ""))

    def refuse(*_: Any) -> None:
        raise InputError("the file defines entities, which no report does", where=file)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EntityDeclHandler = started, refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise InputError(
            f"the file is no XML: {error}", where=file, expected="what `sslscan --xml=FILE` writes"
        ) from None
    for number, one in enumerate(endpoints, 1):
        names = (str(one["host"]), f"{one['host']}:{one['port']}")
        yield Endpoint(f"tls://{one['host']}:{one['port']}", Position("sslscan", file, number), names, one)


def _protocol(attributes: dict[str, str]) -> str:
    kind = {"ssl": "SSLv", "tls": "TLSv"}.get(attributes.get("type", ""), "")
    return protocol(f"{kind}{attributes.get('version', '')}")
