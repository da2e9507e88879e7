"""``waybill watch``: reads sources as they are written, and tells findings as they come."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.status import Status

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, out, shown
from waybill.cli.printing import print_finding, tell_remarks
from waybill.cli.stopping import stopping
from waybill.model.words import Severity

if TYPE_CHECKING:
    from waybill.findings.queries import StoredFinding
    from waybill.flow.watch import Round

SHOWN = 25
"""Findings of one round that are shown one by one; ``--json`` writes all of them."""

Every = Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks at the files.")]
Once = Annotated[bool, typer.Option("--once", help="Read what is there, detect, and end.")]
Least = Annotated[Severity, typer.Option("--severity", help="The least severity to tell.")]
Lines = Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")]


def command(
    paths: options.Paths,
    *,
    every: Every = 1.0,
    once: Once = False,
    data: options.Data = options.DEFAULT_DATA,
    mapping: options.Mappings = None,
    source: options.Source = None,
    rules: options.Rules = None,
    detector: options.Detectors = None,
    least: Least = Severity.LOW,
    workers: options.Workers = None,
    json: Lines = False,
) -> None:
    """Follow files and folders as they are written; keep what is new and tell findings as they come.

    Goes on where it stopped, also after a crash: nothing is lost, nothing counted twice. Follows rotated, packed,
    truncated and rewritten files. A source that falls silent and a file that cannot be read are told. Ends on Ctrl-C
    or SIGTERM with exit code 0.

    Examples:

    \b
      waybill watch /var/log/audit
      waybill watch /srv/logs --every 5 --json >> findings.ndjson
      waybill watch /srv/logs --once
    """
    from waybill.flow.detectors import load_detectors
    from waybill.flow.installation import Installation
    from waybill.flow.watch import Watcher

    installation = Installation.open(data, create=True)
    settings = installation.settings
    detectors = load_detectors((*settings.rules, *(rules or ())), detector or (), settings=settings)
    tally = _Tally(json, least)
    with (
        stopping() as stop,
        Watcher(
            installation,
            paths,
            detectors,
            workers=settings.workers if workers is None else workers,
            mappings=mapping or (),
            source=source,
            once=once,
            stop=stop.is_set,
        ) as watcher,
        shown(tally.status),
    ):
        while not stop.is_set():
            done = watcher.round()
            tally.tell(done)
            watcher.told(done.findings)
            if done.behind:
                continue
            if once:
                break
            stop.wait(every)
    tally.end()


class _Tally:
    """What was told so far: findings and troubles line by line, a status line below them, a summary at the end."""

    def __init__(self, json: bool, least: Severity) -> None:
        self._json = json
        self._least = least
        self._transfers = self._findings = self._rejected = self._files = 0
        self._begun = time.monotonic()
        self.status = Status("", console=err)

    def tell(self, done: Round) -> None:
        """Tell what one round brought."""
        self._files = done.files
        self._transfers += done.transfers
        self._rejected += done.rejected
        grave = [stored for stored in done.findings if stored.finding.severity.number >= self._least.number]
        self._findings += len(grave)
        if self._json:
            for trouble in done.troubles:
                _write({"event": "unreadable", "file": trouble.name, "reason": trouble.reason})
            for stored in grave:
                _write({"event": "finding", "finding": stored.finding, "state": stored.state})
        else:
            for trouble in done.troubles:
                err.print(f"[yellow]{escape(trouble.name)}: {escape(trouble.reason)}[/]")
            self._print(grave)
            tell_remarks(done.remarks)
        now = time.strftime("%H:%M:%S")
        self.status.update(f"{self._counts()} [dim]{now}[/]")

    def end(self) -> None:
        """Tell what all rounds brought."""
        if self._json:
            counted = {"transfers": self._transfers, "findings": self._findings, "rejected": self._rejected}
            _write({"event": "end", "files": self._files, **counted, "seconds": round(self._seconds, 3)})
            return
        out.print(
            say(
                f"[bold]Watched for {self._seconds:,.0f} s[/]: {self._counts()}. The next watch goes on from here.",
                f"[bold]已监视 {self._seconds:,.0f} 秒[/]：{self._counts()}。下次监视由此继续。",
            )
        )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._begun

    def _counts(self) -> str:
        unread = say(f", {self._rejected:,} not readable", f"，{self._rejected:,} 条无法读取") if self._rejected else ""
        return say(
            f"{self._files:,} files, {self._transfers:,} transfers read{unread}, {self._findings:,} findings",
            f"{self._files:,} 个文件，读取 {self._transfers:,} 条转移{unread}，{self._findings:,} 项发现",
        )

    def _print(self, findings: Sequence[StoredFinding]) -> None:
        gravest = sorted(findings, key=lambda stored: -stored.finding.severity.number)[:SHOWN]
        for stored in findings:
            if stored in gravest:
                print_finding(stored.finding)
        if len(findings) > SHOWN:
            rest = len(findings) - SHOWN
            out.print(
                say(f"\n  … and {rest:,} more: `waybill findings`", f"\n  …… 另有 {rest:,} 项：`waybill findings`")
            )


def _write(event: dict[str, Any]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
    sys.stdout.buffer.flush()
