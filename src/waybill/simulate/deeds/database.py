"""Queries in PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import postgres


def query(office: Office, worker: Worker, moments: Moments) -> None:
    """Write one session of the day, from the first query to the last."""
    start = moments[0] - timedelta(seconds=2)
    session = postgres.Session(
        office.random,
        start,
        user=worker.account,
        database=office.database,
        address=worker.address,
        application=office.names.of(("psql", "DBeaver", "reports")),
    )
    lines = session.connect()
    for moment in moments:
        table = office.favourite(worker.desk.tables)
        statement = f"TABLE {table} LIMIT {office.random.randrange(10, 1000)}"
        rows = 1 + int(office.random.expovariate(1 / 20))
        lines.append(session.audit(moment, "SELECT", relation=f"public.{table}", statement=statement, rows=rows))
    lines.append(session.disconnect(moments[-1] + timedelta(seconds=40)))
    for moment, record in lines:
        office.write(postgres.LAYOUT, moment, record)
