"""``waybill behaviour``: who moves data unlike themselves and their peers, why, and whether the promise is kept."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, progress_count, write_json, write_table
from waybill.cli.sequel import sequence_now

app = typer.Typer(help="Who moves data unlike themselves and their peers, and why.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(help="Ids of findings, or their beginnings.", metavar="ID...")]
Reason = Annotated[str, typer.Option(help="Why.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Another day than the newest.")]


@app.command()
def run(
    *,
    data: options.Data = options.DEFAULT_DATA,
    cases: Annotated[int, typer.Option(min=1, max=20, help="How many to look at.")] = 5,
    day: Day = None,
    json: options.Json = False,
) -> None:
    """Take what is new into account, and list the most unusual of a day: pseudonyms, with the reasons.

    A score alone is no ground for any measure against a person.

    Examples:

    \b
      waybill behaviour run
      waybill behaviour run --cases 10 --day 2026-03-04
    """
    from waybill.flow import behaviour
    from waybill.flow.detect import detect
    from waybill.flow.detectors import load_detectors
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    detectors = load_detectors((), [behaviour.NAME], settings=installation.settings)
    with progress_count(say("looking at transfers", "检查转移")) as progress:
        detect(installation, detectors, workers=0, progress=progress)
    when, watched = behaviour.watch_list(installation, cases, day.date() if day else None)
    if json:
        write_json({"day": when, "watched": watched})
    elif when is None:
        out.print(say("No days yet: `waybill ingest PATH`", "尚无数据：`waybill ingest PATH`"))
    else:
        out.print(say(f"{when}, the most unusual first:", f"{when}，异常程度由高到低："))
        for one in watched:
            mark = say("told", "已报告") if one.told else ""
            out.print(f"  {one.score:5.1f}  {read(one.sentence)} {mark}", markup=False, soft_wrap=True)
    sequence_now(installation)


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="A pseudonym or a service.", metavar="PSEUDONYM")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show why somebody was among the most unusual in the last weeks: every part of the score.

    Example:

    \b
      waybill behaviour explain p-4c2h
    """
    from waybill.flow import behaviour
    from waybill.flow.installation import Installation

    days = behaviour.history(Installation.open(data), subject)
    if json:
        write_json(days)
        return
    columns = say("part|today|own usual|peers|share", "组成|当日|自身平时|同组|占比").split("|")
    for one in days:
        out.print(read(one.sentence), markup=False, soft_wrap=True)
        rows = ([part.name, part.value, part.usual, part.peers, f"{part.share:.1%}"] for part in one.parts)
        write_table(columns, rows, right=(1, 2, 3, 4))


@app.command()
def calibrate(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Show for each of the last weeks how many were promised at most, and how many were told.

    The promise is the setting behaviour_rate: the share of person-days with nothing wrong that are told.

    Example:

    \b
      waybill behaviour calibrate
    """
    from waybill.flow import behaviour
    from waybill.flow.installation import Installation

    weeks = behaviour.calibration(Installation.open(data))
    if json:
        write_json(weeks)
        return
    columns = say("week of|days|person-days|promised|told", "周|天数|人日|承诺|报告").split("|")
    rows = ([one.begin, one.days, f"{one.person_days:,}", f"{one.promised:.2f}", one.told] for one in weeks)
    write_table(columns, rows, right=(1, 2, 3, 4))


@app.command()
def fairness(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Show for each role how often its days are among the most unusual one in a hundred; 1.0 is even.

    Roles of fewer than five people are left out, since they could be told apart.

    Example:

    \b
      waybill behaviour fairness
    """
    from waybill.flow import behaviour
    from waybill.flow.installation import Installation

    shares = behaviour.fairness(Installation.open(data))
    if json:
        write_json(shares)
        return
    columns = say("role|person-days|flagged|ratio", "角色|人日|标记|比值").split("|")
    write_table(
        columns,
        ([one.role, f"{one.person_days:,}", one.flagged, f"{one.ratio:.2f}"] for one in shares),
        right=(1, 2, 3),
    )


@app.command()
def confirm(ids: Ids, *, reason: Reason, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Say that findings are right. Those days are then no longer what others are held against.

    Example:

    \b
      waybill behaviour confirm 3f2a --reason "took the drawings, admitted"
    """
    from waybill.flow import feedback
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    feedback.confirm(ids, who=who or getpass.getuser(), reason=reason)
    out.print(say(f"{len(ids)} confirmed", f"已确认 {len(ids)} 项"))
    sequence_now(installation)


@app.command()
def benign(ids: Ids, *, reason: Reason, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Say that findings are wrong, with the reason.

    Example:

    \b
      waybill behaviour benign 3f2a --reason "moved to the new laboratory"
    """
    from waybill.flow import feedback
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    feedback.benign(ids, who=who or getpass.getuser(), reason=reason)
    out.print(say(f"{len(ids)} closed as benign", f"已标记 {len(ids)} 项为无害"))
    sequence_now(installation)


@app.command()
def contest(ids: Ids, *, reason: Reason, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Enter what the person concerned says against findings; confirm or benign, with the reason, is the answer.

    Example:

    \b
      waybill behaviour contest 3f2a --reason "I was on leave that day"
    """
    from waybill.flow import feedback
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    feedback.contest(ids, who=who or getpass.getuser(), reason=reason)
    out.print(say(f"{len(ids)} contested; the answer is owed", f"已提出异议 {len(ids)} 项，待答复"))
    sequence_now(installation)
