"""``waybill survey``: ways out that stand open, before anything goes through them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from waybill.cli import options, survey_drift, survey_engines, survey_fixing, survey_manifest, survey_standing
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json
from waybill.cli.printing import STYLES, severity_name
from waybill.cli.survey_options import Baseline, Keep, Register, Since, Targets, Trusted, Written
from waybill.cli.survey_running import Wish, register_of, run
from waybill.model.errors import UsageError

app = typer.Typer(
    help="Look for ways out that stand open: code that sends data, buckets, web roots, sticks, apps, old ciphers.",
    no_args_is_help=True,
)

_ABOUT = {
    "code": """
Follow personal data through the code of a platform, from where many records are read to where they are sent.

A target is the folder of a program in Python, JavaScript or TypeScript; nothing of it is run. Hosts that data may go to
are approved in the register as places. osv:PATH compiles advisories, a folder or zip of OSV records, to hold lock files
against; retire:FILE takes in a data file of retire.js for JavaScript libraries. Exits 0 if nothing stands open, 1 if
something does.

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
        since: Since = None,
        baseline: Baseline = None,
        form: Written = None,
        json: options.Json = False,
        output: options.Output = None,
    ) -> None:
        run(Wish(family, targets, register, data, form, json, output, since, baseline))


for _family, _about in _ABOUT.items():
    _command(_family, _about)


@app.command()
def deployed(
    targets: Targets,
    *,
    manifest: Annotated[
        Path | None, typer.Option(help="What was approved, as `waybill survey manifest` wrote it.", metavar="FILE")
    ] = None,
    trusted: Trusted = None,
    sigstore_root: Annotated[
        Path | None, typer.Option(help="The trusted root that a Sigstore bundle is checked against.", metavar="FILE")
    ] = None,
    identity: Annotated[str, typer.Option(help="Whose bundle counts: what its certificate names.")] = "",
    issuer: Annotated[str, typer.Option(help="Who must vouch for that identity.")] = "",
    sigstore_key: Annotated[
        Path | None,
        typer.Option(help="Whose bundle counts, where it holds no certificate: a public key.", metavar="FILE"),
    ] = None,
    register: Register = None,
    data: Keep = None,
    since: Since = None,
    baseline: Baseline = None,
    form: Written = None,
    json: options.Json = False,
    output: options.Output = None,
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
    from waybill.exposure.deployed.bundles import signer_of

    if trusted and manifest is None:
        raise UsageError("a trusted key says nothing without a manifest", advice="name it: --manifest FILE")
    signer = signer_of(sigstore_root, identity, issuer, sigstore_key)
    held = reader(manifest, trusted or (), signer) if manifest else None
    run(Wish("deployed", targets, register, data, form, json, output, since, baseline, held))


app.command()(survey_manifest.manifest)
app.command()(survey_drift.drift)
app.command()(survey_engines.engines)
app.command()(survey_standing.changes)
app.command()(survey_standing.plan)
app.command()(survey_standing.paths)
app.command()(survey_fixing.fix)


@app.command()
def baseline(
    family: Annotated[str, typer.Argument(help="code, storage, crypto, devices, apps or deployed.", metavar="FAMILY")],
    targets: Targets,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Write the baseline to this file.")],
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    reason: Annotated[str, typer.Option(help="Why it may stay.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it may stay.")],
    register: Register = None,
    json: options.Json = False,
) -> None:
    """Accept what stands open now: a file for --baseline, with who answers for it, why, and until when.

    With --data exceptions are made of findings instead: `waybill findings exceptions add`.

    Example:

    \b
      waybill survey baseline code shop/ -o accepted.json --owner shop-team --reason "CSV export" --until 2027-03-31
    """
    from waybill.exposure import FAMILIES
    from waybill.flow.surveys import gates
    from waybill.flow.surveys.surveying import look, things_of

    last, today = until.date(), datetime.now(UTC).date()
    if family not in FAMILIES:
        raise UsageError("there is no such family", where=family, expected=", ".join(FAMILIES))
    if not owner.strip() or not reason.strip() or not today < last <= today + timedelta(days=gates.MOST_DAYS):
        raise UsageError(
            "an exposure is accepted by somebody, for a reason, and for a time",
            where=f"until {last}",
            expected=f"an owner, a reason, and a day within {gates.MOST_DAYS} days",
        )
    found = look(family, things_of(family, targets), register_of(register)).findings
    accepted = gates.accept(found, owner.strip(), reason.strip(), last)
    write_json(accepted, output)
    if json:
        write_json({"accepted": len(accepted)})
    else:
        out.print(say(f"{len(accepted)} accepted until {last}", f"已接受 {len(accepted)} 项，至 {last}"))


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
        table.add_row(about.id, name, escape(read(about.title)))
    out.print(table)


def _plain(about: Any) -> dict[str, Any]:
    import msgspec

    return dict(msgspec.to_builtins(about))
