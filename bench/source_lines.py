"""Records of every built-in source for the benchmark of collectors: of usual length, repeating as logs do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Source:
    """How one source writes its record number ``i``, and what stands before the first."""

    record: Callable[[int], bytes]
    head: bytes = b""


SOURCES: dict[str, Source] = {}


def _text(name: str, head: str = "") -> Callable[[Callable[[int], str]], Callable[[int], str]]:
    def keep(record: Callable[[int], str]) -> Callable[[int], str]:
        SOURCES[name] = Source(lambda i: record(i).encode(), head.encode())
        return record

    return keep


def _json(name: str) -> Callable[[Callable[[int], dict[str, Any]]], Callable[[int], dict[str, Any]]]:
    def keep(record: Callable[[int], dict[str, Any]]) -> Callable[[int], dict[str, Any]]:
        SOURCES[name] = Source(lambda i: orjson.dumps(record(i)))
        return record

    return keep


def lines(name: str, count: int) -> Iterator[bytes]:
    """Yield the lines of a file of a source, without their line ends."""
    source = SOURCES[name]
    if source.head:
        yield source.head
    yield from map(source.record, range(count))


def _clock(i: int) -> str:
    return f"{i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}"


def _iso(i: int) -> str:
    return f"2026-03-04T{_clock(i)}.{i % 1000:03d}Z"


def _epoch(i: int) -> str:
    return f"{1772600767 + i // 10}.{i % 1000:03d}"


def _user(i: int) -> str:
    return f"user{i * 7 % 300:03d}"


def _address(i: int) -> str:
    return f"10.1.{i % 7}.{i % 250}"


AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@_text("web-access")
def _web_access(i: int) -> str:
    request = f"GET /api/v1/records/{i % 5000}?page={i % 100}&sort=name HTTP/1.1"
    return (
        f'{_address(i)} - {"-" if i % 3 else _user(i)} [04/Mar/2026:{_clock(i)} +0000] "{request}" 200 {i * 37 % 90000}'
        f' "https://portal.example/list/{i % 1000}" "{AGENT}"'
    )


@_text("squid")
def _squid(i: int) -> str:
    return (
        f"{_epoch(i)} {i % 9999:6d} {_address(i)} TCP_MISS/200 {i * 37 % 90000} GET "
        f"https://files{i % 50}.example/a/{i % 3000}/b.zip?part={i % 7} {_user(i)} HIER_DIRECT/203.0.113.7 text/csv"
    )


@_text("dnstap")
def _dnstap(i: int) -> str:
    ends = f"{_address(i)}:{1024 + i % 60000} -> 10.0.0.53:53"
    return f"04-Mar-2026 {_clock(i)}.{i % 1000:03d} CQ {ends} UDP 45b host{i % 3000}.files.example/IN/A"


@_text("syslog")
def _syslog(i: int) -> str:
    who = f"{_user(i)} from {_address(i)} port {1024 + i % 60000} ssh2"
    return f"Mar  4 {_clock(i)} host{i % 40} sshd[{i % 30000}]: Accepted publickey for {who}"


@_text("cisco")
def _cisco(i: int) -> str:
    command = f"User:{_user(i)}  logged command:interface GigabitEthernet0/{i % 48}"
    return f"{_address(i)} {i}: Mar  4 {_clock(i)}.{i % 1000:03d}: %PARSER-5-CFGLOG_LOGGEDCMD: {command}"


@_text("auditd")
def _auditd(i: int) -> str:
    event = f"msg=audit({_epoch(i)}:{i}):"
    return "\n".join(
        (
            f"type=SYSCALL {event} arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2=0 a3=0 items=1"
            f' ppid=1 pid={i % 30000} auid=1001 uid=1001 gid=1001 euid=1001 tty=pts0 comm="cat" exe="/usr/bin/cat"'
            f' key="watched"\x1dARCH=x86_64 SYSCALL=openat AUID="{_user(i)}" UID="{_user(i)}"',
            f'type=CWD {event} cwd="/home/{_user(i)}"',
            f'type=PATH {event} item=0 name="/data/{i % 2000}.csv" inode={i} dev=fd:00 mode=0100640 nametype=NORMAL',
            f"type=PROCTITLE {event} proctitle=636174002F646174612F782E637376",
        )
    )


@_text("postgresql")
def _postgresql(i: int) -> str:
    statement = f"select id, name from public.t{i % 40} where id = {i} and kind = 'k{i % 9}'"
    audit = f"AUDIT: SESSION,{i},1,READ,SELECT,TABLE,public.t{i % 40},{statement},<not logged>,{i % 1000}"
    session = f'"{_user(i)}","clinic",{i % 30000},"{_address(i)}:50123",69a7.{i % 5000:x},{i % 100},"SELECT"'
    times = f"2026-03-04 00:00:00 UTC,3/{i},0,LOG,00000"
    return f'2026-03-04 {_clock(i)}.{i % 1000:03d} UTC,{session},{times},"{audit}",,,,,,,,,"psql","client backend",,0'


@_text("mariadb-audit")
def _mariadb(i: int) -> str:
    statement = f"SELECT id, name FROM t{i % 40} WHERE id = {i} AND kind = \\'k{i % 9}\\'"
    return f"20260304 {_clock(i)},db1,{_user(i)},{_address(i)},{i % 1000},{i},QUERY,clinic,'{statement}',0"


def _zeek(path: str, columns: str) -> str:
    names, types = zip(*(column.split(":") for column in columns.split()), strict=True)
    rows = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", f"#path\t{path}"]
    return "\n".join([*rows, "\t".join(("#fields", *names)), "\t".join(("#types", *types))])


_ENDS = "ts:time uid:string id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port"


def _ends(i: int) -> str:
    return f"{_epoch(i)}456\tC{i:017d}\t{_address(i)}\t{1024 + i % 60000}\t203.0.113.{i % 200}\t443"


@_text(
    "zeek-conn",
    _zeek(
        "conn",
        f"{_ENDS} proto:enum service:string duration:interval orig_bytes:count resp_bytes:count conn_state:string "
        "local_orig:bool local_resp:bool missed_bytes:count history:string orig_pkts:count orig_ip_bytes:count "
        "resp_pkts:count resp_ip_bytes:count tunnel_parents:set[string]",
    ),
)
def _zeek_conn(i: int) -> str:
    sizes = (
        f"{i % 100}.25\t{i % 9000}\t{i * 31 % 90000}\tSF\tT\tF\t0\tShADad\t{i % 50}\t{i % 9000}\t{i % 60}\t{i % 9999}"
    )
    return f"{_ends(i)}\ttcp\tssl\t{sizes}\t-"


@_text(
    "zeek-http",
    _zeek(
        "http",
        f"{_ENDS} trans_depth:count method:string host:string uri:string user_agent:string request_body_len:count "
        "response_body_len:count status_code:count tags:set[enum] username:string resp_mime_types:vector[string]",
    ),
)
def _zeek_http(i: int) -> str:
    request = f"1\tGET\tfiles{i % 50}.example\t/a/{i % 3000}/b.zip?part={i % 7}\t{AGENT}"
    return f"{_ends(i)}\t{request}\t0\t{i * 37 % 90000}\t200\t(empty)\t-\tapplication/zip"


@_text(
    "zeek-files",
    _zeek(
        "files",
        f"{_ENDS} fuid:string source:string mime_type:string filename:string is_orig:bool seen_bytes:count "
        "timedout:bool sha256:string",
    ),
)
def _zeek_files(i: int) -> str:
    return f"{_ends(i)}\tF{i:017d}\tHTTP\ttext/csv\tlist-{i % 900}.csv\tT\t{i * 37 % 90000}\tF\t{i % 900:064x}"


@_text(
    "zeek-dns",
    _zeek(
        "dns",
        f"{_ENDS} proto:enum trans_id:count query:string qtype_name:string rcode_name:string answers:vector[string] "
        "TTLs:vector[interval] rejected:bool",
    ),
)
def _zeek_dns(i: int) -> str:
    return f"{_ends(i)}\tudp\t{i % 65536}\thost{i % 3000}.files.example\tA\tNOERROR\t203.0.113.{i % 200}\t60.0\tF"


@_text("hr-feed", "date,employee,event,organisation,unit,role,until")
def _hr(i: int) -> str:
    return f"2026-03-{1 + i % 28:02d},{_user(i)},notice,works,unit{i % 30},engineer,2026-06-30"


@_text("usb-audit", "time,user,computer,device,operation,file,size")
def _usb(i: int) -> str:
    return f"{_iso(i)},{_user(i)},ws-{i % 300},Kingston 0951:1666 {i % 90},copy,/recipes/etch-{i % 900}.csv,{i % 90000}"


@_text("print-audit", "time,user,computer,printer,document,pages,copies,size")
def _print(i: int) -> str:
    return f"{_iso(i)},{_user(i)},ws-{i % 300},printer-{i % 20},minutes {i % 900}.docx,{1 + i % 30},1,{i % 90000}"


@_text("disclosures", "id,stage,event,organisation,made_at,kind,figures")
def _disclosure(i: int) -> str:
    stage = ("internal", "filing")[i % 2]
    return f"D-{i},{stage},INC-{i // 2},works,{_iso(i)},work-accident,deaths=0;injured={i % 7}"


@_text("offers", "offered_at,counterparty,material,lot,grade,quantity,unit,price,currency,packaging")
def _offer(i: int) -> str:
    return f"{_iso(i)},seller-{i % 40}.example,Nd2O3,,3N,{5 + i % 300},KGM,{40 + i % 30},USD,drum"


@_json("waybill")
def _waybill(i: int) -> dict[str, Any]:
    what = {"action": "copy", "channel": "usb", "asset": f"/recipes/etch-{i % 900}.csv", "bytes": i % 90000}
    return {"time": _iso(i), "actor": _user(i), "outcome": "success", "to_place": f"stick-{i % 90}", **what}


@_json("aws-cloudtrail")
def _cloudtrail(i: int) -> dict[str, Any]:
    who = {"type": "IAMUser", "principalId": "AIDA", "accountId": "123456789012", "userName": _user(i)}
    what = {"bucketName": f"bucket-{i % 30}", "key": f"data/{i % 3000}.parquet"}
    return {
        "eventVersion": "1.11", "userIdentity": who, "eventTime": f"2026-03-04T{_clock(i)}Z", "awsRegion": "eu-west-1",
        "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "sourceIPAddress": _address(i), "userAgent": AGENT,
        "requestParameters": what, "responseElements": None, "additionalEventData": {"bytesTransferredOut": i % 90000},
        "eventID": f"{i:032x}", "readOnly": True, "recipientAccountId": "123456789012",
    }  # fmt: skip


@_json("ocsf")
def _ocsf(i: int) -> dict[str, Any]:
    return {
        "class_uid": 1001, "activity_id": 2, "time": 1772600767000 + i, "status_id": 1, "severity_id": 1,
        "actor": {"user": {"name": _user(i)}}, "file": {"path": f"/data/{i % 2000}.csv", "size": i % 90000},
        "device": {"hostname": f"ws-{i % 300}"}, "metadata": {"version": "1.8.0", "product": {"name": "agent"}},
    }  # fmt: skip


@_json("windows")
def _windows(i: int) -> dict[str, Any]:
    return {
        "EventID": 11, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": f"ws-{i % 300}.works.example",
        "UtcTime": f"2026-03-04 {_clock(i)}.{i % 1000:03d}", "ProcessGuid": f"{{{i:032x}}}", "ProcessId": i % 30000,
        "Image": r"C:\Windows\explorer.exe", "TargetFilename": rf"E:\recipes\etch-{i % 900}.csv",
        "User": rf"WORKS\{_user(i)}", "Provider_Name": "Microsoft-Windows-Sysmon", "EventRecordID": i,
    }  # fmt: skip


@_json("microsoft-365")
def _microsoft(i: int) -> dict[str, Any]:
    site = "https://works.sharepoint.example/sites/process/"
    return {
        "CreationTime": f"2026-03-04T{_clock(i)}", "Id": f"{i:032x}", "Operation": "FileDownloaded", "RecordType": 6,
        "OrganizationId": "5f1c", "UserType": 0, "UserId": f"{_user(i)}@works.example", "Workload": "SharePoint",
        "ClientIP": _address(i), "SiteUrl": site, "ObjectId": f"{site}Shared Documents/etch-{i % 900}.xlsx",
        "SourceFileName": f"etch-{i % 900}.xlsx", "FileSizeBytes": i % 90000, "UserAgent": AGENT,
    }  # fmt: skip


@_json("google-workspace")
def _google(i: int) -> dict[str, Any]:
    parameters = [{"name": "doc_title", "value": f"etch {i % 900}"}, {"name": "doc_id", "value": f"{i % 900:044x}"}]
    return {
        "kind": "admin#reports#activity",
        "id": {"time": _iso(i), "uniqueQualifier": str(i), "applicationName": "drive", "customerId": "C01"},
        "actor": {"email": f"{_user(i)}@works.example", "profileId": str(i * 7 % 300)}, "ipAddress": _address(i),
        "events": [{"type": "access", "name": "download", "parameters": parameters}],
    }  # fmt: skip


@_json("github-audit")
def _github(i: int) -> dict[str, Any]:
    return {
        "@timestamp": 1772600767000 + i, "_document_id": f"{i:022x}", "action": "git.clone", "actor": _user(i),
        "actor_ip": _address(i), "org": "works", "repo": f"works/etch-{i % 90}", "transport_protocol_name": "ssh",
        "user_agent": "git/2.47", "operation_type": "access",
    }  # fmt: skip


@_json("okta")
def _okta(i: int) -> dict[str, Any]:
    return {
        "published": _iso(i), "eventType": "user.session.start", "uuid": f"{i:032x}", "severity": "INFO",
        "actor": {"id": f"00u{i * 7 % 300}", "type": "User", "alternateId": f"{_user(i)}@works.example"},
        "client": {"ipAddress": _address(i), "userAgent": {"rawUserAgent": AGENT}}, "outcome": {"result": "SUCCESS"},
        "target": [{"id": "0oa1", "type": "AppInstance", "displayName": "Portal"}], "displayMessage": "User login",
    }  # fmt: skip


@_json("osquery")
def _osquery(i: int) -> dict[str, Any]:
    columns = {"path": f"/data/{i % 2000}.csv", "username": _user(i), "size": str(i % 90000), "mtime": "1772600767"}
    return {
        "name": "pack/files", "hostIdentifier": f"host{i % 40}", "unixTime": 1772600767 + i // 10, "epoch": 0,
        "calendarTime": "Wed Mar  4 05:06:07 2026 UTC", "action": "added", "columns": columns,
    }  # fmt: skip


@_json("opc-ua")
def _opc_ua(i: int) -> dict[str, Any]:
    return {
        "EventType": "AuditWriteUpdateEventType", "Time": _iso(i), "SourceName": "Attribute/Write", "Severity": 100,
        "ServerId": f"urn:etch:{i % 9}", "ClientUserId": _user(i), "ClientAuditEntryId": str(i), "Status": True,
        "NodeId": f"ns=2;s=Recipes.{i % 90}",
    }  # fmt: skip


@_json("secs-gem")
def _secs_gem(i: int) -> dict[str, Any]:
    what = {"stream": 7, "function": 5, "PPID": f"OX-{i % 90}", "direction": "host-to-equipment", "size": i % 9000}
    return {"time": _iso(i), "equipment": f"ETCH-{i % 9}", "host": "mes-2", "operator": _user(i), **what}


@_json("mysql-audit")
def _mysql(i: int) -> dict[str, Any]:
    query = f"SELECT id, name FROM t{i % 40} WHERE id = {i}"
    return {
        "timestamp": f"2026-03-04 {_clock(i)}", "id": i, "class": "general", "event": "status", "connection_id": i % 99,
        "account": {"user": _user(i), "host": "app-1"}, "login": {"user": _user(i), "os": "", "ip": _address(i)},
        "general_data": {"command": "Query", "sql_command": "select", "query": query, "status": 0},
    }  # fmt: skip


@_json("gcp-audit")
def _gcp_audit(i: int) -> dict[str, Any]:
    return {
        "insertId": f"a{i:08x}",
        "logName": "projects/works-7/logs/cloudaudit.googleapis.com%2Fdata_access",
        "timestamp": _iso(i),
        "severity": "INFO",
        "resource": {"type": "gcs_bucket", "labels": {"bucket_name": f"designs-{i % 9}", "project_id": "works-7"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "storage.googleapis.com",
            "methodName": ("storage.objects.get", "storage.objects.list")[i % 2],
            "resourceName": f"projects/_/buckets/designs-{i % 9}/objects/part-{i % 400}.step",
            "authenticationInfo": {"principalEmail": f"{_user(i)}@works.example"},
            "requestMetadata": {"callerIp": f"198.51.100.{i % 250}", "callerSuppliedUserAgent": "gcloud-python/2"},
            "status": {},
        },
    }


@_json("azure-activity")
def _azure_activity(i: int) -> dict[str, Any]:
    return {
        "time": _iso(i),
        "resourceId": f"/SUBSCRIPTIONS/5B0E/RESOURCEGROUPS/FAB/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/A{i % 30}",
        "operationName": "MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE",
        "category": "Administrative",
        "resultType": "Success",
        "callerIpAddress": f"198.51.100.{i % 250}",
        "correlationId": f"7c0d8a52-1f9e-4e0b-8a53-{i:012x}",
        "identity": {"claims": {"name": f"{_user(i)}@works.example"}},
        "properties": {"requestbody": '{"properties":{"minimumTlsVersion":"TLS1_2"}}'},
        "tenantId": "5b0e6c1d-2a4f-4c3b-9d8e-7f6a5b4c3d2e",
    }


@_json("kubernetes-audit")
def _kubernetes_audit(i: int) -> dict[str, Any]:
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": f"3f0c5b1e-8d4a-4c27-9a36-{i:012x}",
        "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/line-{i % 12}/pods",
        "verb": ("get", "list", "watch")[i % 3],
        "user": {"username": f"{_user(i)}@works.example", "groups": ["system:authenticated"]},
        "sourceIPs": [f"198.51.100.{i % 250}"],
        "userAgent": "kubectl/v1.34.1",
        "objectRef": {"resource": "pods", "namespace": f"line-{i % 12}", "apiVersion": "v1"},
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": _iso(i),
    }


@_json("box")
def _box(i: int) -> dict[str, Any]:
    return {
        "type": "event",
        "event_id": f"b{i:08x}",
        "event_type": ("DOWNLOAD", "PREVIEW", "UPLOAD")[i % 3],
        "created_at": _iso(i),
        "created_by": {"type": "user", "id": str(4_000 + i % 300), "login": f"{_user(i)}@works.example"},
        "ip_address": f"198.51.100.{i % 250}",
        "source": {"item_type": "file", "item_id": str(i % 900), "item_name": f"drawing-{i % 900}.pdf"},
        "additional_details": {"size": 1_000 + i % 70_000, "service_name": "Box for Windows"},
    }


@_json("dropbox")
def _dropbox(i: int) -> dict[str, Any]:
    return {
        "timestamp": _iso(i),
        "event_category": {"_tag": "file_operations"},
        "event_type": {"_tag": ("file_download", "file_view", "file_add")[i % 3], "description": "File operation"},
        "actor": {"_tag": "user", "user": {"_tag": "team_member", "email": f"{_user(i)}@works.example"}},
        "assets": [{"_tag": "file", "path": {"contextual": f"/projects/drawing-{i % 900}.pdf"}}],
        "origin": {"geo_location": {"ip_address": f"198.51.100.{i % 250}", "country": "DE"}},
        "involve_non_team_member": False,
    }


@_json("snowflake")
def _snowflake(i: int) -> dict[str, Any]:
    return {
        "QUERY_ID": f"01b{i:08x}",
        "START_TIME": _iso(i),
        "USER_NAME": _user(i),
        "ROLE_NAME": "ANALYST",
        "WAREHOUSE_NAME": "WH_SMALL",
        "DATABASE_NAME": "WORKS",
        "SCHEMA_NAME": "PUBLIC",
        "QUERY_TYPE": "SELECT",
        "QUERY_TEXT": f"SELECT * FROM lots WHERE line = {i % 12}",
        "EXECUTION_STATUS": "SUCCESS",
        "ROWS_PRODUCED": i % 5_000,
        "BYTES_SCANNED": i % 900_000,
    }


@_json("salesforce")
def _salesforce(i: int) -> dict[str, Any]:
    return {
        "EVENT_TYPE": ("ReportEvent", "ApiEvent", "URI")[i % 3],
        "TIMESTAMP_DERIVED": _iso(i),
        "ORGANIZATION_ID": "00D000000000001",
        "USER_ID": f"005{i * 7 % 300:012d}",
        "USER_NAME": f"{_user(i)}@works.example",
        "SOURCE_IP": f"198.51.100.{i % 250}",
        "ENTITY_NAME": "Contact",
        "ROWS_PROCESSED": i % 400,
    }


@_json("databricks")
def _databricks(i: int) -> dict[str, Any]:
    return {
        "version": "2.0",
        "timestamp": 1_772_600_767_000 + i,
        "workspaceId": "4711",
        "sourceIPAddress": f"198.51.100.{i % 250}",
        "userAgent": "Databricks-SQL",
        "userIdentity": {"email": f"{_user(i)}@works.example"},
        "serviceName": "unityCatalog",
        "actionName": "getTable",
        "requestParams": {"full_name_arg": f"works.public.lots_{i % 40}"},
        "response": {"statusCode": 200},
    }


@_json("notion")
def _notion(i: int) -> dict[str, Any]:
    return {
        "event": {
            "id": f"d4b9963f-12a8-4b01-b597-{i:012x}",
            "timestamp": _iso(i),
            "workspace_id": "ea65b016-0b0e-4dcf-808b-000000004711",
            "actor": {"object": "user", "type": "person", "person": {"email": f"{_user(i)}@works.example"}},
            "ip_address": f"198.51.100.{i % 250}",
            "platform": "web",
            "type": ("page.viewed", "page.edited")[i % 2],
            "details": {"target": {"type": "page_id", "page_id": f"p{i % 900}"}},
        }
    }


@_json("mail")
def _mail(i: int) -> dict[str, Any]:
    return {
        "date": _iso(i),
        "message": f"{i // 2:032x}",
        "from": f"{_user(i // 2)}@works.example",
        "receiver": f"buyer{i // 2 % 90}@customer.example",
        "subject": f"Offer {i // 2 % 700}",
        "part": i % 2,
        "size": 1200 + i % 900,
    } | ({"attachment": f"offer-{i // 2 % 700}.pdf", "sha256": f"{i:064x}", "type": "application/pdf"} if i % 2 else {})
