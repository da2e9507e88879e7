"""What texts and numbers in code come to: put together, joined, decoded; so that nothing hides behind its spelling."""

from __future__ import annotations

import base64
import binascii
import codecs
import operator
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST = 100_000
"""Characters of a text, and bits of a number, that are followed."""


class Unknown(Exception):  # noqa: N818  no fault: what a text comes to can often not be known
    """What it comes to cannot be known."""


def call(name: str, receiver: Any, arguments: Sequence[Any]) -> Any:
    """Return what a call of a function or method of the language comes to. ``receiver`` is what a method is called on.

    Raises ``Unknown``.
    """
    try:
        if name in DECODING and arguments and isinstance(arguments[0], str | bytes):
            return _bounded(DECODING[name](arguments[0]))
        if name in _ENCODING and arguments and isinstance(arguments[0], str | bytes):
            return _bounded(_ENCODING[name](arguments[0]))
        if isinstance(receiver, str | bytes) and name in _OF_TEXTS:
            return _bounded(_OF_TEXTS[name](receiver, *arguments))
        if receiver is None and name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*arguments))
        if isinstance(receiver, list) and name in {"join", "reverse", "index"}:
            return _bounded(_of_lists(name, receiver, arguments))
    except (ValueError, TypeError, LookupError, ArithmeticError, binascii.Error, MemoryError, AttributeError):
        pass
    raise Unknown


def operate(sign: str, left: Any, right: Any) -> Any:
    """Return what an operation of two constants comes to; raise ``Unknown``."""
    if sign in {"Pow", "LShift"} and not (isinstance(right, int) and 0 <= right < 128):
        raise Unknown
    if sign == "Mult" and _size(left) * _size(right) > MOST:
        raise Unknown
    if sign == "Mod" and isinstance(left, str | bytes) and _WIDE.search(_text(left)):
        raise Unknown  # a width in a template makes a text of any length
    try:
        return _bounded(_OPERATIONS[sign](left, right))
    except (ValueError, TypeError, LookupError, ArithmeticError, MemoryError):
        raise Unknown from None


_WIDE = re.compile(r"%[^a-z%]*[\d*]|\{[^}]*:")


def _size(value: Any) -> int:
    """Return how long something becomes when it is repeated, or how often it is."""
    return len(value) if isinstance(value, str | bytes | list | tuple) else abs(int(value)) if value else 1


def _format(text: Any, *given: Any) -> Any:
    if _WIDE.search(_text(text)) or "." in "".join(re.findall(r"\{([^}]*)\}", _text(text))):
        raise Unknown
    return text.format(*given)


def _replace(text: Any, old: Any, new: Any) -> Any:
    if not old or text.count(old) * len(new) > MOST:
        raise Unknown
    return text.replace(old, new)


def _join(glue: Any, parts: Any) -> Any:
    if len(glue) * len(parts) > MOST:
        raise Unknown
    return glue.join(parts)


def _bounded(value: Any) -> Any:
    if isinstance(value, str | bytes | list | tuple) and len(value) > MOST:
        raise Unknown
    if isinstance(value, int) and value.bit_length() > 512:
        raise Unknown
    return value


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _text(value: Any) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else str(value)


def _unpadded(value: Any) -> bytes:
    plain = _bytes(value)
    return base64.b64decode(plain + b"=" * (-len(plain) % 4))


def _of_lists(name: str, receiver: list[Any], arguments: Sequence[Any]) -> Any:
    if name == "join":
        return _join(_text(arguments[0]) if arguments else ",", [_text(one) for one in receiver])
    return receiver[::-1] if name == "reverse" else receiver.index(arguments[0])


def _decode(text: Any, encoding: Any = "utf-8", *_: Any) -> Any:
    if str(encoding).replace("_", "").lower() == "rot13":
        return codecs.decode(_text(text), "rot13")
    return _text(text)


def _encode(text: Any, encoding: Any = "utf-8", *_: Any) -> Any:
    if str(encoding).replace("_", "").lower() == "rot13":
        return codecs.encode(_text(text), "rot13")
    return text.encode() if isinstance(text, str) else text


def _as_text(value: Any = "", *rest: Any) -> Any:
    """Python's ``str``, and the ``toString`` of other languages with their encodings."""
    return _text(value)


def _from(value: Any, encoding: Any = "", *_: Any) -> Any:
    """Node's ``Buffer.from``."""
    if encoding == "base64":
        return _unpadded(value)
    return bytes.fromhex(_text(value)) if encoding == "hex" else _bytes(value)


DECODING: Mapping[str, Callable[[Any], Any]] = {
    "b64decode": lambda value: base64.b64decode(_bytes(value)),
    "urlsafe_b64decode": lambda value: base64.urlsafe_b64decode(_bytes(value)),
    "decodebytes": lambda value: base64.decodebytes(_bytes(value)),
    "b32decode": lambda value: base64.b32decode(_bytes(value)),
    "b16decode": lambda value: base64.b16decode(_bytes(value)),
    "a85decode": lambda value: base64.a85decode(_bytes(value)),
    "b85decode": lambda value: base64.b85decode(_bytes(value)),
    "fromhex": lambda value: bytes.fromhex(_text(value)),
    "unhexlify": lambda value: binascii.unhexlify(_bytes(value)),
    "atob": lambda value: _unpadded(value).decode("latin-1"),
}
"""Functions that decode what could as well be written out."""

_ENCODING: Mapping[str, Callable[[Any], Any]] = {
    "b64encode": lambda value: base64.b64encode(_bytes(value)),
    "urlsafe_b64encode": lambda value: base64.urlsafe_b64encode(_bytes(value)),
    "hexlify": lambda value: binascii.hexlify(_bytes(value)),
}
"""Functions that encode."""

HIDING = frozenset({*DECODING, "chr", "fromCharCode", "fromCodePoint", "decompress", "reverse", "reversed"})
"""Calls after which a text counts as hidden."""

_OF_TEXTS: Mapping[str, Callable[..., Any]] = {
    "decode": _decode, "encode": _encode, "toString": _as_text,
    "join": _join,
    "split": lambda text, *by: text.split(*by) if not by or by[0] else list(text),
    "strip": lambda text, *of: text.strip(*of), "trim": lambda text: text.strip(),
    "lstrip": lambda text, *of: text.lstrip(*of), "rstrip": lambda text, *of: text.rstrip(*of),
    "lower": lambda text: text.lower(), "toLowerCase": lambda text: text.lower(),
    "upper": lambda text: text.upper(), "toUpperCase": lambda text: text.upper(),
    "replace": _replace,
    "replaceAll": _replace,
    "format": _format,
    "startswith": lambda text, *of: text.startswith(*of), "endswith": lambda text, *of: text.endswith(*of),
    "concat": lambda text, *more: text + "".join(map(_text, more)),
    "charAt": lambda text, place: text[place], "hex": lambda text: text.hex(),
    "find": lambda text, *of: text.find(*of), "index": lambda text, *of: text.index(*of),
    "isdigit": lambda text: text.isdigit(), "zfill": lambda text, wide: text.zfill(min(wide, MOST)),
}  # fmt: skip

_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "chr": chr, "ord": ord, "len": len, "int": int, "float": float, "bool": bool, "abs": abs, "min": min, "max": max,
    "str": _as_text, "String": _as_text, "bytearray": lambda value=b"", *_: _sized(value),
    "bytes": lambda value=b"", *_: _sized(value), "list": list, "tuple": list, "sorted": sorted,
    "reversed": lambda values: list(values)[::-1], "fromCharCode": lambda *codes: "".join(map(chr, codes)),
    "fromCodePoint": lambda *codes: "".join(map(chr, codes)), "parseInt": int,
    "Buffer.from": _from, "unquote": urllib.parse.unquote, "decodeURIComponent": urllib.parse.unquote,
    "hex": hex, "round": round,
}  # fmt: skip


def _sized(value: Any) -> bytes:
    if isinstance(value, int) and not 0 <= value <= MOST:
        raise Unknown
    return _bytes(value) if isinstance(value, str) else bytes(value)


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv, "Mod": operator.mod,
    "FloorDiv": operator.floordiv, "Pow": operator.pow, "LShift": operator.lshift, "RShift": operator.rshift,
    "BitOr": operator.or_, "BitAnd": operator.and_, "BitXor": operator.xor,
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt,
    "GtE": operator.ge, "Is": lambda one, other: one is other, "IsNot": lambda one, other: one is not other,
    "In": lambda one, other: one in other, "NotIn": lambda one, other: one not in other,
}  # fmt: skip
