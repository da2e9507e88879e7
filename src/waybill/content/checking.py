"""Rules of kinds by their names in the catalogue, and the one function by which the kernel asks any of them."""

from __future__ import annotations

from waybill.content import checks
from waybill.content.compiled import compiled
from waybill.content.runs import Bytes
from waybill.model.errors import RuleError

NAMES = ("", "luhn", "resident_identity", "unified_credit", "vehicle_identification", "iban", "social_security", "ipv4")
"""The number of a rule is its place; none is 0."""


def rule_number(name: str) -> int:
    """Return the number of a rule. Raises RuleError where there is none of the name."""
    if name not in NAMES:
        raise RuleError("there is no such check", where=name, expected=", ".join(NAMES[1:]))
    return NAMES.index(name)


_luhn, _resident, _credit = checks.luhn, checks.resident_identity, checks.unified_credit
_vehicle, _iban, _social, _ipv4 = checks.vehicle_identification, checks.iban, checks.social_security, checks.ipv4


@compiled
def check(rule: int, text: Bytes, size: int, data: Bytes, start: int, end: int) -> bool:
    """Return whether a candidate, its separators left out in ``text``, keeps a rule."""
    if rule == 0:
        return True
    if rule == 1:
        return _luhn(text, size)
    if rule == 2:
        return _resident(text, size)
    if rule == 3:
        return _credit(text, size)
    if rule == 4:
        return _vehicle(text, size)
    if rule == 5:
        return _iban(text, size)
    if rule == 6:
        return _social(text, size)
    if rule == 7:
        return _ipv4(data, start, end)
    return False
