"""``durable.json``: up to where the table is known to be on disk, and what its log looked like then.

Replaced in one step after every commit whose files, log entry and folders are synced. It is the anchor of recovery:
log versions up to ``version`` must be there as they were; later ones may be the half-done work of a crash. The
digests make a changed byte in the log visible; ``check`` makes one visible in this file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from waybill.durable import replace_file, storage_faults
from waybill.model.errors import DamagedError

NAME = "durable.json"
FORMAT = 1
"""Version of the folder's layout; a program that finds a higher one leaves the folder alone."""

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is durable. ``version`` is the table's, -1 before there is one."""

    version: int = -1
    sequence: int = 0
    """Number of the last log entry the table holds."""
    recorded_at: int = 0
    """When that entry was recorded, microseconds since 1970."""
    log: dict[str, str] = field(default_factory=dict)
    """Digest by name of each file of the table's log."""
    format: int = FORMAT


def digest(content: bytes | memoryview) -> str:
    """Return the BLAKE2b digest (128 bits, hex) by which files of the folder are checked."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def load(folder: Path) -> Manifest:
    """Return the manifest of a data folder; a new one if it has none."""
    path = folder / NAME
    with storage_faults("cannot read the data folder", path):
        if not path.exists():
            return Manifest()
        content = path.read_bytes()
    try:
        values = json.loads(content)
        check = values.pop("check")
        manifest = Manifest(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(path) from error
    if manifest.format > FORMAT:
        raise DamagedError(
            f"the data folder has format {manifest.format}, written by a newer version",
            where=str(path),
            expected=f"format {FORMAT} or lower",
            advice="use the version of the program that wrote it, or a later one",
        )
    if content != _encode(manifest) or check != _check(values):
        raise _damaged(path)
    return manifest


def store(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest, durably."""
    path = folder / NAME
    with storage_faults("cannot record what is durable", path):
        replace_file(path, _encode(manifest))


def _encode(manifest: Manifest) -> bytes:
    values = asdict(manifest)
    return json.dumps({**values, "check": _check(values)}, indent=1, sort_keys=True).encode() + b"\n"


def _check(values: dict[str, object]) -> str:
    return digest(json.dumps(values, sort_keys=True).encode())


def _damaged(path: Path) -> DamagedError:
    return DamagedError(
        "the record of what is durable is not as it was written",
        where=str(path),
        expected="a JSON object whose check is right",
        advice="move this file away; the next start makes it anew after checking every file of the table",
    )
