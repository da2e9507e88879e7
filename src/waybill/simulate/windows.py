"""A day of Windows events as two forwarders write them: flat (NXLog) from clients, nested (Winlogbeat) from servers.

Events: Sysmon 1, 3, 11, 13 and 22 (https://learn.microsoft.com/en-us/sysinternals/downloads/sysmon), Security 4624
and 4663.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from waybill.simulate.cast import Cast, Organisation
from waybill.simulate.feeds import Feed, Marks, Record, Role, Tag, write_lines

SYSMON = "Microsoft-Windows-Sysmon"
AUDIT = "Microsoft-Windows-Security-Auditing"
CHINA = timedelta(hours=8)
SERVERS_SHARE = 0.3

_Event = tuple[str, int, Record]
"""Provider, number and data."""

_PROGRAMS: tuple[tuple[str, str], ...] = (
    (r"C:\Program Files\Google\Chrome\Application\chrome.exe", "chrome.exe --type=renderer"),
    (r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE", r"EXCEL.EXE /dde D:\日报\{token}.xlsx"),
    (r"C:\Program Files\7-Zip\7z.exe", r"7z.exe x D:\下载\{token}.7z"),
    (r"C:\Program Files\Git\cmd\git.exe", "git pull origin main"),
    (r"C:\Windows\System32\curl.exe", "curl -O https://updates.intra.example/{token}.msi"),
    (r"C:\Windows\System32\OpenSSH\ssh.exe", "ssh -N -L 5432:db-main:5432 10.30.1.9"),
    (r"C:\Program Files\PostgreSQL\17\bin\psql.exe", 'psql.exe -h db-main -c "select count(*) from t_{token}"'),
    (r"C:\Windows\System32\certutil.exe", r"certutil -verify C:\pki\{token}.cer"),
    (r"C:\Windows\System32\svchost.exe", "svchost.exe -k netsvcs -p"),
)
_DUMP = r"C:\Program Files\PostgreSQL\17\bin\pg_dump.exe"


def feeds(cast: Cast, count: int) -> tuple[Feed, Feed]:
    """Return the events of clients and of servers, ordinary ones and marked ones."""
    clients, servers = Feed(), Feed()
    for _ in range(count):
        moment, organisation = cast.moment(), cast.organisation()
        make = cast.random.choices(_ORDINARY, weights=_WEIGHTS)[0]
        if cast.random.random() < SERVERS_SHARE:
            servers.add(moment, _nested(cast, moment, "SRV-" + organisation.role[:4].upper(), make(cast, organisation)))
        else:
            clients.add(moment, _flat(cast, moment, cast.host(organisation), make(cast, organisation)))
    _dump_database(cast, clients, servers)
    _broken(cast, clients)
    _ask_protected_name(cast, clients)
    return clients, servers


def write(folder: Path, clients: Feed, servers: Feed) -> Marks:
    """Write both as zstd-packed JSON lines."""
    return write_lines(folder, "windows/clients.ndjson.zst", clients) + write_lines(
        folder, "windows/servers.ndjson.zst", servers
    )


def _dump_database(cast: Cast, clients: Feed, servers: Feed) -> None:
    """Dump the clinic's database by hand on a workstation; the twin is the back-up job of the server."""
    for role, user in ((Role.LEAK, rf"CLINIC\{cast.person(cast.clinic)}"), (Role.TWIN, r"NT AUTHORITY\SYSTEM")):
        moment, file = cast.moment(), f"his-{cast.token()}.dump"
        event: _Event = (SYSMON, 1, _process(_DUMP, f"pg_dump.exe -h db-his -Fc -f D:\\{file} his", user))
        tag = Tag(role, file, "database-dumped")
        if role is Role.LEAK:
            clients.add(moment, _flat(cast, moment, cast.host(cast.clinic), event), tag)
        else:
            servers.add(moment, _nested(cast, moment, "SRV-CLIN", event), tag)


def _broken(cast: Cast, feed: Feed) -> None:
    """Add what a full disk, a broken clock and a mixed-up stream leave in a log."""
    first, second, third = (cast.token() for _ in range(3))
    moment = cast.moment()
    cut = b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","CommandLine":"' + first.encode()
    feed.add(moment, cut, Tag(Role.BROKEN, first))
    feed.add(cast.moment(), f"--- forwarder restarted, {second} ---".encode(), Tag(Role.BROKEN, second))
    moment = cast.moment()
    record = _flat(cast, moment, cast.host(cast.shop), _process_event(cast, cast.shop))
    clock = {"UtcTime": f"no clock, {third}", "@timestamp": "no clock", "EventTime": "no clock"}
    feed.add(moment, record | clock, Tag(Role.BROKEN, third))


def _ask_protected_name(cast: Cast, feed: Feed) -> None:
    """Ask for the address of the whistle-blower line; nobody may ever see who did."""
    moment, marker = cast.moment(), cast.token()
    name = f"{marker}.ombudsman.example"
    question: _Event = (SYSMON, 22, _user(cast, cast.shop) | {"QueryName": name})
    event = _flat(cast, moment, cast.host(cast.shop), question)
    feed.add(moment, event, Tag(Role.PROTECTED, marker))


def _flat(cast: Cast, moment: datetime, host: str, event: _Event) -> Record:
    provider, number, data = event
    return {
        "EventTime": f"{moment + CHINA:%Y-%m-%d %H:%M:%S}",
        "@timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "Hostname": host,
        "Channel": _channel(provider),
        "SourceName": provider,
        "EventID": number,
        "RecordNumber": cast.random.randrange(10**5, 10**6),
        "SeverityValue": 2,
        "SourceModuleName": "eventlog",
        **data,
    }


def _nested(cast: Cast, moment: datetime, host: str, event: _Event) -> Record:
    provider, number, data = event
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return {
        "@timestamp": stamp,
        "agent": {"type": "winlogbeat", "version": "8.17.0"},
        "event": {"code": str(number), "kind": "event", "provider": provider},
        "host": {"name": host.lower()},
        "winlog": {
            "channel": _channel(provider),
            "computer_name": f"{host}.corp.example",
            "event_id": str(number),
            "provider_name": provider,
            "record_id": cast.random.randrange(10**5, 10**6),
            "event_data": data,
        },
    }


def _channel(provider: str) -> str:
    return "Security" if provider == AUDIT else f"{provider}/Operational"


def _user(cast: Cast, organisation: Organisation) -> Record:
    return {"User": rf"{organisation.domain.partition('.')[0].upper()}\{cast.person(organisation)}"}


def _process(image: str, command: str, user: str) -> Record:
    return {
        "Image": image,
        "CommandLine": command,
        "User": user,
        "ParentImage": r"C:\Windows\explorer.exe",
        "IntegrityLevel": "Medium",
    }


def _process_event(cast: Cast, organisation: Organisation) -> _Event:
    image, command = cast.random.choice(_PROGRAMS)
    return SYSMON, 1, _process(image, command.format(token=cast.token(8)), _user(cast, organisation)["User"])


def _connection(cast: Cast, organisation: Organisation) -> _Event:
    site = cast.random.choice(("intranet", "mail", "erp", "files"))
    data = {
        "Image": r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        "Initiated": "true",
        "Protocol": "tcp",
        "SourceIp": cast.address(organisation),
        "DestinationIp": cast.address(organisation),
        "DestinationHostname": f"{site}.{organisation.domain}",
        "DestinationPort": "443",
    }
    return SYSMON, 3, data | _user(cast, organisation)


def _file(cast: Cast, organisation: Organisation) -> _Event:
    name = rf"D:\日报\2026\03\{cast.token(8)}.xlsx"
    data = {"Image": r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE", "TargetFilename": name}
    return SYSMON, 11, data | _user(cast, organisation)


def _registry(cast: Cast, organisation: Organisation) -> _Event:
    key = rf"HKU\Software\Microsoft\Office\16.0\Excel\File MRU\Item {cast.random.randrange(1, 50)}"
    data = {"Image": r"C:\Windows\explorer.exe", "TargetObject": key, "Details": cast.token(8), "EventType": "SetValue"}
    return SYSMON, 13, data | _user(cast, organisation)


def _name(cast: Cast, organisation: Organisation) -> _Event:
    name = f"{cast.random.choice(('www', 'mail', 'cdn'))}.{cast.organisation().domain}"
    data = {"Image": r"C:\Windows\System32\svchost.exe", "QueryName": name, "QueryStatus": "0"}
    return SYSMON, 22, data | _user(cast, organisation)


def _logon(cast: Cast, organisation: Organisation) -> _Event:
    data = {
        "TargetUserName": cast.person(organisation),
        "TargetDomainName": organisation.domain.partition(".")[0].upper(),
        "LogonType": "3",
        "IpAddress": cast.address(organisation),
    }
    return AUDIT, 4624, data


def _access(cast: Cast, organisation: Organisation) -> _Event:
    data = {
        "SubjectUserName": cast.person(organisation),
        "SubjectDomainName": organisation.domain.partition(".")[0].upper(),
        "ObjectType": "File",
        "ObjectName": rf"D:\共享\会议\{cast.token(8)}.pptx",
        "AccessMask": "0x1",
        "AccessList": "%%4416",
        "ProcessName": r"C:\Windows\explorer.exe",
    }
    return AUDIT, 4663, data


_ORDINARY: tuple[Callable[[Cast, Organisation], _Event], ...] = (
    _process_event,
    _connection,
    _file,
    _registry,
    _name,
    _logon,
    _access,
)
_WEIGHTS = (30, 20, 12, 10, 15, 8, 5)
