"""Where single transfers went and through what: asked of the lake, or remembered while a scan streams by."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.flow.intake.tally import id_prefixes
from waybill.lake.snapshot import Snapshot


class Passage(NamedTuple):
    """What of one transfer tells where it went; logs repeat these a lot. Empty is what the log does not say."""

    actor: str
    application: str
    source: str
    asset_kind: str
    from_place: str
    to_place: str
    to_party: str
    to_jurisdiction: str


_OF_STORED = """
SELECT id, actor, application, source, asset_kind, from_place, to_place, to_party, to_jurisdiction
FROM transfers
WHERE time >= $first AND time <= $last AND id IN (SELECT unnest($ids))
"""

_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


def stored_passages(
    snapshot: Snapshot, ids: Collection[str], span: tuple[datetime, datetime] = _EVER
) -> dict[str, Passage]:
    """Return the passages of these transfers (ids as hex) that the lake still holds; ``span``: when they happened."""
    if not ids:
        return {}
    first, last = span
    parameters = {"ids": [bytes.fromhex(one) for one in ids], "first": first, "last": last}
    rows = snapshot.query(_OF_STORED, parameters).to_pylist()
    return {row.pop("id").hex(): Passage(**{name: value or "" for name, value in row.items()}) for row in rows}


class Passages:
    """Remembers the passage of every transfer it is told of: 12 bytes each, and each distinct passage once."""

    def __init__(self) -> None:
        self._numbers: dict[Passage, int] = {}
        self._ids: list[npt.NDArray[np.uint64]] = []
        self._passages: list[npt.NDArray[np.int32]] = []

    def add(self, transfers: pa.Table) -> None:
        """Remember the passages of these transfers."""
        if not transfers.num_rows:
            return
        texts = [transfers[name].unify_dictionaries().combine_chunks() for name in Passage._fields]
        codes = [text.indices.fill_null(-1).to_numpy(zero_copy_only=False) for text in texts]
        firsts, combination = _combinations(codes)
        names = [[*text.dictionary.to_pylist(), ""] for text in texts]  # a null is number -1 and meets the last
        numbers = [
            self._number(Passage(*(name[int(code[row])] for name, code in zip(names, codes, strict=True))))
            for row in firsts
        ]
        self._ids.append(id_prefixes(transfers["id"]))
        self._passages.append(np.array(numbers, np.int32)[combination])

    def of(self, ids: Iterable[str]) -> dict[str, Passage]:
        """Return the passages of these transfers (ids as hex)."""
        if not self._ids:
            return {}
        known, numbers = np.concatenate(self._ids), np.concatenate(self._passages)
        order = np.argsort(known, kind="stable")
        wanted = list(ids)
        prefixes = np.frombuffer(b"".join(bytes.fromhex(one)[:8] for one in wanted), np.uint64)
        found = order[np.minimum(np.searchsorted(known, prefixes, sorter=order), len(order) - 1)]
        passages = list(self._numbers)
        return {
            one: passages[numbers[row]]
            for one, prefix, row in zip(wanted, prefixes, found, strict=True)
            if known[row] == prefix
        }

    def _number(self, passage: Passage) -> int:
        return self._numbers.setdefault(passage, len(self._numbers))


def _combinations(codes: Iterable[npt.NDArray[np.int32]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return a row for each distinct combination of codes, and the number of each row's combination."""
    combined = np.zeros(0, np.int64)
    for code in codes:
        wide = code.astype(np.int64) + 1
        if len(combined):
            # Renumbered after each column, so that the product of two never overflows.
            wide += np.unique(combined, return_inverse=True)[1] * (int(wide.max()) + 1)
        combined = wide
    _, firsts, numbers = np.unique(combined, return_index=True, return_inverse=True)
    return firsts, numbers
