"""``waybill survey fix``: what would close an exposure, done, agreed to, or undone."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json
from waybill.cli.sequel import sequence_now
from waybill.model.errors import UsageError


def fix(
    finding: Annotated[str, typer.Argument(help="Id of the exposure, or its beginning.", metavar="FINDING")],
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; where others use what is changed, ask for it.")
    ] = False,
    agree: Annotated[bool, typer.Option("--agree", help="Agree to what somebody else asked for; it is done.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Put back what was there.")] = False,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell what would close an exposure and how it is undone; nothing is changed without --apply.

    Rights of files, lines of configurations, and public-access blocks of buckets can be closed so. Where others use
    what is changed, a second person must agree. Each act goes into the ledger.

    Examples:

    \b
      waybill survey fix 4c1d
      waybill survey fix 4c1d --apply
      waybill survey fix 4c1d --agree --who second-person
    """
    from waybill.findings import queries
    from waybill.flow.installation import Installation
    from waybill.flow.surveys import fixing

    if apply + agree + undo > 1:
        raise UsageError("one thing at a time", expected="--apply, --agree or --undo")
    installation, by = Installation.open(data), who or getpass.getuser()
    id = queries.get(finding).finding.id
    if not (apply or agree or undo):
        planned = fixing.plan(installation, id)
        said, shared = planned.fix.says(), planned.fix.shared
        if json:
            write_json({"finding": id, "says": said, "shared": shared})
            return
        out.print(say(f"would do: {said.en}", f"将执行：{said.zh}"), markup=False)
        if shared:
            out.print(say("others use it: a second person must agree", "他人也在使用：须另一人同意"))
        return
    if apply:
        kept = fixing.ask(installation, id, who=by)
    else:
        kept = fixing.agree(installation, id, who=by) if agree else fixing.undo(id, who=by)
    if json:
        write_json({"finding": id, "standing": kept.standing, "says": kept.fix.says()})
    else:
        out.print(f"{_standing(kept.standing)}: {read(kept.fix.says())}", markup=False)
    sequence_now(installation)


def _standing(word: str) -> str:
    return {
        "waiting": say("waits for a second person", "等待另一人同意"),
        "done": say("done; survey again to close it", "已执行；请再次巡检以关闭"),
        "undone": say("undone", "已撤销"),
    }[word]
