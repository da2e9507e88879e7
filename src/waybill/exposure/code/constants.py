"""What texts in code come to: put together, joined, decoded; so that a host cannot hide behind its spelling."""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
from collections.abc import Callable, Container, Mapping, Sequence

MOST = 100_000
"""Characters of a text; longer ones are not followed."""

Known = Mapping[str, str]
"""Texts by the names that hold them."""


class _Unknown(Exception):  # noqa: N818  no fault: what a text comes to can often not be known
    """What it comes to cannot be known."""


def fold(node: ast.AST | None, known: Known) -> str | None:
    """Return the text that an expression comes to, or nothing where it cannot be known.

    In texts that are put together, what is not known is left out.
    """
    try:
        found = _fold(node, known)
    except (_Unknown, ValueError, TypeError, RecursionError, LookupError, binascii.Error):
        return None
    text = found.decode("utf-8", "replace") if isinstance(found, bytes) else found
    return text if isinstance(text, str) and len(text) <= MOST else None


def is_hidden(node: ast.AST | None, hidden: Container[str] = ()) -> bool:
    """Return whether an expression decodes or assembles a text that could as well be written out.

    ``hidden`` are names that hold such texts.
    """
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Call) and _name(part.func) in _HIDING:
            return True
        if isinstance(part, ast.Name) and (part.id == "chr" or part.id in hidden):
            return True
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice) and part.slice.step is not None:
            return True
    return False


_HIDING = frozenset(
    {"b64decode", "urlsafe_b64decode", "b32decode", "b16decode", "a85decode", "b85decode", "fromhex", "unhexlify",
     "chr", "decodebytes", "decompress"}
)  # fmt: skip


def _fold(node: ast.AST | None, known: Known) -> str | bytes:  # noqa: PLR0911  one case for each kind of expression
    match node:
        case ast.Constant(value=str() | bytes() as value):
            return value
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (fold(left, known) or "") + (fold(right, known) or "")
        case ast.BinOp(left=left, op=ast.Mod()):
            return _text(_fold(left, known)).replace("%s", "")
        case ast.JoinedStr(values=values):
            return "".join(fold(value, known) or "" for value in values)
        case ast.FormattedValue(value=value):
            return _fold(value, known)
        case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=None, step=ast.UnaryOp(op=ast.USub()))):
            return _fold(value, known)[::-1]
        case ast.Call():
            return _called(node, known)
    raise _Unknown


def _called(call: ast.Call, known: Known) -> str | bytes:  # noqa: PLR0911  one case for each kind of call
    name, arguments = _name(call.func), call.args
    if name in _DECODERS and arguments:
        return _DECODERS[name](_fold(arguments[0], known))
    if name == "chr" and isinstance(arguments[0], ast.Constant) and isinstance(arguments[0].value, int):
        return chr(arguments[0].value)
    if name in {"str", "bytes", "bytearray"} and arguments:
        return _fold(arguments[0], known) if not isinstance(arguments[0], ast.List) else bytes(_numbers(arguments[0]))
    if not isinstance(call.func, ast.Attribute):
        raise _Unknown
    base = call.func.value
    if name == "join":
        return _text(_fold(base, known)).join(_joined(arguments[0], known))
    text = _fold(base, known)
    if name in {"decode", "encode", "strip", "format"}:
        return codecs.decode(_text(text), "rot13") if _is_rot13(arguments) else text
    if name in {"lower", "upper"}:
        return _text(text).lower() if name == "lower" else _text(text).upper()
    if name == "replace" and len(arguments) == 2:
        return _text(text).replace(_text(_fold(arguments[0], known)), _text(_fold(arguments[1], known)))
    raise _Unknown


def _joined(node: ast.AST, known: Known) -> Sequence[str]:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_text(_fold(part, known)) for part in parts]
        case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="chr"), numbers]):
            return [chr(number) for number in _numbers(numbers)]
        case (
            ast.ListComp(elt=ast.Call(func=ast.Name(id="chr")), generators=[one])
            | ast.GeneratorExp(elt=ast.Call(func=ast.Name(id="chr")), generators=[one])
        ):
            return [chr(number) for number in _numbers(one.iter)]
        case ast.Call(func=ast.Name(id="reversed"), args=[whole]):
            return list(_text(_fold(whole, known)))[::-1]
    raise _Unknown


def _numbers(node: ast.AST) -> list[int]:
    if isinstance(node, ast.List | ast.Tuple):
        found = [part.value for part in node.elts if isinstance(part, ast.Constant) and isinstance(part.value, int)]
        if len(found) == len(node.elts):
            return found
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return list(node.value)
    raise _Unknown


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _is_rot13(arguments: Sequence[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and arguments[0].value in {"rot13", "rot_13"}


def _name(function: ast.AST) -> str:
    """Return the last part of what is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


_DECODERS: dict[str, Callable[[str | bytes], bytes]] = {
    "b64decode": lambda value: base64.b64decode(_bytes(value)),
    "urlsafe_b64decode": lambda value: base64.urlsafe_b64decode(_bytes(value)),
    "decodebytes": lambda value: base64.decodebytes(_bytes(value)),
    "b32decode": lambda value: base64.b32decode(_bytes(value)),
    "b16decode": lambda value: base64.b16decode(_bytes(value)),
    "a85decode": lambda value: base64.a85decode(_bytes(value)),
    "b85decode": lambda value: base64.b85decode(_bytes(value)),
    "fromhex": lambda value: bytes.fromhex(_text(value)),
    "unhexlify": lambda value: binascii.unhexlify(_bytes(value)),
}
