"""``waybill simulate``: a simulated world with nine known leaks, and a scoreboard of who finds them."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, out, progress_count, write_json
from waybill.model.errors import UsageError
from waybill.simulate.truth import Size

if TYPE_CHECKING:
    from waybill.model.findings import Text
    from waybill.simulate.truth import Truth


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder to write to; must be new or empty. Not needed with --score.", metavar="FOLDER"),
    ] = None,
    *,
    size: Annotated[Size, typer.Option(help="120 days of 75 people, or the year 2025 of 336.")] = Size.SMALL,
    seed: Annotated[int, typer.Option(help="Another seed gives another world, with other names.")] = 7,
    score: Annotated[
        bool, typer.Option("--score", help="Take the world through the whole flow; tell which leaks are found.")
    ] = False,
    play: Annotated[
        bool, typer.Option("--play", help="With --score: stop one leak, from its finding until it is seen to hold.")
    ] = False,
    rules: options.Rules = None,
    detector: options.Detectors = None,
    workers: options.Workers = None,
    json: options.Json = False,
) -> None:
    """Write months of seven organisations as their sources' own files: nine leaks, their benign twins, and a register.

    What is true of it is in truth.json. With --score, leaks count as found only by their evidence.

    Examples:

    \b
      waybill simulate demo
      waybill scan demo/logs --register demo/register --mapping demo/mappings/endpoint-agent.toml
      waybill simulate --score
      waybill simulate demo --score --play
      waybill simulate year --size year --seed 3 --score --json
    """
    if play and not score:
        raise UsageError("nothing was found yet that could be stopped", advice="play with --score")
    if folder is None and not score:
        raise UsageError("there is no folder to write to", advice="name one: waybill simulate FOLDER")
    if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("this folder is not empty", where=str(folder), advice="name a new one")
    if score:
        with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as scratch:
            _score(Path(scratch), size, seed, play, rules=rules, detector=detector, workers=workers, json=json)
    elif folder is not None:
        _write(folder, size, seed, json=json)


def _write(folder: Path, size: Size, seed: int, *, json: bool) -> None:
    from waybill.simulate.world import write_world

    with progress_count(say("writing days", "生成天数")) as progress:
        truth = write_world(folder, seed=seed, size=size, progress=progress)
    if json:
        write_json(truth)
    else:
        _tell(folder, truth)


def _tell(folder: Path, truth: Truth) -> None:
    mappings = " ".join(f"--mapping {folder / mapping}" for mapping in truth.mappings)
    command_line = f"waybill scan {folder / truth.logs} --register {folder / truth.register} {mappings}"
    out.print(
        say(
            f"{truth.days} days of {truth.people} people in seven organisations ({truth.records:,} records of "
            f"{len(truth.counts)} sources, {len(truth.cases)} leaks) are in {folder}, and custody events of lots in "
            f"{folder / truth.custody} (waybill epcis capture); look at the records with:\n  {command_line}",
            f"七家机构 {truth.people} 人 {truth.days} 天的日志（{truth.records:,} 条记录，{len(truth.counts)} 个来源，"
            f"{len(truth.cases)} 起泄露）已写入 {folder}，批次的流转事件在 {folder / truth.custody}"
            f"（waybill epcis capture）；查看：\n  {command_line}",
        ),
        markup=False,
        soft_wrap=True,
    )


def _score(
    folder: Path,
    size: Size,
    seed: int,
    play: bool,
    *,
    rules: list[Path] | None,
    detector: list[str] | None,
    workers: int | None,
    json: bool,
) -> None:
    from waybill.cli.scoreboard import print_scoreboard
    from waybill.flow.detectors import load_detectors
    from waybill.flow.scoreboard.scoring import score
    from waybill.flow.settings import load_settings

    def tell(doing: Text) -> None:
        if err.is_terminal:
            err.print(say(doing.en, doing.zh), style="dim")

    settings = load_settings()
    detectors = load_detectors((*settings.rules, *(rules or ())), detector or (), settings=settings)
    board = score(
        folder,
        detectors,
        seed=seed,
        size=size,
        workers=settings.workers if workers is None else workers,
        tell=tell,
    )
    if json:
        write_json(board)
    else:
        print_scoreboard(board)
    if not board.sound or (play and not _play(folder)):
        raise typer.Exit(1)


def _play(folder: Path) -> bool:
    """Stop one leak; returns whether that was seen to hold. Told on the side where the board goes out as JSON."""
    from waybill.flow.installation import Installation
    from waybill.flow.scoreboard.scoring import DATA

    installation = Installation.open(folder / DATA)
    from waybill.flow.playing import play

    err.print(say("[bold]One of them, stopped:[/]", "[bold]阻断其中一起：[/]"))

    def tell(doing: Text) -> None:
        err.print(f"  {say(doing.en, doing.zh)}", markup=False, soft_wrap=True)

    return play(installation, tell).in_force
