"""Windows events as Winlogbeat ships them, one a line: Sysmon, the Security log, printing, and disks plugged in.

Shape: https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog. Events:
https://learn.microsoft.com/sysinternals/downloads/sysmon and
https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import milliseconds, number_of, sid_of, token, uuid_of

LAYOUT = Layout("{owner}/windows/events-{month}.ndjson.zst")

SYSMON, AUDIT = "Microsoft-Windows-Sysmon", "Microsoft-Windows-Security-Auditing"
PRINT, PARTITION = "Microsoft-Windows-PrintService", "Microsoft-Windows-Partition"

EXPLORER = r"C:\Windows\explorer.exe"

_READ = ("0x1", "%%4416")
_WRITE = ("0x2", "%%4417")
"""Access masks and what they are called: ReadData, WriteData."""


def process_created(
    random: Random, time: datetime, *, host: str, user: str, image: str, command: str, parent: str = EXPLORER
) -> bytes:
    """Write that a program was started (Sysmon 1); ``user`` is ``DOMAIN\\name`` here and below."""
    data = {
        "CommandLine": command,
        "CurrentDirectory": image.rpartition("\\")[0] + "\\",
        "LogonId": f"0x{token(random, 6)}",
        "TerminalSessionId": "1",
        "IntegrityLevel": "Medium",
        "Hashes": f"SHA256={uuid_of(image).replace('-', '').upper() * 2}",
        "ParentImage": parent,
        "ParentCommandLine": parent,
        "ParentUser": user,
    }
    task = "Process Create (rule: ProcessCreate)"
    return _sysmon(random, time, 1, task, data, host=host, user=user, image=image)


def network_connected(
    random: Random,
    time: datetime,
    *,
    host: str,
    user: str,
    image: str,
    address: str,
    destination: str,
    destination_name: str = "-",
    port: int = 443,
) -> bytes:
    """Write that a program opened a connection (Sysmon 3)."""
    data = {
        "Protocol": "tcp",
        "Initiated": "true",
        "SourceIsIpv6": "false",
        "SourceIp": address,
        "SourceHostname": host,
        "SourcePort": str(random.randrange(49152, 65535)),
        "SourcePortName": "-",
        "DestinationIsIpv6": "false",
        "DestinationIp": destination,
        "DestinationHostname": destination_name,
        "DestinationPort": str(port),
        "DestinationPortName": "https" if port == 443 else "-",
    }
    task = "Network connection detected (rule: NetworkConnect)"
    return _sysmon(random, time, 3, task, data, host=host, user=user, image=image)


def file_created(random: Random, time: datetime, *, host: str, user: str, image: str, path: str) -> bytes:
    """Write that a program made a file (Sysmon 11)."""
    data = {"TargetFilename": path, "CreationUtcTime": _sysmon_time(time)}
    task = "File created (rule: FileCreate)"
    return _sysmon(random, time, 11, task, data, host=host, user=user, image=image)


def name_queried(
    random: Random, time: datetime, *, host: str, user: str, image: str, name: str, answers: str = "-"
) -> bytes:
    """Write that a program asked for the address of a name (Sysmon 22)."""
    data = {"QueryName": name, "QueryStatus": "0", "QueryResults": answers}
    task = "Dns query (rule: DnsQuery)"
    return _sysmon(random, time, 22, task, data, host=host, user=user, image=image)


def logged_on(
    random: Random, time: datetime, *, host: str, user: str, address: str = "-", workstation: str = "-", kind: int = 3
) -> bytes:
    """Write that an account logged on (Security 4624): at the keyboard (2), over the network (3), remotely (10)."""
    data = {
        "SubjectUserSid": "S-1-0-0",
        "SubjectUserName": "-",
        "SubjectDomainName": "-",
        "SubjectLogonId": "0x0",
        **_account("Target", random, user),
        "LogonType": str(kind),
        "LogonProcessName": "Kerberos",
        "AuthenticationPackageName": "Kerberos",
        "WorkstationName": workstation,
        "LogonGuid": f"{{{uuid_of(user)}}}",
        "ProcessId": "0x0",
        "ProcessName": "-",
        "IpAddress": address,
        "IpPort": str(random.randrange(49152, 65535)) if address != "-" else "-",
        "ElevatedToken": "%%1843",
    }
    return _event(random, time, (AUDIT, 4624), host, data, task="Logon")


def object_accessed(
    random: Random,
    time: datetime,
    *,
    host: str,
    user: str,
    path: str,
    image: str = EXPLORER,
    write: bool = False,
    removable: bool = False,
) -> bytes:
    """Write that a file was read or written (Security 4663), if ``removable`` on a medium that can be taken along.

    A file on such a medium has a path like ``\\Device\\HarddiskVolume9\\a.step``.
    """
    mask, access = _WRITE if write else _READ
    data = {
        **_account("Subject", random, user),
        "ObjectServer": "Security",
        "ObjectType": "File",
        "ObjectName": path,
        "HandleId": f"0x{token(random, 3)}",
        "AccessList": f"{access}\n\t\t\t\t",
        "AccessMask": mask,
        "ProcessId": f"0x{token(random, 4)}",
        "ProcessName": image,
        "ResourceAttributes": "S:AI",
    }
    return _event(random, time, (AUDIT, 4663), host, data, task="Removable Storage" if removable else "File System")


def device_recognised(random: Random, time: datetime, *, host: str, description: str, serial: str) -> bytes:
    """Write that an external device was recognised (Security 6416)."""
    name = description.upper().replace(" ", "_")
    data = {
        **_account("Subject", random, f"{host}\\{host}$"),
        "DeviceId": f"USBSTOR\\DISK&VEN_{name}&PROD_FLASH&REV_1.00\\{serial}&0",
        "DeviceDescription": f"{description} USB Device",
        "ClassId": "{4d36e967-e325-11ce-bfc1-08002be10318}",
        "ClassName": "DiskDrive",
        "VendorIds": f"USBSTOR\\Disk{name}",
        "CompatibleIds": "USBSTOR\\Disk",
        "LocationInformation": "-",
    }
    return _event(random, time, (AUDIT, 6416), host, data, task="Plug and Play Events")


def printed(
    random: Random, time: datetime, *, host: str, user: str, document: str, printer: str, size: int, pages: int
) -> bytes:
    """Write that a document was printed (PrintService 307); its data has numbers for names."""
    name = user.rpartition("\\")[2]
    values = (random.randrange(2, 900), document, name, f"\\\\{host}", printer, f"IP_{printer}", size, pages)
    data = {"xml_name": "DocumentPrinted", **{f"Param{place}": str(value) for place, value in enumerate(values, 1)}}
    what = {"task": "Printing a document", "data_name": "user_data", "writer": user}
    return _event(random, time, (PRINT, 307), host, data, **what)


def disk_attached(
    random: Random, time: datetime, *, host: str, maker: str, model: str, serial: str, size: int
) -> bytes:
    """Write that a disk came over USB (Partition 1006); ``size`` is its capacity in bytes."""
    data = {
        "Version": "2",
        "DiskNumber": "1",
        "Flags": "101",
        "Characteristics": "262401",
        "BusType": "7",
        "Manufacturer": maker,
        "Model": model,
        "Revision": "1.00",
        "SerialNumber": serial,
        "Location": "Integrated : Adapter 0 : Port 3",
        "ParentId": f"USB\\VID_{number_of(maker, 4)}&PID_{number_of(model, 4)}\\{serial}",
        "DiskId": f"{{{uuid_of(serial)}}}",
        "RegistryId": f"{{{uuid_of(serial + host)}}}",
        "Capacity": str(size),
        "BytesPerSector": "512",
        "IsSystemCritical": "false",
        "PartitionStyle": "0",
    }
    return _event(random, time, (PARTITION, 1006), host, data)


def _sysmon(
    random: Random,
    time: datetime,
    number: int,
    task: str,
    data: dict[str, str],
    *,
    host: str,
    user: str,
    image: str,
) -> bytes:
    """Return an event of Sysmon: what all of them tell of the program, and ``data``."""
    program = {
        "RuleName": "-",
        "UtcTime": _sysmon_time(time),
        "ProcessGuid": f"{{{uuid_of(f'{host}/{image}')}}}",
        "ProcessId": str(random.randrange(400, 30000)),
        "Image": image,
        "User": user,
    }
    return _event(random, time, (SYSMON, number), host, program | data, task=task)


def _event(
    random: Random,
    time: datetime,
    event: tuple[str, int],
    host: str,
    data: dict[str, Any],
    *,
    task: str = "None",
    data_name: str = "event_data",
    writer: str = "",
) -> bytes:
    """Return an event of a provider and number; ``writer`` is the account it was written under, if not the system's."""
    provider, number = event
    domain, _, name = writer.rpartition("\\")
    account = {"identifier": sid_of(domain, name), "name": name, "domain": domain, "type": "User"}
    return orjson.dumps(
        {
            "@timestamp": milliseconds(time),
            "agent": {"type": "winlogbeat", "version": "9.1.0"},
            "ecs": {"version": "8.0.0"},
            "event": {"code": str(number), "kind": "event", "provider": provider},
            "host": {"name": host.lower()},
            "log": {"level": "information"},
            "winlog": {
                "api": "wineventlog",
                "channel": _CHANNELS[provider],
                "computer_name": host,
                data_name: data,
                "event_id": str(number),
                "keywords": ["Audit Success"] if provider == AUDIT else [],
                "opcode": "Info",
                "process": {"pid": 4, "thread": {"id": random.randrange(100, 9999)}},
                "provider_name": provider,
                "record_id": int(time.timestamp()) % 10**8 * 10 + random.randrange(10),
                "task": task,
                "user": account if writer else _SYSTEM,
            },
        }
    )


_CHANNELS = {
    SYSMON: f"{SYSMON}/Operational",
    AUDIT: "Security",
    PRINT: f"{PRINT}/Operational",
    PARTITION: f"{PARTITION}/Diagnostic",
}
_SYSTEM = {"identifier": "S-1-5-18", "name": "SYSTEM", "domain": "NT AUTHORITY", "type": "User"}


def _sysmon_time(time: datetime) -> str:
    return time.isoformat(" ", "milliseconds")[:23]


def _account(prefix: str, random: Random, user: str) -> dict[str, str]:
    domain, _, name = user.rpartition("\\")
    return {
        f"{prefix}UserSid": sid_of(domain, name),
        f"{prefix}UserName": name,
        f"{prefix}DomainName": domain,
        f"{prefix}LogonId": f"0x{token(random, 6)}",
    }
