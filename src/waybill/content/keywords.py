"""Words that stand near a value and say what it is: one automaton (Aho-Corasick) that walks windows around candidates.

Only windows are walked, not all of the data: candidates are few, and a window costs a fraction of a microsecond.
Letters of ASCII count the same in either case. A word of ASCII must stand by itself: not within a longer word, though
a change from small to capital letters or an underscore (``userPhone``, ``phone_no``) parts words too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.content.compiled import compiled
from waybill.content.runs import Bytes

BEFORE, AFTER = 64, 32
"""Bytes before and after a value in which a word counts as near."""


class Words(NamedTuple):
    """The automaton, and which words say something of which type."""

    classes: npt.NDArray[np.uint8]
    """For each byte its column in ``go``; all bytes of no word share the first."""
    go: npt.NDArray[np.int16]
    """For each state and class of byte the next state."""
    word: npt.NDArray[np.int32]
    """The longest word that ends in each state, or -1."""
    shorter: npt.NDArray[np.int32]
    """The state of the next shorter word that ends there too, or 0."""
    sizes: npt.NDArray[np.int32]
    """Of each word, in bytes."""
    says: npt.NDArray[np.bool_]
    """For each word and type whether it says something of it."""


def words(by_type: Sequence[Sequence[str]]) -> Words:
    """Return the automaton of the words of types, by the types' numbers."""
    known = {word: n for n, word in enumerate(dict.fromkeys(w.lower() for one in by_type for w in one))}
    says = np.zeros((len(known) + 1, len(by_type)), np.bool_)
    for kind, own in enumerate(by_type):
        says[[known[word.lower()] for word in own], kind] = True
    encoded = [word.encode() for word in known]
    classes = np.zeros(256, np.uint8)
    for n, byte in enumerate(sorted({byte for word in encoded for byte in word})):
        classes[byte] = n + 1
        if 97 <= byte <= 122:
            classes[byte - 32] = n + 1
    go, word, shorter = _linked(*_trie(encoded, classes))
    sizes = np.array([len(one) for one in encoded], np.int32)
    return Words(classes, go, word, shorter, sizes, says)


def _trie(encoded: Sequence[bytes], classes: npt.NDArray[np.uint8]) -> tuple[list[list[int]], list[int]]:
    """Return the tree of words: where each state goes by class (0: nowhere), and the word that ends in it."""
    width = int(classes.max()) + 1 if encoded else 1
    go, ends = [[0] * width], [-1]
    for n, word in enumerate(encoded):
        state = 0
        for byte in word:
            column = classes[byte]
            if not go[state][column]:
                go[state][column] = len(go)
                go.append([0] * width)
                ends.append(-1)
            state = go[state][column]
        ends[state] = n
    return go, ends


def _linked(
    go: list[list[int]], ends: list[int]
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the tree with the ways back filled in, each state's word, and where its next shorter word is."""
    back, shorter = [0] * len(go), [0] * len(go)
    waiting = deque(state for state in go[0] if state)
    while waiting:
        state = waiting.popleft()
        way = back[state]
        shorter[state] = way if ends[way] >= 0 else shorter[way]
        for column, child in enumerate(go[state]):
            if child:
                back[child] = go[way][column]
                waiting.append(child)
            else:
                go[state][column] = go[way][column]
    return np.array(go, np.int16), np.array(ends, np.int32), np.array(shorter, np.int32)


@compiled
def _parts(data: Bytes, at: int, is_end: bool) -> bool:
    """Whether a word may begin (or end) at a place: the letters around belong to different words."""
    if at <= 0 or at >= len(data):
        return True
    before, after = data[at - 1], data[at]
    are_letters = 97 <= (before | 32) <= 122 and 97 <= (after | 32) <= 122
    if not are_letters or (before >= 97 and after < 97):
        return True
    return is_end and (after | 32) == 115 and (at + 1 >= len(data) or not 97 <= (data[at + 1] | 32) <= 122)  # plural


@compiled
def stands_apart(data: Bytes, start: int, end: int) -> bool:
    """Whether a word is no part of a longer one; Chinese words, which nothing parts, always are."""
    return data[start] >= 128 or (_parts(data, start, False) and _parts(data, end, True))


@compiled
def is_near(data: Bytes, start: int, end: int, kind: int, words: Words) -> bool:
    """Whether a word that says something of a kind stands near a value."""
    for side in range(2):
        at = max(0, start - BEFORE) if side == 0 else end
        last = start if side == 0 else min(len(data), end + AFTER)
        state = 0
        while at < last:
            state = int(words.go[state, words.classes[data[at]]])
            at += 1
            ending = state if words.word[state] >= 0 else words.shorter[state]
            while ending:
                word = words.word[ending]
                if words.says[word, kind] and stands_apart(data, at - words.sizes[word], at):
                    return True
                ending = words.shorter[ending]
    return False


def said(text: str, words: Words) -> npt.NDArray[np.bool_]:
    """Return for each type whether a heading or key has a word of it."""
    data = np.frombuffer(text.encode(errors="replace"), np.uint8)
    size = words.says.shape[1]
    found = np.zeros(size, np.bool_)
    for at in range(0, len(data), BEFORE // 2):
        end = min(len(data), at + BEFORE)
        for kind in range(size):
            found[kind] |= is_near(data, end, end, kind, words)
    return found
