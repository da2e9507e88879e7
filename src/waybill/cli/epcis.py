"""``waybill epcis``: documents of custody events come in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, open_target, out, shown, write_json
from waybill.cli.sequel import sequence_now

app = typer.Typer(help="Custody events of lots and devices (EPCIS 2.0 and 1.2).", no_args_is_help=True)


@app.command()
def capture(
    paths: Annotated[list[Path], typer.Argument(help="Documents, or folders of them.", metavar="FILE...")],
    *,
    submitter: Annotated[str, typer.Option(help="Who says so: an organisation, a system.")] = "import",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Capture custody events: JSON, JSON-LD and XML, event documents, query documents, single events.

    A document is taken as a whole or refused as a whole, naming the event and the field. The same event again adds
    nothing. What contradicts the state of an item (made twice, seen after it was destroyed, in two parents) is kept
    and marked. Exits 3 if a document was refused.

    Examples:

    \b
      waybill epcis capture shipments.jsonld
      waybill epcis capture received/ --submitter smelter-north
    """
    from waybill.flow.custody.capturing import capture_files
    from waybill.flow.installation import Installation

    installation = Installation.open(data, create=True)
    with shown(err.status(say("capturing", "正在采集"))):
        report = capture_files(installation, paths, submitter=submitter)
    if json:
        faults = {name: fault.diagnostics() for name, fault in report.faults.items()}
        write_json({**{name: getattr(report, name) for name in _COUNTS}, "faults": faults})
    else:
        out.print(
            say(
                f"[bold]{report.events:,} new events[/] of {report.documents:,} documents; {report.duplicates:,} were "
                f"known, {report.declarations:,} declare others in error, {report.marks:,} contradictions",
                f"[bold]{report.documents:,} 个文档中 {report.events:,} 个新事件[/];{report.duplicates:,} 个已有，"
                f"{report.declarations:,} 个为错误声明，{report.marks:,} 处矛盾",
            )
        )
        for fault in report.faults.values():
            err.print(f"[red]{escape(fault.diagnostics())}[/]")
    sequence_now(installation)
    if report.faults:
        raise typer.Exit(3)


@app.command("import-bom")
def import_bom(
    file: Annotated[Path, typer.Argument(help="A bill of hardware: CycloneDX in JSON.", metavar="FILE")],
    *,
    at: Annotated[datetime | None, typer.Option("--at", help="When it was assembled (UTC); now if not said.")] = None,
    submitter: Annotated[str, typer.Option(help="Who says so: an organisation, a system.")] = "import",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Take in a bill of hardware: each part is associated with what it is a part of, from die to server.

    Example: waybill epcis import-bom server-0117.cdx.json --at 2026-03-01
    """
    from waybill.flow.custody.hardware import take_in
    from waybill.flow.installation import Installation

    done = take_in(Installation.open(data, create=True), file, options.utc(at), submitter=submitter)
    if json:
        write_json({"events": done.events, "duplicates": done.duplicates, "marks": done.marks})
    else:
        out.print(say(f"{done.events:,} assemblies are new, {done.marks:,} contradictions",
                      f"新增 {done.events:,} 个装配，{done.marks:,} 处矛盾"))  # fmt: skip


@app.command("export-bom")
def export_bom(
    device: Annotated[str, typer.Argument(help="A serial number, Digital Link or URI of a device.")],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write what a device is made of now as a bill of hardware (CycloneDX 1.6).

    Example: waybill epcis export-bom SRV-0117 -o server.cdx.json
    """
    from waybill.flow.custody.hardware import bill_of
    from waybill.flow.installation import Installation

    content = bill_of(Installation.open(data), device)
    with open_target(output) as stream:
        stream.write(content + b"\n")


_COUNTS = ("documents", "events", "duplicates", "declarations", "marks", "protected", "seconds")
