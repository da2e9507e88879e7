"""How every ``waybill survey`` command runs: reads, looks, keeps or compares, and tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from waybill.cli.language import say
from waybill.cli.output import err, open_target, out, shown, write_json
from waybill.cli.printing import print_findings
from waybill.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from waybill.exposure import Survey
    from waybill.exposure.families import Read
    from waybill.flow.surveys.gates import Sorted
    from waybill.flow.surveys.surveying import Things
    from waybill.model.register import RegisterSnapshot


class Form(StrEnum):
    """How results are written for another program."""

    JSONL = "jsonl"
    JSON = "json"
    OCSF = "ocsf"
    SARIF = "sarif"
    VEX = "vex"
    """CycloneDX 1.6, exposures with how each is handled."""
    CBOM = "cbom"
    """CycloneDX 1.6, the cryptography that is in use."""
    SBOM = "sbom"
    """CycloneDX 1.6, the packages that lock files name, with what advisories say of them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a command was asked for."""

    family: str
    targets: list[str]
    register: Path | None = None
    data: Path | None = None
    form: Form | None = None
    json: bool = False
    output: Path | None = None
    since: str | None = None
    baseline: Path | None = None
    read: Read | None = None


def run(wish: Wish) -> None:
    """Do what was asked for. Exits 0 if nothing stands open, 1 if something does, 3 if nothing could be looked at."""
    from waybill.flow.surveys.gates import read_accepted, sort_out
    from waybill.flow.surveys.surveying import things_of

    if wish.since and wish.data:
        raise UsageError("what opened since a revision is not kept", advice="leave out --since or --data")
    accepted = read_accepted(wish.baseline) if wish.baseline else []
    with shown(err.status(say("reading …", "读取中…"))):
        things = things_of(wish.family, wish.targets, read=wish.read)
        found = _look(wish, things)
    sorted_out = sort_out(found.findings, accepted, datetime.now(UTC).date())
    if wish.form is not None:
        _write(wish, things, sorted_out)
    elif wish.json or wish.output is not None:
        write_json(_told(found, sorted_out), wish.output)
    else:
        _print(found, sorted_out, kept=wish.data is not None)
    if found.gaps and not found.places:  # nothing was looked at, which must not pass for nothing found
        raise typer.Exit(InputError.exit_code)
    raise typer.Exit(1 if sorted_out.open else 0)


def register_of(folder: Path | None) -> RegisterSnapshot:
    """Return the register to weigh by where nothing is kept."""
    from waybill.flow.intake.reading import passing_plan
    from waybill.flow.settings import load_settings

    _, snapshot = passing_plan(load_settings(), register=folder, mappings=(), source=None)
    return snapshot


def _look(wish: Wish, things: Things) -> Survey:
    from waybill.flow.installation import Installation
    from waybill.flow.surveys.gates import look_since
    from waybill.flow.surveys.surveying import look, look_and_keep

    if wish.data is not None:
        return look_and_keep(Installation.open(wish.data, create=True), wish.family, things)
    register = register_of(wish.register)
    if wish.since is not None:
        return look_since(wish.family, things, wish.since, register, read=wish.read)
    return look(wish.family, things, register)


def _write(wish: Wish, things: Things, found: Sorted) -> None:
    from waybill.exposure.bills import cbom, vex
    from waybill.exposure.sbom import sbom
    from waybill.findings.export import Format, write
    from waybill.flow.surveys.surveying import every

    states = {one.id: "excepted" for one in found.accepted}
    with open_target(wish.output) as stream:
        if wish.form is Form.CBOM:
            stream.write(cbom(every(things)))
        elif wish.form is Form.SBOM:
            stream.write(sbom(every(things)))
        elif wish.form is Form.VEX:
            stream.write(vex([*found.open, *found.accepted], states))
        else:
            write(found.open, Format(str(wish.form)), stream)


def _told(found: Survey, sorted_out: Sorted) -> dict[str, Any]:
    return {
        "places": found.places,
        "findings": sorted_out.open,
        "accepted": sorted_out.accepted,
        "lapsed": sorted_out.lapsed,
        "opened": found.opened,
        "closed": found.closed,
        "not_inspected": [{"place": gap.place, "what": gap.what, "why": gap.why} for gap in found.gaps],
    }


def _print(found: Survey, sorted_out: Sorted, *, kept: bool) -> None:
    out.print(say(f"[bold]Looked at {len(found.places):,}[/]", f"[bold]已查看 {len(found.places):,} 项[/]"))
    if kept:
        opened, closed = len(found.opened), len(found.closed)
        out.print(
            say(
                f"  {opened} opened and {closed} closed since the survey before",
                f"  自上次以来新开 {opened} 项，关闭 {closed} 项",
            )
        )
    if sorted_out.accepted:
        count = len(sorted_out.accepted)
        out.print(say(f"  {count} accepted by the baseline", f"  基线已接受 {count} 项"))
    for one in sorted_out.lapsed:
        line = say(f"  no longer accepted: {one.what} ({one.owner}, {one.until})", f"  已不再接受：{one.what}")
        out.print(f"[yellow]{escape(line)}[/]")
    for gap in found.gaps:
        what = f" {gap.what}" if gap.what else ""
        line = say(
            f"  not inspected: {gap.place}{what}, because: {gap.why}", f"  未检查：{gap.place}{what}，原因：{gap.why}"
        )
        out.print(f"[yellow]{escape(line)}[/]")
    print_findings(sorted_out.open, none=say("Nothing stands open.", "未发现敞开之处。"))
