"""What ``waybill rules`` tells people: tests, backtests, coverage and updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from waybill.cli.language import read, say
from waybill.cli.output import out, write_table
from waybill.model.findings import GRADES

if TYPE_CHECKING:
    from waybill.flow.rules.backtest import Backtest, BacktestReport
    from waybill.flow.rules.coverage import Covered, RuleCoverage
    from waybill.flow.rules.in_use import RuleTestReport
    from waybill.flow.rules.update import RuleUpdate

SHOWN_DAYS = 14
"""Days of a backtest that are drawn, the newest."""

BARS = " ▁▂▃▄▅▆▇█"


def print_tests(report: RuleTestReport) -> None:
    """Tell which tests of which rules failed, and how many there are."""
    for problem in report.problems:
        out.print(str(problem), markup=False)
    for failure in report.failed:
        did = say("fired", "触发了") if failure.fired else say("did not fire", "未触发")
        because = f" ({failure.because})" if failure.because else ""
        out.print(f"{failure.file}: {read(failure.title)}: {failure.number}{because}: {did}", markup=False)
    out.print(
        say(
            f"{report.passed} tests passed, {len(report.failed)} failed; {report.untested} rules have none",
            f"{report.passed} 项测试通过，{len(report.failed)} 项失败；{report.untested} 条规则没有测试",
        )
    )


def print_backtest(report: BacktestReport) -> None:
    """Tell what each rule would have found, by day, with examples."""
    for problem in report.problems:
        out.print(str(problem), markup=False)
    for rule in report.rules:
        if rule.findings:
            _print_found(rule)
    quiet = [rule for rule in report.rules if not rule.findings]
    for rule in quiet:
        if rule.why:
            out.print(f"{read(rule.title)}: {rule.state}: {rule.why}", markup=False)
    out.print(
        say(
            f"{len(report.rules)} rules over {report.transfers:,} transfers in {report.seconds:.1f} s; "
            f"{len(quiet)} found nothing",
            f"{len(report.rules)} 条规则，{report.transfers:,} 条转移，{report.seconds:.1f} 秒；{len(quiet)} 条无发现",
        )
    )


def _print_found(rule: Backtest) -> None:
    most = max(day.findings for day in rule.days)
    bars = "".join(BARS[-(-8 * day.findings // most)] for day in rule.days[-SHOWN_DAYS:])
    out.print(
        say(
            f"[bold]{escape(read(rule.title))}[/]: {rule.findings:,} findings on {len(rule.days)} days {bars}",
            f"[bold]{escape(read(rule.title))}[/]：{len(rule.days)} 天内 {rule.findings:,} 项发现 {bars}",
        )
    )
    for example in rule.examples:
        out.print(f"  {example.time:%Y-%m-%d %H:%M} {read(example.sentence)}", markup=False)


def print_coverage(found: RuleCoverage) -> None:
    """Tell what techniques and channels have, and which assets nobody would see leave."""
    columns = say("{}|rules|with data|tested|fired", "{}|规则|有数据|已测试|已触发")
    write_table(columns.format(say("technique", "技术")).split("|"), map(_row, found.techniques), right=(1, 2, 3, 4))
    out.print()
    write_table(
        (columns.format(say("channel", "渠道")) + say("|records", "|记录")).split("|"),
        ([*_row(one), f"{one.records or 0:,}"] for one in found.channels),
        right=(1, 2, 3, 4, 5),
    )
    if found.assets:
        out.print()
        write_table(
            say("asset|grade|seen over|nobody watches", "资产|分级|已见渠道|无人监测").split("|"),
            (
                [escape(one.asset), read(GRADES[one.grade]), ", ".join(one.watched), ", ".join(one.unwatched)]
                for one in found.assets
            ),
        )


def _row(one: Covered) -> list[object]:
    meaning = read(one.meaning)
    return [f"{one.name} {meaning}".strip(), one.rules or "", one.fed or "", one.tested or "", one.fired or ""]


def print_update(report: RuleUpdate) -> None:
    """Tell what a new folder of rules changes."""
    for problem in report.problems:
        out.print(str(problem), markup=False)
    out.print(
        say(
            f"{len(report.added)} rules added, {len(report.changed)} changed, {len(report.removed)} removed, "
            f"{report.unchanged} as before; {report.not_evaluable} cannot be decided here; "
            f"{len(report.problems)} problems in files, which are left out",
            f"新增 {len(report.added)} 条规则，更改 {len(report.changed)} 条，移除 {len(report.removed)} 条，"
            f"未变 {report.unchanged} 条；{report.not_evaluable} 条无法判定；{len(report.problems)} 处文件问题，已略过",
        )
    )
    if report.orphaned:
        numbers = ", ".join(map(str, report.orphaned))
        out.print(say(f"Exceptions whose rule is gone: {numbers}", f"规则已不存在的例外：{numbers}"))
