"""How results of trends are printed."""

from __future__ import annotations

from typing import Any

import msgspec

from waybill.cli.language import read, say
from waybill.cli.output import out, write_table
from waybill.flow.trends.effectiveness import Effectiveness
from waybill.flow.trends.pages import Tested, Trends
from waybill.trends.effects import Effect, Measured, Verdict
from waybill.trends.figures import Share
from waybill.trends.remarks import power, remarks
from waybill.trends.suppression import K
from waybill.trends.wording import ASSOCIATION, SHARES, VERDICTS


def print_trends(found: Trends) -> None:
    """Print the figures of a slice."""
    good = found.quality
    out.print(
        say(
            f"{found.incidents:,} incidents, version {found.version}",
            f"{found.incidents:,} 起事件，版本 {found.version}",
        )
    )
    parts = [
        (say("records", "记录"), good.records, ""),
        (say("of them doubles by id", "其中编号重复"), good.doubles, ""),
        (say("refused", "拒收"), good.refused, ""),
        (say("without a day", "无具体日期"), good.without_day, _percent(good.without_day, good.records)),
        (
            say("discovery delay unknown", "发现时长未知"), good.unknown_discovery,
            _percent(good.unknown_discovery, good.records, 1),
        ),
        (
            say("largest organisation has", "最多的组织有"), good.largest_victim,
            _percent(good.largest_victim, found.incidents),
        ),
    ]  # fmt: skip
    write_table((say("quality", "质量"), "n", ""), parts, right=(1, 2))
    columns = say("share of what is known|share|95 % interval|n|known", "已知部分的占比|占比|95% 区间|n|已知").split(
        "|"
    )
    write_table(columns, [_share_row(one) for one in found.shares], right=(1, 3, 4))
    for text in found.remarks:
        out.print(read(text), style="dim", soft_wrap=True)


def trends_json(found: Trends) -> dict[str, Any]:
    """Return the figures of a slice; small shares without their figures."""
    shares = [
        {"name": one.name, "known": one.known, "total": one.total}
        | ({} if one.is_small else {"part": one.part, "share": one.value, "interval": one.interval})
        for one in found.shares
    ]
    return {
        "version": found.version,
        "command": found.command,
        "incidents": found.incidents,
        "sources": found.sources,
        "quality": msgspec.to_builtins(found.quality),
        "shares": shares,
        "remarks": [msgspec.to_builtins(one) for one in found.remarks],
    }


def print_effects(found: Tested) -> None:
    """Print how incidents went with calendars."""
    columns = say("calendar|n|inside|change|95 % interval|p|q", "日历|n|窗口内|变化|95% 区间|p|q").split("|")
    rows = [
        (
            one.calendar.name, f"{one.found.incidents:,}", f"{one.found.inside:,.0f}", _change(one.found.ratio),
            _interval(one.found), f"{one.found.p:.3f}", f"{one.q:.3f}",
        )
        for one in found.effects
    ]  # fmt: skip
    write_table(columns, rows, right=(1, 2, 3, 5, 6))
    for one in found.effects:
        _print_verdict(one.calendar.name, one.found, one.verdict)
    for name, error in found.refused:
        out.print(f"{name}: {error}", markup=False, soft_wrap=True)
    for text in dict.fromkeys(text for one in found.effects for text in remarks(one)):
        out.print(read(text), style="dim", soft_wrap=True)
    out.print(say(f"version {found.version}", f"版本 {found.version}"), style="dim")


def effects_json(found: Tested) -> dict[str, Any]:
    """Return how incidents went with calendars; the weeks themselves are not told."""
    return {
        "version": found.version,
        "command": found.command,
        "since": found.since,
        "until": found.until,
        "effects": [_effect_json(one) for one in found.effects],
        "refused": [{"calendar": name, "why": error.what, "where": error.where} for name, error in found.refused],
    }


def _effect_json(one: Effect) -> dict[str, Any]:
    return {
        "calendar": one.calendar.name,
        **_measured(one.found),
        "q": one.q,
        "verdict": one.verdict,
        "newest_weeks_left_out": one.left_out,
        "set_right_for_delay": one.delayed,
        "incidents_of_its_country": one.local,
        "remarks": [msgspec.to_builtins(text) for text in remarks(one)],
    }


def _measured(found: Measured) -> dict[str, Any]:
    return {
        "incidents": found.incidents,
        "inside": found.inside,
        "weeks": len(found.weeks),
        "ratio": found.ratio,
        "interval": (found.low, found.high),
        "p": found.p,
        "smallest_visible": (1 / found.smallest, found.smallest),
        "power": [{"ratio": ratio, "chance": chance} for ratio, chance in found.powers],
    }


def print_control(found: Effectiveness) -> None:
    """Print what became of unauthorised transfers."""
    one, name = found.found, found.control.name or f"{found.control.day}"
    columns = say(
        "per thousand transfers|before|after|change|95 % interval|p", "每千次转移|之前|之后|变化|95% 区间|p"
    ).split("|")
    row = name, f"{found.before:.2f}", f"{found.after:.2f}", _change(one.ratio), _interval(one), f"{one.p:.3f}"
    write_table(columns, [row], right=(1, 2, 3, 5))
    _print_verdict(name, one, found.verdict)
    for text in (ASSOCIATION, *power(one)):
        out.print(read(text), style="dim", soft_wrap=True)


def control_json(found: Effectiveness) -> dict[str, Any]:
    """Return what became of unauthorised transfers."""
    return {
        "control": msgspec.to_builtins(found.control),
        "per_thousand": {"before": found.before, "after": found.after},
        "unauthorised": found.unauthorised,
        "transfers": found.transfers,
        **_measured(found.found),
        "verdict": found.verdict,
    }


def _print_verdict(name: str, found: Measured, verdict: Verdict) -> None:
    visible = say(f"visible from {_smallest(found)} on", f"可见界限 {_smallest(found)}")
    out.print(f"{name}: {read(VERDICTS[verdict])} ({visible})", markup=False, soft_wrap=True)


def _share_row(one: Share) -> tuple[str, ...]:
    known = _percent(one.known, one.total)
    if one.is_small or not one.known:
        why = say(f"fewer than {K}", f"不足 {K}") if one.known else say("unknown", "未知")
        return read(SHARES[one.name]), why, "", f"{one.known:,}", known
    low, high = one.interval
    return read(SHARES[one.name]), f"{one.value:.1%}", f"{low:.1%} – {high:.1%}", f"{one.known:,}", known


def _percent(part: int, whole: int, places: int = 0) -> str:
    return f"{part / whole:.{places}%}" if whole else ""


def _change(ratio: float) -> str:
    return f"{ratio - 1:+.0%}"


def _interval(found: Measured) -> str:
    return f"{found.low - 1:+.0%} … {found.high - 1:+.0%}"


def _smallest(found: Measured) -> str:
    return f"{1 / found.smallest - 1:+.0%} / {found.smallest - 1:+.0%}"
