"""``waybill scan``: the main job without any set-up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waybill.cli import options
from waybill.cli.output import open_target, progress_bar, write_json
from waybill.cli.printing import print_findings, print_flows, print_intake, tell_remarks
from waybill.cli.report import controls_of, write_html
from waybill.cli.summary import intake_summary
from waybill.findings.export import Format, write
from waybill.model.words import Severity

if TYPE_CHECKING:
    from waybill.flow.scan import ScanReport


def command(
    paths: options.Paths,
    *,
    register: Annotated[
        Path | None, typer.Option(help="A folder with assets.csv, parties.csv, places.csv, permits.csv, channels.toml.")
    ] = None,
    rules: options.Rules = None,
    mapping: options.Mappings = None,
    detector: options.Detectors = None,
    source: options.Source = None,
    least: Annotated[Severity, typer.Option("--severity", help="The least severity to tell.")] = Severity.LOW,
    everything: Annotated[bool, typer.Option("--all", help="Show every finding, not the gravest alone.")] = False,
    form: Annotated[
        Format | None, typer.Option("--format", help="Write the findings alone, for another program.")
    ] = None,
    html: options.Html = None,
    control: options.Controls = None,
    json: options.Json = False,
    output: options.Output = None,
    strict: options.Strict = False,
    workers: options.Workers = None,
) -> None:
    """Read logs, find transfers that nobody authorised, and tell why. Writes nothing, needs no set-up.

    Formats are recognised by content: AWS CloudTrail, Windows events (EVTX and JSON), OCSF 1.8, NDJSON and CSV; packed
    with gzip, zstd, xz or bzip2. Mail (files, mbox, Maildir, archives of it) is opened, and what it carries is looked
    into. Exits 0 if nothing was found, 1 if something was.

    Examples:

    \b
      waybill scan /var/log/cloudtrail
      waybill scan journal/ sent.mbox
      waybill scan exports/*.evtx --rules ~/sigma/rules --severity high
      zcat day.json.gz | waybill scan - --json > findings.json
      waybill scan logs --register register --format sarif -o findings.sarif
      waybill scan logs --register register --html report.html
    """
    from waybill.flow.detectors import load_detectors
    from waybill.flow.intake.reading import passing_plan
    from waybill.flow.intake.tally import input_bytes
    from waybill.flow.reporting import Sightings, report_of_scan
    from waybill.flow.scan import scan
    from waybill.flow.settings import load_settings

    settings = load_settings()
    controls = controls_of(control)
    detectors = load_detectors((*settings.rules, *(rules or ())), detector or (), settings=settings)
    plan, snapshot = passing_plan(settings, register=register, mappings=mapping or (), source=source)
    sightings = Sightings() if html is not None else None
    with progress_bar(input_bytes(paths)) as progress:
        report = scan(
            paths,
            plan,
            snapshot,
            detectors,
            workers=settings.workers if workers is None else workers,
            progress=progress,
            seen=sightings.add if sightings else None,
        )
    findings = [finding for finding in report.findings if finding.severity.number >= least.number]
    if form is not None:
        with open_target(output) as stream:
            write(findings, form, stream)
    elif json or output is not None:
        write_json({"summary": _summary(report), "findings": findings}, output)
    else:
        print_intake(report.intake, report.seconds)
        print_findings(findings, shown=None if everything else SHOWN)
        print_flows(report.intake)
        tell_remarks(report.remarks)
    if html is not None and sightings is not None:
        write_html(report_of_scan(report, sightings, snapshot, detectors, least=least, controls=controls), html)
    if strict and report.intake.rejected:
        raise typer.Exit(3)
    raise typer.Exit(1 if findings else 0)


SHOWN = 25
"""Findings that the text report shows unless all are asked for."""


def _summary(report: ScanReport) -> dict[str, Any]:
    return {**intake_summary(report.intake), "seconds": round(report.seconds, 3), "remarks": report.remarks}
