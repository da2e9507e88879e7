"""Where output goes: results to standard output, progress and remarks to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.status import Status
from rich.table import Table

from waybill.cli.language import say
from waybill.model.errors import StorageError

out = Console(highlight=False, soft_wrap=False, emoji=False)  # `:x:` in a name is no picture
"""Standard output, for results."""

err = Console(stderr=True, highlight=False, emoji=False)
"""Standard error, for progress and remarks."""


def write_json(value: Any, target: Path | None = None) -> None:
    """Write a value as indented JSON to the target or standard output. Raises StorageError if it cannot be written."""
    with open_target(target) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2) + b"\n")


@contextmanager
def open_target(target: Path | None) -> Iterator[BinaryIO]:
    """Yield the target file, or standard output without one. Raises StorageError if the file cannot be written."""
    if target is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with target.open("wb") as stream:
            yield stream
    except OSError as error:
        raise StorageError(f"the output cannot be written: {error.strerror}", where=str(target)) from None


@contextmanager
def shown(status: Status) -> Iterator[None]:
    """Show a status line while the block runs, if somebody looks at a terminal."""
    if not err.is_terminal:
        yield
        return
    with status:
        yield


def write_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = (), markup: bool = True
) -> None:
    """Print rows as a table; the columns numbered in ``right`` are set flush right.

    ``markup=False``: cells are printed as they are, whatever brackets others have written into them.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table, markup=markup)


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the bytes read so far; draws a bar on a terminal and nothing elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(say("reading", "读取"), total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def progress_count(doing: str | None = None) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes how many more were done, by default transfers; draws a counter on a terminal only."""
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f}"))
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(doing or say("looking at transfers", "检查转移"), total=None)
        yield lambda count: progress.advance(task, count)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
