"""``waybill forward``: sends what is written on this machine to a service elsewhere, and loses nothing on the way."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.status import Status

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, out, shown, write_json
from waybill.cli.stopping import stopping
from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.flow.forward import Forwarder, Progress, Round, Standing

MEBIBYTE = 1 << 20
TOKEN = "WAYBILL_TOKEN"  # noqa: S105  the name of a variable
PATIENCE = 60.0
"""Seconds without any success after which ``--once`` gives up."""


def default_state() -> Path:
    """Return the state folder where none is named: ``waybill-forward`` below the user's own state folder (XDG)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "waybill-forward"


Sources = Annotated[
    list[Path] | None, typer.Argument(help="Files or folders to send, packed or not.", metavar="PATH...")
]
To = Annotated[str, typer.Option("--to", envvar="WAYBILL_TO", help="Address of the service.", metavar="URL")]
TokenFile = Annotated[
    Path | None, typer.Option("--token-file", help=f"A file that holds the token; else {TOKEN} does.", metavar="FILE")
]
Trust = Annotated[
    Path | None, typer.Option("--ca", help="Certificates to trust (PEM) in place of the system's.", metavar="FILE")
]
Channels = Annotated[
    Path | None,
    typer.Option("--channels", help="The protected channels: the service's channels.toml.", metavar="FILE"),
]
State = Annotated[
    Path,
    typer.Option(
        "--state",
        envvar="WAYBILL_FORWARD_STATE",
        help="Folder of the buffer and of how far files were read.",
        show_default="~/.local/state/waybill-forward",
    ),
]
Agent = Annotated[str, typer.Option("--agent", help="Name of this machine; the state's own mark is added.")]
Buffer = Annotated[int, typer.Option("--buffer-mb", min=1, help="Buffer, packed; files wait while it is full.")]
Every = Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks at the files.")]
Once = Annotated[bool, typer.Option("--once", help="Send what is there and end, as from cron.")]
Show = Annotated[bool, typer.Option("--status", help="Show what waits and what was refused, and end.")]
Retry = Annotated[bool, typer.Option("--retry", help="Send again what the service refused, once it takes it.")]
Lines = Annotated[bool, typer.Option("--json", help="Print each event, or the status, as JSON.")]


def command(
    paths: Sources = None,
    *,
    to: To = "",
    token_file: TokenFile = None,
    ca: Trust = None,
    channels: Channels = None,
    state: State = default_state(),  # noqa: B008  a path, as of the start
    agent: Agent = "agent",
    source: options.Source = None,
    mapping: options.Mappings = None,
    buffer_mb: Buffer = 1024,
    every: Every = 1.0,
    once: Once = False,
    status: Show = False,
    retry: Retry = False,
    json: Lines = False,
) -> None:
    """Follow files and folders as they are written and send what is new to a service.

    Each record arrives exactly once, whatever is killed, and however long the network fails: what was read waits in a
    buffer on disk, sealed; while that is full, files are not read on. Records of protected channels are dropped before
    it. What the service refuses for good is set aside with the reason. Ends on Ctrl-C or SIGTERM with exit code 0.

    Examples:

    \b
      waybill forward /var/log/audit --to https://waybill.example --token-file /etc/waybill/token
      waybill forward /srv/export --to https://waybill.example --ca ca.pem --once
      waybill forward --status --json
    """
    from waybill.flow.forward import Forwarder, Reading, Service, standing

    if status or retry:
        _show(standing(state, retry=retry), json=json)
        return
    if not paths or not to:
        raise UsageError("what to send, and where to?", expected="waybill forward PATH… --to URL")
    token = _token(token_file)
    read = Reading(paths, channels, mapping or (), buffer_mb * MEBIBYTE, once)
    tally = _Tally(json)

    def service(mark: str) -> Service:
        return Service.at(to, token=token, agent=f"{agent}-{mark}", source=source or "", trust=ca)

    with stopping() as stop, Forwarder(state, service, read, stop.is_set) as forwarder, shown(tally.status):
        while not stop.is_set():
            done = forwarder.round()
            tally.tell(done)
            if once:
                forwarder.drain(PATIENCE)
            tally.follow(forwarder)
            if once and not done.full:
                break
            if not once and not (done.full and done.bytes):
                stop.wait(every)
        tally.end(forwarder)


class _Tally:
    """What is told while records are sent."""

    def __init__(self, json: bool) -> None:
        self._json = json
        self._begun = time.monotonic()
        self.status = Status("", console=err)
        self._told = (0, "")
        """Batches refused, and the trouble, that were told last."""

    def tell(self, done: Round) -> None:
        """Tell what one look at the files brought."""
        for one in done.omitted:
            said = {"file": one.file, "position": one.position, "reason": one.reason, "advice": one.advice}
            self._say("omitted", said, f"{one.file}:{one.position or ''} {one.reason} {one.advice}")

    def follow(self, forwarder: Forwarder) -> None:
        """Tell what became of what is sent."""
        progress = forwarder.progress
        if progress.refused != self._told[0]:
            refused = forwarder.standing().refused[-1:]
            self._say("refused", {"batches": progress.refused}, *(f"{one.number}: {one.reason}" for one in refused))
        if progress.trouble != self._told[1]:
            self._say("trouble" if progress.trouble else "well", {"reason": progress.trouble}, progress.trouble)
        self._told = (progress.refused, progress.trouble)
        if err.is_terminal:
            self.status.update(_line(progress, forwarder.standing()))

    def end(self, forwarder: Forwarder) -> None:
        """Tell what was sent and what waits."""
        progress, standing = forwarder.progress, forwarder.standing()
        if self._json:
            counted = {"batches": progress.sent, "accepted": progress.accepted, "rejected": progress.rejected}
            seconds = round(time.monotonic() - self._begun, 3)
            _write(
                {"event": "end", **counted, "refused": progress.refused, "waiting": standing.waiting}
                | {"seconds": seconds}
            )
            return
        out.print(_line(progress, standing))

    def _say(self, event: str, said: dict[str, Any], *lines: str) -> None:
        if self._json:
            _write({"event": event, **said})
        else:
            for line in filter(None, lines):
                err.print(f"[yellow]{escape(line)}[/]")


def _line(progress: Progress, standing: Standing) -> str:
    refused = len(standing.refused)
    set_aside = say(f", {refused:,} refused", f"，{refused:,} 批被拒收") if refused else ""
    return say(
        f"{progress.accepted:,} records sent in {progress.sent:,} batches; {standing.waiting:,} wait{set_aside}",
        f"已发送 {progress.sent:,} 批共 {progress.accepted:,} 条记录；{standing.waiting:,} 批待发{set_aside}",
    )


def _show(standing: Standing, *, json: bool) -> None:
    if json:
        write_json(standing)
        return
    since = datetime.fromtimestamp(standing.oldest, UTC).isoformat(" ", "seconds") if standing.oldest else "–"
    count, size, last = f"{standing.waiting:,}", f"{standing.bytes / MEBIBYTE:,.1f} MiB", f"{standing.last:,}"
    out.print(
        say(
            f"{count} batches wait, the oldest since {since}; {size} on disk; last number {last}",
            f"{count} 批待发，最早读取于 {since}；占用磁盘 {size}；最新编号 {last}",
        )
    )
    for one in standing.refused:
        out.print(f"  {one.number:>8}  {escape(one.mapping)}  {escape(one.reason)}")
    if standing.refused:
        out.print(say("`waybill forward --retry` sends these again", "用 `waybill forward --retry` 重新发送"))


def _token(file: Path | None) -> str:
    """Return the token; it is never an argument, which other users of the machine could read."""
    if file is None:
        token = os.environ.get(TOKEN, "")
    else:
        try:
            token = file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise UsageError("the file of the token cannot be read", where=str(file)) from None
    if not token.strip().isprintable() or not token.strip():
        raise UsageError("there is no token", expected=f"--token-file FILE, or the variable {TOKEN}")
    return token.strip()


def _write(event: dict[str, Any]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
    sys.stdout.buffer.flush()
