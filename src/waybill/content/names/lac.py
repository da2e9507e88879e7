"""Reads the source distribution of LAC 2.1.2 (Baidu, Apache-2.0) and makes a model of ours of its weights.

No code of it is run and nothing is unpacked. A file of weights is what PaddlePaddle 1.x wrote of a tensor: versions and
levels of detail, a description as a protocol buffer (type, shape), then the values, little-endian.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from waybill.content.names.chinese import kept
from waybill.content.names.network import LAYERS, Floats
from waybill.model.errors import InputError

SHA256 = "22fcde0d5082d2044205ea6f6a7a9cd1f0d63e7b21b2dd5c9c73f27e7c0a3ef1"
"""Of LAC-2.1.2.tar.gz."""

NOTICE = "Weights and lexicon of LAC 2.1.2, (c) Baidu.com, Inc., Apache License 2.0; converted, otherwise unchanged."

_BELOW = "LAC-2.1.2/LAC/lac_model/"
_LARGEST = 64 << 20
_FLOAT32 = 5
_TEXTS = ("conf/word.dic", "conf/tag.dic", "conf/q2b.dic", "conf/small_seg.dic")
_LAYERS = [f"{layer}_{n}.{part}_0" for n in range(2 * LAYERS) for layer in ("fc", "gru") for part in "wb"]
_WEIGHTS = ("word_emb", "crfw", "fc_4.w_0", "fc_4.b_0", *_LAYERS)


def converted(path: Path, *, sha256: str = SHA256) -> bytes:
    """Return the model as an ``.npz`` file. Raises InputError for any other file."""
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise InputError(
                "this is not the file whose weights are known", where=str(path), expected=f"sha256 {sha256}"
            )
        file.seek(0)
        try:
            parts = _parts(file)
            arrays = _arrays(parts)
        except (tarfile.TarError, KeyError, IndexError, ValueError, struct.error) as error:
            raise InputError(f"its weights cannot be read: {error}", where=str(path)) from None
    made = io.BytesIO()
    np.savez(made, allow_pickle=False, **arrays)
    return made.getvalue()


def _parts(file: BinaryIO) -> Mapping[str, bytes]:
    """Return the members that are wanted, by their names; of links and devices nothing is read."""
    wanted = {_BELOW + name for name in (*_TEXTS, *(f"model/{name}" for name in _WEIGHTS))}
    found = {}
    with tarfile.open(fileobj=file, mode="r:gz") as archive:
        for member in archive:
            if member.name in wanted and member.isreg() and member.size <= _LARGEST:
                part = archive.extractfile(member)
                found[member.name.removeprefix(_BELOW)] = part.read() if part else b""
    return found


def _arrays(parts: Mapping[str, bytes]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    weights = {name: tensor(parts[f"model/{name}"]) for name in _WEIGHTS}
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {
        "embedding": weights["word_emb"],
        "output": weights["fc_4.w_0"],
        "output_bias": weights["fc_4.b_0"].ravel(),
        "transitions": weights["crfw"],
        "words": kept(_numbered(parts["conf/word.dic"])),
        "tags": kept(_numbered(parts["conf/tag.dic"])),
        "replaced": kept([line for line in _lines(parts["conf/q2b.dic"]) if line.count("\t") == 1]),
        "lexicon": kept([line.split(" ")[0] for line in _lines(parts["conf/small_seg.dic"]) if line.strip()]),
        "notice": kept([NOTICE]),
    }
    for n in range(2 * LAYERS):
        recurrent = weights[f"gru_{n}.w_0"]
        size = recurrent.shape[0]
        # Two matrices, one after the other, whatever the shape says: that of both gates, that of the candidate.
        arrays[f"gates_{n}"] = recurrent.ravel()[: 2 * size * size].reshape(size, 2 * size)
        arrays[f"candidate_{n}"] = recurrent.ravel()[2 * size * size :].reshape(size, size)
        arrays[f"input_{n}"] = weights[f"fc_{n}.w_0"]
        arrays[f"bias_{n}"] = weights[f"fc_{n}.b_0"].ravel() + weights[f"gru_{n}.b_0"].ravel()
    return arrays


def tensor(data: bytes) -> Floats:
    """Return a tensor of single precision. Raises ValueError, IndexError or struct.error for anything else."""
    levels, place = struct.unpack_from("<Q", data, 4)[0], 12
    for _ in range(levels):
        place += 8 + struct.unpack_from("<Q", data, place)[0]
    (size,) = struct.unpack_from("<i", data, place + 4)
    place += 8
    shape = _shape(data[place : place + size])
    return np.frombuffer(data, "<f4", offset=place + size).reshape(shape)


def _shape(description: bytes) -> tuple[int, ...]:
    """Return the shape that a description tells of: field 1 is the type, field 2 one dimension, or several packed."""
    shape, place = [], 0
    while place < len(description):
        tag, place = description[place], place + 1
        value, place = _number(description, place)
        if tag == 0x12:  # packed: the value is how many bytes follow
            end = place + value
            while place < end:
                value, place = _number(description, place)
                shape.append(value)
        elif tag == 0x10:
            shape.append(value)
        elif tag != 0x08 or value != _FLOAT32:
            raise ValueError("a tensor that is not of single precision")
    return tuple(shape)


def _number(data: bytes, place: int) -> tuple[int, int]:
    """Return a number in base 128, the lowest digit first, and where it ends."""
    value, shift = 0, 0
    while True:
        digit, place = data[place], place + 1
        value, shift = value | (digit & 127) << shift, shift + 7
        if digit < 128:
            return value, place


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8").rstrip("\n").split("\n")


def _numbered(data: bytes) -> list[str]:
    """Return entries at the places that their numbers say; of several with one number the last."""
    entries = [line.split("\t") for line in _lines(data)]
    found = [""] * (1 + max(int(number) for number, _ in entries))
    for number, entry in entries:
        found[int(number)] = entry
    return found
