"""Deeds on machines with Linux, as their audit daemon records them."""

from __future__ import annotations

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import auditd

_EDITORS = ("/usr/bin/vim", "/usr/bin/less", "/opt/eda/bin/viewer")
_PROGRAMS = (
    ("/usr/bin/make", ("-j8", "sim")),
    ("/usr/bin/git", ("status",)),
    ("/usr/bin/ssh", ("build-02",)),
    ("/usr/bin/tar", ("xf", "inputs.tar.gz")),
    ("/opt/eda/bin/lint", ("--all",)),
    ("/usr/bin/python3", ("plot.py",)),
)


def open_file(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which watched files were read."""
    _opened(office, worker, moments, write=False)


def save(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which watched files were written."""
    _opened(office, worker, moments, write=True)


def _opened(office: Office, worker: Worker, moments: Moments, *, write: bool) -> None:
    for moment in moments:
        record = auditd.opened(
            office.random,
            moment,
            host=worker.person.host,
            user=worker.account,
            program=office.names.of(_EDITORS),
            path=f"/projects/{office.file(worker.person, worker.unit)}",
            write=write,
        )
        office.write(auditd.LAYOUT, moment, record)


def program(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which programs were run."""
    for moment in moments:
        path, arguments = office.names.of(_PROGRAMS)
        where = {"host": worker.person.host, "user": worker.account, "program": path}
        office.write(auditd.LAYOUT, moment, auditd.executed(office.random, moment, **where, arguments=arguments))
