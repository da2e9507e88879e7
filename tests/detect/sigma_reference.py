"""A deliberately naive evaluator of Sigma rules: one event at a time, straight from the rule's text.

It shares no code with the package and none with pySigma, so that a fault of either shows as a difference.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, list[str] | None]
"""The members of each field; None for a field that is there and null."""


def fires(rule: Mapping[str, Any], event: Event) -> bool:
    """Return whether the rule holds of the event."""
    detection = dict(rule["detection"])
    conditions = detection.pop("condition")
    truths = {name: _selection(part, event) for name, part in detection.items()}
    return any(
        _Condition(text, truths).value() for text in ([conditions] if isinstance(conditions, str) else conditions)
    )


def _selection(part: Any, event: Event) -> bool:
    if isinstance(part, dict):
        return all(_item(key, value, event) for key, value in part.items())
    if isinstance(part, list):
        return any(_selection(member, event) for member in part)
    return _item("", part, event)


def _item(key: str, value: Any, event: Event) -> bool:
    field, *modifiers = key.split("|")
    values = value if isinstance(value, list) else [value]
    join = all if "all" in modifiers else any
    truth = bool(join(_one(field, modifiers, member, event) for member in values))
    return not truth if "neq" in modifiers else truth


def _one(field: str, modifiers: list[str], value: Any, event: Event) -> bool:
    if not field:
        members = [member for found in event.values() for member in found or []]
    else:
        found = event.get(field)
        if value is None:
            return found is None
        if "exists" in modifiers:
            return (found is not None) is bool(value)
        if found is None:
            return False
        members = found
    if "fieldref" in modifiers:
        others = event.get(value) or []
        return any(_text(_literal(other, modifiers), member, False, False) for member in members for other in others)
    return any(_member(modifiers, value, member, keyword=not field) for member in members)


def _member(modifiers: list[str], value: Any, member: str, keyword: bool) -> bool:  # noqa: PLR0911  # naive on purpose
    for name, compare in _COMPARE.items():
        if name in modifiers:
            number = _number(member)
            return number is not None and compare(number, value)
    if "cidr" in modifiers:
        try:
            return ipaddress.ip_address(member) in ipaddress.ip_network(value)
        except ValueError:
            return False
    if "re" in modifiers:
        flags = (re.I * ("i" in modifiers)) | (re.M * ("m" in modifiers)) | (re.S * ("s" in modifiers))
        return re.search(value, member, flags) is not None
    if isinstance(value, bool):
        return member.lower() == str(value).lower()
    if isinstance(value, int | float):
        return str(value) in member if keyword else _number(member) == value
    return any(
        _text(_literal(variant, modifiers), member, "cased" in modifiers, keyword)
        for variant in _variants(value, modifiers)
    )


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gte": lambda seen, given: seen >= given,
    "gt": lambda seen, given: seen > given,
    "lte": lambda seen, given: seen <= given,
    "lt": lambda seen, given: seen < given,
}


def _number(text: str) -> float | None:
    try:
        return float(text) if re.fullmatch(r"[-+.0-9eE]+", text) else None
    except ValueError:
        return None


def _variants(value: str, modifiers: list[str]) -> list[str]:
    if "windash" in modifiers:
        dashes = [match.start() for match in re.finditer(r"\B[-/]\b", value)]
        variants = [value]
        for place in dashes:
            variants = [text[:place] + dash + text[place + 1 :] for text in variants for dash in "-/–—―"]
        return variants
    content = value.encode("utf-16le") if "wide" in modifiers else value.encode()
    if "base64" in modifiers:
        return [base64.b64encode(content).decode()]
    if "base64offset" in modifiers:
        # What three different surroundings on each side have in common is what the text alone decides.
        return [_common(content, before) for before in range(3)]
    return [value]


def _common(content: bytes, before: int) -> str:
    after = -(before + len(content)) % 3
    ones = base64.b64encode(b"\x00" * before + content + b"\x00" * after).decode()
    others = base64.b64encode(b"\xff" * before + content + b"\xff" * after).decode()
    return "".join(one for one, other in zip(ones, others, strict=True) if one == other)


def _literal(value: str, modifiers: list[str]) -> str:
    """Return the value with the wildcards that its modifiers mean."""
    if "fieldref" in modifiers:
        value = re.sub(r"([\\*?])", r"\\\1", value)
    before = "*" * ("contains" in modifiers or "endswith" in modifiers)
    after = "*" * ("contains" in modifiers or "startswith" in modifiers)
    return before + value + after


def _text(pattern: str, member: str, cased: bool, anywhere: bool) -> bool:
    tokens = _tokens(pattern)
    return _glob([None, *tokens, None] if anywhere else tokens, member, cased)


def _tokens(pattern: str) -> list[str | None]:
    """Return characters; None for any number of characters, an empty text for one."""
    tokens: list[str | None] = []
    place = 0
    while place < len(pattern):
        character, following = pattern[place], pattern[place + 1 : place + 2]
        if character == "\\" and following in ("\\", "*", "?") and following:
            tokens.append(following)
            place += 2
            continue
        tokens.append({"*": None, "?": ""}.get(character, character))
        place += 1
    return tokens


def _glob(tokens: list[str | None], text: str, cased: bool) -> bool:
    """Match by the set of places that can be reached, so that no pattern takes long."""
    places = {0}
    for token in tokens:
        if token is None:
            places = set(range(min(places), len(text) + 1)) if places else places
        else:
            places = {
                place + 1 for place in places if place < len(text) and (token == "" or _same(token, text[place], cased))
            }
    return len(text) in places


def _same(one: str, other: str, cased: bool) -> bool:
    return one == other or (not cased and (one.lower() == other.lower() or one.upper() == other.upper()))


class _Condition:
    """A recursive-descent reader of conditions: ``or`` binds weaker than ``and``, and that weaker than ``not``."""

    def __init__(self, text: str, truths: Mapping[str, bool]) -> None:
        self._words = re.findall(r"[()]|[^\s()]+", text)
        self._truths = truths

    def value(self) -> bool:
        truth = self._either()
        assert not self._words, f"left over: {self._words}"
        return truth

    def _take(self, *words: str) -> bool:
        if self._words and self._words[0] in words:
            self._words.pop(0)
            return True
        return False

    def _either(self) -> bool:
        truth = self._both()
        while self._take("or"):
            truth = self._both() or truth
        return truth

    def _both(self) -> bool:
        truth = self._negated()
        while self._take("and"):
            truth = self._negated() and truth
        return truth

    def _negated(self) -> bool:
        if self._take("not"):
            return not self._negated()
        if self._take("("):
            truth = self._either()
            assert self._take(")")
            return truth
        word = self._words.pop(0)
        if self._take("of"):
            pattern = self._words.pop(0).replace("them", "*")
            named = [truth for name, truth in self._truths.items() if re.fullmatch(pattern.replace("*", ".*"), name)]
            return all(named) if word == "all" else any(named)
        return self._truths[word]
