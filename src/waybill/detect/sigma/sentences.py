"""Says in both languages what a rule found, from the earliest record that it found."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Sequence

from waybill.detect.sigma.rules import FINDING_COLUMNS, Rule
from waybill.model.findings import Part, Text

SHOWN = 160
"""Longest value quoted in a finding, in characters; the middle of longer ones is left out."""

PARTS = 8
"""Most fields a finding quotes as its reasons."""

UNKNOWN = Text("unknown", "未知")
"""Stands where the record does not say."""


def check_sentence(sentence: Text) -> None:
    """Raise ValueError if a rule's own sentence asks for something a record does not have."""
    for wording in (sentence.en, sentence.zh):
        for _, name, form, _ in string.Formatter().parse(wording):
            if name is not None and (name not in FINDING_COLUMNS or form):
                raise ValueError(f"the sentence asks for {{{name}}}; possible are {', '.join(sorted(FINDING_COLUMNS))}")


def sentence_of(rule: Rule, value_of: Callable[[str], object], parts: Sequence[Part]) -> Text:
    """Return the rule's own sentence, or one built from its title and its reasons.

    ``value_of`` gives the value of a column of the record that the sentence is about.
    """
    english, chinese = _Words(value_of, UNKNOWN.en), _Words(value_of, UNKNOWN.zh)
    if rule.sentence is not None:
        return Text(rule.sentence.en.format_map(english), rule.sentence.zh.format_map(chinese))
    seen = ", ".join(f"{part.name} = {part.value}" for part in parts)
    title_en, title_zh = shown(rule.title.en), shown(rule.title.zh)
    return Text(
        f"“{title_en}”: actor {english['actor']}, asset {english['asset']}" + (f"; seen: {seen}." if seen else "."),
        f"“{title_zh}”：主体 {chinese['actor']}，对象 {chinese['asset']}" + (f"；所见：{seen}。" if seen else "。"),
    )


def parts_of(seen: Iterator[tuple[str, str]]) -> tuple[Part, ...]:
    """Return the reasons, one for each field, with equal shares; ``seen`` gives field and value."""
    values: dict[str, str] = {}
    for field, value in seen:
        if len(values) < PARTS:
            values.setdefault(field, shown(value))
    share = round(1 / len(values), 4) if values else 0.0
    return tuple(Part(name=field, value=value, share=share) for field, value in values.items())


def shown(value: str) -> str:
    """Return a value fit for a sentence: one line, printable, and not too long."""
    if len(value) > SHOWN:
        value = f"{value[: SHOWN * 3 // 4]}…{value[-(SHOWN // 4 - 1) :]}"
    if value.isprintable():
        return value
    return "".join(character if character.isprintable() else " " for character in value)


class _Words(dict[str, str]):
    """A record's columns as words of a sentence, looked up when the sentence asks for them."""

    def __init__(self, value_of: Callable[[str], object], unknown: str) -> None:
        super().__init__()
        self._value_of = value_of
        self._unknown = unknown

    def __missing__(self, name: str) -> str:
        value = self._value_of(name)
        return self._unknown if value in (None, "") else shown(str(value))
