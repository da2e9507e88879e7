"""Reading what an export wrote: JSON of bounded size in a form that is known, with a clear answer where it is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError

MOST_BYTES = 256 << 20
"""No export of settings is longer."""


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; Windows writes some with a mark or in UTF-16. Raises ``InputError``."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError("the file is too long", where=str(path), expected=f"at most {MOST_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(path)) from None
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        content = content.decode("utf-16", "replace").encode()
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"the file is no JSON: {error}", where=str(path)) from None


class Form(Protocol):
    """A form of exports: a module that recognises and reads them."""

    def recognises(self, document: Any) -> bool:
        """Return whether a document is of this form."""

    def read(self, document: Any, file: str) -> Iterator[Snapshot | NotInspected]:
        """Yield the things in it; ``file`` is the name of the file."""


def read_export(target: str, forms: Iterable[Form], expected: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the things in the file that a target names; raise ``InputError`` if it is of none of the forms."""
    path = file_of(target)
    document = read_json(path)
    for form in forms:
        if form.recognises(document):
            yield from form.read(document, path.name)
            return
    raise InputError("the file is of no form that is known here", where=target, expected=expected)


def entries(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or the one object there is."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def file_of(target: str) -> Path:
    """Return the file that a target names; raise ``InputError`` if there is none."""
    path = Path(target)
    if not path.is_file():
        raise InputError("there is no such file", where=target)
    return path
