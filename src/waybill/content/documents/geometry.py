"""Fingerprints of drawings by their entities, so that a part is recognised however its file is written.

STEP (ISO 10303-21): numbers of entities, names, the order, the header and the way numbers are written make no
difference. DXF: handles, layers and styles make none. What another program exports by another kind of geometry, or
moved and scaled, is not recognised.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import numpy as np

from waybill.content.documents.winnowing import Hashes

_STEP = b"ISO-10303-21"
_DXF = re.compile(rb"(?:\s*999\r?\n[^\n]*\n)*\s*0\s*\r?\nSECTION\s*\r?\n")

_ENTITY = re.compile(rb"#\d+\s*=\s*([A-Z_0-9]+\s*\([^;']*(?:'[^']*'[^;']*)*);")
_IGNORED = re.compile(rb"#\d+|\s+|'[^']*'")
_NUMBER = re.compile(rb"-?\d+\.\d*(?:[eE][+-]?\d+)?")
_SHAPES = (
    b"CARTESIAN_POINT", b"DIRECTION", b"B_SPLINE", b"CYLINDRICAL", b"CONICAL", b"TOROIDAL", b"SPHERICAL", b"CIRCLE",
    b"ELLIPSE", b"VECTOR", b"LINE",
)  # fmt: skip
_LEAST_BYTES = 24
"""A shorter entity, such as the origin, stands in every drawing."""

_DRAWN = frozenset(
    (b"3DFACE", b"ARC", b"CIRCLE", b"ELLIPSE", b"LINE", b"LWPOLYLINE", b"POINT", b"SOLID", b"SPLINE", b"VERTEX")
)
_COORDINATES = range(10, 60)
"""Group codes of coordinates, lengths and angles (DXF reference)."""


def is_drawing(head: bytes) -> bool:
    """Return whether a text that begins so is STEP or DXF."""
    return head.lstrip().startswith(_STEP) or bool(_DXF.match(head))


def fingerprints(data: bytes) -> Hashes:
    """Return the fingerprints of the entities of a drawing, each once, sorted."""
    entities = _step(data) if data.lstrip().startswith(_STEP) else _dxf(data)
    hashes = {hashlib.blake2b(entity, digest_size=8).digest() for entity in entities}
    return np.sort(np.frombuffer(b"".join(hashes), "<u8").astype(np.uint64))


def _step(data: bytes) -> Iterator[bytes]:
    for match in _ENTITY.finditer(data):
        entity = match[1]
        if entity.startswith(_SHAPES):
            plain = _NUMBER.sub(_rounded, _IGNORED.sub(b"", entity))
            if len(plain) > _LEAST_BYTES:
                yield plain


def _dxf(data: bytes) -> Iterator[bytes]:
    """Yield the coordinates of each entity that is drawn."""
    lines = [line.strip() for line in data.split(b"\n")]
    kind = b""
    numbers: list[bytes] = []
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        if code == b"0":
            if kind in _DRAWN and sum(len(number) for number in numbers) > _LEAST_BYTES // 2:
                yield kind + b"," + b",".join(numbers)
            kind, numbers = value, []
        elif code.isdigit() and int(code) in _COORDINATES and (match := _NUMBER.fullmatch(value)):
            numbers.append(code + b"=" + _rounded(match))


def _rounded(number: re.Match[bytes]) -> bytes:
    """Return a number to four figures; minus zero is zero."""
    return b"%.4g" % (float(number[0]) + 0.0)
