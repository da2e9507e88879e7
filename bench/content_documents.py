"""How surely registered documents are recognised, and how fast: excerpts, edited copies, unrelated files; and peers.

Documents are the modules of Python's own library, unrelated files those of installed packages; with WAYBILL_CORPORA,
Chinese statutes as well. Peers get the same files: MinHash (datasketch) and TLSH, where they are installed.
"""

from __future__ import annotations

import os
import random
import re
import sysconfig
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.scoreboard import Row, row
from waybill.content.documents import Comparison, Document, Library, Registered
from waybill.content.documents.winnowing import fingerprints, normalised
from waybill.content.parsing import Place, Segment

_DOCUMENTS, _FOREIGN = 240, 240
_SIZES = range(3_000, 200_000)
_SECRET = bytes(32)
_CHANGED = 0.05
"""Share of words that an edited copy replaces."""


def measure() -> list[Row]:
    """Return shares found, false alarms and speeds."""
    picked = random.Random(11)
    documents, foreign, statutes = _texts(Path(sysconfig.get_path("stdlib")), _DOCUMENTS), _packages(), _statutes()
    rows = _quality(documents, foreign + statutes, picked, "")
    if statutes:  # which share articles with each other, and none with programs
        rows += _quality(statutes, foreign + documents, picked, ", Chinese statutes")
    return [*rows, *_speed(documents, foreign), *_peers(documents, foreign, picked)]


def _quality(documents: list[bytes], foreign: list[bytes], picked: random.Random, suffix: str) -> list[Row]:
    with TemporaryDirectory() as folder:
        registered = _registered(Path(folder), documents)
        pasted = _found(registered, _pasted(documents, foreign, picked, 500))
        edited = _found(registered, [(number, _edited(text, picked)) for number, text in enumerate(documents)])
        alarms = sum(bool(_matches(registered, text)) for text in foreign)
    return [
        row(f"excerpts of 500 bytes pasted elsewhere, found{suffix}", 100 * pasted, "%", at_least=95),
        row(f"copies with every twentieth word replaced, found{suffix}", 100 * edited, "%", at_least=98),
        row(f"false alarms among {len(foreign)} unrelated files{suffix}", alarms, "files", at_most=0),
    ]


def _speed(documents: list[bytes], foreign: list[bytes]) -> list[Row]:
    with TemporaryDirectory() as folder:
        size = sum(map(len, documents)) / 1e6
        registering = _cpu(lambda: _registered(Path(folder), documents))
        registered = _registered(Path(folder), documents)
        large = b"\n".join(foreign)[: 16 << 20]
        query = min(_cpu(lambda: _matches(registered, large)) for _ in range(3))
        text = normalised(large)[0]
        kernel = min(_cpu(lambda: fingerprints(text)) for _ in range(3))
    return [
        row("registering documents", size / registering, "MB/s"),
        row("comparing a file with all registered documents", len(large) / 1e6 / query, "MB/s", at_least=30),
        row("fingerprints alone", len(text) / 1e6 / kernel, "MB/s"),
    ]


def _peers(documents: list[bytes], foreign: list[bytes], picked: random.Random) -> list[Row]:
    """Return what whole-file similarity finds of the same excerpts."""
    excerpts = _pasted(documents, foreign, picked, 500)[:60]
    rows = []
    for name, finds in (("datasketch MinHashLSH", _minhash), ("py-tlsh", _tlsh)):
        try:
            share = finds(documents, excerpts)
        except ImportError:
            continue
        rows.append(row(f"excerpts of 500 bytes, found by {name}", 100 * share, "%"))
    return rows


def _minhash(documents: list[bytes], excerpts: list[tuple[int, bytes]]) -> float:
    from datasketch import MinHash, MinHashLSH

    def sketch(text: bytes) -> Any:
        hashed = MinHash(num_perm=128)
        hashed.update_batch({text[at : at + 8] for at in range(0, len(text) - 8, 4)})
        return hashed

    index = MinHashLSH(threshold=0.5, num_perm=128)
    for number, text in enumerate(documents):
        index.insert(number, sketch(text))
    return sum(number in index.query(sketch(text)) for number, text in excerpts) / len(excerpts)


def _tlsh(documents: list[bytes], excerpts: list[tuple[int, bytes]]) -> float:
    import tlsh

    hashes = [tlsh.hash(text) for text in documents]
    found = sum(bool(tlsh.diff(hashes[number], tlsh.hash(text)) <= 70) for number, text in excerpts)
    return found / len(excerpts)


def _registered(folder: Path, documents: list[bytes]) -> Registered:
    library = Library(folder, _SECRET)
    for number, text in enumerate(documents):
        name = f"d{number}"
        library.register(Document(id=name, name=name, family=name, registered=datetime.now(UTC)), [text])
    return Registered(library)


def _matches(registered: Registered, text: bytes) -> list[str]:
    comparison = Comparison(registered)
    comparison.add(Segment(Place(), text))
    return [match.document.id for match in comparison.matches()]


def _found(registered: Registered, queries: list[tuple[int, bytes]]) -> float:
    return sum(f"d{number}" in _matches(registered, text) for number, text in queries) / len(queries)


def _pasted(documents: list[bytes], foreign: list[bytes], picked: random.Random, size: int) -> list[tuple[int, bytes]]:
    """Return excerpts, each in the middle of an unrelated file."""
    queries = []
    for number, text in enumerate(documents):
        start, carrier = picked.randrange(len(text) - size), picked.choice(foreign)
        at = picked.randrange(len(carrier))
        queries.append((number, carrier[:at] + text[start : start + size] + carrier[at:]))
    return queries


def _edited(text: bytes, picked: random.Random) -> bytes:
    return re.sub(rb"\w+", lambda word: b"changed" if picked.random() < _CHANGED else word[0], text)


def _texts(folder: Path, count: int) -> list[bytes]:
    left_out = ("packages", "test", "encodings")  # the tables of encodings are copies of each other
    paths = sorted(path for path in folder.glob("**/*.py") if not any(word in str(path) for word in left_out))
    texts = (path.read_bytes() for path in paths)
    return [text for text in texts if len(text) in _SIZES][:count]


def _packages() -> list[bytes]:
    folder = Path(sysconfig.get_path("purelib"))
    paths = [path for name in ("django", "pypdf", "rich") for path in sorted((folder / name).glob("**/*.py"))]
    texts = [text for path in paths if len(text := path.read_bytes()) in _SIZES]
    return texts[:: max(1, len(texts) // _FOREIGN)][:_FOREIGN]


def _statutes() -> list[bytes]:
    folder = Path(os.environ.get("WAYBILL_CORPORA", "/nowhere")) / "law"
    texts = (path.read_bytes() for path in sorted(folder.glob("**/*")) if path.suffix in (".md", ".txt"))
    return [text for text in texts if len(text) in _SIZES]


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
