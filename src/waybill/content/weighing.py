"""How sure each candidate is, and which of those that overlap is kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled
from waybill.content.hits import Evidence
from waybill.content.keywords import Words, is_near
from waybill.content.runs import Bytes, Places

Scores = npt.NDArray[np.float32]
_KEYWORD = np.uint8(Evidence.KEYWORD)


@compiled
def weigh(
    data: Bytes, candidates: Places, score: Scores, evidence: npt.NDArray[np.uint8], near: Scores, words: Words
) -> None:
    """Raise the scores of candidates (kind, start, end) that stand near a word of their kind."""
    for at in range(len(candidates)):
        kind, start, end = candidates[at, 0], candidates[at, 1], candidates[at, 2]
        if near[kind] > score[at] and is_near(data, start, end, kind, words):
            score[at] = near[kind]
            evidence[at] |= _KEYWORD


@compiled
def settle(candidates: Places, score: Scores, least: float) -> npt.NDArray[np.bool_]:
    """Return which candidates, ordered by where they begin, are kept: of those that overlap the surer or the longer."""
    kept, last = score >= least, -1
    for at in range(len(candidates)):
        if not kept[at]:
            continue
        if last >= 0 and candidates[last, 2] > candidates[at, 1]:
            size = candidates[at, 2] - candidates[at, 1]
            other = candidates[last, 2] - candidates[last, 1]
            if score[at] < score[last] or (score[at] == score[last] and size <= other):
                kept[at] = False
                continue
            kept[last] = False
        last = at
    return kept
