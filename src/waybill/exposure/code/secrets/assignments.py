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
_CALLS = (
    "login(", "authenticate(", "create_user(", "set_password(", "setPassword(", "connect(", "basic_auth(", "BasicAuth(",
    "UsernamePasswordCredentials(", "getConnection(", "withPassword(", "IDENTIFIED BY", "identified by",
    "ConvertTo-SecureString", "curl ", "mysql ",
)  # fmt: skip
"""Calls and commands that are given passwords."""

_QUOTED = rb"""(?:[bru]{0,2})(?P<q>["'`])(?P<quoted>(?:[^"'`\\\n]|\\.){1,1000})(?P=q)"""
_REST = rb"""(?P<rest>[\w.\-]{0,60})"""
_ASSIGNED = re.compile(
    _REST
    + rb"""["'\]]{0,2}[ \t]*(?P<sign>:=|=>|={1,3}|!==?|\|\|=|:|,)[ \t]*"""
    + rb"""(?:(?:\[\]byte|bytes|str|SecretStr|Buffer\.from)\()?"""
    + rb"(?:" + _QUOTED + rb"""|(?P<plain>[^\s"'`<>(){}\[\],;]{4,1000}))"""
)  # fmt: skip
_TYPED = re.compile(_REST + rb"""[ \t]*:[ \t]*[A-Za-z][\w.<>\[\]|]{0,40}[ \t]*(?P<sign>=)[ \t]*""" + _QUOTED)
_FALLBACK = re.compile(
    _REST + rb"""["'\]]{0,2}[ \t]*(?P<sign>[:=])[ \t]*[\w.$\[\]"']{1,80}[ \t]*(?:\|\||\?\?|\bor\b)[ \t]*""" + _QUOTED
)
_HEADER = re.compile(
    rb"""(?P<rest>[\w-]{0,20})["'\]]{0,2}[ \t]*(?P<sign>[:=,])[ \t]*["']?(?i:bearer|basic|token|digest)[ \t]+"""
    rb"""(?P<plain>[\w+/=.~-]{8,1000})"""
)
_OPTION = re.compile(rb"""(?P<rest>[\w-]{0,20})(?P<sign>[ =])(?P<plain>[^\s"'`<>$(){}\[\],;]{6,200})""")
_MARKUP = re.compile(rb"""(?P<rest>[\w.:-]{0,40})>(?P<plain>[^<>\s]{4,500})</""")
_NAMED = re.compile(_REST + rb"""["'][ \t]+(?:value|val|default|content)[ \t]*(?P<sign>=)[ \t]*""" + _QUOTED)
_ESCAPED = re.compile(_REST + rb"""\\["'][ \t]*(?P<sign>[:=])[ \t]*\\["'](?P<quoted>[^"'\\\n]{1,200})\\["']""")
_WITHIN = re.compile(_REST + rb"""(?P<sign>[=:])(?P<plain>[^\s"'`<>(){}\[\],;&#|\\]{4,200})(?=["'`\s;&}#,]|\Z)""")
_SPACED = re.compile(_REST + rb"""(?:[ \t]+is[ \t]*:?)?(?P<sign>[ \t]+)""" + _QUOTED)
_BARE = re.compile(_REST + rb"""(?P<sign>[ \t]+)(?P<plain>[^\s"'`<>(){}\[\],;$]{4,200})(?=\s|\Z)""")
_CALLED = re.compile(rb"""(?P<rest>)[^()\n"']{0,80}(?:["'][^"'\n]{0,120}["'][ \t]*,[ \t]*){1,2}""" + _QUOTED)
_GIVEN = re.compile(rb"""(?P<rest>)[ \t]*""" + _QUOTED)
_ON_COMMAND = re.compile(
    rb"""(?P<rest>)[^\n|;]{0,200}?(?<=[ \t])(?:(?:-u|--user)[ =]?["']?[\w.@-]{1,60}:|-p)"""
    rb"""(?P<plain>[^\s"'`:$<>-][^\s"'`:$<>]{3,100})"""
)  # fmt: skip
_BEFORE = re.compile(rb"[\w.\-]{0,60}\Z")
_SPEAKS = re.compile(
    rb"(?i:passw(?:or)?d|passphrase|passcode|(?:^|_|\b)pwd|pass(?:$|\b)|secret|token|(?:api|access|auth|private|encryption|"
    rb"signing|master|client|account|shared)[_.-]?key|credential|(?:^|_|\.)(?:salt|auth|nonce|bearer|hmac)(?:$|_)|"
    rb"(?:^|[_.-])key(?:$|_))|[a-z]Key$"
)
_BARE_FILE = re.compile(r"(?:^|/)(?:Dockerfile[^/]*|\.netrc|_netrc|[^/]*\.conf)$")
"""Files in which nothing but a space stands between a name and what it is."""


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


def assignments(data: bytes, path: str) -> Iterator[Assignment]:
    """Yield what is assigned to names that speak of secrets; ``path`` tells how a file writes it."""
    reached, bare = 0, _BARE_FILE.search(path) is not None
    for _, start, end in _automaton().find_matches_as_indexes(data):
        if start < reached:
            continue
        called = data[end - 1 : end] == b"(" or data[start:end] in _COMMANDS
        before = _BEFORE.search(data, max(0, start - 60), start)
        first = before.start() if before is not None else start
        if data[first : end + 1].lower() in _ALONE:
            continue
        for pattern in _calling(data[start:end]) if called else _ways(data, first, bare=bare):
            match = pattern.match(data, end)
            if match is None:
                continue
            name = data[first:end] + match["rest"]
            if called or pattern is _HEADER or _SPEAKS.search(name):
                is_text = pattern in {_HEADER, _WITHIN, _BARE, _ON_COMMAND}
                yield _assignment(name + b" password" if called else name, match, in_text=is_text)
                is_call = data[match.end() : match.end() + 1] == b"("  # what it is given is looked at by itself
                reached = match.start("plain") if is_call else match.end()
                break


_COMMANDS = {call.encode() for call in _CALLS if not call.endswith("(")}
_ALONE = frozenset({b"key=", b"key:", b'key"'})
"""Names that say nothing of a secret; what they are may be such a name."""
_WRITTEN = (_HEADER, _TYPED, _FALLBACK, _ASSIGNED, _NAMED, _ESCAPED, _SPACED)


def _calling(word: bytes) -> tuple[re.Pattern[bytes], ...]:
    """Return how what is given to a call or command may be written."""
    if word in {b"curl ", b"mysql "}:
        return (_ON_COMMAND,)
    return (_GIVEN,) if word in _COMMANDS or b"assword(" in word else (_CALLED,)


def _ways(data: bytes, first: int, *, bare: bool) -> tuple[re.Pattern[bytes], ...]:
    """Return the ways of writing that may stand where a name begins."""
    if data[first : first + 2] == b"--":
        return (_OPTION, _NAMED)
    if data[first - 1 : first] == b"<":
        return (_MARKUP,)
    if _is_within(data, first):
        return (_HEADER, _WITHIN, *_WRITTEN[1:])
    return (*_WRITTEN, _BARE) if bare else _WRITTEN


def _is_within(data: bytes, first: int) -> bool:
    """Return whether a name stands within a text of its line, and not at its beginning."""
    begun = data.rfind(b"\n", max(0, first - 400), first) + 1
    line = data[max(begun, first - 400) : first]
    return line[-1:] not in {b'"', b"'", b"`"} and (line.count(b'"') % 2 == 1 or line.count(b"'") % 2 == 1)


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
