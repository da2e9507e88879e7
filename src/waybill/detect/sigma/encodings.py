"""Encodes the values of ``base64`` and ``base64offset`` from their bytes.

pySigma 1.5 counts characters where bytes count, writes the mark of ``utf16`` as UTF-8 and escapes ``*`` and ``?``
once more, so that rules about text that is not plain ASCII would load and never fire.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

from sigma.modifiers import (
    SigmaBase64Modifier,
    SigmaBase64OffsetModifier,
    SigmaModifier,
    SigmaUTF16Modifier,
)
from sigma.rule import SigmaDetection, SigmaRule
from sigma.types import SigmaExpansion, SigmaString, SigmaType

_START = (0, 2, 3)
"""First character that the text alone decides, by the number of bytes (mod 3) before it."""

_END = (None, -3, -2)
"""End of the characters that the text alone decides, by the number of bytes (mod 3) up to its end."""


class _Base64(SigmaBase64Modifier):
    def modify(self, val: SigmaString) -> SigmaString:
        return SigmaString.from_str(b64encode(_bytes(val, self.applied_modifiers)).decode())


class _Base64Offset(SigmaBase64OffsetModifier):
    def modify(self, val: SigmaString) -> SigmaExpansion:
        content = _bytes(val, self.applied_modifiers)
        variants: list[SigmaType] = []
        for before in range(3):
            encoded = b64encode(b" " * before + content)[_START[before] : _END[(len(content) + before) % 3]]
            variants.append(SigmaString.from_str(encoded.decode()))
        return SigmaExpansion(variants)


_EXACT: dict[type[SigmaModifier[Any, Any]], type[SigmaModifier[Any, Any]]] = {
    SigmaBase64Modifier: _Base64,
    SigmaBase64OffsetModifier: _Base64Offset,
}


def encode_exactly(rule: SigmaRule) -> None:
    """Redo the encoded values of a parsed rule, in place."""
    for detection in rule.detection.detections.values():
        _redo(detection)


def _redo(detection: SigmaDetection) -> None:
    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            _redo(item)
        elif any(modifier in _EXACT for modifier in item.modifiers) and item.original_value is not None:
            item.value = item.original_value.copy()
            item.modifiers = [_EXACT.get(modifier, modifier) for modifier in item.modifiers]
            item.apply_modifiers()


def _bytes(value: SigmaString, applied: list[Any]) -> bytes:
    content = "".join(str(part) for part in value.s).encode()
    if SigmaUTF16Modifier in applied:
        return content.replace("\ufeff".encode(), b"\xff\xfe", 1)
    return content


def spelt_out(detection: Any) -> Any:
    """Return a detection in words that pySigma understands as they are meant.

    ``utf16le`` becomes ``wide``, its other name; whole numbers that a double cannot hold become text. Raises
    ValueError for values that ``windash`` would multiply beyond measure.
    """
    if isinstance(detection, dict):
        for key, value in detection.items():
            _check_dashes(str(key), value)
        return {
            str(key).replace("|utf16le", "|wide"): value if "|" in str(key) else spelt_out(value)
            for key, value in detection.items()
        }
    if isinstance(detection, list):
        return [spelt_out(member) for member in detection]
    return str(detection) if type(detection) is int and abs(detection) > _EXACT_INTEGERS else detection


_EXACT_INTEGERS = 2**53
"""Up to here a double holds every whole number."""

_MAX_DASHES = 5
"""Most dashes of one value that ``windash`` may vary: each has five forms, and all combinations are tried."""


def _check_dashes(key: str, value: Any) -> None:
    if "|windash" not in key:
        return
    for text in value if isinstance(value, list) else [value]:
        if len(re.findall(r"\B[-/]\b", str(text))) > _MAX_DASHES:
            raise ValueError(f"{key}: windash would vary more than {_MAX_DASHES} dashes of one value")
