"""DuckDB connections: one kind for the lake's own statements, one for questions that users write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from waybill.durable import make_folder
from waybill.model.errors import StorageError

_SETTINGS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


@dataclass(frozen=True, slots=True)
class Engine:
    """How much of the machine DuckDB may use, and where it may spill what does not fit."""

    scratch: Path
    threads: int = 2
    memory: str = "1GB"

    @contextmanager
    def working(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection for the lake's own statements; what goes wrong inside is a ``StorageError``."""
        with self.connect() as connection:
            try:
                yield connection
            except duckdb.OutOfMemoryException as error:
                raise StorageError(
                    f"sorting or comparing transfers needs more than {self.memory} of memory",
                    where=str(self.scratch),
                    advice="give the lake more memory, or free space for what it spills",
                ) from error
            except duckdb.Error as error:
                raise StorageError(
                    f"the table cannot be read: {error}",
                    where=str(self.scratch.parent),
                    advice="run `waybill lake verify`",
                ) from error

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a new connection."""
        make_folder(self.scratch)
        settings: dict[str, Any] = {
            **_SETTINGS,
            "threads": self.threads,
            "memory_limit": self.memory,
            "temp_directory": str(self.scratch),
            "preserve_insertion_order": False,
        }
        connection = duckdb.connect(":memory:", config=settings)
        connection.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        return connection


def confine(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """From here on let ``connection`` read these files and nothing else of the machine, and keep it so."""
    names = ", ".join(_quoted(str(file)) for file in files)
    connection.execute(f"SET allowed_paths = [{names}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def file_list(files: Sequence[Path], *, names: bool = False) -> str:
    """Return a call of ``read_parquet`` over files, as SQL; ``names`` adds a column ``filename``."""
    listed = ", ".join(_quoted(str(file)) for file in files)
    return f"read_parquet([{listed}], hive_partitioning = false, filename = {str(names).lower()})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
