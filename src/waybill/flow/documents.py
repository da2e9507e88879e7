"""Registered documents of an installation: added, listed, forgotten, and made ready to be compared with."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from waybill.content.documents import Comparison, Document, Library, Registered
from waybill.content.parsing import Caveat, End, Picture, Readers, Segment, Table
from waybill.content.parsing.pieces import Content
from waybill.flow.installation import Installation
from waybill.model.errors import InputError, UsageError

_VERSION_OF = 0.25
"""Share of a registered document from which a new one is held to be another version of it."""


def library(installation: Installation) -> Library:
    """Return the library of an installation."""
    return Library(installation.folder.documents, installation.folder.key("documents"))


def registered(installation: Installation) -> Registered | None:
    """Return the registered documents to compare with; None where there are none."""
    kept = library(installation)
    return Registered(kept) if kept.version() else None


def register(
    installation: Installation,
    path: Path,
    readers: Readers,
    *,
    asset: str = "",
    name: str = "",
    template: bool = False,
    who: str,
) -> tuple[Document, list[Caveat]]:
    """Register a file, so that it is recognised from now on; return it and what of it could not be read.

    Raises InputError where nothing of it can be read, UsageError for an unknown asset or too short a text.
    """
    check(installation, path, asset)
    contents = [piece for piece in readers.read(path) if not isinstance(piece, End)]
    caveats = [piece for piece in contents if isinstance(piece, Caveat)]
    texts = [_text(piece) for piece in contents if isinstance(piece, Segment | Table)]
    look = next((one.look for one in contents if isinstance(one, Picture) and not one.place.members), b"")
    if not texts and not look:
        why = caveats[0].text().en if caveats else "it is empty"
        raise InputError(f"no text could be read: {why}", where=str(path))
    name = name or path.name
    document_id = id_of(name, [*texts, look])
    document = Document(
        id=document_id,
        name=name,
        family=_family(installation, contents) or asset or document_id,
        registered=datetime.now(UTC),
        asset=asset,
        template=template,
    )
    kept = library(installation).register(document, texts, look)
    _record(kept, "registered", who)
    return kept, caveats


def forget(installation: Installation, document_id: str, *, who: str) -> None:
    """Forget a registered document. Raises UsageError where there is none."""
    kept = library(installation)
    known = next((document for document in kept.documents() if document.id == document_id), None)
    if known is None or not kept.remove(document_id):
        raise UsageError(
            "there is no such document", where=document_id, advice="`waybill register documents` lists them"
        )
    _record(known, "forgotten", who)


def check(installation: Installation, path: Path, asset: str) -> None:
    """Raise UsageError where a file is to be registered for an unknown asset, InputError where there is no file."""
    if asset and installation.register().asset(asset) is None:
        raise UsageError("there is no such asset", where=asset, advice="`waybill assets list` lists them")
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))


def _family(installation: Installation, contents: Sequence[Content]) -> str:
    """Return the family of the registered document that this is a version of; empty where it is none."""
    known = registered(installation)
    if known is None:
        return ""
    comparison = Comparison(known)
    for piece in contents:
        comparison.add(piece)
    found = [match for match in comparison.matches() if match.share >= _VERSION_OF]
    return found[0].document.family if found else ""


def _text(piece: Segment | Table) -> bytes:
    return piece.data if isinstance(piece, Segment) else piece.text().encode()


def id_of(name: str, texts: Sequence[bytes]) -> str:
    """Return an id that people recognise and that differs with the content."""
    words = re.sub(r"[^a-z0-9]+", "-", Path(name).stem.casefold()).strip("-")[:40]
    return f"{words or 'document'}-{hashlib.sha256(b''.join(texts)).hexdigest()[:8]}"


def _record(document: Document, step: str, who: str) -> None:
    what = {"step": step, "name": document.name, "asset": document.asset, "template": document.template}
    record(document.id, what, who)


def record(reference: str, what: Mapping[str, object], who: str) -> None:
    """Have the ledger take what was done to something registered."""
    from django.db import transaction

    from waybill.control import storage_faults
    from waybill.outbox import adding as outbox
    from waybill.outbox.kinds import Kind as Recorded

    with storage_faults(), transaction.atomic():
        outbox.add(outbox.Record(Recorded.DOCUMENT, reference, {"what": dict(what), "who": {"by": who}}))
