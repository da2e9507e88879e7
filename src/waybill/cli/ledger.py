"""``waybill ledger``: proof of what was recorded, for everybody who has the files and a policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import lake, options, proofs, witness
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.printing import tell_remarks
from waybill.model.errors import UsageError

app = typer.Typer(help="Proof of what was recorded: sequence, verify, prove, disclose, witness.", no_args_is_help=True)
for command in (proofs.records, proofs.verify, proofs.prove, proofs.disclose, proofs.check):
    app.command(command.__name__)(command)
app.command("erase")(lake.erase_command)
app.add_typer(witness.app, name="witness")


@app.command()
def status(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Tell how the ledger stands. Exits 1 if records have waited too long or a witness holds evidence.

    Both are findings too; evidence stands here for good, a finding until somebody has handled it.
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.proof.standing import standing

    now = standing(installation)
    if json:
        write_json(now)
    else:
        rows = [
            (say("origin", "账本名称"), now.origin),
            (say("verifier key", "验证公钥"), now.key),
            (say("entries shown", "已公开条目"), f"{now.size:,}"),
            (say("cosigned by", "联署见证"), ", ".join(now.witnesses) or "–"),
            (say("records in the ledger", "已入账记录"), f"{now.logged:,}"),
            (say("records waiting", "等待入账记录"), f"{now.waiting:,}"),
            (say("time stamps", "时间戳"), now.stamps),
            (say("former logs", "先前账本"), now.former),
        ]
        write_table(("", ""), rows)
        tell_remarks([read(alarm) for alarm in now.alarms])
    raise typer.Exit(1 if now.alarms else 0)


@app.command()
def sequence(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Put everything recorded into the ledger now, sign a checkpoint and have it cosigned.

    Other commands do so by themselves after their answer.
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.proof.sequencing import sequence as run

    done = run(installation)
    if json:
        write_json(done)
        return
    out.print(
        say(
            f"{done.rows:,} records took their place; the ledger shows {done.size:,} entries",
            f"{done.rows:,} 条记录已入账；账本公开 {done.size:,} 个条目",
        )
    )
    tell_remarks(done.remarks)


@app.command()
def recover(
    *,
    mirror: Annotated[
        str | None, typer.Option(help="Fetch what is missing from this folder or address.", metavar="PLACE")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin a log under the origin set now, which continues the old one.")
    ] = False,
    checkpoint: Annotated[
        Path | None, typer.Option(help="With --anew: the latest checkpoint that a witness has.", metavar="FILE")
    ] = None,
    data: options.Data = options.DEFAULT_DATA,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Go on after an older copy of the ledger was restored. Going on without this would fork the log.

    Either the missing entries are fetched from a mirror, or a new log begins whose first entry is the old log's last
    checkpoint; the old log stays and proves what it holds.

    Examples:

    \b
      waybill ledger recover --mirror https://mirror.example/ledger
      WAYBILL_LEDGER_ORIGIN=example.com/ledger-2 waybill ledger recover --anew
    """
    from waybill.flow.installation import Installation

    if (mirror is None) != anew:
        raise UsageError("there are two ways out, and one was not chosen", expected="--mirror PLACE or --anew")
    installation = Installation.open(data)
    from waybill.flow.proof import recovery
    from waybill.flow.proof.sequencing import sequence as run

    if mirror is not None:
        fetched = recovery.fetch_missing(installation, mirror)
        done = {"fetched": len(fetched), "waiting": 0}
    else:
        from waybill.ledger import Note

        options.confirm(yes, say("Put the present log aside for good?", "永久封存现有账本?"))
        last = Note.parse(proofs.read(checkpoint)) if checkpoint else None
        done = {"fetched": 0, "waiting": recovery.begin_next(installation, last)}
    sequenced = run(installation)
    if json:
        write_json({**done, "sequenced": sequenced})
        return
    out.print(
        say(
            f"{done['fetched']:,} entries were fetched, {sequenced.rows:,} records took their place; "
            f"the ledger shows {sequenced.size:,} entries",
            f"取回 {done['fetched']:,} 个条目，{sequenced.rows:,} 条记录入账；账本公开 {sequenced.size:,} 个条目",
        )
    )
    tell_remarks(sequenced.remarks)
