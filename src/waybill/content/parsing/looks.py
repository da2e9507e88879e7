"""How a picture looks, as 128 bits: whether each of 8 × 8 places is brighter than the next, to the right and below.

A difference hash (Krawetz, 2013). It survives another size, compression and a little more light; it does not survive
cropping or turning, and unlike pictures may share it by chance: it is a hint and proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

BYTES = 16
_SIDE = 8
_LEAST_TELLING = 24
"""Bits that must be set, and unset: a blank page and an even slope look like any other."""


def look(image: Image) -> bytes:
    """Return the hash of a picture; empty where there is too little to be seen in it."""
    grey = image.convert("L")
    across = np.diff(_shrunk(grey, _SIDE + 1, _SIDE), axis=1) < 0
    down = np.diff(_shrunk(grey, _SIDE, _SIDE + 1), axis=0) < 0
    bits = np.concatenate([across.ravel(), down.ravel()])
    telling = _LEAST_TELLING <= int(bits.sum()) <= len(bits) - _LEAST_TELLING
    return np.packbits(bits).tobytes() if telling else b""


def distance(one: bytes, other: bytes) -> int:
    """Return in how many bits two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _shrunk(grey: Image, width: int, height: int) -> npt.NDArray[np.int16]:
    from PIL.Image import Resampling

    return np.asarray(grey.resize((width, height), Resampling.BOX), np.int16)
