"""What the columns of a table hold: decided by all cells of a column and its heading, not cell by cell.

A check digit alone is kept by one random number in ten, so cells of a column must mostly keep it, and a kind without
one must be named by the heading or fill the column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from waybill.content.hits import Evidence
from waybill.content.scanner import LEAST, scanner_for

MOST_CELLS = 100_000
"""Cells of a column that are looked at; what they hold is held to be what the rest hold."""

_MOSTLY, _NAMED = 0.6, 0.2
"""Share of cells that must be of a kind where nothing else says so, and where the heading does."""


@dataclass(frozen=True, slots=True)
class ColumnDecision:
    """What a column holds."""

    name: str
    type: str | None
    """None: nothing that is known."""
    score: float
    share: float
    """Share of its cells, empty ones left out, that are of this type."""
    cells: int
    distinct: int
    """Different cells of this type."""
    evidence: Evidence


def scan_table(columns: Mapping[str, Iterable[str]]) -> dict[str, ColumnDecision]:
    """Return what each column of a table holds, by its name. Cells are text; empty ones do not count."""
    return {name: _decide(name, cells) for name, cells in columns.items()}


def _decide(name: str, cells: Iterable[str]) -> ColumnDecision:
    """Return what a column holds."""
    chosen = [one.encode() for one in cells if one][:MOST_CELLS]
    text = b"\n".join(cell.replace(b"\n", b" ") for cell in chosen)
    ends = np.cumsum([len(cell) + 1 for cell in chosen])
    hits = scanner_for(bare=True).scan(text, header=name, least=0.0, apart=True)
    at = np.searchsorted(ends, hits.start, side="right")
    begins = np.concatenate([[0], ends[:-1]]) if len(chosen) else np.zeros(0, np.int64)
    whole = hits.chosen((hits.start == begins[at]) & (hits.end == ends[at] - 1) if len(chosen) else np.zeros(0, bool))
    best = ColumnDecision(name, None, 0.0, 0.0, len(chosen), 0, Evidence(0))
    for kind in np.unique(whole.kind).tolist():
        own = whole.chosen(whole.kind == kind)
        share = len(np.unique(own.start)) / len(chosen)
        evidence = Evidence(int(np.bitwise_or.reduce(own.evidence)))
        score = float(own.score.max())
        if Evidence.HEADER in evidence:
            needed = _NAMED
        else:
            needed, score = _MOSTLY, max(score, 0.6 if Evidence.CHECK in evidence else score)
        if share >= needed and score >= LEAST and (score, share) > (best.score, best.share):
            different = len({text[s:e] for s, e in zip(own.start.tolist(), own.end.tolist(), strict=True)})
            best = ColumnDecision(name, own.types[kind], round(score, 3), share, len(chosen), different, evidence)
    return best
