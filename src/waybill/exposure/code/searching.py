"""Searching a file for where it uses, defines or keeps something that was found elsewhere, without parsing it.

A word is written as what is looked for: ``send`` or ``Client.send`` is where a function or a method is used,
``Client(`` where an object is made, ``def send`` or ``def Client.send`` where something is defined, ``rows =`` where
something is put under a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_AFTER_DEFINING = re.compile(rb"[ \t]*(?::[^\n=]*)?=(?!=)")
_ASSIGNED = re.compile(
    rb"[^\n=(]*?[^\n=!<>(]?=(?!=)|(?:\[[^\n\]]*\])?\.(?:append|extend|add|update|insert|put\w*|setdefault|push|set|unshift)\("
)
_COMMON = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "dispatch", "save", "update", "add", "create", "run",
     "filter", "all", "items", "values", "keys", "pop", "clean", "list", "send", "write", "read", "close", "open",
     "execute", "query", "find", "render", "append", "set", "remove", "copy", "form_valid", "form_invalid",
     "get_queryset", "get_object", "get_context_data", "get_form_kwargs", "get_form", "setup", "handle", "init"}
)  # fmt: skip
"""Names that methods of many classes have: where one is called, its object must tell that it may be this one."""
_OWN = re.compile(rb"(?:\b(?:self|cls|this)|\bsuper\([^()\n]*\))\s*\.\s*\Z")
_BINDING = re.compile(rb"(\w+)\s*(?::\s*[\"']?|(?::[^\n=]*)?=\s*(?:await\s+|new\s+)?)(?:\w+\.)*\Z")
_RECEIVER = re.compile(rb"(\w+)(?:\([^()\n]*\))?\s*\.\s*\Z")


def made(name: str) -> str:
    """Return the word by which a function is used, by its name within its module; what makes an object, as called."""
    if name.endswith((".__init__", ".constructor", ".<class>")):
        return f"{name.rpartition('.')[0].rpartition('.')[2]}("
    return "" if name == "<module>" else name


def places(content: bytes, words: Iterable[str], *, is_script: bool) -> Iterator[int]:
    """Yield where any of some words stand in a file."""
    for word in words:
        if word.startswith("def "):
            yield from _definitions(content, word.removeprefix("def "), is_script=is_script)
        elif word.endswith(" ="):
            for start, end in _whole(content, word.removesuffix(" =").encode()):
                if is_script or _is_kept(content, start, end):
                    yield start
        elif word.endswith("("):
            for start, end in _whole(content, word.removesuffix("(").encode()):
                if content[end : end + 1] == b"(":
                    yield start
        else:
            yield from _uses(content, word)


def _definitions(content: bytes, word: str, *, is_script: bool) -> Iterator[int]:
    """Yield where a function, a class, or a method of one of its classes is defined."""
    holder, _, name = word.rpartition(".")
    if holder and not is_script and not any(map(_after_class(content), _whole(content, holder.encode()))):
        return
    for start, end in _whole(content, name.encode()):
        if is_script or _defines(content, start, end):
            yield start


def _after_class(content: bytes) -> Callable[[tuple[int, int]], bool]:
    return lambda place: content[max(0, place[0] - 6) : place[0]] == b"class "


def _whole(content: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a name stands as a whole word."""
    start = content.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        if not (_is_letter(content, start - 1) or _is_letter(content, end)):
            yield start, end
        start = content.find(name, end)


def _is_letter(content: bytes, place: int) -> bool:
    letter = content[place : place + 1] if place >= 0 else b""
    return letter.isalnum() or letter == b"_" or letter > b"\x7f"


def _defines(content: bytes, start: int, end: int) -> bool:
    """Return whether a name is defined where it stands."""
    before = content[max(0, start - 6) : start]
    if before.endswith((b"def ", b"class ")):
        return True
    return (start == 0 or before.endswith(b"\n")) and _AFTER_DEFINING.match(content, end) is not None


def _is_kept(content: bytes, start: int, end: int) -> bool:
    """Return whether something is put under a name where it stands."""
    before = content[content.rfind(b"\n", 0, start) + 1 : start].lstrip(b" \t(")
    if b" as " in before or before.startswith(b"for "):
        return True
    return b"=" not in before and b"(" not in before and _ASSIGNED.match(content, end) is not None


def _uses(content: bytes, word: str) -> Iterator[int]:
    """Yield where a function or a method is used."""
    holder, _, name = word.rpartition(".")
    owner = holder.rpartition(".")[2].encode()
    bound = {owner}
    for start, _ in _whole(content, owner) if name in _COMMON else ():
        if (binding := _BINDING.search(content, max(0, start - 80), start)) is not None:
            bound.add(binding[1])
    for start, _ in _whole(content, name.encode()):
        if content[max(0, start - 4) : start] == b"def ":
            continue
        if name not in _COMMON or not owner:
            yield start
            continue
        before = content[max(0, start - 80) : start]
        receiver = _RECEIVER.search(before)
        if _OWN.search(before) or (receiver is not None and receiver[1] in bound):
            yield start
