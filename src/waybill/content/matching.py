"""Which shapes begin at a run, and whether what they hold keeps the rule of its kind."""

from __future__ import annotations

import numpy as np

from waybill.content.checking import JUDGES_ALL, check
from waybill.content.compiled import compiled
from waybill.content.patterns import FOLLOWS, GAPS, LONGEST, MAY_SPACE, OPENING, Tables
from waybill.content.runs import CLASS, DIGIT, Bytes, Places

_SPACE, _DOT, _OPENING, _COLON = 32, 46, 40, 58
_MOST_TEXT = 3 * LONGEST
"""Letters and digits of all groups of a shape."""


@compiled
def _stands_alone(data: Bytes, start: int, end: int, joint: int) -> bool:
    """Whether a match is no part of a longer number: of a fraction, or of more groups joined by the same character.

    Groups may go on after spaces.
    """
    joint = 0 if joint == _SPACE else joint
    if start >= 2 and CLASS[data[start - 2]] != 0:
        before = data[start - 1]
        if (before == _DOT and CLASS[data[start - 2]] == DIGIT) or before == joint:
            return False
    return end + 1 >= len(data) or CLASS[data[end + 1]] != DIGIT or (data[end] != _DOT and data[end] != joint)


@compiled
def match(data: Bytes, runs: Places, tables: Tables, found: Places) -> int:
    """Put what the runs begin into ``found`` (shape, start, end); return how many that are, also beyond its room."""
    first, items, shapes, groups = tables.first, tables.items, tables.shapes, tables.groups
    classes, members, follows, leads = tables.classes, tables.members, tables.follow, tables.leads
    text, span, count = np.empty(_MOST_TEXT, np.uint8), np.empty(2, np.int64), 0
    for run in range(len(runs)):
        start, first_end = runs[run, 0], runs[run, 1]
        if first_end - start > LONGEST:
            continue
        follow = follows[data[first_end]] if first_end < len(data) else 0
        lead = leads[data[start - 1]] if start else 0
        if start > 1 and data[start - 1] == _COLON and CLASS[data[start - 2]] == DIGIT:
            lead = 0  # its first group with a digit came before
        goes_on = 1 if first_end + 1 < len(data) and CLASS[data[first_end + 1]] == DIGIT else 0
        key = 2 * (((2 * lead + runs[run, 2]) * (LONGEST + 1) + first_end - start) * FOLLOWS + follow) + goes_on
        following, after = 0, np.uint8(0)
        if first[key + 1] > first[key] and goes_on:
            while (
                following <= LONGEST
                and first_end + 1 + following < len(data)
                and CLASS[data[first_end + 1 + following]]
            ):
                following += 1
            after = data[first_end + 1 + following] if first_end + 1 + following < len(data) else np.uint8(0)
        for item in range(first[key], first[key + 1]):
            shape = items[item]
            if not shapes[shape, 4] <= following <= shapes[shape, 5]:
                continue
            if shapes[shape, 6] and not GAPS[shapes[shape, 6], after]:
                continue
            at, end, size, joint, fits = start, first_end, 0, 0, True
            for group in range(shapes[shape, 2], shapes[shape, 3]):
                if at != start:
                    end = at
                    while end < len(data) and CLASS[data[end]] != 0 and end - at <= groups[group, 1]:
                        end += 1
                fits = groups[group, 0] <= end - at <= groups[group, 1]
                place = groups[group, 2]
                while fits and at < end:
                    fits = members[classes[place], data[at]]
                    text[size] = data[at]
                    size, place, at = size + 1, place + 1, at + 1
                between = groups[group, 3]
                if fits and between:
                    fits = at < len(data) and GAPS[between, data[at]]
                    if fits and between == OPENING and data[at] == _SPACE:
                        at += 1
                        fits = at < len(data) and data[at] == _OPENING
                    if fits:
                        joint = int(data[at])
                        at += 1
                        if between >= MAY_SPACE and at < len(data) and data[at] == _SPACE:
                            at += 1
                if not fits:
                    break
            span[0], span[1] = start - shapes[shape, 1], at
            rule = shapes[shape, 0]
            fits = fits and (rule >= JUDGES_ALL or _stands_alone(data, span[0], at, joint))
            if fits and check(rule, text, size, data, span):
                if count < len(found):
                    found[count, 0], found[count, 1], found[count, 2] = shape, span[0], span[1]
                count += 1
    return count
