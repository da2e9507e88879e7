"""``waybill survey manifest``: what lies below a folder is approved, and signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, open_target, out, shown, write_json
from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.exposure.deployed.approving import Made


def manifest(
    folder: Annotated[Path, typer.Argument(help="What is approved: a build, firmware, projects.", metavar="FOLDER")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Write the manifest to this file.")],
    *,
    key: Annotated[
        list[Path] | None, typer.Option(help="Sign with this private key (PEM); may be repeated.", metavar="FILE")
    ] = None,
    approvals: Annotated[
        bool, typer.Option("--approvals", help="Note who stands for each file: signed commits and CODEOWNERS (git).")
    ] = False,
    allowed_signers: Annotated[
        Path | None, typer.Option(help="Whose SSH keys count, as ssh-keygen reads it.", metavar="FILE")
    ] = None,
    changing: Annotated[
        list[str] | None,
        typer.Option(help="What changes on its own, and why; code is told.", metavar="PATTERN=REASON"),
    ] = None,
    page: Annotated[
        list[str] | None, typer.Option(help="A page whose scripts are approved: an address, or a HAR.", metavar="PAGE")
    ] = None,
    why: Annotated[
        list[str] | None, typer.Option(help="Why a page loads such scripts.", metavar="PATTERN=REASON")
    ] = None,
    json: options.Json = False,
) -> None:
    """Approve what lies below a folder: an in-toto statement of every file and package, in a signed envelope (DSSE).

    Exits 0; what could not be read is told, and stands in no manifest.

    Examples:

    \b
      openssl genpkey -algorithm ed25519 -out approver.pem && chmod 600 approver.pem
      waybill survey manifest build/ -o shop.json --key approver.pem --approvals --allowed-signers signers
      waybill survey manifest build/ -o shop.json --page https://shop.example/pay --why "https://cdn.example/*=payment"
      waybill survey manifest projects/ -o plc.json --key approver.pem --changing "*.log=written at run time"
    """
    from waybill.exposure.deployed import read
    from waybill.exposure.deployed.approving import approve
    from waybill.exposure.deployed.envelope import read_private_key
    from waybill.exposure.deployed.manifest import Changing, write_manifest
    from waybill.exposure.deployed.pages import Page

    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder))
    if allowed_signers is not None and not approvals:
        raise UsageError("signers say nothing without --approvals", where=str(allowed_signers))
    keys = tuple(map(read_private_key, key or ()))
    with shown(err.status(say("reading …", "读取中…"))):
        made = approve(
            folder,
            changing=[Changing(*pair) for pair in map(_pair, changing or ())],
            pages=[found for target in page or () for found in read(target) if isinstance(found, Page)],
            reasons=dict(map(_pair, why or ())),
            approvals=approvals,
            allowed_signers=allowed_signers,
        )
    with open_target(output) as stream:
        stream.write(write_manifest(made.statement, keys))
    if json:
        write_json(_told(made, len(keys)))
    else:
        _print(made, output, len(keys))


def _pair(text: str) -> tuple[str, str]:
    pattern, _, reason = text.rpartition("=")
    if not pattern or not reason.strip():
        raise UsageError("this needs a reason", where=text, expected="PATTERN=REASON")
    return pattern, reason.strip()


def _told(made: Made, signatures: int) -> dict[str, object]:
    about = made.statement.predicate
    states = [one.state for one in about.approvals.values()]
    return {
        "files": len(made.statement.subject),
        "packages": len(about.packages),
        "scripts": len(about.scripts),
        "revision": about.revision,
        "commits": {state: states.count(state) for state in sorted(set(states))},
        "signatures": signatures,
        "not_inspected": [{"what": gap.what, "why": gap.why} for gap in made.gaps],
    }


def _print(made: Made, output: Path, signatures: int) -> None:
    about = made.statement.predicate
    files, packages = len(made.statement.subject), len(about.packages)
    out.print(
        say(
            f"{files:,} files and {packages:,} packages are approved in {output}, with {signatures} signatures",
            f"{output} 已批准 {files:,} 个文件和 {packages:,} 个软件包，签名 {signatures} 个",
        ),
        markup=False,
    )
    lacking = sum(one.state != "approved" for one in about.approvals.values())
    if lacking:
        out.print(
            say(
                f"  {lacking} commits have nobody who stands for them but their writer",
                f"  {lacking} 个提交除作者外无人负责",
            ),
            style="yellow",
        )
    for gap in made.gaps:
        line = say(f"  not approved: {gap.what}, because: {gap.why}", f"  未批准：{gap.what}，原因：{gap.why}")
        out.print(f"[yellow]{escape(line)}[/]")
