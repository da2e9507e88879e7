"""Names in English text, by the small model of spaCy (MIT), which comes with the extra ``names``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from waybill.content.names.finding import Kind, Name
from waybill.model.errors import DamagedError, UsageError

_KINDS = {"PERSON": Kind.PERSON, "GPE": Kind.PLACE, "LOC": Kind.PLACE, "ORG": Kind.ORGANISATION}
_UNUSED = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
_WORDS = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PERSON = re.compile(r"[A-Z][A-Za-zÀ-ɏ.'’ -]*[a-zà-ɏ.]")
"""A number, a word with digits in it or the level of a log line (ERROR) is no person, whatever a model says."""

_NAME = re.compile(r"[^\W\d_].*")


class EnglishFinder:
    """Finds names of persons, places and organisations in English sentences."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    @classmethod
    def load(cls, folder: Path) -> EnglishFinder:
        """Return what was installed. Raises UsageError without the extra, DamagedError for what is no model."""
        if find_spec("spacy") is None:
            raise UsageError("names in English need spaCy", advice="Install the extra `names` of waybill-security.")
        try:
            return cls(import_module("spacy").load(folder, exclude=_UNUSED))
        except (OSError, ValueError, KeyError) as error:
            advice = "Run `waybill names install` again."
            raise DamagedError(f"this is no model of names: {error}", where=str(folder), advice=advice) from None

    def reads(self, sentence: str) -> bool:
        """Return whether there are two Latin words in it and nothing Chinese."""
        return _WORDS.search(sentence) is not None and not _HAN.search(sentence)

    def find(self, sentences: Sequence[str]) -> list[list[Name]]:
        """Return the names of each sentence."""
        return [
            [
                Name(kind, entity.start_char, entity.end_char)
                for entity in document.ents
                if (kind := _KINDS.get(entity.label_)) and _plausible(kind, entity.text)
            ]
            for document in self._pipeline.pipe(sentences, batch_size=64)
        ]


def _plausible(kind: Kind, name: str) -> bool:
    pattern = _PERSON if kind is Kind.PERSON else _NAME
    return pattern.fullmatch(name) is not None
