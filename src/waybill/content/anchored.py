"""What stands at a literal: an e-mail address around ``@``, a key after its fixed letters, a number after its label."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.content import prose, tokens
from waybill.content.compiled import compiled
from waybill.content.keywords import stands_apart
from waybill.content.runs import CLASS, DIGIT, Bytes, Places

FORMS = (
    "tail",
    "labelled",
    "email",
    "web-credentials",
    "assignment",
    "private-key",
    "web-token",
    "marking",
    "address",
    "organisation",
    "name",
    "street",
)
"""How a candidate at a literal is judged; the number of a form is its place."""

WITHIN = 32
"""Bytes after a label in which its value begins."""

_LINE_END = 10


class Anchors(NamedTuple):
    """Literals as the kernel reads them."""

    form: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    least: npt.NDArray[np.int32]
    most: npt.NDArray[np.int32]
    """Characters that must follow."""
    members: npt.NDArray[np.bool_]
    """For each literal, which bytes these may be."""


@compiled
def _tail(data: Bytes, start: int, end: int, anchor: int, anchors: Anchors) -> int:
    """Return where a key that begins with fixed letters ends, or -1 where too little or too much follows."""
    if start > 0 and CLASS[data[start - 1]] != 0 and CLASS[data[start]] != 0:
        return -1
    reached, most = end, anchors.most[anchor]
    while reached < len(data) and anchors.members[anchor, data[reached]] and reached - end <= most:
        reached += 1
    if not anchors.least[anchor] <= reached - end <= most:
        return -1
    if reached < len(data) and CLASS[data[reached]] != 0 and CLASS[data[reached - 1]] != 0:
        return -1
    return reached if tokens.varies(data, end, reached) else -1


@compiled
def _labelled(data: Bytes, start: int, end: int, anchor: int, anchors: Anchors) -> tuple[int, int]:
    """Return where the value after a label begins and ends: the first token that has a digit; -1 where it is none."""
    if not stands_apart(data, start, end):
        return start, -1
    at, last = end, min(len(data), end + WITHIN)
    while at < last and data[at] != _LINE_END:
        begun, digits = at, 0
        while at < len(data) and anchors.members[anchor, data[at]] and at - begun <= anchors.most[anchor]:
            digits += CLASS[data[at]] == DIGIT
            at += 1
        if digits:
            size, is_whole = at - begun, at >= len(data) or CLASS[data[at]] == 0
            apart = begun == end or CLASS[data[begun - 1]] == 0
            fits = is_whole and apart and anchors.least[anchor] <= size <= anchors.most[anchor]
            return begun, at if fits else -1
        at = max(at, begun + 1)
    return start, -1


@compiled
def judge(data: Bytes, events: Places, anchors: Anchors, found: Places) -> int:
    """Put what stands at literals into ``found`` (literal, start, end); return how many that are."""
    count = 0
    for event in range(len(events)):
        anchor, end = events[event, 0], events[event, 1]
        start, form = end - anchors.size[anchor], anchors.form[anchor]
        if form == 0:
            end = _tail(data, start, end, anchor, anchors)
        elif form == 1:
            start, end = _labelled(data, start, end, anchor, anchors)
        elif form == 2:
            start, end = tokens.email(data, start)
        elif form == 3:
            start, end = tokens.web_credentials(data, start, end)
        elif form == 4:
            start, end = tokens.assignment(data, start, end)
        elif form == 5:
            end = tokens.private_key(data, end)
        elif form == 6:
            end = tokens.web_token(data, start)
        elif form == 7:
            end = end if prose.is_marking(data, start, end) else -1
        elif form == 8:
            start, end = prose.address(data, start, end)
        elif form == 9:
            start, end = prose.organisation(data, start, end)
        elif form == 10:
            start, end = prose.name(data, end)
        elif form == 11:
            start, end = prose.street(data, start, end)
        if end >= 0:
            found[count, 0], found[count, 1], found[count, 2] = anchor, start, end
            count += 1
    return count
