"""What must be said beside a result: what it could have shown, what it rests on, and what it cannot be about."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.model.findings import Text
from waybill.trends.effects import POWER, Effect, Measured
from waybill.trends.suppression import K
from waybill.trends.wording import ASSOCIATION

LOCAL_A_WEEK = 1.0
"""Incidents of a calendar's own country a week, below which nothing is said about that country."""

CHINA = "CN"


def remarks(one: Effect) -> Iterator[Text]:
    """Yield what must be said beside an effect."""
    yield ASSOCIATION
    if one.calendar.note.en:
        yield one.calendar.note
    if not one.calendar.verified:
        yield Text(
            "Nobody has held the days of this calendar against their source yet.",
            "尚无人将此日历的日期与来源核对。",
        )
    if one.calendar.jurisdiction:
        yield from about(one.calendar.jurisdiction, one.local, one.found.incidents, len(one.found.weeks))
    yield from power(one.found)
    yield _delay(one)


def about(country: str, local: int, incidents: int, weeks: int) -> Iterator[Text]:
    """Yield that no claim about a country can be tested where there are too few incidents of it."""
    if local >= LOCAL_A_WEEK * weeks:
        return
    few = f"{local:,}" if local >= K or local == 0 else f"fewer than {K}"
    few_zh = f"{local:,}" if local >= K or local == 0 else f"不足 {K}"
    yield Text(
        f"Of these {incidents:,} incidents {few} are of {country}: no claim about {country} and calendars can be "
        "tested on them.",
        f"这 {incidents:,} 起事件中属于 {country} 的有 {few_zh} 起：无法据此检验任何关于 {country} 与日历的说法。",
    )


def power(found: Measured) -> Iterator[Text]:
    """Yield which claims could have been seen."""
    for ratio, chance in found.powers:
        change = f"{ratio - 1:+.0%}"
        if chance < POWER:
            yield Text(
                f"A claim of {change} cannot be tested on these data: it would be seen in {chance:.0%} of such cases.",
                f"这些数据无法检验 {change} 的说法：此类情形中只有 {chance:.0%} 能被发现。",
            )
        else:
            yield Text(
                f"An effect of {change} would be seen in {chance:.0%} of such cases.",
                f"{change} 的效应在此类情形中有 {chance:.0%} 能被发现。",
            )


def _delay(one: Effect) -> Text:
    if one.delayed:
        return Text(
            f"The newest weeks are set right for incidents that are not on record yet; {one.left_out} are left out.",
            f"最近各周已按尚未录入的事件校正；略去 {one.left_out} 周。",
        )
    return Text(
        f"Nobody knows how long records take here, so the recent year ({one.left_out} weeks) is left out.",
        f"此处录入延迟未知，因此略去最近一年（{one.left_out} 周）。",
    )
