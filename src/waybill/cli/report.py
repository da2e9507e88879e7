"""``waybill report``: what left without a permit, for people who decide, as figures and as one file to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.language import current, read, say
from waybill.cli.output import err, open_target, out, write_json, write_table
from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.report import Control, Report

FORMATS = ["%Y-%m-%d"]


def command(
    *,
    since: Annotated[datetime | None, typer.Option(formats=FORMATS, metavar="DAY", help="From this day on.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=FORMATS, metavar="DAY", help="Before this day.")] = None,
    control: options.Controls = None,
    html: options.Html = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell what left without a permit, in figures that say what they rest on, and as one HTML file to hand on.

    The file needs no network, holds English and Chinese, and prints. People appear in it by pseudonym only.

    Examples:

    \b
      waybill report --html report.html
      waybill report --since 2026-03-01 --until 2026-04-01 --control "2026-03-10=USB locked" --html march.html
      waybill report --json
    """
    from waybill.flow.installation import Installation
    from waybill.flow.reporting import report_of_installation
    from waybill.report import figures

    controls = controls_of(control)
    report = report_of_installation(
        Installation.open(data),
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        controls=controls,
    )
    if json:
        write_json({"figures": figures(report), "report": report})
    elif html is None:
        _print(report)
    if html is not None:
        write_html(report, html)


def controls_of(given: Sequence[str] | None) -> list[Control]:
    """Return controls given as ``DAY=NAME``. Raises UsageError for one that is not."""
    from waybill.report import Control

    controls = []
    for text in given or ():
        day, _, name = text.partition("=")
        try:
            controls.append(Control(date.fromisoformat(day.strip()), name.strip() or day.strip()))
        except ValueError:
            raise UsageError(
                "a control is named by its day",
                where=text,
                expected='DAY=NAME, as in --control "2026-03-10=USB locked"',
            ) from None
    return controls


def write_html(report: Report, target: Path) -> None:
    """Write the report as one HTML file that opens in the language of this run. Raises StorageError."""
    from waybill.report import render

    page = render(report, current())
    with open_target(target) as stream:
        stream.write(page)
    err.print(say(f"report: {target} ({len(page):,} bytes)", f"报告：{target}（{len(page):,} 字节）"), markup=False)


def _print(report: Report) -> None:
    """Tell the figures, each with what it rests on."""
    from waybill.report import compared, figures, told

    found = figures(report)
    write_table(
        say("figure|value|rests on", "数据|数值|依据").split("|"),
        ([read(name), read(one.value), read(one.rests_on)] for name, one in told(report, found).items()),
    )
    for one in compared(found):
        out.print(f"\n{one.control.day} {one.control.name}", markup=False)
        names = say("a week before|a week after|change", "此前每周|此后每周|变化").split("|")
        for name, part in zip(names, (one.before, one.after, one.change), strict=True):
            out.print(f"  {name}: {read(part.value)} ({read(part.rests_on)})", markup=False)
