"""How texts give away people whom no field names: addresses, user folders, domain accounts, security identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable

Pseudonym = Callable[[str], str]
"""From a person's name to the pseudonym, or to the name itself where it is well known to be no person's."""

_ADDRESS = re.compile(r"([^\s@<>\"'(),;:\\/\[\]=|&?{}`\x1f]{1,64})@([^\W_][\w.-]*)")
"""Addresses of mail and of log-ins on hosts (RFC 5321, RFC 3986 user information)."""

_URL_USER = re.compile(r"(?<=://)([^\s/:@]+)(?=:[^\s/@]*@)")

_FOLDER = re.compile(
    r"((?i:\\+(?:Users|Documents and Settings|home)\\+)|/+home/+|/+Users/+)"
    r"(?:([^\\/:*?\"<>|&;,'=\x00-\x1f]{1,64})(?=[\\/])|([^\\/:*?\"<>|&;,'=\s]+))"
)
"""A folder of a user: what follows it up to the next separator, or the next word at the end of a path."""

_ACCOUNT = re.compile(r"([^\\/:*?\"<>|@\x00-\x1f]{1,253})\\([^\\/:*?\"<>|@\x00-\x1f]{1,104})")
"""A whole value that is an account of a domain ([MS-AZOD] 2.1): exactly one backslash."""

_ACCOUNT_IN_TEXT = re.compile(
    r"(?<![\w\\/.%$-])([A-Z][A-Z0-9-]{0,14}(?:\.[A-Z0-9.-]+)?)\\{1,2}([^\W_][\w.$-]*)(?![\\\w])"
)
"""An account inside other text: NetBIOS domains are written in capitals."""

_SID = re.compile(
    r"(?i)\b(S-1-5-21-\d{1,10}-\d{1,10}-\d{1,10}-)(\d{1,10})\b|\b(S-1-12-1-)(\d{1,10}-\d{1,10}-\d{1,10}-\d{1,10})\b"
)
"""Security identifiers of accounts ([MS-DTYP] 2.4.2.4): local or of a domain, and of Entra ID."""

FIRST_ACCOUNT = 1000
"""Relative identifiers below are built-in accounts and groups, equal everywhere."""

_NO_DOMAINS = frozenset(
    [
        "HKLM",
        "HKCU",
        "HKCR",
        "HKU",
        "HKCC",
        "REGISTRY",
        "MACHINE",
        "BUILTIN",
        "AUTHORITY",
        "SERVICE",
        "APPPOOL",
        "MANAGER",
        "HOST",
        "WINDOWS",
        "SYSTEM",
        "SYSTEM32",
        "SOFTWARE",
        "SAM",
        "SECURITY",
        "TEMP",
        "DEVICE",
        "DRIVER",
        "WINSTA0",
        "MSSQL$",
        "PIPE",
        "ROOT",
    ]
)
_FILE = re.compile(r"(?i)\.(?:exe|dll|sys|com|bat|cmd|ps1|psm1|vbs|js|hta|lnk|txt|log|csv|zip|rar|7z|msi|dat|ini|xml|json|"
                   r"tmp|cab|inf|scr|cpl|docx?|xlsx?|pptx?|pdf|hiv|py|jar|db|cfg|evtx?)$")  # fmt: skip


def replace_people(value: str, pseudonym: Pseudonym) -> str:
    """Return ``value`` with every name it gives away replaced; the value itself if there is none."""
    if "@" in value:
        if "://" in value:
            value = _URL_USER.sub(lambda found: pseudonym(found[1]), value)
        value = _ADDRESS.sub(lambda found: _address(found, pseudonym), value)
    if "\\" in value or "/home/" in value or "/Users/" in value:
        value = _FOLDER.sub(lambda found: _folder(found, pseudonym), value)
    if "\\" in value:
        value = _accounts(value, pseudonym)
    if "1-5-21-" in value or "1-12-1-" in value:
        value = _SID.sub(lambda found: _identifier(found, pseudonym), value)
    return value


def _address(found: re.Match[str], pseudonym: Pseudonym) -> str:
    name = pseudonym(found[0].rstrip(".-"))
    return f"{name}@{found[2]}" if name != found[0].rstrip(".-") else found[0]


def _folder(found: re.Match[str], pseudonym: Pseudonym) -> str:
    return found[1] + pseudonym(found[2] or found[3])


def _accounts(value: str, pseudonym: Pseudonym) -> str:
    whole = _ACCOUNT.fullmatch(value)
    if whole:
        return _account(whole, pseudonym)
    return _ACCOUNT_IN_TEXT.sub(lambda found: _account(found, pseudonym), value)


def _account(found: re.Match[str], pseudonym: Pseudonym) -> str:
    domain, name = found[1], found[2]
    last = domain.upper().rpartition(" ")[2]
    if last in _NO_DOMAINS or last.startswith("HKEY_") or _FILE.search(name):
        return found[0]
    return found[0][: -len(name)] + pseudonym(name)


def _identifier(found: re.Match[str], pseudonym: Pseudonym) -> str:
    if found[2] and int(found[2]) < FIRST_ACCOUNT:
        return found[0]
    return (found[1] or found[3]) + pseudonym(found[0].upper())
