"""How texts give away people whom no field names: addresses, user folders, domain accounts, security identifiers.

Logs are full of paths, so each pattern starts at its rarest letter and is only tried where that letter is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Pseudonym = Callable[[str], str]
"""From a person's name to the pseudonym, or to the name itself where it is well known to be no person's."""

_LOCAL_PART = re.compile(r"[^\s@<>\"'(),;:\\/\[\]=|&?{}`\x1f]{1,64}\Z")
_HOST_PART = re.compile(r"[^\W_][\w.-]*")
"""What stands before and behind the @ of a mail address or of a log-in on a host (RFC 5321, RFC 3986)."""

_URL_USER = re.compile(r"(?<=://)([^\s/:@]+)(?=:[^\s/@]*@)")

_FOLDER = re.compile(
    r"[\\/]+((?i:Users|Documents and Settings|home))[\\/]+"
    r"(?:([^\\/:*?\"<>|&;,'=\x00-\x1f]{1,64})(?=[\\/])|([^\\/:*?\"<>|&;,'=\s]+))"
)
"""A folder of a user: what follows it up to the next separator, or the next word at the end of a path."""

_WHOLE_ACCOUNT = re.compile(r"([^\\/:*?\"<>|@\x00-\x1f]{1,253})\\([^\\/:*?\"<>|@\x00-\x1f]{1,104})")
"""A whole value that is an account of a domain ([MS-AZOD] 2.1): exactly one backslash."""

_ACCOUNT = re.compile(r"\\(?<=[A-Z0-9]\\)(?<![Mm]32\\)\\?([^\W_][\w.$-]*)(?![\\\w])")
"""An account inside other text, from the backslash on: NetBIOS domains are in capitals. ``System32`` is none."""

_DOMAIN = re.compile(r"(?<![\w\\/.%$-])[A-Z](?:[A-Z0-9-]|\.(?=[A-Z])){0,62}\Z")
"""The domain before that backslash."""

_SID = re.compile(
    r"\b([Ss]-1-5-21-\d{1,10}-\d{1,10}-\d{1,10}-)(\d{1,10})\b"
    r"|\b([Ss]-1-12-1-)(\d{1,10}-\d{1,10}-\d{1,10}-\d{1,10})\b"
)
"""Security identifiers of accounts ([MS-DTYP] 2.4.2.4): local or of a domain, and of Entra ID."""

FIRST_ACCOUNT = 1000
"""Relative identifiers below are built-in accounts and groups, equal everywhere."""

_NO_DOMAINS = frozenset(
    (
        "HKLM", "HKCU", "HKCR", "HKU", "HKCC", "REGISTRY", "MACHINE", "BUILTIN", "AUTHORITY", "SERVICE", "APPPOOL",
        "MANAGER", "HOST", "WINDOWS", "SYSTEM", "SYSTEM32", "SOFTWARE", "SAM", "SECURITY", "TEMP", "DEVICE", "DRIVER",
        "WINSTA0", "PIPE", "ROOT", "USBSTOR", "USB", "USBPRINT", "HID", "PCI", "SCSI", "STORAGE", "SWD", "ACPI", "DISK",
        "BTHENUM", "BTHLE", "DISPLAY", "WPDBUSENUMROOT",
    )
)  # fmt: skip
"""What stands before a backslash without being a domain: registry, system authorities, common folders, device buses."""

_FILE = re.compile(
    r"\.(?:exe|dll|sys|com|bat|cmd|ps1|psm1|vbs|js|hta|lnk|txt|log|csv|zip|rar|7z|msi|dat|ini|xml|json|tmp|cab|inf|scr"
    r"|cpl|docx?|xlsx?|pptx?|pdf|hiv|py|jar|db|cfg|evtx?)",
    re.IGNORECASE,
)
"""Endings of files, which accounts do not have."""


MARKS = ("@", "\\", "/home/", "/Users/", "-1-5-21-", "-1-12-1-")
"""A text without any of these gives nobody away."""


def may_name_people(value: str) -> bool:
    """Return whether a text holds any of the marks; asks for fewer letters, since most texts have none of them."""
    return "\\" in value or "@" in value or "-1-" in value or "/" in value


def replace_people(value: str, pseudonym: Pseudonym) -> str:
    """Return ``value`` with every name it gives away replaced; the value itself if there is none."""
    whole = _WHOLE_ACCOUNT.fullmatch(value) if "\\" in value else None
    if whole is None:
        return replace_people_in_line(value, pseudonym)
    if not _is_no_account(whole[1], whole[2]):
        value = f"{whole[1]}\\{pseudonym(whole[2])}"
    return _identifiers(value, pseudonym)


def replace_people_in_line(line: str, pseudonym: Pseudonym) -> str:
    """Do the same for one line of a text of several: no pattern but that of a whole account reaches across lines."""
    if "@" in line:
        if "://" in line:
            line = _URL_USER.sub(lambda found: pseudonym(found[1]), line)
        line = _addresses(line, pseudonym)
    backslash = "\\" in line
    if (backslash and _may_hold_folder(line)) or "/home/" in line or "/Users/" in line:
        line = _FOLDER.sub(lambda found: _folder(found, pseudonym), line)
    if backslash:
        line = _ACCOUNT.sub(lambda found: _account(found, pseudonym), line)
    return _identifiers(line, pseudonym)


def has_domain(identity: str) -> bool:
    """Return whether an identity as a whole is an address, a domain account or a security identifier."""
    local, at, host = identity.partition("@")
    if at:
        return bool(_LOCAL_PART.fullmatch(local) and _HOST_PART.fullmatch(host))
    return bool(_WHOLE_ACCOUNT.fullmatch(identity) or _SID.fullmatch(identity))


def _may_hold_folder(value: str) -> bool:
    folded = value.lower()
    return "users\\" in folded or "settings\\" in folded or "home\\" in folded


def _addresses(value: str, pseudonym: Pseudonym) -> str:
    parts, done, place = [], 0, value.find("@")
    while place >= 0:
        local = _LOCAL_PART.search(value, max(done, place - 64), place)
        host = _HOST_PART.match(value, place + 1)
        if local and host:
            address = f"{local[0]}@{host[0].rstrip('.-')}"
            name = pseudonym(address)
            parts += [value[done : local.start()], local[0] if name == address else name]
            done = place
        place = value.find("@", place + 1)
    return "".join(parts) + value[done:]


def _folder(found: re.Match[str], pseudonym: Pseudonym) -> str:
    name = found[2] or found[3]
    if "\\" not in found[0] and found[1] not in ("home", "Users"):
        return found[0]  # /users/ is a common part of web addresses
    return found[0][: -len(name)] + pseudonym(name)


def _account(found: re.Match[str], pseudonym: Pseudonym) -> str:
    start = found.start()
    folder = found.string.rfind("\\", max(0, start - 64), start)
    if folder >= 0 and found.string[folder + 1 : start].isalnum():
        return found[0]  # a folder in capitals, as in \WINDOWS\x: much the commonest case
    domain = _DOMAIN.search(found.string, max(0, start - 64), start)
    if domain is None or _is_no_account(domain[0], found[1]):
        return found[0]
    if found.string.endswith("Windows ", 0, domain.start()):
        return found[0]  # the registry's key "Windows NT"
    return found[0][: -len(found[1])] + pseudonym(found[1])


def _is_no_account(domain: str, name: str) -> bool:
    last = domain.upper().rpartition(" ")[2]
    return last in _NO_DOMAINS or last.startswith("HKEY_") or _FILE.fullmatch(name[name.rfind(".") :]) is not None


def _identifiers(value: str, pseudonym: Pseudonym) -> str:
    if "-1-5-21-" in value or "-1-12-1-" in value:
        return _SID.sub(lambda found: _identifier(found, pseudonym), value)
    return value


def _identifier(found: re.Match[str], pseudonym: Pseudonym) -> str:
    if found[2] and int(found[2]) < FIRST_ACCOUNT:
        return found[0]
    return (found[1] or found[3]) + pseudonym(found[0].upper())
