"""The public files of a log, written so that a checkpoint never names what a power failure could take back.

They are written in place, since nobody reads a file before a checkpoint names it, and one that a checkpoint named is
never written again. What a crash leaves of the others is written anew, or removed where a reader could take it for the
full form of a partial tile.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from waybill.durable import FILE_MODE, make_folder, sync_folder, write_at
from waybill.durable.file_system import FileSystem
from waybill.ledger import tiles
from waybill.ledger.nodes import Nodes
from waybill.ledger.tiles import ENTRIES, WIDTH

WORKERS = 8
"""Files written at once: the wait for a sync is shared, as file systems commit what waits together."""

MANY = 256
"""From so many new files on, the whole file system is synced at once, which others on it would notice too."""


class Shelf:
    """Tiles and bundles below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._file_system = FileSystem(folder)
        self._stack.callback(self._file_system.close)
        self._pool = self._stack.enter_context(ThreadPoolExecutor(WORKERS, "ledger"))

    def close(self) -> None:
        """Give the threads and the folder back."""
        self._stack.close()

    def store(self, nodes: Nodes, bundles: Mapping[int, bytes], before: int, size: int) -> None:
        """Write what a tree of ``size`` entries has and that of ``before`` had not; all is durable on return."""
        files = {self._folder / name: content for name, content in _new(nodes, bundles, before, size)}
        folders = {path.parent for path in files}
        for folder in folders:
            make_folder(folder)
        if len(files) >= MANY and self._file_system.can_sync:
            for path, content in files.items():
                _write(path, content, durably=False)
            self._file_system.sync()
        else:
            list(self._pool.map(_write, files, files.values()))
            list(self._pool.map(sync_folder, folders))

    def tidy(self, before: int, size: int) -> None:
        """Remove the partial forms around what was added to a tree of ``before``, except those on its right edge."""
        for level, (index, width) in _edge(size):
            start = (before >> (tiles.LEVELS * level)) // WIDTH
            for kind in (level, ENTRIES) if level == 0 else (level,):
                own = self._folder / f"{tiles.path(kind, index)}.p" if width else None
                near = {(self._folder / tiles.path(kind, at)).parent for at in (*range(start, index, 1000), index)}
                for partial in (found for folder in near for found in folder.glob("*.p")):
                    if partial != own:
                        _remove(partial)

    def sweep(self, size: int) -> None:
        """Remove what a crash may have left around the right edge of a tree of ``size`` entries."""
        for level, (index, _) in _edge(size):
            for kind in (level, ENTRIES) if level == 0 else (level,):
                # No checkpoint names it, and readers would take it for the full form of the partial tile.
                (self._folder / tiles.path(kind, index)).unlink(missing_ok=True)
        self.tidy(max(0, size - WIDTH), size)


def _edge(size: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield, level by level, index and width of the tile that comes next, up to the first level that has none yet."""
    for level in itertools.count():
        yield level, divmod(nodes := size >> (tiles.LEVELS * level), WIDTH)
        if not nodes:
            return


def _new(nodes: Nodes, bundles: Mapping[int, bytes], before: int, size: int) -> Iterator[tuple[str, bytes]]:
    for index, bundle in bundles.items():
        if (width := tiles.width_at(0, index, size)) != tiles.width_at(0, index, before):
            yield tiles.path(ENTRIES, index, width), bundle
    level = 0
    while size >> (tiles.LEVELS * level):
        start, end = (before >> (tiles.LEVELS * level)) // WIDTH, -(-(size >> (tiles.LEVELS * level)) // WIDTH)
        for index in range(start, end):
            if (width := tiles.width_at(level, index, size)) != tiles.width_at(level, index, before):
                yield tiles.path(level, index, width), _tile(nodes, level, index, width)
        level += 1


def _tile(nodes: Nodes, level: int, index: int, width: int) -> bytes:
    if level == 0:
        return nodes.run(index * WIDTH, width)
    return b"".join([nodes.node(tiles.LEVELS * level, index * WIDTH + step) for step in range(width)])


def _write(path: Path, content: bytes, durably: bool = True) -> None:
    """Write a file; its bytes are durable on return if asked for, its name once the folder is synced."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    try:
        write_at(descriptor, 0, [content])
        if durably:
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _remove(partial: Path) -> None:
    if partial.is_dir():
        for path in partial.iterdir():
            path.unlink()
        partial.rmdir()
