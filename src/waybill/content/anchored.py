"""What stands at a literal: an e-mail address around ``@``, a key after its fixed letters, a marking by itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled
from waybill.content.runs import CLASS, DIGIT, LETTER, Bytes, Places

FORMS = ("tail", "email", "marking")
"""How a candidate is judged; the number of a form is its place."""

_AT, _DOT, _HYPHEN, _LINE_END, _LOCAL = 64, 46, 45, 10, 64
_DISTINCT = 6
"""Different characters that a random key has at least."""


class Anchors(NamedTuple):
    """Literals as the kernel reads them."""

    form: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]
    """The class of what must follow; its rows are in ``members``."""
    least: npt.NDArray[np.int32]
    most: npt.NDArray[np.int32]
    members: npt.NDArray[np.bool_]


_LOCAL_PART = np.zeros(256, np.bool_)
_LOCAL_PART[[ord(letter) for letter in "!#$%&'*+-/=?^_`{|}~."]] = True
_LOCAL_PART[(CLASS == DIGIT) | (CLASS == LETTER)] = True


@compiled
def _email(data: Bytes, at: int) -> tuple[int, int]:
    """Return where an address around an ``@`` begins and ends; the end is -1 where there is none."""
    start, end = at, at + 1
    while start > 0 and at - start < _LOCAL and _LOCAL_PART[data[start - 1]]:
        start -= 1
    while start < at and CLASS[data[start]] == 0:  # quotes and dots before it are not its own
        start += 1
    dots, label, letters = 0, 0, 0
    good = end
    while end < len(data) and end - at < 255:
        code = data[end]
        if CLASS[code] != 0 or code == _HYPHEN:
            label += 1
            letters += 1 if CLASS[code] == LETTER else 0
        elif code == _DOT and label:
            dots, label, letters = dots + 1, 0, 0
        else:
            break
        end += 1
        if dots and label >= 2 and letters >= 2 and CLASS[data[end - 1]] != 0:
            good = end
    if start == at or good == at + 1 or data[at - 1] == _DOT:
        return start, -1
    return start, good


@compiled
def _tail(data: Bytes, start: int, end: int, anchor: int, anchors: Anchors) -> int:
    """Return where a key that begins with fixed letters ends, or -1 where too little or too much follows."""
    if start > 0 and CLASS[data[start - 1]] != 0:
        return -1
    members = anchors.members[anchors.tail[anchor]]
    reached = end
    while reached < len(data) and members[data[reached]] and reached - end <= anchors.most[anchor]:
        reached += 1
    if not anchors.least[anchor] <= reached - end <= anchors.most[anchor]:
        return -1
    if reached < len(data) and CLASS[data[reached]] != 0:
        return -1
    return reached


@compiled
def _varies(data: Bytes, start: int, end: int) -> bool:
    """Whether characters are as different as those of a random key, not a placeholder's."""
    seen, count = np.zeros(256, np.bool_), 0
    for at in range(start, end):
        if not seen[data[at]]:
            seen[data[at]] = True
            count += 1
    return count >= min(_DISTINCT, end - start)


@compiled
def judge(data: Bytes, events: Places, anchors: Anchors, found: Places) -> int:
    """Put what stands at literals into ``found`` (literal, start, end); return how many that are."""
    count = 0
    for event in range(len(events)):
        anchor, end = events[event, 0], events[event, 1]
        start, form = end - anchors.size[anchor], anchors.form[anchor]
        if form == 0:
            begun = end
            end = _tail(data, start, end, anchor, anchors)
            if end >= 0 and not _varies(data, begun, end):
                end = -1
        elif form == 1:
            start, end = _email(data, start)
        if end >= 0:
            found[count, 0], found[count, 1], found[count, 2] = anchor, start, end
            count += 1
    return count
