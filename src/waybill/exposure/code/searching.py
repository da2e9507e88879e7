"""Searching a file for where it uses, defines or keeps something that was found elsewhere, without parsing it.

A word is written as what is looked for: ``send`` or ``Client.send`` is where a function or a method is used,
``Client(`` where an object is made, ``def send`` or ``def Client.send`` where something is defined, ``rows =`` where
something is put under a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

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
_OWN = frozenset({b"self", b"cls", b"this", b"super"})
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_BINDING = re.compile(rb"(\w+)\s*(?::\s*[\"']?|(?::[^\n=]*)?=\s*(?:await\s+|new\s+)?)(?:\w+\.)*\Z")


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
    """Yield where a function, a class or a method is defined: in its class, or else in one it may inherit from."""
    holder, _, name = word.rpartition(".")
    found = [start for start, end in _whole(content, name.encode()) if is_script or _defines(content, start, end)]
    if holder and found and not is_script:
        classes = list(_bodies(content, holder.encode()))
        within = [place for place in found if any(start <= place < end for start, end in classes)]
        found = (within or found) if classes else []
    yield from found


def _bodies(content: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """Yield from where to where classes of a name reach."""
    for start, _ in _whole(content, name):
        if content[max(0, start - 6) : start] == b"class ":
            indent = start - 6 - (content.rfind(b"\n", 0, start) + 1)
            after = next_statement(indent).search(content, start)
            yield start, after.start() if after is not None else len(content)


@cache
def next_statement(indent: int) -> re.Pattern[bytes]:
    """Return what stands before the first statement after a function or a class that is indented so far."""
    return re.compile(rb"\n(?=[ \t]{0,%d}[^ \t\r\n#)\]}])" % indent)


def last_of(word: str) -> str:
    """Return the name that a word ends with."""
    return word.removeprefix("def ").removesuffix(" =").removesuffix("(").rpartition(".")[2]


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
        if (receiver := _receiver(content, start)) in bound or receiver in _OWN:
            yield start


def _receiver(content: bytes, start: int) -> bytes:
    """Return the last name of what a method is called on, given where the method's name begins."""
    before = content[max(0, start - 80) : start].rstrip()
    if not before.endswith(b"."):
        return b""
    before = before[:-1].rstrip()
    if before.endswith(b")"):
        before = before[: max(0, before.rfind(b"("))].rstrip()
    return before[len(before.rstrip(_LETTERS)) :]
