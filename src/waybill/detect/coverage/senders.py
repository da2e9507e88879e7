"""Who sends, told by the file: the same sender writes files that differ by date, number and packing.

Of a batch that an agent sent, the place of the file is taken by ``TOKEN/AGENT/NUMBER``.
"""

from __future__ import annotations

import re

_PACKING = re.compile(r"\.(?:gz|bz2|xz|zst)$", re.IGNORECASE)
_ROTATION = re.compile(r"(?:\.\d{1,4}|-\d{8,14}|\.\d{8,14})$")
_DATE_FOLDERS = re.compile(r"(?<![^/])\d{4}(?:/\d{1,2}){1,3}(?![^/])")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d{2}[-_.]?\d{2}(?:[-_.]?\d{2})?(?:[-_T.]?\d{2}(?:[-_:.]?\d{2}){0,2}Z?)?(?!\d)")

_AFTER_DATE = re.compile(r"\*[^.]*")
"""What follows a date in a file's name is drawn by lot, as in those of AWS CloudTrail, or a number."""

_BATCH = re.compile(r"([^/]+/[^/]+)/\d+")


def sender_of(origin: str) -> str:
    """Return the part of a file's path, or of the name of a batch, that stays the same from day to day.

    Dates (also as folders), numbers of rotation and the ends of packed files go; other numbers stay, since hosts and
    accounts have them.
    """
    batch = _BATCH.fullmatch(origin)
    if batch is not None:
        return batch[1]
    name = _PACKING.sub("", origin)
    name = _ROTATION.sub("", name)
    folders, slash, file = _DATE_FOLDERS.sub("*", name).rpartition("/")
    return _DATE.sub("*", folders) + slash + _AFTER_DATE.sub("*", _DATE.sub("*", file))
