"""Files that pages are made of, served from inside the package.

Their path holds a mark of all of them together, so browsers keep each for good and ask anew after an upgrade; modules
find their neighbours under the same mark.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse

from waybill.console.entrance.permitting import for_anybody

PREFIX = "static"
_FOREVER = "public, max-age=31536000, immutable"
_SHARED = ("tokens.css", "elements.css")
"""Files of the report that give the console the same look."""

_WORTH_PACKING = 1024


class File(NamedTuple):
    """One file as it is sent."""

    content: bytes
    packed: bytes
    """With gzip; empty where that is not worth it."""
    type: str


@cache
def files() -> dict[str, File]:
    """Return all files by path."""
    found = dict(_below(resources.files("waybill.console") / "static" / "console"))
    found |= {name: (resources.files("waybill.report") / name).read_bytes() for name in _SHARED}
    return {path: _file(path, content) for path, content in found.items()}


@cache
def mark() -> str:
    """Return what stands for the content of all files together."""
    digest = hashlib.blake2b(digest_size=8)
    for path, file in sorted(files().items()):
        digest.update(path.encode() + b"\0" + hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def address(path: str) -> str:
    """Return where a file is served. Raises KeyError for one that does not exist, so that tests meet it."""
    files()[path]
    return f"/{PREFIX}/{mark()}/{path}"


@for_anybody
def serve(request: HttpRequest, mark_: str, path: str) -> HttpResponse:
    """Answer a file; only under the mark of what is here now, or browsers would keep a wrong one for good."""
    file = files().get(path)
    if file is None or mark_ != mark():
        raise Http404
    packed = file.packed and "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(file.packed if packed else file.content, content_type=file.type)
    response["Cache-Control"] = _FOREVER
    response["Vary"] = "Accept-Encoding"
    if packed:
        response["Content-Encoding"] = "gzip"
    return response


def _below(folder: Traversable, before: str = "") -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        path = before + entry.name
        found += _below(entry, path + "/") if entry.is_dir() else [(path, entry.read_bytes())]
    return found


def _file(path: str, content: bytes) -> File:
    kind = mimetypes.guess_type(path)[0] or "text/plain"
    text = kind.startswith(("text/", "image/svg")) or kind in {"application/json", "application/javascript"}
    packed = gzip.compress(content, 6, mtime=0) if text and len(content) >= _WORTH_PACKING else b""
    return File(content, packed, f"{kind}; charset=utf-8" if text else kind)
