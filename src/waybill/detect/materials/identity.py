"""Identities: a serial number comes into being once, ceases once, and is in one parent at a time.

These are judged from the events in the order in which they happened, not in which they were captured.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement, name
from waybill.epcis.history.arrays import NONE, Mask, Numbers
from waybill.model.custody import EventKind, Role
from waybill.model.findings import Part
from waybill.model.words import Severity


def check(chain: Chain) -> Iterator[Statement]:
    """Tell serial numbers that were given twice, are seen after their end, or are in two parents."""
    yield from _duplicates(chain)
    yield from _after_end(chain)
    for kind in (EventKind.AGGREGATION, EventKind.ASSOCIATION):
        yield from _two_parents(chain, kind)


def begins(chain: Chain) -> Mask:
    """Return the rows in which something comes into being."""
    history, rows = chain.history, chain.history.rows
    added = rows.in_role(Role.WHAT) & history.is_kind(EventKind.OBJECT, "ADD")[rows.event]
    return added | rows.in_role(Role.OUTPUT)


def ends(chain: Chain) -> Mask:
    """Return the rows in which a serialised thing ceases to be."""
    history, rows = chain.history, chain.history.rows
    deleted = rows.in_role(Role.WHAT) & history.is_kind(EventKind.OBJECT, "DELETE")[rows.event]
    return ~rows.is_class & (deleted | rows.in_role(Role.INPUT))


def _duplicates(chain: Chain) -> Iterator[Statement]:
    history, rows = chain.history, chain.history.rows
    born = np.flatnonzero(begins(chain))
    born = born[np.argsort(rows.item.codes[born], kind="stable")]
    item, place = rows.item.codes[born], history.places.here[rows.event[born]]
    again = np.r_[False, item[1:] == item[:-1]]
    other_event = np.r_[False, rows.event[born][1:] != rows.event[born][:-1]]
    other_site = np.r_[False, place[1:] != place[:-1]]
    for at in np.flatnonzero(again & other_event & (~rows.is_class[born] | other_site)):
        first = born[at - 1]
        yield Statement(
            "identity-duplicate",
            [int(born[at]), int(first)],
            Severity.HIGH,
            {"first": _where(chain, int(first))},
            (Part("began before at", _where(chain, int(first)), share=1.0),),
        )


def _after_end(chain: Chain) -> Iterator[Statement]:
    history, rows = chain.history, chain.history.rows
    over = np.flatnonzero(ends(chain))[::-1]
    end = np.full(len(history.items), NONE)
    end[rows.item.codes[over]] = over  # the first end counts
    known = end[rows.item.codes]
    later = (known != NONE) & (rows.event > rows.event[known])
    for row in _first_of_each(rows.item.codes, np.flatnonzero(later)):
        yield Statement(
            "identity-after-end",
            [int(row), int(known[row])],
            Severity.HIGH,
            {"end": _where(chain, int(known[row]))},
            (Part("ended at", _where(chain, int(known[row])), share=1.0),),
        )


def _two_parents(chain: Chain, kind: EventKind) -> Iterator[Statement]:
    """Tell children that are put into another parent while they are in one."""
    history, rows = chain.history, chain.history.rows
    parent = np.full(len(history.time), NONE)
    holds = rows.in_role(Role.PARENT)
    parent[rows.event[holds]] = rows.item.codes[holds]
    put, taken = (history.is_kind(kind, action) for action in ("ADD", "DELETE"))
    moves = np.flatnonzero(rows.in_role(Role.CHILD) & ~rows.is_class & (put | taken)[rows.event])
    children, events = rows.item.codes[moves], rows.event[moves]
    added, parents, origin = put[events], parent[events], moves
    emptied = _emptied(chain, taken, parent, children, parents)
    children = np.r_[children, emptied[0]]
    events, parents = np.r_[events, emptied[1]], np.r_[parents, emptied[2]]
    added, origin = np.r_[added, np.zeros(len(emptied[0]), bool)], np.r_[origin, np.full(len(emptied[0]), NONE)]
    order = np.lexsort((events, children))
    same = np.r_[False, (children[order][1:] == children[order][:-1])]
    before = np.r_[False, added[order][:-1]]
    other = np.r_[False, parents[order][1:] != parents[order][:-1]]
    for at in np.flatnonzero(same & before & added[order] & other):
        now, was = int(origin[order][at]), int(origin[order][at - 1])
        held = name(history.items[int(parents[order][at - 1])])
        into = name(history.items[int(parents[order][at])])
        yield Statement(
            "identity-two-parents",
            [now, was],
            Severity.HIGH,
            {"held": held, "into": into},
            (Part("already in", held, share=1.0),),
        )


def _emptied(
    chain: Chain, taken: Mask, parent: Numbers, children: Numbers, parents: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return children, events and parents of events that empty a parent without naming its children.

    ``taken`` are events that take out of a ``parent``; ``children`` were, some time, in ``parents``.
    """
    history, rows = chain.history, chain.history.rows
    named = np.zeros(len(history.time), dtype=bool)
    named[rows.event[rows.in_role(Role.CHILD)]] = True
    events = np.flatnonzero(taken & ~named)
    empty = np.empty(0, np.int64)
    if not len(events) or not len(children):
        return empty, empty, empty
    held = parent[events]
    pairs = np.unique(np.stack([parents, children], axis=1), axis=0)
    starts, stops = (np.searchsorted(pairs[:, 0], held, side=side) for side in ("left", "right"))
    counts = stops - starts
    at = np.repeat(starts - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(int(counts.sum()))
    return pairs[at, 1], np.repeat(events, counts), np.repeat(held, counts)


def _first_of_each(keys: Numbers, rows: Numbers) -> Numbers:
    """Return the first of the rows of each key."""
    _, first = np.unique(keys[rows], return_index=True)
    return rows[first]


def _where(chain: Chain, row: int) -> str:
    history = chain.history
    event = int(history.rows.event[row])
    return f"{history.places.name(int(history.places.here[event])) or '—'}, {history.moment(event):%Y-%m-%d}"
