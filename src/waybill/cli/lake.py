"""``waybill lake``: how the store of transfers stands, keeping it fast, and removing what must go."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.errors import DamagedError
from waybill.model.sizes import size

app = typer.Typer(
    help="The store of transfers: status, compaction, verification, retention, erasure.", no_args_is_help=True
)


@app.command()
def status(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Tell how much the lake holds and what waits."""
    from waybill.flow.installation import Installation

    standing = Installation.open(data).lake.status()
    if json:
        write_json(standing)
        return
    span = f"{standing.first_time:%Y-%m-%d} – {standing.last_time:%Y-%m-%d}" if standing.first_time else "–"
    rows = [
        (say("transfers", "转移记录"), f"{standing.rows:,}"),
        (say("from – to", "起止"), span),
        (say("months", "月份"), standing.months),
        (say("files", "文件"), f"{standing.files} ({say('small', '小文件')} {standing.small_files})"),
        (say("size", "大小"), size(standing.bytes)),
        (say("waiting in the log", "日志中等待"), f"{standing.waiting_rows:,} ({size(standing.waiting_bytes)})"),
        (say("version / sequence", "版本 / 序号"), f"{standing.version} / {standing.sequence}"),
        (say("damaged pieces kept aside", "隔离的损坏片段"), standing.damaged),
    ]
    write_table(("", ""), rows)


@app.command()
def compact(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Join small files into large ones sorted by time, so that questions stay fast."""
    from waybill.flow.installation import Installation

    done = Installation.open(data).lake.compact()
    if json:
        write_json(done)
        return
    out.print(
        say(
            f"{done.files_before} files became {done.files_after}, {done.rows:,} transfers",
            f"{done.files_before} 个文件合并为 {done.files_after} 个，{done.rows:,} 条转移",
        )
    )


@app.command()
def verify(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Check every byte of the lake against its checksums. Exits 4 and names each place if something is damaged."""
    from waybill.flow.installation import Installation

    lake = Installation.open(data).lake
    damages = [*lake.found, *lake.verify()]
    if json:
        write_json(damages)
    elif damages:
        write_table(
            say("file|offset|what|what to do", "文件|位置|损坏|处理").split("|"),
            ([damage.file, damage.offset, damage.what, damage.advice] for damage in damages),
        )
    else:
        out.print(say("[green]Every byte is as it was written.[/]", "[green]所有字节与写入时一致。[/]"))
    if damages:
        raise typer.Exit(DamagedError.exit_code)


@app.command("retain")
def retain_command(
    before: Annotated[
        datetime | None,
        typer.Argument(help="Remove transfers before this day.", formats=["%Y-%m-%d"], metavar="[DAY]"),
    ] = None,
    *,
    data: options.Data = options.DEFAULT_DATA,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Remove transfers older than a day, or than the setting `retention_months` says."""
    from waybill.flow import retention
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    edge = retention.edge(installation.settings, before)
    options.confirm(
        yes, say(f"Remove all transfers before {edge:%Y-%m-%d}?", f"删除 {edge:%Y-%m-%d} 之前的全部转移记录?")
    )
    done = retention.retain(installation, edge)
    if json:
        write_json(done)
    else:
        out.print(say(f"{done.rows:,} transfers removed", f"已删除 {done.rows:,} 条转移"))
    sequence_now(installation)


@app.command("erase")
def erase_command(
    subject: options.Person,
    *,
    basis: options.Basis,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Erase one person: transfers, findings, records, register and sealed identity, so that no byte remains.

    The ledger keeps the proof that something was recorded, and nobody can tell any more what; that it was done, by
    whom and on which basis, is recorded there. `waybill lake erase` and `waybill ledger erase` are the same.

    Examples:

    \b
      waybill ledger erase p-3kq7… --basis "request of 2 March, GDPR article 17"
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.erasure import erase

    options.confirm(yes, say(f"Erase everything about {subject} for good?", f"永久删除 {subject} 的全部数据?"))
    done = erase(installation, subject, who=who or getpass.getuser(), basis=basis)
    if json:
        write_json(done)
        return
    out.print(
        say(
            f"erased: {done.transfers:,} transfers, {done.findings} findings, {done.register} rows of the register, "
            f"what {done.records} records said; the ledger says so in record {done.record}",
            f"已删除：{done.transfers:,} 条转移，{done.findings} 项发现，登记册 {done.register} 行，"
            f"{done.records} 条记录的内容；账本记录 {done.record} 可资证明",
        )
    )
