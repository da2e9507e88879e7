"""Names of things, places, parties and documents: EPC URNs and GS1 Digital Links in one canonical form.

An EPC URN (GS1 EPC Tag Data Standard) and a Digital Link (GS1 Digital Link: URI Syntax 1.2) may name the same thing.
``canonical`` turns both into the constrained canonical Digital Link that CBV hash ids are made with: the domain
``https://id.gs1.org``, no query, only the key and its finest qualifier. Any other URI stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

DOMAIN = "https://id.gs1.org"

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)")
_ESCAPED = {letter: f"%{ord(letter):02X}" for letter in "!()*+,:"}
_TO_ESCAPE = re.compile("[" + re.escape("".join(_ESCAPED)) + "]")

_SHORT_NAMES = {
    "gtin": "01", "sscc": "00", "gln": "414", "glnx": "254", "party": "417", "ser": "21", "lot": "10", "tpx": "235",
    "gdti": "253", "gcn": "255", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004", "itip": "8006",
    "cpid": "8010", "cpsn": "8011", "gsrnp": "8017", "gsrn": "8018",
}  # fmt: skip
"""Application identifiers by the short names that Digital Links may have instead."""

_KEYS = {
    "00": (r"\d{18}", ()),
    "01": (r"\d{8}|\d{12,14}", ("21", "235", "10")),
    "253": (r"\d{13}[^/]{0,17}", ()),
    "255": (r"\d{13}\d{0,12}", ()),
    "401": (r"[^/]{1,30}", ()),
    "402": (r"\d{17}", ()),
    "414": (r"\d{13}", ("254",)),
    "417": (r"\d{13}", ()),
    "8003": (r"\d{14}[^/]{0,16}", ()),
    "8004": (r"[^/]{1,30}", ()),
    "8006": (r"\d{18}", ("21", "10")),
    "8010": (r"[^/]{1,30}", ("8011",)),
    "8017": (r"\d{18}", ()),
    "8018": (r"\d{18}", ()),
}
"""Keys with the form of their value and the qualifiers that may stay, the finest first."""

_LENGTHS = {
    "00": 18, "01": 14, "11": 6, "13": 6, "15": 6, "17": 6, "20": 2, "414": 13, "417": 13, "402": 17, "10": 0, "21": 0,
    "235": 0, "253": 0, "254": 0, "255": 0, "401": 0, "8003": 0, "8004": 0, "8006": 18, "8010": 0, "8011": 0,
}  # fmt: skip
"""Length of the values of application identifiers that labels of lots have; 0: up to a group separator."""

_GROUP = "\x1d"

_PATTERNS = {key: re.compile(form) for key, (form, _) in _KEYS.items()}


@lru_cache(maxsize=1 << 17)
def canonical(uri: str) -> str:
    """Return the canonical Digital Link of what a URI names, or the URI itself if GS1 has no rule for it."""
    if uri.startswith("urn:epc:"):
        return _of_urn(uri) or uri
    if uri.startswith(("https://", "http://")):
        return _of_link(uri) or uri
    return uri


def check_digit(digits: str) -> str:
    """Return the GS1 check digit (modulo 10, weights 3 and 1 from the right) that follows these digits."""
    return str(-(3 * sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2]))) % 10)


def element_string(text: str) -> str | None:
    """Return the Digital Link of a GS1 element string, with brackets (``(01)09506000134352(10)L7``) or as scanned.

    None if it is not one: of an unknown key, with a wrong check digit, or with nothing to identify.
    """
    found = _bracketed(text.strip()) or _scanned(text.strip().removeprefix("]d2").removeprefix("]C1"))
    if not found:
        return None
    pairs = [(key, value) for key, value in found if key in _KEYS or key in ("10", "21", "235", "254", "8011")]
    if not pairs or pairs[0][0] not in _KEYS or not _checked(*pairs[0]):
        return None
    path = "/".join(f"{key}/{_encoded(value)}" for key, value in pairs)
    return _of_link(f"{DOMAIN}/{path}")


def _bracketed(text: str) -> list[tuple[str, str]]:
    found = re.findall(r"\((\d{2,4})\)([^(]+)", text)
    return found if "".join(f"({key}){value}" for key, value in found) == text else []


def _scanned(text: str) -> list[tuple[str, str]]:
    """Return the elements of a string without brackets: of fixed length, or up to a group separator."""
    found = []
    while text:
        key = next((key for key in _LENGTHS if text.startswith(key)), None)
        if key is None:
            return []
        length = _LENGTHS[key]
        rest = text[len(key) :]
        value, text = (rest[:length], rest[length:]) if length else rest.partition(_GROUP)[::2]
        if length and len(value) != length:
            return []
        found.append((key, value))
        text = text.removeprefix(_GROUP)
    return found


def human(item: str) -> str:
    """Return a Digital Link as it is printed for people, ``(01) … (10) …``; any other URI as it is."""
    if not item.startswith(f"{DOMAIN}/"):
        return item
    parts = item[len(DOMAIN) + 1 :].split("/")
    return " ".join(f"({key}) {value}" for key, value in zip(parts[::2], parts[1::2], strict=False))


def lot_number(item: str) -> str:
    """Return the lot or serial number in a Digital Link, else its last part: what people call the thing."""
    return re.split(r"[/:]", item.rstrip("/"))[-1]


def _checked(key: str, value: str) -> bool:
    if not _PATTERNS[key].fullmatch(value):
        return False
    digits = {"253": 13, "255": 13, "8003": 14}.get(key) or (len(value) if key in ("00", "01", "414", "417") else 0)
    return not digits or check_digit(value[: digits - 1]) == value[digits - 1]


def _encoded(value: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPED[found[0]], value)


def _of_link(uri: str) -> str | None:
    """Return the constrained form of a Digital Link: the last key in its path that has a value of the right form."""
    try:
        parts = [_SHORT_NAMES.get(part, part) for part in urlsplit(uri).path.split("/")]
    except ValueError:  # brackets that are no address
        return None
    for place in range(len(parts) - 2, -1, -1):
        key, value = parts[place], parts[place + 1]
        if key not in _KEYS or not _PATTERNS[key].fullmatch(value):
            continue
        if key == "01":
            value = value.zfill(14)
        rest = parts[place + 2 :]
        qualifiers = dict(zip(rest[::2], rest[1::2], strict=False))
        finest = next((one for one in _KEYS[key][1] if qualifiers.get(one)), None)
        tail = f"/{finest}/{_encoded(qualifiers[finest])}" if finest else ""
        return f"{DOMAIN}/{key}/{_encoded(value)}{tail}"
    return None


def _of_urn(uri: str) -> str | None:
    match = _URN.fullmatch(uri)
    if match is None:
        return None
    kind, scheme, rest = match.groups()
    parts = rest.split(".")
    try:
        if kind == "class":
            return _lot(*_split(rest, 3)) if scheme == "lgtin" else None
        if kind == "idpat":
            return _pattern(scheme, parts)
        return _INSTANCES[scheme](*_split(rest, _PARTS[scheme])) if scheme in _INSTANCES else None
    except (ValueError, TypeError, IndexError):
        return None  # not of the form that the standard gives it: it stays as it is


def _split(rest: str, count: int) -> list[str]:
    parts = rest.split(".", count - 1)  # serial numbers may hold dots
    if len(parts) != count:
        raise ValueError
    return parts


def _gtin(prefix: str, item: str) -> str:
    digits = f"{item[0]}{prefix}{item[1:]}"
    return _with_check(digits, 14)


def _with_check(digits: str, length: int) -> str:
    if len(digits) != length - 1 or not digits.isdecimal():
        raise ValueError
    return digits + check_digit(digits)


def _lot(prefix: str, item: str, lot: str) -> str:
    return f"{DOMAIN}/01/{_gtin(prefix, item)}/10/{_encoded(lot)}"


def _gln(prefix: str, location: str, extension: str) -> str:
    tail = "" if extension == "0" else f"/254/{_encoded(extension)}"
    return f"{DOMAIN}/414/{_with_check(prefix + location, 13)}{tail}"


_PARTS = {
    "sgtin": 3, "sscc": 2, "sgln": 3, "grai": 3, "giai": 2, "gsrn": 2, "gsrnp": 2, "gdti": 3, "cpi": 3, "sgcn": 3,
    "ginc": 2, "gsin": 2, "itip": 5, "upui": 3, "pgln": 2,
}  # fmt: skip

_INSTANCES: dict[str, Callable[..., str]] = {
    "sgtin": lambda prefix, item, serial: f"{DOMAIN}/01/{_gtin(prefix, item)}/21/{_encoded(serial)}",
    "sscc": lambda prefix, serial: f"{DOMAIN}/00/{_with_check(serial[0] + prefix + serial[1:], 18)}",
    "sgln": _gln,
    "grai": lambda prefix, type, serial: f"{DOMAIN}/8003/0{_with_check(prefix + type, 13)}{_encoded(serial)}",
    "giai": lambda prefix, asset: f"{DOMAIN}/8004/{prefix}{_encoded(asset)}",
    "gsrn": lambda prefix, service: f"{DOMAIN}/8018/{_with_check(prefix + service, 18)}",
    "gsrnp": lambda prefix, service: f"{DOMAIN}/8017/{_with_check(prefix + service, 18)}",
    "gdti": lambda prefix, type, serial: f"{DOMAIN}/253/{_with_check(prefix + type, 13)}{_encoded(serial)}",
    "cpi": lambda prefix, part, serial: f"{DOMAIN}/8010/{prefix}{_encoded(part)}/8011/{_encoded(serial)}",
    "sgcn": lambda prefix, coupon, serial: f"{DOMAIN}/255/{_with_check(prefix + coupon, 13)}{_encoded(serial)}",
    "ginc": lambda prefix, reference: f"{DOMAIN}/401/{prefix}{_encoded(reference)}",
    "gsin": lambda prefix, shipper: f"{DOMAIN}/402/{_with_check(prefix + shipper, 17)}",
    "itip": lambda prefix, item, piece, total, serial: (
        f"{DOMAIN}/8006/{_gtin(prefix, item)}{piece}{total}/21/{_encoded(serial)}"
    ),
    "upui": lambda prefix, item, code: f"{DOMAIN}/01/{_gtin(prefix, item)}/235/{_encoded(code)}",
    "pgln": lambda prefix, party: f"{DOMAIN}/417/{_with_check(prefix + party, 13)}",
}  # fmt: skip


def _pattern(scheme: str, parts: list[str]) -> str | None:
    """Return the Digital Link of a class that is named as "all serial numbers of"."""
    *fixed, last = parts
    if last != "*" or "*" in fixed:
        return None
    if scheme == "sgtin":
        return f"{DOMAIN}/01/{_gtin(*fixed)}"
    if scheme == "itip":
        prefix, item, piece, total = fixed
        return f"{DOMAIN}/8006/{_gtin(prefix, item)}{piece}{total}"
    prefix, type = fixed
    if scheme == "cpi":
        return f"{DOMAIN}/8010/{prefix}{_encoded(type)}"
    key = {"grai": "8003/0", "gdti": "253/", "sgcn": "255/"}.get(scheme)
    return f"{DOMAIN}/{key}{_with_check(prefix + type, 13)}" if key else None
