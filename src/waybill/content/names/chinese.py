"""Names in Chinese text, by the recogniser of LAC: words of a lexicon and single characters, tagged by a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from waybill.content.names.finding import Kind, Name
from waybill.content.names.network import Network
from waybill.model.errors import DamagedError

_KINDS = {"PER": Kind.PERSON, "LOC": Kind.PLACE, "ORG": Kind.ORGANISATION}
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]"
_SPEAKS = re.compile(f"{_HAN}.*?{_HAN}", re.DOTALL)
_PERSON = re.compile(rf"(?:{_HAN}|[·•]){{2,}}")
"""A number, a word in Latin letters or a single character is no person, whatever a network says."""

_NAME = re.compile(rf"{_HAN}.*{_HAN}")
_RUN = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]+")
_UNKNOWN = "OOV"


class ChineseFinder:
    """Finds names of persons, places and organisations in Chinese sentences."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        self._network = Network(arrays)
        self._tags, words = lines(arrays["tags"]), lines(arrays["words"])
        if len(self._tags) != len(arrays["output_bias"]) or len(words) > len(arrays["embedding"]):
            raise ValueError("words and tags do not fit the weights")
        self._numbers = {word: number for number, word in enumerate(words)}
        self._unknown = self._numbers[_UNKNOWN]
        self._replaced = dict(line.split("\t") for line in lines(arrays["replaced"]))
        self._lexicon = _prefixes(lines(arrays["lexicon"]))

    @classmethod
    def load(cls, path: Path) -> ChineseFinder:
        """Return what was installed. Raises DamagedError."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(arrays)
        except (KeyError, ValueError, EOFError, IndexError, OSError, BadZipFile) as error:
            advice = "Run `waybill names install` again."
            raise DamagedError(f"this is no model of names: {error}", where=str(path), advice=advice) from None

    def reads(self, sentence: str) -> bool:
        """Return whether there are two Chinese characters in it."""
        return _SPEAKS.search(sentence) is not None

    def find(self, sentences: Sequence[str]) -> list[list[Name]]:
        """Return the names of each sentence."""
        cut = [list(self._units(sentence)) for sentence in sentences]
        tagged = self._network.tags([[number for number, _ in units] for units in cut])
        return [
            list(self._names(sentence, [size for _, size in units], tags.tolist()))
            for sentence, units, tags in zip(sentences, cut, tagged, strict=True)
        ]

    def _units(self, sentence: str) -> Iterator[tuple[int, int]]:
        """Yield what the network is asked about: a number, and how many characters it stands for."""
        for run in _RUN.findall(sentence):
            for word in [run] if run[0].isascii() and run[0].isalnum() else fewest_words(run, self._lexicon):
                if word in self._numbers:
                    yield self._number(word), len(word)
                else:
                    yield from ((self._number(letter), 1) for letter in word)

    def _number(self, word: str) -> int:
        return self._numbers.get(self._replaced.get(word, word), self._unknown)

    def _names(self, sentence: str, sizes: Sequence[int], tags: Sequence[int]) -> Iterator[Name]:
        """Yield the names that tags tell of: one begins with B and goes on while I of its kind follows."""
        place, kind, start = 0, "", 0
        for size, tag in zip([*sizes, 0], [self._tags[tag] for tag in tags] + ["O"], strict=True):
            if tag != f"{kind}-I":
                if (told := _KINDS.get(kind)) and _plausible(told, sentence[start:place]):
                    yield Name(told, start, place)
                kind, start = tag.rpartition("-")[0], place
            place += size


def _plausible(kind: Kind, name: str) -> bool:
    pattern = _PERSON if kind is Kind.PERSON else _NAME
    return pattern.fullmatch(name) is not None


def fewest_words(text: str, lexicon: Mapping[str, bool]) -> list[str]:
    """Return text as the fewest words of a lexicon and single characters; of equal ways the longer word first."""
    count, size = [0] * (len(text) + 1), [1] * len(text)
    for start in range(len(text) - 1, -1, -1):
        count[start], end = count[start + 1] + 1, start + 1
        while end <= len(text) and (whole := lexicon.get(text[start:end])) is not None:
            if whole and count[end] + 1 <= count[start]:
                count[start], size[start] = count[end] + 1, end - start
            end += 1
    words, place = [], 0
    while place < len(text):
        words.append(text[place : place + size[place]])
        place += size[place]
    return words


def _prefixes(words: Sequence[str]) -> dict[str, bool]:
    """Return every beginning of the words, and whether it is one of them."""
    found = {word[:end]: False for word in words for end in range(1, len(word))}
    found.update(dict.fromkeys(words, True))
    return found


def lines(text: npt.NDArray[np.generic]) -> list[str]:
    """Return the lines of text that is kept as an array of bytes."""
    return text.tobytes().decode("utf-8").split("\n")


def kept(given: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return lines as an array of bytes."""
    return np.frombuffer("\n".join(given).encode("utf-8"), np.uint8)
