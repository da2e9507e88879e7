"""Log of a PostgreSQL server in CSV (``log_destination = 'csvlog'``), with connections and the audit lines of pgAudit.

The 26 columns: https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG. Audit
lines: https://github.com/pgaudit/pgaudit, with ``pgaudit.log_rows = on`` and ``pgaudit.log_relation = on``.
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Literal

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import csv_line

LAYOUT = Layout("{owner}/postgres/postgresql-{month}.csv.gz")

Line = tuple[datetime, bytes]
"""When the server wrote a record, and the record."""

_CLASSES = {
    "SELECT": "READ",
    "COPY": "READ",
    "INSERT": "WRITE",
    "UPDATE": "WRITE",
    "DELETE": "WRITE",
    "GRANT": "ROLE",
    "CREATE TABLE": "DDL",
}
"""Commands by pgAudit's classes."""


class Session:
    """One connection of a client; its lines must be asked for in order of time."""

    def __init__(
        self,
        random: Random,
        start: datetime,
        *,
        user: str,
        database: str,
        address: str,
        application: str,
    ) -> None:
        self._start = start
        self._user, self._database, self._application = user, database, application
        self._address, self._port = address, random.randrange(32768, 61000)
        process = random.randrange(1000, 4_000_000)
        self._id = f"{process},{_cell(f'{address}:{self._port}')},{int(start.timestamp()):x}.{process:x}"
        self._backend = random.randrange(2, 200)
        self._line = self._statement = 0

    def connect(self) -> list[Line]:
        """Write the three lines of a connection: received, authenticated, authorised."""
        who = f"user={self._user} database={self._database} application_name={self._application}"
        received = f"host={self._address} port={self._port}"
        identity = f'identity="{self._user}" method=scram-sha-256 (/etc/postgresql/17/main/pg_hba.conf:125)'
        return [
            (self._start, self._unknown(self._start, f"connection received: {received}")),
            (
                self._start,
                self._log(self._start, f"connection authenticated: {identity}", "authentication", early=True),
            ),
            (self._start, self._log(self._start, f"connection authorized: {who}", "authentication", early=True)),
        ]

    def audit(
        self,
        time: datetime,
        command: str,
        *,
        relation: str,
        statement: str,
        rows: int,
        kind: Literal["SESSION", "OBJECT"] = "SESSION",
        object_type: str = "TABLE",
    ) -> Line:
        """Write what pgAudit says of a statement on ``relation``, like ``public.patients``, and the rows it met."""
        self._statement += 1
        what = (
            kind,
            str(self._statement),
            "1",
            _CLASSES.get(command, "MISC"),
            command,
            object_type,
            relation,
            statement,
        )
        return time, self._log(time, f"AUDIT: {csv_line(what)},<not logged>,{rows}", command)

    def disconnect(self, time: datetime) -> Line:
        """Write the end of the connection."""
        milliseconds = round((time - self._start).total_seconds() * 1000)
        minutes, rest = divmod(milliseconds, 60_000)
        lasted = f"{minutes // 60}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
        who = f"user={self._user} database={self._database} host={self._address} port={self._port}"
        return time, self._log(time, f"disconnection: session time: {lasted} {who}", "idle")

    def _unknown(self, time: datetime, message: str) -> bytes:
        """Return a line from before the client has said who it is."""
        return self._row(time, message, who=",", command="", transaction="", application="", backend="not initialized")

    def _log(self, time: datetime, message: str, command: str, *, early: bool = False) -> bytes:
        who = f"{_cell(self._user)},{_cell(self._database)}"
        transaction = f"{self._backend}/{self._line}"
        application = "" if early else self._application
        return self._row(
            time,
            message,
            who=who,
            command=command,
            transaction=transaction,
            application=application,
            backend="client backend",
        )

    def _row(
        self, time: datetime, message: str, *, who: str, command: str, transaction: str, application: str, backend: str
    ) -> bytes:
        """Return the 26 columns; the server quotes texts and nothing else, and leaves out what is null."""
        self._line += 1
        written = time.isoformat(" ", "milliseconds")[:23]
        begun = self._start.isoformat(" ", "seconds")[:19]
        return (
            f"{written} UTC,{who},{self._id},{self._line},{_cell(command)},{begun} UTC,{transaction},0,LOG,00000,"
            f"{_cell(message)},,,,,,,,,{_cell(application)},{_cell(backend)},,0"
        ).encode()


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
