"""The scoreboard for people: each leak and how it fared, then the price in false findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waybill.cli.language import read, say
from waybill.cli.output import out, write_table

if TYPE_CHECKING:
    from waybill.flow.scoreboard.scoring import CaseScore, Scoreboard

MOST = 5
"""Rules with false findings that are named."""


def print_scoreboard(board: Scoreboard) -> None:
    """Tell which leaks were found, by what and how soon; which twins were not silent; and what was false."""
    found = sum(case.found for case in board.cases)
    out.print(
        say(
            f"[bold]{found} of {len(board.cases)} leaks found[/] in {board.days} days, {board.records:,} records of "
            f"{len(board.sources)} sources",
            f"[bold]{len(board.cases)} 起泄露中发现 {found} 起[/]({board.days} 天，{board.records:,} 条记录，"
            f"{len(board.sources)} 个来源)",
        )
    )
    header = (
        ("#", "leak", "found", "by", "after", "twin")
        if say("en", "zh") == "en"
        else ("#", "泄露", "发现", "检测器", "用时", "良性对照")
    )
    write_table(header, map(_row, board.cases), right=(0, 4))
    for case in board.cases:
        if case.exposures:
            out.print(_seen(case), markup=False)
    out.print(
        say(
            f"Rules find {board.found_by_rules} of them, {board.found_by_rules_alone} alone",
            f"规则发现其中 {board.found_by_rules} 起，{board.found_by_rules_alone} 起仅由规则发现",
        )
    )
    out.print(
        say(
            f"{board.false_findings:,} false findings: [bold]{board.false_findings_per_day:.2f} a day[/]",
            f"误报 {board.false_findings:,} 项：[bold]每天 {board.false_findings_per_day:.2f} 项[/]",
        )
    )
    for rule, count in list(board.false_by_rule.items())[:MOST]:
        out.print(f"  {count:,}× {rule}", markup=False)
    if not board.sound:
        out.print(
            say(
                "[bold red]Not sound:[/] a twin was not silent, or a finding stays without its evidence",
                "[bold red]记分板不可信：[/]良性对照触发了发现，或去除证据后发现仍在",
            )
        )


def _seen(case: CaseScore) -> str:
    """Return what surveys saw of a leak's ways out, and what came first."""
    by = ", ".join(one.by for one in case.exposures)
    days = abs(case.ahead or 0) / 24
    when_en = f"{days:.1f} days {'before' if (case.ahead or 0) > 0 else 'after'} the first decisive record"
    when_zh = f"首条决定性记录{'之前' if (case.ahead or 0) > 0 else '之后'} {days:.1f} 天"
    return say(
        f"  {case.number} seen standing open by {by}, {when_en}; first came {case.first}",
        f"  {case.number} 由巡检发现敞开:{by},{when_zh};最先发现:{case.first}",
    )


def _row(case: CaseScore) -> tuple[str, ...]:
    hours = "" if case.delay is None else f"{case.delay:.0f} h"
    mark = (
        say("[bold green]yes[/]", "[bold green]是[/]") if case.found else say("[yellow]not yet[/]", "[yellow]尚未[/]")
    )
    if case.hollow:
        mark = say("[bold red]without evidence[/]", "[bold red]无证据[/]")
    twin = say("[green]silent[/]", "[green]无误报[/]")
    if case.twin_findings:
        twin = say(f"[bold red]{case.twin_findings} false[/]", f"[bold red]误报 {case.twin_findings}[/]")
    return str(case.number), read(case.title), mark, ", ".join(case.detectors), hours, twin
