"""``waybill ledger verify | prove | disclose | check``: proofs, for everybody who has the files and a policy."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import open_target, out, progress_count, write_json, write_table
from waybill.model.errors import DamagedError, InputError, UsageError

if TYPE_CHECKING:
    from waybill.ledger import Fault, Policy, Source, Verification

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="Which logs and witnesses to believe (c2sp.org/tlog-policy).", metavar="FILE"),
]
Id = Annotated[
    str,
    typer.Argument(help="Id of a record, or of what it is about: a finding, a permit, a transfer.", metavar="ID"),
]


def records(id: Id, *, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List what was recorded about a thing, oldest first: each record by the name that `prove` and `disclose` take."""
    from waybill.flow.installation import Installation

    Installation.open(data)
    from waybill.outbox import queue

    found = queue.about(id)
    if json:
        write_json(found)
        return
    write_table(
        say("record|kind|about|recorded|entry", "记录|类别|对象|时间|条目").split("|"),
        ([one.record, one.kind, one.reference, f"{one.recorded_at:%Y-%m-%d %H:%M:%S}", one.index] for one in found),
    )


def verify(
    place: Annotated[
        str | None,
        typer.Argument(help="A log's folder or address; none: this installation, records and all.", metavar="[PLACE]"),
    ] = None,
    *,
    policy: PolicyFile = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Check every byte of a log against its checkpoint, and that against a policy. Exits 4 and names what is damaged.

    With a folder or an address nothing else is needed: no server, no database. Without one, the records of this
    installation are held against their leaves as well, and those that were changed are named.

    Examples:

    \b
      waybill ledger verify
      waybill ledger verify /mnt/mirror/log --policy policy
      waybill ledger verify https://example.com/ledger --policy policy --json
    """
    if place is None:
        found, records = _verify_own(data, policy)
    else:
        from waybill.ledger import open_source

        found, records = _verified(open_source(place), policy), None
    faults = [*found.faults, *(records.faults if records else ())]
    if json:
        write_json({"log": _told(found), "records": records, "sound": not faults})
    else:
        _print_faults(faults)
        if not faults and found.checkpoint:
            out.print(
                say(
                    f"[green]All {found.checkpoint.size:,} entries are as they were signed.[/]",
                    f"[green]全部 {found.checkpoint.size:,} 个条目与签署时一致。[/]",
                )
            )
            if records:
                out.print(
                    say(
                        f"[green]All {records.records:,} records are as they were recorded[/]; "
                        f"{records.erased:,} were erased, {records.waiting:,} wait",
                        f"[green]全部 {records.records:,} 条记录与入账时一致[/]；"
                        f"已删除 {records.erased:,}，等待 {records.waiting:,}",
                    )
                )
    if faults:
        raise typer.Exit(DamagedError.exit_code)


def prove(
    id: Id,
    *,
    place: Annotated[
        str | None,
        typer.Option("--from", help="Prove entry ID of this log (a folder or an address) instead.", metavar="PLACE"),
    ] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write the proof that a record is in the ledger (c2sp.org/tlog-proof) to standard output.

    With --from, ID is the number of an entry and only the log's files are read. `disclose` proves what a record says,
    and that a transfer is in its batch.

    Examples:

    \b
      waybill ledger prove 3f2a9c > finding.tlog-proof
      waybill ledger prove 42 --from https://example.com/ledger > x.tlog-proof
    """
    if place is not None:
        from waybill.ledger import open_source
        from waybill.ledger.offline import prove as prove_entry

        if not id.isdecimal():
            raise UsageError("with --from, an entry is named by its number", where=id, expected="digits")
        proof = prove_entry(open_source(place), int(id))
    else:
        from waybill.flow.installation import Installation

        installation = Installation.open(data)
        from waybill.flow.proof import proofs

        proof = proofs.proof_of(installation, proofs.find(installation, id)[0])
    if json:
        write_json({"index": proof.index, "proof": str(proof)})
    else:
        sys.stdout.write(str(proof))


def disclose(
    id: Id,
    *,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", help="Show this group of fields; may be repeated. Without: all.", metavar="NAME"),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    to: Annotated[str, typer.Option(help="Where it goes; kept, and held against permits.", metavar="PLACE")] = "",
    purpose: Annotated[str, typer.Option(help="What for; kept.")] = "",
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write some groups of a record (what, who, when, evidence, decision) with their proof, as one JSON file.

    Whoever has the file and a policy can check it with `waybill ledger check`. Groups that are not named stay hidden,
    and cannot be guessed. That it leaves is kept as a transfer of `waybill:records`, which the register may ask permits
    for.

    Examples:

    \b
      waybill ledger disclose 3f2a9c --group what --group when --to regulator.example -o finding.json
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow import people
    from waybill.flow.exits import RECORDS, Exit, leave
    from waybill.flow.proof import proofs

    content = bytes(proofs.disclose(installation, id, group or ()))
    actor = people.pseudonym_of(installation, who or getpass.getuser())
    place, why = (people.without_names(installation, said) for said in (to, purpose))
    leave(installation, installation.register(), Exit(RECORDS, actor, place, why, records=1, bytes=len(content)))
    with open_target(output) as stream:
        stream.write(content)


def check(
    file: Annotated[Path, typer.Argument(help="What `waybill ledger disclose` wrote.", metavar="FILE")],
    *,
    policy: Annotated[Path, typer.Option(help="Which logs and witnesses to believe (c2sp.org/tlog-policy).")],
    json: options.Json = False,
) -> None:
    """Check what was disclosed: needs the file and a policy, nothing else. Exits 3 if it does not hold.

    Examples:

    \b
      waybill ledger check finding.json --policy policy
    """
    from waybill.ledger.disclosure import Disclosure

    disclosure = Disclosure.parse(read(file))
    witnessed = disclosure.check(_policy(policy))
    values = {name: shown.value for name, shown in disclosure.groups.items()}
    transfer = disclosure.member.id.hex() if disclosure.member else None
    origin, index = witnessed.checkpoint.origin, disclosure.proof.index
    if json:
        told = {"kind": disclosure.kind, "groups": values, "transfer": transfer, "origin": origin, "index": index}
        write_json({**told, "size": witnessed.checkpoint.size, "witnesses": witnessed.witnesses})
        return
    for name, value in values.items():
        out.print(f"[bold]{name}[/]")
        write_json(value)
    out.print(
        say(
            f"[green]This {disclosure.kind} was recorded[/] as entry {index} of {origin}",
            f"[green]该 {disclosure.kind} 已入账[/]：{origin} 第 {index} 条",
        )
    )
    if transfer:
        out.print(say(f"and transfer {transfer} is in it", f"转移 {transfer} 在其中"))
    for name, seconds in sorted(witnessed.witnesses.items()):
        when = datetime.fromtimestamp(seconds, UTC)
        out.print(say(f"cosigned by {name} at {when:%Y-%m-%d %H:%M:%S}", f"联署见证 {name}：{when:%Y-%m-%d %H:%M:%S}"))


def _verify_own(data: Path, policy: Path | None) -> tuple[Verification, Any]:
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.proof.comparing import compare

    ledger = installation.ledger
    ledger.policy()  # tells that there is no ledger yet
    return _verified(ledger.source(ledger.origin), policy), compare(installation)


def _verified(source: Source, policy: Path | None) -> Verification:
    from waybill.ledger import verify as run

    with progress_count(say("entries checked", "已检查条目")) as progress:
        done = 0

        def told(now: int, total: int) -> None:
            nonlocal done
            progress(now - done)
            done = now

        return run(source, _policy(policy) if policy else _own_policy(source), told=told)


def _own_policy(source: Source) -> Policy:
    """Return the policy that a log shows of itself: it tells whether the log agrees with itself, not whose it is."""
    from waybill.ledger import Policy
    from waybill.ledger.note import MOST_BYTES

    content = source.read("policy", MOST_BYTES)
    if content is None:
        raise InputError("the log shows no policy", where=str(source), advice="name one with --policy")
    return Policy.parse(content, f"{source}/policy")


def _policy(file: Path) -> Policy:
    from waybill.ledger import Policy

    return Policy.parse(read(file), str(file))


def read(file: Path) -> bytes:
    """Return what is in a file. Raises InputError if it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(file)) from None


def _print_faults(faults: list[Fault]) -> None:
    if faults:
        rows = ([fault.file, fault.index, fault.what] for fault in faults)
        write_table(say("where|entry|what", "位置|条目|问题").split("|"), rows)


def _told(found: Verification) -> dict[str, Any]:
    checkpoint = found.checkpoint
    where = {"place": found.place, "origin": checkpoint and checkpoint.origin, "size": checkpoint and checkpoint.size}
    return {**where, "witnesses": found.witnesses, "faults": found.faults}
