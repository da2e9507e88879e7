"""Which host a text names: in an address, as itself, or after the @ of a mail address."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"(?:https?|wss?|ftps?|sftp|amqps?|redis|turns?|stun):(?://)?(?:[^/@\s]*@)?([A-Za-z0-9.-]+)")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:https?|wss?)://(?:[^/@\s\"']*@)?([A-Za-z0-9.-]+\.[A-Za-z0-9-]+)|^//([a-z0-9.-]+\.[a-z]+)/")
_NO_HOST = re.compile(
    r"\.(?:py|html?|txt|csv|json|xml|ya?ml|log|[cm]?[jt]sx?|css|png|svg|gz|zip|pdf|xlsx?|md|sql|id|name|email|value|"
    r"body|data|user|users|length)$",
    re.IGNORECASE,
)


def host_in(texts: Iterable[str]) -> str:
    """Return the host that one of some texts names, or nothing."""
    return next(filter(None, map(_host, texts)), "")


def _host(text: str) -> str:
    """Return the host that a text names: in an address, as itself, or after the @ of a mail address."""
    if match := _ADDRESS.match(text):
        return match[1].lower()
    plain = text.rpartition("@")[2].strip(".").partition(":")[0].partition("/")[0]
    if _HOST.fullmatch(plain) and not _NO_HOST.search(plain):
        return plain.lower()
    match = _WITHIN.search(text)
    return (match[1] or match[2]).lower() if match else ""
