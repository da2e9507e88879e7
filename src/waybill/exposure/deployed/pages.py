"""Pages as a browser received them: which scripts they loaded, whom they talked to, which headers protect them.

Read from a HAR that a browser saved, or loaded now in Chromium (extra ``pages``). Hashes alone are too noisy: makers
change their scripts every week. So of a script it is also kept what it does: which hosts it names, whether it reads
what people type, whether it sends (PCI DSS 4.0.1, 6.4.3 and 11.6.1).
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from waybill.exposure.deployed.manifest import Manifest, Script
from waybill.exposure.documents import entries, read_json
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.errors import InputError
from waybill.model.findings import Position

INLINE = "inline"
HEADERS = (
    "content-security-policy", "content-security-policy-report-only", "strict-transport-security",
    "x-content-type-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy",
    "cross-origin-embedder-policy", "x-frame-options",
)  # fmt: skip
"""Headers that protect a page where it is received."""

_HOST = re.compile(r"(?:https?:|wss?:)?//((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})(?=[/:\"'`?#\s\\]|$)", re.I)
_ENCODED = re.compile(r"[\"'`]([A-Za-z0-9+/]{16,}={0,2})[\"'`]")
_READS = re.compile(
    r"FormData\b|addEventListener\(\s*[\"'](?:submit|change|input|key\w+|blur)|\.elements\b|\.value\b|"
    r"querySelector(?:All)?\(\s*[\"'][^\"']*(?:input|form|card|cvv|cvc|pan|password)",
)
_SENDS = re.compile(
    r"\bfetch\s*\(|XMLHttpRequest|sendBeacon|new\s+Image\b|WebSocket|\.src\s*=|\.submit\s*\(|RTCPeerConn"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A script that a page loaded."""

    source: str
    """Its address without a query, or ``inline``."""
    sha256: str
    hosts: tuple[str, ...]
    """Hosts that it names, in plain text or encoded."""
    reads: bool
    """Whether it reads what people type."""
    sends: bool
    has_integrity: bool
    """Whether the page says what it must hold (SRI), for a script from elsewhere."""


class Page(Snapshot):
    """Parts: ``scripts``, ``contacts`` (hosts that requests went to), ``headers``, ``approved`` (a manifest)."""

    channel: ClassVar[str] = "web"

    @property
    def host(self) -> str:
        """The page's own host."""
        return urlsplit(self.place).hostname or ""

    @property
    def scripts(self) -> tuple[Loaded, ...]:
        """The scripts that were loaded."""
        return tuple(self.part("scripts"))

    @property
    def contacts(self) -> tuple[str, ...]:
        """Hosts that it talked to, its own among them."""
        return tuple(self.part("contacts"))

    @property
    def headers(self) -> dict[str, str]:
        """Its headers of ``HEADERS``, by name in lower case."""
        return dict(self.part("headers"))

    @property
    def is_approved(self) -> bool:
        """Whether a manifest says what was approved."""
        return isinstance(self.parts.get("approved"), Manifest)

    @property
    def manifest(self) -> Manifest:
        """What was approved. Raises ``NotInspected`` without a manifest."""
        found: Manifest = self.part("approved")
        return found

    def approved(self, script: Loaded) -> Script | None:
        """Return what was approved of this script, whatever it holds now; an inline one is known by its hash alone."""
        for one in self.manifest.about.scripts:
            if not fnmatch.fnmatchcase(self.place, one.page):
                continue
            if script.source == INLINE == one.source:
                if script.sha256 in one.sha256:
                    return one
            elif one.source != INLINE and fnmatch.fnmatchcase(script.source, one.source):
                return one
        return None

    def approved_hosts(self) -> set[str]:
        """Return hosts that the page may talk to: its own, those of approved scripts, those approved with them."""
        found = {self.host}
        for one in self.manifest.about.scripts:
            if fnmatch.fnmatchcase(self.place, one.page):
                found.update((urlsplit(one.source).hostname or "", *one.hosts))
        return found - {""}


def read_file(path: Path, manifest: Manifest | None) -> Iterator[Page | NotInspected]:
    """Yield the pages in a file. Raises ``InputError`` if it is no HAR."""
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("log"), dict):
        raise InputError("the file is no HAR", where=str(path), expected="what a browser saves of a page's network")
    yield from read(document, path.name, manifest)


def read(document: Any, file: str, manifest: Manifest | None) -> Iterator[Page | NotInspected]:
    """Yield the pages in a HAR."""
    found = entries(document["log"].get("entries"))
    approved = manifest or Unread("no manifest says what was approved (--manifest)")
    pages = [(number, one) for number, one in enumerate(found, 1) if _is_page(one)]
    for at, (number, one) in enumerate(pages):
        last = pages[at + 1][0] - 1 if at + 1 < len(pages) else len(found)
        address = _plain(str(one["request"]["url"]))
        html = _content(one)
        if html is None:
            yield NotInspected(address, "the HAR holds no content; save it with content")
            continue
        tags = _Scripts(address)
        tags.feed(html.decode("utf-8", "replace"))
        after = found[number - 1 : last]
        gaps: list[NotInspected] = []
        parts = {
            "scripts": tuple(_loaded(tags, after, gaps)),
            "contacts": tuple(sorted({_host(each) for each in after} - {""})),
            "headers": {name: value for name, value in _headers(one).items() if name in HEADERS},
            "approved": approved,
        }
        yield Page(address, Position("page", file, number), (_host(one),), parts)
        yield from gaps


def scripts_of(page: Page, reasons: Mapping[str, str]) -> list[Script]:
    """Return the scripts of a page as a manifest approves them, each with the first reason whose pattern fits it."""
    return [
        Script(
            page.place,
            one.source,
            (one.sha256,),
            next((why for pattern, why in reasons.items() if fnmatch.fnmatchcase(one.source, pattern)), ""),
            one.hosts,
        )
        for one in page.scripts
    ]


def _loaded(tags: _Scripts, requests: Iterable[dict[str, Any]], gaps: list[NotInspected]) -> Iterator[Loaded]:
    for text in tags.inline:
        yield _script(INLINE, text.encode(), has_integrity=True)
    own = urlsplit(tags.page).hostname
    for one in requests:
        if not _is_script(one):
            continue
        source, content = _plain(str(one["request"]["url"])), _content(one)
        if content is None:
            gaps.append(NotInspected(source, "the HAR holds no content of this script"))
            continue
        yield _script(source, content, has_integrity=source in tags.with_integrity or _host(one) == own)


def _script(source: str, content: bytes, *, has_integrity: bool) -> Loaded:
    text = content.decode("utf-8", "replace")
    decoded = " ".join(filter(None, map(_decode, _ENCODED.findall(text))))
    hosts = sorted({found.lower() for found in _HOST.findall(f"{text} {decoded}")})
    return Loaded(
        source,
        hashlib.sha256(content).hexdigest(),
        tuple(hosts),
        _READS.search(text) is not None,
        _SENDS.search(text) is not None,
        has_integrity,
    )


def _decode(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


class _Scripts(HTMLParser):
    """Gathers what a page says of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.inline: list[str] = []
        self.with_integrity: set[str] = set()
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a script."""
        if tag != "script":
            return
        said = dict(attrs)
        source = said.get("src")
        if source is None:
            kind = (said.get("type") or "").lower()
            self._open = kind in {"", "module", "text/javascript", "application/javascript"}
            if self._open:
                self.inline.append("")
        elif said.get("integrity"):
            self.with_integrity.add(_plain(urljoin(self.page, source)))

    def handle_endtag(self, tag: str) -> None:
        """End a script."""
        if tag == "script":
            self._open = False

    def handle_data(self, data: str) -> None:
        """Gather the text of a script."""
        if self._open:
            self.inline[-1] += data


def _is_page(entry: dict[str, Any]) -> bool:
    """Return whether an entry is a page of its own: HTML that answered a navigation, and no frame of another one."""
    if entry.get("_resourceType") not in {None, "document"} or not isinstance(entry.get("response"), dict):
        return False
    return _kind(entry).startswith(("text/html", "application/xhtml")) and entry["response"].get("status") == 200


def _is_script(entry: dict[str, Any]) -> bool:
    return entry.get("_resourceType") == "script" or "javascript" in _kind(entry) or "ecmascript" in _kind(entry)


def _kind(entry: dict[str, Any]) -> str:
    return str(entry.get("response", {}).get("content", {}).get("mimeType", "")).lower()


def _content(entry: dict[str, Any]) -> bytes | None:
    content = entry.get("response", {}).get("content", {})
    text = content.get("text")
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
    except binascii.Error:
        return None


def _headers(entry: dict[str, Any]) -> dict[str, str]:
    return {
        str(one.get("name", "")).lower(): str(one.get("value", "")) for one in entries(entry["response"].get("headers"))
    }


def _host(entry: dict[str, Any]) -> str:
    return urlsplit(str(entry.get("request", {}).get("url", ""))).hostname or ""


def _plain(address: str) -> str:
    """Return an address without a query: what stands there changes with every request."""
    return address.partition("#")[0].partition("?")[0]
