"""All registered fingerprints in sorted arrays: which documents have one, and which ones too many have."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from waybill.content.documents.library import Document, Stored
from waybill.content.documents.winnowing import Hashes

RARE = 3
"""Families that may share a fingerprint; what more of them have is a phrase of the trade, not a document's own."""

_SIEVE_BITS = 16
"""Room of the sieve for each fingerprint, in bytes of one bit that counts."""


class Index:
    """Looks fingerprints up; made once for a state of the library, then never changed."""

    def __init__(self, stored: Iterable[Stored], *, geometry: bool = False) -> None:
        kept = list(stored)
        self.documents: list[Document] = [entry.document for entry in kept if not entry.document.template]
        parts = [entry.geometry if geometry else entry.text for entry in kept if not entry.document.template]
        stops = [entry.geometry if geometry else entry.text for entry in kept if entry.document.template]
        numbers = [np.full(len(part), number, np.int64) for number, part in enumerate(parts)]
        none = np.empty(0, np.uint64)
        values = np.concatenate([none, *parts])
        owners = np.concatenate([np.empty(0, np.int64), *numbers])
        order = np.argsort(values, kind="stable")
        values, owners = values[order], owners[order]
        rare = self._rare(values, owners) & ~np.isin(values, np.concatenate([none, *stops]))
        self._values, self._owners = values[rare], owners[rare]
        self.rare = np.bincount(self._owners, minlength=len(self.documents))
        """How many fingerprints of each document are its own, or nearly."""
        bits = max(10, int(len(self._values) * _SIEVE_BITS).bit_length())
        self._shift = np.uint64(64 - bits)
        self._sieve = np.zeros(1 << bits, np.bool_)
        self._sieve[self._values >> self._shift] = True

    def _rare(self, values: Hashes, owners: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return which entries are of fingerprints that few families share."""
        if not len(values):
            return np.empty(0, np.bool_)
        names = {name: number for number, name in enumerate(dict.fromkeys(d.family for d in self.documents))}
        families = np.array([names[document.family] for document in self.documents], np.int64)[owners]
        groups = np.cumsum(np.diff(values, prepend=values[:1]) != 0)
        pairs = np.unique(groups * len(names) + families)
        return np.asarray(np.bincount(pairs // len(names), minlength=groups[-1] + 1)[groups] <= RARE)

    def find(self, values: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return which of the values are registered, and of which document; a value of several comes several times."""
        likely = np.flatnonzero(self._sieve[values >> self._shift])
        looked_up = values[likely]
        first = np.searchsorted(self._values, looked_up, "left")
        counts = np.searchsorted(self._values, looked_up, "right") - first
        places = np.repeat(likely, counts)
        runs = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, self._owners[np.repeat(first, counts) + runs]
