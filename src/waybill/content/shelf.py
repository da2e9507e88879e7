"""Files of one kind in a folder, each under the id of what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from waybill.durable import sync_folder
from waybill.model.errors import UsageError


class Shelf:
    """What libraries of documents and of tables share."""

    suffix: ClassVar[str]
    """What names of its files end in."""
    kind: ClassVar[str]
    """What each of its files holds, in a word."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remove(self, known: str) -> bool:
        """Forget what has an id; return whether it was there."""
        path = self._path(known)
        if not path.exists():
            return False
        path.unlink()
        sync_folder(self._folder)
        return True

    def version(self) -> tuple[tuple[str, int], ...]:
        """Return what changes with every change of the library, cheaply."""
        return tuple((path.name, path.stat().st_mtime_ns) for path in self._paths())

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"[!.]*{self.suffix}")) if self._folder.is_dir() else []

    def _path(self, known: str) -> Path:
        if not known or not all(letter.isalnum() or letter in "-_" for letter in known):
            raise UsageError(f"an id of a {self.kind} has letters, digits, hyphens and underscores", where=known)
        return self._folder / f"{known}{self.suffix}"
