"""Deeds on machines with Windows."""

from __future__ import annotations

from datetime import timedelta

from waybill.simulate.deeds import endpoint
from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import windows

_OFFICE_PROGRAM = r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"
_PROGRAMS = (
    (r"C:\Program Files\Google\Chrome\Application\chrome.exe", "chrome.exe --type=renderer"),
    (_OFFICE_PROGRAM, 'EXCEL.EXE "D:\\{}.xlsx"'),
    (r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE", 'WINWORD.EXE "D:\\{}.docx"'),
    (r"C:\Windows\System32\notepad.exe", "notepad.exe {}.txt"),
    (r"C:\Program Files\7-Zip\7z.exe", "7z.exe x {}.zip"),
    (r"C:\Windows\System32\ipconfig.exe", "ipconfig /all"),
    (r"C:\Windows\System32\robocopy.exe", "robocopy D:\\{0} \\\\files\\backup\\{0} /MIR"),
)


def sign_in(office: Office, worker: Worker, moments: Moments) -> None:
    """Write who signed in at the own machine, then at the file server."""
    for number, moment in enumerate(moments):
        host = worker.person.host if number == 0 else office.shared_host
        record = windows.logged_on(
            office.random,
            moment,
            host=host,
            user=worker.user,
            address=worker.address,
            workstation=worker.person.host,
            kind=2 if number == 0 else 3,
        )
        office.write(windows.LAYOUT, moment, record)


def open_file(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which files of the server were read."""
    for moment in moments:
        path = "D:\\" + office.file(worker.person, worker.unit).replace("/", "\\")
        record = windows.object_accessed(office.random, moment, host=office.shared_host, user=worker.user, path=path)
        office.write(windows.LAYOUT, moment, record)


def save(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which files were made."""
    for moment in moments:
        path = "D:\\" + office.file(worker.person, worker.unit).replace("/", "\\")
        where = {"host": worker.person.host, "user": worker.user, "path": path, "image": _OFFICE_PROGRAM}
        office.write(windows.LAYOUT, moment, windows.file_created(office.random, moment, **where))


def program(office: Office, worker: Worker, moments: Moments) -> None:
    """Write which programs were started."""
    for moment in moments:
        image, command = office.names.of(_PROGRAMS)
        command = command.format(office.names.of(office.plan.topics))
        where = {"host": worker.person.host, "user": worker.user, "image": image, "command": command}
        office.write(windows.LAYOUT, moment, windows.process_created(office.random, moment, **where))


def print_document(office: Office, worker: Worker, moments: Moments) -> None:
    """Write what was printed."""
    for moment in moments:
        record = windows.printed(
            office.random,
            moment,
            host=office.shared_host,
            user=worker.user,
            document=office.open_file(worker.unit).rpartition("/")[2],
            printer=office.printer,
            size=office.size(),
            pages=1 + int(office.random.expovariate(1 / 5)),
        )
        office.write(windows.LAYOUT, moment, record)


def stick(office: Office, worker: Worker, moments: Moments) -> None:
    """Plug a stick in; most are only read, on some a file is taken along."""
    for moment in moments:
        serial = office.stick(worker.person)
        host = worker.person.host
        record = windows.disk_attached(
            office.random, moment, host=host, maker="Netac", model="U388", serial=serial, size=64 << 30
        )
        office.write(windows.LAYOUT, moment, record)
        taken = office.random.random() < endpoint.TAKEN
        name = office.open_file(worker.unit).rpartition("/")[2]
        record = windows.object_accessed(
            office.random,
            moment + timedelta(seconds=30),
            host=host,
            user=worker.user,
            path=rf"\Device\HarddiskVolume7\{name}",
            write=taken,
            removable=True,
        )
        office.write(windows.LAYOUT, moment + timedelta(seconds=30), record)
