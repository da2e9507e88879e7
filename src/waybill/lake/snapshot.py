"""What a reader sees: the table at one version plus the log entries after it, each transfer once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from waybill.durable.locks import Held
from waybill.lake.engine import Engine, confine, file_list
from waybill.lake.files import DICTIONARIES, DataFile
from waybill.model.errors import StorageError, UsageError
from waybill.model.transfers import ENCODED_FIELDS, SCHEMA, TIME

_NAMES = ", ".join(SCHEMA.names)
_SCANNED = SCHEMA.set(SCHEMA.get_field_index("fields"), pa.field("fields", ENCODED_FIELDS))


class Snapshot:
    """The transfers as they stand at one moment. Close it, or use it in a ``with`` block.

    While it lives, files it may read are not removed.
    """

    def __init__(
        self,
        folder: Path,
        files: Sequence[DataFile],
        tail: pa.Table,
        sequence: int,
        *,
        known_at: datetime | None,
        engine: Engine,
        held: Held,
    ) -> None:
        self.sequence = sequence
        """Number of the last log entry it shows."""
        self._files = [
            file for file in files if known_at is None or file.first_recorded <= int(known_at.timestamp() * 1_000_000)
        ]
        self._paths = [folder / file.path for file in self._files]
        self._known_at = known_at
        self._tail = tail if known_at is None else tail.filter(pc.field("recorded_at") <= pa.scalar(known_at, TIME))
        self._engine = engine
        self._held = held

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; closing twice does no harm."""
        if "_connection" in self.__dict__:
            self._connection.close()
            del self._connection
        self._held.release()

    def query(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> pa.Table:
        """Answer one SELECT statement in DuckDB's dialect over the view ``transfers``.

        Values go in as parameters (``$1`` or ``$name``), never into the text. The statement reads no file and
        changes nothing.
        """
        try:
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise UsageError("a question is one SELECT statement", where=sql[:80])
            relation = self._connection.sql(sql, params=parameters or None)
            return relation.to_arrow_table()
        except duckdb.OutOfMemoryException as error:
            raise StorageError(
                "the question needs more memory than it may use",
                expected=f"at most {self._engine.memory}",
                advice="narrow it to a shorter time, or ask for fewer columns",
            ) from error
        except duckdb.IOException as error:
            raise StorageError(f"the table cannot be read: {error}", advice="run `waybill lake verify`") from error
        except duckdb.Error as error:
            raise UsageError(f"the question cannot be answered: {error}", where=sql[:80]) from error

    def scan(
        self, *, columns: Sequence[str], after: int = 0, until: int | None = None, batch_rows: int = 50_000
    ) -> Iterator[pa.Table]:
        """Yield these columns of the transfers that arrived in log entries above ``after``, up to ``until``.

        Tables have at most ``batch_rows`` rows, which come in no particular order. Columns have the types of the model,
        ``fields`` that of ``ENCODED_FIELDS``.
        """
        until = self.sequence if until is None else until
        wanted = (pc.field("sequence") > after) & (pc.field("sequence") <= until)
        if self._known_at is not None:
            wanted &= pc.field("recorded_at") <= pa.scalar(self._known_at, TIME)
        files = [
            (str(path), file)
            for path, file in zip(self._paths, self._files, strict=True)
            if file.last_sequence > after and file.first_sequence <= until
        ]
        # To filter copies every row, so what is wanted whole is not filtered.
        whole = self._known_at is None and all(
            after < file.first_sequence and file.last_sequence <= until for _, file in files
        )
        schema = pa.schema([_SCANNED.field(name) for name in columns])
        stored = ds.FileSystemDataset.from_paths(
            [path for path, _ in files],
            schema=_SCANNED,
            format=ds.ParquetFileFormat(dictionary_columns=DICTIONARIES),
            filesystem=pa.fs.LocalFileSystem(),
        )
        for source, filtered in ((stored, None if whole else wanted), (ds.dataset(self._tail), wanted)):
            scanner = source.scanner(
                columns=list(columns), filter=filtered, batch_size=batch_rows, batch_readahead=1, fragment_readahead=2
            )
            for batch in scanner.to_batches():
                if batch.num_rows:
                    yield pa.Table.from_batches([batch]).cast(schema)

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = self._engine.connect()
        connection.register("tail", self._tail)
        sources = ["tail"]
        if self._paths:
            sources.append(f"{file_list(self._paths)}{self._recorded_in_time()}")
        parts = " UNION ALL ".join(f"SELECT {_NAMES} FROM {source}" for source in sources)  # noqa: S608 - own text
        connection.execute(f"CREATE VIEW transfers AS {parts}")
        confine(connection, self._paths)
        return connection

    def _recorded_in_time(self) -> str:
        if self._known_at is None:
            return ""
        micros = pc.cast(pa.scalar(self._known_at, TIME), pa.int64()).as_py()
        return f" WHERE recorded_at <= make_timestamptz({micros})"
