"""``waybill tasks``: what is done by schedule, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import err, out, write_json, write_table
from waybill.cli.sequel import sequence_now

if TYPE_CHECKING:
    from waybill.flow.tasks.queue import Run

app = typer.Typer(help="What is done by schedule: list with results, run one now.", no_args_is_help=True)


@app.command("list")
def list_tasks(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List tasks: when each ran, what came of it, when it is due. Exits 1 if one failed the last time.

    `waybill serve` does them: those of the night from the hour that the setting `night_hour` says.
    """
    from waybill.flow.installation import Installation
    from waybill.flow.tasks.jobs import job
    from waybill.flow.tasks.worker import SETTINGS

    installation = Installation.open(data, django=SETTINGS)
    from waybill.flow.tasks.queue import standings

    found = standings(installation)
    if json:
        write_json(found)
    else:
        write_table(
            say("task|does|last run|result|due", "任务|作用|上次运行|结果|下次").split("|"),
            (
                [
                    one.job,
                    read(job(one.job).purpose),
                    _moment(one.last.begun) if one.last else "",
                    _result(one.last),
                    _moment(one.next) if one.wanted else say("not wanted", "未启用"),
                ]
                for one in found
            ),
        )
    raise typer.Exit(1 if any(one.failures for one in found) else 0)


@app.command("run")
def run_task(
    name: Annotated[str, typer.Argument(help="The task, as `waybill tasks list` names it.", metavar="TASK")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Do a task now, or have the running service do it. Exits 1 if it failed.

    Examples:

    \b
      waybill tasks run audit
    """
    from waybill.flow.tasks.jobs import job
    from waybill.flow.tasks.worker import Worker

    job(name)
    worker = Worker(data)
    put = worker.do(name)
    from waybill.flow.tasks.queue import standings

    (standing,) = (one for one in standings(worker.installation) if one.job == name)
    if json:
        write_json(standing)
    elif not put:
        err.print(say("it is being done already", "任务已在执行"))
    elif standing.last:
        out.print(f"{name}: {standing.last.state} {_result(standing.last)}")
    sequence_now(worker.installation)
    raise typer.Exit(1 if standing.last and standing.last.state == "failed" else 0)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _result(run: Run | None) -> str:
    if run is None:
        return ""
    if run.error:
        return say(f"failed: {run.error}", f"失败：{run.error}")
    if not isinstance(run.result, dict):
        return {"ready": say("waits", "等待"), "running": say("is being done", "执行中")}.get(run.state, run.state)
    told = (f"{name} {value}" for name, value in run.result.items() if isinstance(value, int | str | bool) and value)
    return ", ".join(told) or say("done", "完成")
