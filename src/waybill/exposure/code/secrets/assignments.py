"""What is assigned to names that speak of secrets, in the ways in which code and configuration write it.

An automaton finds the words; only around these are the ways of writing tried, since patterns that may begin anywhere
take a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

_WORDS = "passw passphrase passcode pwd pass secret token key credential salt auth nonce bearer hmac authorization"
_CALLS = ("login(", "authenticate(", "create_user(", "set_password(", "setPassword(", "connect(", "basic_auth(")
_QUOTED = rb"""(?:[bru]{0,2})(?P<q>["'`])(?P<quoted>(?:[^"'`\\\n]|\\.){1,1000})(?P=q)"""
_ASSIGNED = re.compile(
    rb"""(?P<rest>[\w.\-]{0,60})["'\]]{0,2}[ \t]*(?P<sign>:=|=>|={1,3}|!==?|:|,)[ \t]*(?:"""
    + _QUOTED
    + rb"""|(?P<plain>[^\s"'`<>(){}\[\],;]{4,1000}))"""
)
_HEADER = re.compile(
    rb"""(?P<rest>[\w-]{0,20})["']?[ \t]*(?P<sign>[:=,])[ \t]*["']?(?i:bearer|basic|token|digest)[ \t]+"""
    rb"""(?P<plain>[\w+/=.~-]{8,1000})"""
)
_OPTION = re.compile(rb"""(?P<rest>[\w-]{0,20})(?P<sign>[ =])(?P<plain>[^\s"'`<>$(){}\[\],;]{6,200})""")
_MARKUP = re.compile(rb"""(?P<rest>[\w.:-]{0,40})>(?P<plain>[^<>\s]{4,500})</""")
_CALLED = re.compile(rb"""(?P<rest>)[^()\n"']{0,80}["'][^"'\n]{0,80}["'][ \t]*,[ \t]*""" + _QUOTED)
_BEFORE = re.compile(rb"[\w.\-]{0,60}\Z")
_SPEAKS = re.compile(
    rb"(?i:passw(?:or)?d|passphrase|passcode|(?:^|_|\b)pwd|pass(?:$|\b)|secret|token|(?:api|access|auth|private|encryption|"
    rb"signing|master|client|account|shared)[_.-]?key|credential|(?:^|_|\.)(?:salt|auth|nonce|bearer|hmac)(?:$|_)|"
    rb"(?:^|[_.-])key(?:$|_))|[a-z]Key$"
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A text that is assigned to a name."""

    name: str
    value: str
    start: int
    """Where the value begins, in bytes."""
    is_quoted: bool
    sign: str
    """What stands between the two."""


@cache
def _automaton() -> BytesAhoCorasick:
    words = [form.encode() for word in _WORDS.split() for form in (word, word.upper(), word.capitalize())]
    return BytesAhoCorasick(
        [*words, *(call.encode() for call in _CALLS)],
        matchkind=MatchKind.LeftmostLongest,
        implementation=Implementation.DFA,
    )


def assignments(data: bytes) -> Iterator[Assignment]:
    """Yield what is assigned to names that speak of secrets."""
    reached = 0
    for _, start, end in _automaton().find_matches_as_indexes(data):
        if start < reached:
            continue
        called = data[end - 1 : end] == b"("
        before = _BEFORE.search(data, max(0, start - 60), start)
        first = before.start() if before is not None else start
        for pattern in (_CALLED,) if called else _ways(data, first):
            match = pattern.match(data, end)
            if match is None:
                continue
            name = data[first:end] + match["rest"]
            if called or pattern is _HEADER or _SPEAKS.search(name):
                yield _assignment(name + b" password" if called else name, match, in_text=pattern is _HEADER)
                reached = match.end()
                break


def _ways(data: bytes, first: int) -> tuple[re.Pattern[bytes], ...]:
    if data[first : first + 2] == b"--":
        return (_OPTION,)
    return (_MARKUP,) if data[first - 1 : first] == b"<" else (_HEADER, _ASSIGNED)


def _assignment(name: bytes, match: re.Match[bytes], *, in_text: bool) -> Assignment:
    groups = match.groupdict()
    quoted = groups.get("quoted")
    value = quoted if quoted is not None else groups["plain"]
    return Assignment(
        name.decode("utf-8", "replace").lstrip("-"),
        value.decode("utf-8", "replace"),
        match.start("quoted" if quoted is not None else "plain"),
        quoted is not None or in_text,
        (groups.get("sign") or b"=").decode(),
    )
