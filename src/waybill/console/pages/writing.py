"""How templates write what the model holds: texts in the reader's language, moments, sizes, addresses of files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django import template
from django.utils.translation import get_language, gettext, gettext_lazy

from waybill.cases import wording as case_wording
from waybill.cases.journal import Entry
from waybill.cases.words import Act
from waybill.console import statics
from waybill.detect.sigma import RuleState
from waybill.findings.exceptions import Match
from waybill.model.findings import GRADES, SEVERITIES, Text
from waybill.model.sizes import size as sized
from waybill.report import wording
from waybill.report.drawing import clipped
from waybill.report.markup import visible
from waybill.respond import wording as run_wording
from waybill.trends import wording as trend_wording

register = template.Library()

DASH = "–"
"""Stands for what is not known or not said."""


@register.simple_tag
def asset(path: str) -> str:
    """Return where a file of the pages is served."""
    return statics.address(path)


@register.filter
def said(text: Text | None) -> str:
    """Return a text in the reader's language."""
    if text is None:
        return ""
    return text.zh if (get_language() or "").startswith("zh") else text.en


@register.filter
def moment(time: datetime | date | None) -> str:
    """Return a moment as ``2026-03-10 12:30`` (UTC), a day as ``2026-03-10``."""
    if isinstance(time, datetime):
        return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"
    return DASH if time is None else f"{time:%Y-%m-%d}"


@register.filter
def exact_moment(time: datetime | None) -> str:
    """Return a moment to the microsecond, as far as it has any, in ISO 8601 (UTC)."""
    return DASH if time is None else time.astimezone(UTC).isoformat(sep=" ").replace("+00:00", " UTC")


@register.filter
def number(value: float | None, places: int = 0) -> str:
    """Return a number with its thousands apart."""
    return DASH if value is None else f"{value:,.{places}f}"


@register.filter
def size(count: int | None) -> str:
    """Return a number of bytes as people write it."""
    return DASH if count is None else sized(count)


@register.filter
def short(text: str | None, width: int = 60) -> str:
    """Return a name that fits, with what cannot be seen in it made visible."""
    return visible(clipped(text, width)) if text else DASH


@register.filter
def plain(text: object) -> str:
    """Return a text with what cannot be seen in it, or turns its direction, made visible."""
    return DASH if text in (None, "") else visible(str(text))


@register.filter
def named(word: Any, kind: str) -> str:
    """Return how a word of the model is called, ``kind`` a key of ``NAMES``; an unknown word stands for itself."""
    return said(NAMES[kind].get(str(word))) or str(word) if word else DASH


NAMES: dict[str, Mapping[Any, Text]] = {
    "severity": SEVERITIES,
    "grade": GRADES,
    "channel": wording.CHANNELS,
    "action": wording.ACTIONS,
    "outcome": wording.ALL_OUTCOMES,
    "kind": wording.KINDS,
    "intent": wording.INTENTS,
    "state": wording.STATES,
    "lane": wording.LANES,
    "case_state": case_wording.STATES,
    "origin": case_wording.ORIGINS,
    "link": case_wording.LINKS,
    "act": case_wording.ACTS,
    "release": trend_wording.RELEASES,
    "run_state": run_wording.RUNS,
    "act_state": run_wording.ACTS,
    "rule": {
        RuleState.FIRED: Text("found something", "有发现"),
        RuleState.SILENT: Text("found nothing", "无发现"),
        RuleState.NOT_EVALUABLE: Text("cannot find anything here", "在此无法判断"),
    },
}
"""How the words of the model are called, by what they are words of."""


@register.filter
def percent(share: float) -> str:
    """Return a share as ``25 %``."""
    return f"{share:.0%}"


@register.filter
def unlocalized(value: float) -> str:
    """Return a number as attributes of HTML want it."""
    return f"{value:.3f}"


@register.filter
def after(entry: Entry) -> str:
    """Return what an act on a case has changed something to, in the words of what it changed."""
    kind = "case_state" if entry.act is Act.STATE else entry.act.value
    value = entry.what["after"]
    return named(value, kind) if kind in NAMES else plain(value)


@register.filter
def among(name: str, names: Mapping[str, str]) -> str:
    """Return what somebody is called among these names; a name that is not there stands for itself."""
    return visible(names.get(name, name))


@register.filter
def spoken(text: str) -> str:
    """Return the half of ``English / 中文`` that the reader understands; any other text whole, made visible."""
    return visible(said(run_wording.halves(text)).strip())


@register.filter
def field_name(name: str) -> str:
    """Return how a field that an exception asks for is called."""
    return str(_FIELDS.get(name, name))


@register.filter
def covered(match: Match) -> list[tuple[str, str]]:
    """Return the fields that an exception asks for, with what it asks."""
    return [(name, value) for name, value in msgspec.structs.asdict(match).items() if value]


_FIELDS = {
    "rule_id": gettext_lazy("Rule"),
    "subject": gettext_lazy("Who"),
    "asset": gettext_lazy("Asset"),
    "channel": gettext_lazy("Channel"),
    "source": gettext_lazy("Source"),
}


@register.filter
def setting(value: Any) -> str:
    """Return the value of a setting as its file would have it."""
    if isinstance(value, tuple | list | frozenset | set):
        return ", ".join(map(str, value)) or DASH
    return str(value).lower() if isinstance(value, bool) else str(value)


@register.filter
def fault(text: str) -> str:
    """Return what an error says, in the reader's language where ``faults`` knows it, as a sentence."""
    told = gettext(text)
    return visible(told[:1].upper() + told[1:])


@register.filter
def term(text: str) -> str:
    """Return a part of an explanation, in the reader's language where ``faults`` knows what stands between colons."""
    return plain(": ".join(gettext(piece) if piece else piece for piece in text.split(": ")))
