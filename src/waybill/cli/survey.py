"""``waybill survey``: ways out that stand open, before anything goes through them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from waybill.cli import options, survey_manifest
from waybill.cli.language import read as translated
from waybill.cli.language import say
from waybill.cli.output import err, open_target, out, shown, write_json
from waybill.cli.printing import STYLES, print_findings, severity_name
from waybill.findings.export import Format, write
from waybill.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from waybill.exposure import Survey
    from waybill.exposure.families import Read

app = typer.Typer(
    help="Look for ways out that stand open: code that sends data, buckets, web roots, sticks, apps, old ciphers.",
    no_args_is_help=True,
)

Targets = Annotated[list[str], typer.Argument(help="What to look at; see the examples.", metavar="TARGET...")]
Register = Annotated[
    Path | None, typer.Option(help="A folder with assets.csv and places.csv to weigh by, where nothing is kept.")
]
Form = Annotated[Format | None, typer.Option("--format", help="Write the findings alone, for another program.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write the result to this file.")]
Keep = Annotated[
    Path | None,
    typer.Option("--data", help="Keep what is found in this data folder, and weigh it by what is known there."),
]


_ABOUT = {
    "code": """
Follow personal data through the code of a platform, from where many records are read to where they are sent.

A target is the folder of a program in Python; nothing of it is run. Hosts that data may go to are approved in the
register as places. Exits 0 if nothing stands open, 1 if something does.

Examples:

\b
  waybill survey code shop/ --register register
  waybill survey code . --format sarif -o flows.sarif
""",
    "storage": """
Look at buckets, web roots, file shares, databases and file servers.

A target is s3: (all buckets that the credentials of the environment see), s3://BUCKET, a folder on this machine,
an AWS Config snapshot, `terraform show -json` of a plan or state, a postgresql:// address (catalogues are read, no
rows), or the http://, https:// or ftp:// address of a server; upload+ before that also tries to put an empty file
there. Exits 0 if nothing stands open, 1 if something does, 3 if nothing could be looked at.

Examples:

\b
  waybill survey storage s3: --data data
  terraform show -json plan.out > plan.json && waybill survey storage plan.json
  waybill survey storage /var/www --format sarif -o open.sarif
  waybill survey storage postgresql://surveyor@db.example/shop upload+ftp://files.example/incoming
""",
    "devices": """
Look at disks and sticks, from what machines report.

A target is a file named after its machine, as `lsblk -J -O`, `Get-BitLockerVolume | ConvertTo-Json` or osquery
(disk_encryption, as JSON) print it.

Examples:

\b
  lsblk -J -O > $(hostname).json && waybill survey devices $(hostname).json
  waybill survey devices reports/*.json --data data
""",
    "apps": """
Look at apps and tokens that people let in.

A target is an export: service principals and their grants (Microsoft Graph), tokens (Google's Admin SDK),
installations or personal access tokens (GitHub's API). Apps are approved in the register as places of their own.

Examples:

\b
  gh api /orgs/ORG/installations > github.json && waybill survey apps github.json
  waybill survey apps graph.json --register register
""",
    "crypto": """
Look at endpoints, configurations, certificates, keys, and systems past their end.

A target is tls://HOST:PORT (asked with sslscan), sslscan's XML, a folder of configurations, certificates and keys,
or an inventory of systems as JSON: objects with host, name and version, as osquery's os_version prints them.

Examples:

\b
  waybill survey crypto /etc tls://shop.example:443
  waybill survey crypto inventory.json --register register
""",
}
"""The families of things that are surveyed, and what the help of each command says."""


def _command(family: str, about: str) -> None:
    """Add the command that surveys a family."""

    @app.command(family, help=about)
    def command(
        targets: Targets,
        *,
        register: Register = None,
        data: Keep = None,
        form: Form = None,
        json: options.Json = False,
        output: Output = None,
    ) -> None:
        _survey(family, targets, register=register, data=data, form=form, json=json, output=output)


for _family, _about in _ABOUT.items():
    _command(_family, _about)


@app.command()
def deployed(
    targets: Targets,
    *,
    manifest: Annotated[
        Path | None, typer.Option(help="What was approved, as `waybill survey manifest` wrote it.", metavar="FILE")
    ] = None,
    trusted: Annotated[
        list[Path] | None,
        typer.Option(help="A public key (PEM) whose signature counts; may be repeated.", metavar="FILE"),
    ] = None,
    register: Register = None,
    data: Keep = None,
    form: Form = None,
    json: options.Json = False,
    output: Output = None,
) -> None:
    """Compare what runs with what was approved: every file, installed packages, firmware, projects of controllers.

    A target is the folder of a deployed platform, or what `sha256sum` printed on a machine of its own. New code that
    sends the personal data of many is critical. Exits 0 if nothing differs, 1 if something does.

    Examples:

    \b
      waybill survey deployed /srv/shop --manifest shop.json --trusted approver.pub
      find . -type f -exec sha256sum {} + > press-7.txt && waybill survey deployed press-7.txt --manifest plc.json
    """
    from waybill.exposure.deployed import reader

    if trusted and manifest is None:
        raise UsageError("a trusted key says nothing without a manifest", advice="name it: --manifest FILE")
    read = reader(manifest, trusted or ()) if manifest else None
    _survey("deployed", targets, read=read, register=register, data=data, form=form, json=json, output=output)


app.command()(survey_manifest.manifest)


@app.command()
def checks(*, json: options.Json = False) -> None:
    """List what surveys look for.

    Example:

    \b
      waybill survey checks --json
    """
    from waybill.exposure import FAMILIES

    known = [(family.name, check.about) for family in FAMILIES.values() for check in family.checks()]
    if json:
        write_json([{"family": family, **_plain(about)} for family, about in known])
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(say("check", "检查"))
    table.add_column(say("severity", "严重程度"))
    table.add_column(say("what it tells", "内容"))
    for _, about in known:
        name = f"[{STYLES[about.severity]}]{severity_name(about.severity)}[/]"
        table.add_row(about.id, name, escape(translated(about.title)))
    out.print(table)


def _plain(about: Any) -> dict[str, Any]:
    import msgspec

    return dict(msgspec.to_builtins(about))


def _survey(
    family: str,
    targets: list[str],
    *,
    register: Path | None,
    data: Path | None,
    form: Format | None,
    json: bool,
    output: Path | None,
    read: Read | None = None,
) -> None:
    from waybill.flow.installation import Installation
    from waybill.flow.reading import passing_plan
    from waybill.flow.settings import load_settings
    from waybill.flow.surveys import look, look_and_keep, things_of

    with shown(err.status(say("reading …", "读取中…"))):
        things = things_of(family, targets, read=read)
        if data is not None:
            found = look_and_keep(Installation.open(data, create=True), family, things)
        else:
            _, snapshot = passing_plan(load_settings(), register=register, mappings=(), source=None)
            found = look(family, things, snapshot)
    if form is not None:
        with open_target(output) as stream:
            write(found.findings, form, stream)
    elif json or output is not None:
        write_json(_told(found), output)
    else:
        _print(found, kept=data is not None)
    if found.gaps and not found.places:  # nothing was looked at, which must not pass for nothing found
        raise typer.Exit(InputError.exit_code)
    raise typer.Exit(1 if found.findings else 0)


def _told(found: Survey) -> dict[str, Any]:
    return {
        "places": found.places,
        "findings": found.findings,
        "opened": found.opened,
        "closed": found.closed,
        "not_inspected": [{"place": gap.place, "what": gap.what, "why": gap.why} for gap in found.gaps],
    }


def _print(found: Survey, *, kept: bool) -> None:
    out.print(say(f"[bold]Looked at {len(found.places):,}[/]", f"[bold]已查看 {len(found.places):,} 项[/]"))
    if kept:
        opened, closed = len(found.opened), len(found.closed)
        out.print(
            say(
                f"  {opened} opened and {closed} closed since the survey before",
                f"  自上次以来新开 {opened} 项,关闭 {closed} 项",
            )
        )
    for gap in found.gaps:
        what = f" {gap.what}" if gap.what else ""
        line = say(
            f"  not inspected: {gap.place}{what}, because: {gap.why}", f"  未检查:{gap.place}{what},原因:{gap.why}"
        )
        out.print(f"[yellow]{escape(line)}[/]")
    print_findings(found.findings, none=say("Nothing stands open.", "未发现敞开之处。"))
