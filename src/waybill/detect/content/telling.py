"""Rows that tell by their fields what they carried: content that was at hand, or the digest of a file that is known."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.carried import MARK
from waybill.model.register import DECOY_FIELD, Content, RegisterSnapshot
from waybill.model.transfers import SEPARATOR

_OF_DIGESTS = frozenset({"sha256", "sha-256", "hash", "hashes"})
"""Last parts of the names of fields in which programs write what a file hashes to (ECS, OCSF, Sysmon, Zeek)."""

_DIGEST = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")

Mask = npt.NDArray[np.bool_]


def telling_rows(fields: pa.ChunkedArray, register: RegisterSnapshot) -> Mask:
    """Return which rows say what they carried, name decoys, or may give the digest of something known.

    Only names of fields are looked at, each once where they are encoded.
    """
    parts = [_telling(chunk, register) for chunk in fields.chunks]
    return np.concatenate(parts) if parts else np.zeros(0, bool)


def _telling(maps: pa.MapArray, register: RegisterSnapshot) -> Mask:
    keys = maps.keys
    encoded = pa.types.is_dictionary(keys.type)
    names = keys.dictionary if encoded else keys
    wanted = [MARK, *([DECOY_FIELD] if register.decoys else [])]
    if register.digests:
        wanted += [name for name in pc.unique(names).to_pylist() if name and _may_hold_digest(name)]
    named = pc.is_in(names.cast(pa.string()), value_set=pa.array(wanted, pa.string()))
    if not pc.any(named).as_py():
        return np.zeros(len(maps), bool)
    if encoded:
        named = named.take(keys.indices)
    begins = maps.offsets.to_numpy()  # of a slice: they count the names of the whole all the same
    before = np.concatenate([[0], np.cumsum(named.fill_null(False).to_numpy(zero_copy_only=False))])
    return np.asarray(before[begins[1:]] > before[begins[:-1]])


def by_digest(fields: Mapping[str, str], register: RegisterSnapshot) -> Content | None:
    """Return what is known of a file whose digest a row gives."""
    if not register.digests:
        return None
    for name, value in fields.items():
        if _may_hold_digest(name):
            for digest in _DIGEST.findall(value.replace(SEPARATOR, " ")):
                if content := register.content_by(digest):
                    return content
    return None


def _may_hold_digest(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _OF_DIGESTS
