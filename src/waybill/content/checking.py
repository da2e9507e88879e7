"""Rules of kinds by their names in the catalogue, and the one function by which the kernel asks any of them."""

from __future__ import annotations

from waybill.content.checks import around, business, china, numbers, persons, places
from waybill.content.checks.around import Span
from waybill.content.checks.numbers import Text
from waybill.content.compiled import compiled
from waybill.model.errors import RuleError

NAMES = (
    "",
    "luhn",
    "expanded_luhn",
    "resident_identity",
    "old_resident_identity",
    "foreigner_permit",
    "unified_credit",
    "organisation_code",
    "business_licence",
    "landline",
    "hong_kong_identity",
    "taiwan_identity",
    "social_security",
    "individual_taxpayer",
    "national_insurance",
    "health_service",
    "social_insurance",
    "verhoeff",
    "singapore",
    "australian_tax",
    "australian_business",
    "australian_company",
    "medicare",
    "german_tax",
    "spanish",
    "french_social_security",
    "italian_tax",
    "pesel",
    "korean_resident",
    "my_number",
    "cpf",
    "card",
    "legal_entity",
    "routing",
    "provider",
    "vehicle_identification",
    "container",
    "ship",
    "air_waybill",
    "trade_item",
    "chemical",
    "equipment",
    "ipv4",
    "plate",
    "telephone",
    "coordinates",
    "hong_kong_bracketed",
    "bracketed",
    "spaced_insurance",
    "colon_groups",
    "hardware",
    "international",
    "iban",
)
"""The number of a rule is its place; none is 0."""

JUDGES_ALL = NAMES.index("colon_groups")
"""From this rule on, a rule itself judges what stands before and after a candidate."""


def rule_number(name: str) -> int:
    """Return the number of a rule. Raises RuleError where there is none of the name."""
    if name not in NAMES:
        raise RuleError("there is no such check", where=name, expected=", ".join(NAMES[1:]))
    return NAMES.index(name)


@compiled
def check(rule: int, text: Text, size: int, data: Text, span: Span) -> bool:
    """Return whether a candidate, its separators left out in ``text``, keeps a rule; it may widen the candidate."""
    if rule == 0:
        return True
    if rule == 1:
        return numbers.luhn(text, size)
    if rule == 2:
        return numbers.expanded_luhn(text, size)
    if rule == 3:
        return china.resident_identity(text, size)
    if rule == 4:
        return china.old_resident_identity(text, size)
    if rule == 5:
        return china.foreigner_permit(text, size)
    if rule == 6:
        return china.unified_credit(text, size)
    if rule == 7:
        return china.organisation_code(text, size)
    if rule == 8:
        return china.business_licence(text, size)
    if rule == 9:
        return china.landline(text, size)
    if rule == 10:
        return china.hong_kong_identity(text, size)
    if rule == 11:
        return china.taiwan_identity(text, size)
    if rule == 12:
        return persons.social_security(text, size)
    if rule == 13:
        return persons.individual_taxpayer(text, size)
    if rule == 14:
        return persons.national_insurance(text, size)
    if rule == 15:
        return persons.health_service(text, size)
    if rule == 16:
        return persons.social_insurance(text, size)
    if rule == 17:
        return persons.verhoeff(text, size)
    if rule == 18:
        return persons.singapore(text, size)
    if rule == 19:
        return persons.australian_tax(text, size)
    if rule == 20:
        return persons.australian_business(text, size)
    if rule == 21:
        return persons.australian_company(text, size)
    if rule == 22:
        return persons.medicare(text, size)
    if rule == 23:
        return persons.german_tax(text, size)
    if rule == 24:
        return persons.spanish(text, size)
    if rule == 25:
        return persons.french_social_security(text, size)
    if rule == 26:
        return persons.italian_tax(text, size)
    if rule == 27:
        return persons.pesel(text, size)
    if rule == 28:
        return persons.korean_resident(text, size)
    if rule == 29:
        return persons.my_number(text, size)
    if rule == 30:
        return persons.cpf(text, size)
    if rule == 31:
        return business.card(text, size)
    if rule == 32:
        return business.legal_entity(text, size)
    if rule == 33:
        return business.routing(text, size)
    if rule == 34:
        return business.provider(text, size)
    if rule == 35:
        return business.vehicle_identification(text, size)
    if rule == 36:
        return business.container(text, size)
    if rule == 37:
        return business.ship(text, size)
    if rule == 38:
        return business.air_waybill(text, size)
    if rule == 39:
        return business.trade_item(text, size)
    if rule == 40:
        return business.chemical(text, size)
    if rule == 41:
        return business.equipment(text, size)
    if rule == 42:
        return around.ipv4(data, span)
    if rule == 43:
        return around.plate(data, span)
    if rule == 44:
        return around.telephone(text, size, data, span)
    if rule == 45:
        return places.coordinates(data, span)
    if rule == 46:
        return china.hong_kong_identity(text, size) and around.bracketed(data, span)
    if rule == 47:
        return around.bracketed(data, span)
    if rule == 48:
        return around.spaced_insurance(text, size, data, span)
    if rule == 49:
        return around.colon_groups(data, span)
    if rule == 50:
        return around.hardware(data, span)
    if rule == 51:
        return around.international(data, span)
    return around.iban(data, span, text)
