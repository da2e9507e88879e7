"""E-mail addresses, keys and passwords at their literals. An end of -1 says that none stands there."""

from __future__ import annotations

import numpy as np

from waybill.content.compiled import compiled
from waybill.content.runs import CLASS, DIGIT, LETTER, Bytes

_DOT, _HYPHEN, _UNDERSCORE, _COLON, _AT, _SLASH, _SPACE, _EQUALS = 46, 45, 95, 58, 64, 47, 32, 61
_WIDE_COLON = 0xEF
_LOCAL, _DOMAIN, _KEY, _SECRET = 64, 255, 16_384, 128
"""Most bytes of the local part and the domain of an address (RFC 5321), of a key in its armour, of a password."""
_DISTINCT = 6
"""Different characters that a random key has at least."""

_LOCAL_PART = np.zeros(256, np.bool_)
_LOCAL_PART[[ord(letter) for letter in "!#$%&'*+-/=?^_`{|}~."]] = True
_LOCAL_PART[(CLASS == DIGIT) | (CLASS == LETTER)] = True

_ENDS_SECRET = np.zeros(256, np.bool_)
_ENDS_SECRET[[ord(letter) for letter in " \t\r\n\"'<>,;)}]&|"]] = True

_ARMOUR = np.frombuffer(b"PRIVATE KEY-----", np.uint8)
_ARMOUR_END = np.frombuffer(b"-----END", np.uint8)


@compiled
def varies(data: Bytes, start: int, end: int) -> bool:
    """Whether characters are as different as those of a random key, not a placeholder's."""
    seen, count = np.zeros(256, np.bool_), 0
    for at in range(start, end):
        if not seen[data[at]]:
            seen[data[at]] = True
            count += 1
    return count >= min(_DISTINCT, (end - start + 1) // 2)


@compiled
def stands(data: Bytes, at: int, text: Bytes) -> bool:
    """Whether a text stands at a place."""
    if at + len(text) > len(data):
        return False
    for place in range(len(text)):
        if data[at + place] != text[place]:
            return False
    return True


@compiled
def email(data: Bytes, at: int) -> tuple[int, int]:
    """Return where an address (RFC 5321) around an ``@`` begins and ends."""
    start, end = at, at + 1
    while start > 0 and at - start < _LOCAL and _LOCAL_PART[data[start - 1]]:
        start -= 1
        if data[start] in (_EQUALS, _SLASH):  # user=li@example.org: what is before is another word
            start += 1
            break
    while start < at and CLASS[data[start]] == 0:
        start += 1
    if start == at or data[at - 1] == _DOT:
        return start, -1
    good, label, letters, dots = -1, 0, 0, 0
    while end < len(data) and end - at < _DOMAIN:
        code = data[end]
        if CLASS[code] != 0 or code == _HYPHEN:
            label += 1
            letters += CLASS[code] == LETTER
        elif code == _DOT and label:
            dots, label, letters = dots + 1, 0, 0
        else:
            break
        end += 1
        if dots and letters >= 2 and 2 * letters > label:  # xn--p1ai is one too
            good = end
    return start, good if good < 0 or good == len(data) or CLASS[data[good]] == 0 else -1


@compiled
def web_credentials(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return where an address with a name and a password before its host (RFC 3986, 3.2.1) begins and ends."""
    while start > 0 and CLASS[data[start - 1]] != 0:
        start -= 1
    colon, at = -1, end
    while at < len(data) and at - end < _SECRET and data[at] > _SPACE and data[at] != _SLASH:
        if data[at] == _COLON and colon < 0:
            colon = at
        if data[at] == _AT:
            return start, at + 1 if end <= colon < at - 1 else -1
        at += 1
    return start, -1


@compiled
def assignment(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the value given to a password or key begins and ends: ``password = "…"``, ``口令：…``."""
    at, quoted, assigned = end, False, False
    if start > 1 and data[start - 1] == _COLON and CLASS[data[start - 2]] != 0:  # a part of a name: arn:…:secret:…
        return start, -1
    while at < len(data) and at - end < 12:
        code = data[at]
        if code in (_COLON, _EQUALS):
            assigned = True
        elif code == _WIDE_COLON:
            assigned, at = True, at + 2
        elif code in (34, 39):  # quotes
            quoted = assigned
        elif code not in (_SPACE, 41, 93, 62):  # ) ] >
            break
        at += 1
    begun, digits, others = at, 0, 0
    while at < len(data) and at - begun <= _SECRET and not _ENDS_SECRET[data[at]]:
        digits += CLASS[data[at]] == DIGIT
        others += CLASS[data[at]] == 0
        at += 1
    if not assigned or not 6 <= at - begun <= _SECRET or data[begun] in (36, 37, 40, 60, 123):  # a variable: $ % ( < {
        return start, -1
    if not (digits or (quoted and others)) or not varies(data, begun, at):
        return start, -1
    return begun, at


@compiled
def private_key(data: Bytes, end: int) -> int:
    """Return where a private key in its armour (RFC 7468) ends: at its last line, or at its first where that is cut."""
    at = end
    while at < len(data) and at - end < 32 and not stands(data, at, _ARMOUR):
        if data[at] != _SPACE and CLASS[data[at]] == 0:
            return -1
        at += 1
    if not stands(data, at, _ARMOUR):
        return -1
    first = at + len(_ARMOUR)
    for place in range(first, min(len(data), first + _KEY)):
        if data[place] == _HYPHEN and stands(data, place, _ARMOUR_END):
            return place + len(_ARMOUR_END)
    return first


@compiled
def web_token(data: Bytes, start: int) -> int:
    """Return where a JSON web token (RFC 7519) ends: three parts of base64url, the first two of which are JSON."""
    if start > 0 and CLASS[data[start - 1]] != 0:
        return -1
    part, size, at = 0, 0, start
    while at < len(data):
        code = data[at]
        if code == _DOT and part < 2:
            if size < 10 or (part == 0 and (at + 2 >= len(data) or data[at + 1] != 101 or data[at + 2] != 121)):  # ey
                return -1
            part, size = part + 1, 0
        elif CLASS[code] != 0 or code in (_HYPHEN, _UNDERSCORE):
            size += 1
        else:
            break
        at += 1
    return at if part == 2 and size >= 10 else -1
