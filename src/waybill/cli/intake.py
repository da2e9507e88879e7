"""``waybill ingest``, ``detect`` and ``quarantine``: keep what moved, look at what is new, read again what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, progress_bar, progress_count, write_json
from waybill.cli.printing import print_intake, tell_remarks
from waybill.cli.sequel import sequence_now
from waybill.cli.summary import intake_summary

if TYPE_CHECKING:
    from waybill.flow.installation import Installation
    from waybill.flow.intake.ingest import IngestReport

quarantine = typer.Typer(help="Records that could not be read: why, and reading them again.", no_args_is_help=True)


def ingest_command(
    paths: options.Paths,
    *,
    data: options.Data = options.DEFAULT_DATA,
    mapping: options.Mappings = None,
    source: options.Source = None,
    strict: options.Strict = False,
    workers: options.Workers = None,
    json: options.Json = False,
) -> None:
    """Read logs into the data folder. Everything told as stored is durable; reading a file twice adds nothing.

    Examples:

    \b
      waybill ingest /var/log/cloudtrail
      waybill ingest /var/mail/journal
      waybill ingest export.csv --mapping usb-export.toml
    """
    from waybill.flow.installation import Installation
    from waybill.flow.intake.ingest import ingest
    from waybill.flow.intake.tally import input_bytes

    installation = Installation.open(data, create=True)
    plan = installation.plan(mappings=mapping or (), source=source)
    with progress_bar(input_bytes(paths)) as progress:
        report = ingest(installation, paths, plan, workers=_workers(installation, workers), progress=progress)
    _tell(installation, report, json=json, strict=strict)


def detect_command(
    *,
    data: options.Data = options.DEFAULT_DATA,
    rules: options.Rules = None,
    detector: options.Detectors = None,
    workers: options.Workers = None,
    json: options.Json = False,
) -> None:
    """Run the detectors over what is new since their last run. Exits 1 if they found something.

    Examples:

    \b
      waybill detect
      waybill detect --rules ~/sigma/rules --json
    """
    from waybill.flow.detect import detect
    from waybill.flow.detectors import load_detectors
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    settings = installation.settings
    detectors = load_detectors((*settings.rules, *(rules or ())), detector or (), settings=settings)
    with progress_count() as progress:
        report = detect(installation, detectors, workers=_workers(installation, workers), progress=progress)
    found = sum(report.findings.values())
    if json:
        write_json({"transfers": report.transfers, "findings": report.findings, "remarks": report.remarks})
    else:
        out.print(
            say(
                f"Looked at {report.transfers:,} new transfers in {report.seconds:.1f} s: {found:,} findings",
                f"检查了 {report.transfers:,} 条新转移（{report.seconds:.1f} 秒）：{found:,} 项发现",
            )
        )
        if found:
            out.print(say("`waybill findings` shows them", "用 `waybill findings` 查看"))
        tell_remarks(report.remarks)
    sequence_now(installation)
    raise typer.Exit(1 if found else 0)


@quarantine.command("list")
def quarantine_list(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the records that could not be read, with file, line, field and reason."""
    from waybill.flow.installation import Installation

    entries = list(Installation.open(data).quarantine.entries())
    if json:
        write_json(entries)
        return
    if not entries:
        out.print(say("The quarantine is empty.", "隔离区为空。"))
        return
    for entry in entries:
        where = f"{entry.file}:{entry.position}" if entry.position else entry.file
        fault = f"{entry.field}: {entry.reason}" if entry.field else entry.reason
        out.print(f"[bold]{entry.id}[/]  {escape(where)}  [yellow]{escape(fault)}[/]")
        expected = say(f"expected {entry.expected}", f"应为 {entry.expected}")
        out.print(Padding(f"{escape(expected)}. {escape(entry.advice)}", (0, 0, 0, 4)))


@quarantine.command("replay")
def quarantine_replay(
    *,
    data: options.Data = options.DEFAULT_DATA,
    mapping: options.Mappings = None,
    strict: options.Strict = False,
    json: options.Json = False,
) -> None:
    """Read the records in quarantine again, after a mapping was mended; those that can be read now leave it."""
    from waybill.flow.installation import Installation
    from waybill.flow.intake.ingest import replay

    installation = Installation.open(data)
    report = replay(installation, installation.plan(mappings=mapping or ()))
    _tell(installation, report, json=json, strict=strict)


@quarantine.command("drop")
def quarantine_drop(
    ids: Annotated[list[str], typer.Argument(help="Ids as `quarantine list` shows them.", metavar="ID...")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Remove records from the quarantine for good."""
    from waybill.flow.installation import Installation

    dropped = Installation.open(data).quarantine.drop(ids)
    out.print(say(f"{dropped} records dropped", f"已删除 {dropped} 条记录"))


def _workers(installation: Installation, asked: int | None) -> int:
    return installation.settings.workers if asked is None else asked


def _tell(installation: Installation, report: IngestReport, *, json: bool, strict: bool) -> None:
    if json:
        write_json(
            {
                **intake_summary(report.intake),
                "stored": report.stored,
                "duplicates": report.duplicates,
                "seconds": round(report.seconds, 3),
            }
        )
    else:
        print_intake(report.intake, report.seconds)
        out.print(
            say(
                f"[bold]{report.stored:,} new transfers are stored[/]; the lake had {report.duplicates:,} already",
                f"[bold]已存入 {report.stored:,} 条新转移[/];{report.duplicates:,} 条早已存在",
            )
        )
    sequence_now(installation)
    if strict and report.intake.rejected:
        raise typer.Exit(3)
