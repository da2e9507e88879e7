"""Which characters do harm where, and which of them a text can still hold that a pattern has let through.

Patterns are read, never run: what may match is taken too widely where that is not plain.
"""

from __future__ import annotations

import re
from functools import lru_cache

from waybill.exposure.code.facts import INJECTED, Danger

ALL_INJECTED = sum(danger.bit for danger in INJECTED)

_NEEDED = {
    Danger.SQL: "'\"", Danger.COMMAND: ";&|$`<>\n(", Danger.PATH: "/", Danger.LDAP: "()*\\", Danger.XPATH: "'\"",
    Danger.MARKUP: "<>", Danger.REDIRECT: "/:\\", Danger.CODE: "(.'\"=", Danger.OBJECTS: "\0", Danger.TRUST: "\0",
    Danger.ENTITIES: "<",
}  # fmt: skip
"""Characters of which a text must hold one to do harm; without any it does none."""

_QUOTES = Danger.SQL.bit | Danger.XPATH.bit | Danger.CODE.bit | Danger.MARKUP.bit
WITHOUT = {
    "'": _QUOTES, '"': _QUOTES, "..": Danger.PATH.bit, "/": Danger.PATH.bit | Danger.REDIRECT.bit,
    "\\": Danger.PATH.bit, "../": Danger.PATH.bit, ";": Danger.COMMAND.bit | Danger.SQL.bit,
    "&": Danger.COMMAND.bit, "|": Danger.COMMAND.bit, "<": Danger.MARKUP.bit, "(": Danger.LDAP.bit | Danger.CODE.bit,
    "*": Danger.LDAP.bit, ")": Danger.LDAP.bit, "//": Danger.REDIRECT.bit,
}  # fmt: skip
"""What a text in which these were looked for, and not found, can do no more."""

REPLACED = {"'": Danger.XPATH.bit | Danger.CODE.bit, '"': Danger.XPATH.bit | Danger.CODE.bit, "<": Danger.MARKUP.bit}
"""What a text can do no more in which these are replaced."""

_LONGEST = 500
_ANY = frozenset("".join(_NEEDED.values()))
_RANGE = re.compile(r"\\?(.)-\\?(.)", re.DOTALL)
_IN_CLASS = re.compile(r"\[(\^?)(\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)


def _harmful(text: str) -> frozenset[str]:
    return _ANY.intersection(text)


def _of_class(inside: str) -> frozenset[str]:
    """Return the characters of note in a class of a pattern."""
    if re.search(r"\\[WDS]", inside):
        return _ANY
    found = frozenset("\n") if "\\s" in inside else frozenset()
    for first, last in _RANGE.findall(inside):
        found |= frozenset(one for one in _ANY if first <= one <= last)
    return found | _harmful(re.sub(r"\\[nrt]", "\n", _RANGE.sub("", inside)).replace("\\", "")) | (
        frozenset("\\") if "\\\\" in inside else frozenset()
    )  # fmt: skip


def _held(pattern: str) -> frozenset[str]:
    """Return the characters of note that a text matched by a pattern may hold."""
    found: frozenset[str] = frozenset()
    for negated, inside in _IN_CLASS.findall(pattern):
        found |= _ANY - _of_class(inside) if negated else _of_class(inside)
    plain = _IN_CLASS.sub("", pattern)
    if re.search(r"(?<!\\)(?:\\\\)*\.|\\[WDS]", plain):
        return _ANY
    plain = re.sub(r"\(\?(?:P<\w+>|[:=!aiLmsux-]*)", "", plain)
    escaped = "".join(re.findall(r"\\([^\w])", plain))
    return found | _harmful(escaped) | _harmful(re.sub(r"\\.|[()*?+|$^{}\[\]]", "", plain))


@lru_cache(1 << 12)
def let_through(pattern: str, *, at_start: bool, at_end: bool) -> int:
    """Return the dangers, as bits, of which a text is free that a pattern has matched.

    ``at_start`` and ``at_end`` say whether the match is held there already, as that of ``fullmatch`` is.
    """
    if len(pattern) > _LONGEST:
        return 0
    plain = re.sub(r"^\(\?[aiLmsux]+\)", "", pattern)
    starts = at_start or plain.startswith(("^", "\\A"))
    ends = at_end or re.search(r"(?<!\\)\$$|\\[Zz]$", plain) is not None
    alternatives = _top_level(plain)
    if len(alternatives) > 1 and not (at_start and at_end):
        return 0
    bits = Danger.REDIRECT.bit if starts and re.match(r"\^?https?\??(?::|\\:)(?:/|\\/){2}\w[\w.\\-]*/", plain) else 0
    return bits | free_of(_held(plain)) if starts and ends else bits


def _top_level(pattern: str) -> list[str]:
    """Return the alternatives of a pattern that stand in no group."""
    plain, before = _IN_CLASS.sub("", re.sub(r"\\.", "", pattern)), ""
    while plain != before:
        before, plain = plain, re.sub(r"\([^()]*\)", "", plain)
    return plain.split("|")


def free_of(held: frozenset[str]) -> int:
    """Return the dangers, as bits, of a text that holds these characters of note and no others."""
    return sum(danger.bit for danger, needed in _NEEDED.items() if not held.intersection(needed))


def without(characters: str) -> int:
    """Return the dangers, as bits, of a text that holds none of some characters."""
    return free_of(_ANY.difference(characters) - {"\n"}) if characters else 0


@lru_cache(1 << 12)
def refused_by(pattern: str) -> int:
    """Return the dangers, as bits, of which a text is free in which a pattern finds nothing."""
    match = re.fullmatch(r"\[(?!\^)((?:\\.|[^\]\\])*)\]\+?", pattern, re.DOTALL)
    return free_of(_ANY - _of_class(match[1])) if match is not None else 0


@lru_cache(1 << 12)
def left_by(pattern: str, put: str) -> int:
    """Return the dangers, as bits, of which a text is free once all that a pattern matches was replaced."""
    match = re.fullmatch(r"\[\^((?:\\.|[^\]\\])*)\]\+?", pattern, re.DOTALL)
    if match is not None:
        return free_of(_of_class(match[1]) | _harmful(put))
    return ALL_INJECTED if pattern in {r"\W", r"\W+", r"\D", r"\D+"} and not _harmful(put) else 0
