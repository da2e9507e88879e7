"""What is done to every byte of a log: plainly here, with what the standard library, NumPy and Arrow have compiled.

``quick_scanning`` does the same by machine code of our own, with the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from waybill.collect import flat_lines, patterns
from waybill.collect.cells import Mask
from waybill.collect.dictionary import Codes
from waybill.collect.flat_lines import FlatLines
from waybill.model.ids import record_hasher

if TYPE_CHECKING:
    from waybill.collect.privacy import OwnNames


class Scanning(Protocol):
    """Looks at every byte."""

    def read_flat(self, data: bytes) -> FlatLines | None:
        """Return the flat records among lines of JSON; None if there are none, or it would be too dear to find out."""

    def may_name_people(self, values: list[str], joined: str, is_clean: Callable[[str], bool]) -> list[str]:
        """Return those of some texts that may give somebody away; ``joined`` are all of them, by line ends.

        ``is_clean`` tells of a line whether it gives nobody away, and is asked about those of texts of several lines.
        """

    def named_elsewhere(self, lines: Sequence[bytes], owns: Sequence[OwnNames], own_of_line: Codes) -> Mask:
        """Return which records of JSON may name their identities anywhere but in the fields that hold them."""

    def swapped(self, lines: Sequence[bytes], owns: Sequence[OwnNames], own_of_line: Codes) -> list[bytes | None]:
        """Return records of JSON with the fields replaced that hold identities, as ``OwnNames.swapped`` does."""

    def record_ids(self, lines: Sequence[bytes], key: bytes, source: str) -> bytes:
        """Return the ids of the first occurrences of records of a source, one behind the other, see ``model.ids``."""


class Plain:
    """Without machine code of our own."""

    def read_flat(self, data: bytes) -> FlatLines | None:
        """Return the flat records among lines."""
        return flat_lines.read_flat(data)

    def may_name_people(self, values: list[str], joined: str, is_clean: Callable[[str], bool]) -> list[str]:
        """Look for marks; no two messages are equal but most of their lines are, so each distinct line is asked for."""
        if not any(mark in joined for mark in patterns.MARKS):
            return []
        marked = [value for value in values if patterns.may_name_people(value)]
        lines = {*"\n".join([value for value in marked if "\n" in value]).split("\n")}
        unclean = {line for line in lines if not is_clean(line)}
        if not unclean:
            return [value for value in marked if "\n" not in value]
        return [value for value in marked if "\n" not in value or not unclean.isdisjoint(value.split("\n"))]

    def named_elsewhere(self, lines: Sequence[bytes], owns: Sequence[OwnNames], own_of_line: Codes) -> Mask:
        """Count names in every record in lower case."""
        joined = b"\n".join(lines)  # a line end is in no JSON
        hiding = b"\\u" in joined  # an escape may hide letters
        return np.array(
            [
                (hiding and b"\\u" in line) or owns[own].elsewhere(lowered)
                for own, line, lowered in zip(own_of_line.tolist(), lines, joined.lower().split(b"\n"), strict=True)
            ],
            bool,
        )

    def swapped(self, lines: Sequence[bytes], owns: Sequence[OwnNames], own_of_line: Codes) -> list[bytes | None]:
        """Replace the fields of every record by itself."""
        return [owns[own].swapped(line) for own, line in zip(own_of_line.tolist(), lines, strict=True)]

    def record_ids(self, lines: Sequence[bytes], key: bytes, source: str) -> bytes:
        """Hash one by one."""
        return b"".join(map(record_hasher(key, source), lines))


PLAIN: Scanning = Plain()
