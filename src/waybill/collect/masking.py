"""Takes secrets out of what people and programs send: passwords and tokens in addresses, values in SQL statements.

Rules ask how a request or a statement is made, not whose password is in it, so names of parameters and the statement's
shape stay. What may be an attack stays too: a value with marks of one is no token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

MASK = "***"
"""Stands for the value of a parameter."""

_SECRET = re.compile(
    r"(?i)(?<![a-z0-9])((?:[a-z0-9]{1,16}[_.-]){0,3}"
    r"(?:passw(?:or)?d|passwd|passphrase|pwd|pass|secret|token|jwt|api_?key|access_?key|auth|authorization|credential|"
    r"session_?id|jsessionid|phpsessid|sid|otp|signature|sig|code|id_?token|access_?token|refresh_?token|client_?secret)"
    r"=)([^&;#\s\"]+)"
)
_PASSWORD = re.compile(r"(?<=://)([^\s/:@]{1,256}+:)[^\s/@]{1,256}+@")
"""A log-in in front of a host."""

_ATTACK = re.compile(r"(?i)\.\./|\.\.\\|%2e%2e|['<>`|(){}$]|%27|%3c|%3e|%00|%24|%28|%7b")

_LITERAL = re.compile(
    r"(?is)(?P<kept>\b(?:program|infile|outfile|dumpfile|load_file\s*+\()\s*+(?:'[^']*+'|\"[^\"]*+\")"
    r"|\b(?:limit|offset|first|next)\s++\d++)"
    r"|(?P<text>'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+(?:'|\Z)|\$(?P<tag>\w*+)\$(?:.*?\$(?P=tag)\$|.*+))"
    r"|(?P<quoted>\"[^\"\\]*+(?:(?:\\.|\"\")[^\"\\]*+)*+(?:\"|\Z))"
    r"|(?P<word>[A-Za-z_][\w$]*+)"
    r"|\d[\w.]*+"
)
"""Literals of SQL, and what looks like one and is kept: files and programs, and how many rows were asked for."""

_COPIED = re.compile(r"(?is)\b(to|from)\s++'[^']*+'")
"""The file that COPY writes or reads."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Fields that may hold secrets."""

    values: tuple[str, ...] = ()
    """Fields that are secrets."""
    parameters: tuple[str, ...] = ()
    """Addresses and other texts with ``name=value`` parameters."""
    sql: tuple[str, ...] = ()
    """SQL statements in which texts may stand in either quotes."""

    def __bool__(self) -> bool:
        return bool(self.values or self.parameters or self.sql)


def without_secrets(text: str) -> str:
    """Return a text with the values of parameters that are called like secrets masked."""
    if "://" in text:
        text = _PASSWORD.sub(rf"\1{MASK}@", text)
    return _SECRET.sub(_masked, text) if "=" in text else text


def _masked(found: re.Match[str]) -> str:
    return found[0] if _ATTACK.search(found[2]) else found[1] + MASK


def without_literals(sql: str, *, quoted: bool = False) -> str:
    """Return a statement with texts and numbers in it replaced by ``?``, unfinished ones too.

    ``quoted`` says that double quotes hold texts, as in MySQL, and not names. The files and programs that a statement
    writes to or reads from stay, and how many rows it asked for.
    """

    def literal(found: re.Match[str]) -> str:
        kept = found.lastgroup in ("kept", "word") or (found.lastgroup == "quoted" and not quoted)
        return found[0] if kept else "?"

    target = _COPIED.search(sql) if sql.lstrip()[:4].lower() == "copy" else None
    if target:
        before, behind = sql[: target.start()], sql[target.end() :]
        return _LITERAL.sub(literal, before) + target[0] + _LITERAL.sub(literal, behind)
    return _LITERAL.sub(literal, sql)


def mask(records: Iterable[dict[str, Any]], secrets: Secrets) -> None:
    """Take the secrets out of records, in their places."""
    for paths, clean in (
        (secrets.values, lambda _: MASK),
        (secrets.parameters, without_secrets),
        (secrets.sql, lambda text: without_literals(text, quoted=True)),
    ):
        for path in paths:
            *above, name = path.split(".")
            for record in records:
                _replace(record, above, name, clean)


def _replace(record: Any, above: list[str], name: str, clean: Callable[[str], str]) -> None:
    for step in above:
        record = record.get(step) if type(record) is dict else None
    if type(record) is dict and type(value := record.get(name)) is str:
        record[name] = clean(value)
