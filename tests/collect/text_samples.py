"""One line, or a few, of each text source, with what must be understood of it; all of it is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PERSON = "mara.lindqvist"
"""Who acts in every sample that can name somebody; must rest nowhere."""

SECRET = "tulip-7391"
"""A password, token or value in a statement that stands in every sample that can hold one; must rest nowhere."""


@dataclass(frozen=True)
class Sample:
    """The lines of one record, what stands before them in its file, and columns and fields they must give."""

    source: str
    lines: str
    columns: dict[str, Any]
    fields: dict[str, str] = field(default_factory=dict)
    head: str = ""

    @property
    def content(self) -> bytes:
        """The bytes of a file that holds this record alone."""
        return (self.head + self.lines + "\n").encode()


def zeek_head(path: str, columns: str) -> str:
    """Return the header of a log of Zeek; columns as ``name:type``."""
    names, types = zip(*(column.split(":") for column in columns.split()), strict=True)
    directives = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", f"#path\t{path}"]
    return "\n".join([*directives, "\t".join(["#fields", *names]), "\t".join(["#types", *types]), ""])


_ENDS = "ts:time uid:string id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port"
ZEEK_CONN = zeek_head(
    "conn",
    f"{_ENDS} proto:enum service:string duration:interval orig_bytes:count resp_bytes:count conn_state:string "
    "local_orig:bool local_resp:bool tunnel_parents:set[string]",
)
ZEEK_HTTP = zeek_head(
    "http",
    f"{_ENDS} trans_depth:count method:string host:string uri:string referrer:string user_agent:string "
    "request_body_len:count response_body_len:count status_code:count tags:set[enum] username:string "
    "password:string resp_mime_types:vector[string]",
)
ZEEK_FILES = zeek_head(
    "files",
    "ts:time fuid:string tx_hosts:set[addr] rx_hosts:set[addr] conn_uids:set[string] source:string "
    "mime_type:string filename:string is_orig:bool seen_bytes:count timedout:bool sha256:string",
)
ZEEK_DNS = zeek_head(
    "dns",
    f"{_ENDS} proto:enum trans_id:count query:string qtype_name:string rcode_name:string "
    "answers:vector[string] TTLs:vector[interval] rejected:bool",
)
_LOG = "2026-03-04 05:06:07.123 {zone}"
_SESSION = (
    f'"{PERSON}","clinic",4711,"10.1.2.3:50123",69a7.1267,7,"{{tag}}",2026-03-04 05:00:00 UTC,3/5,0,{{level}},{{state}}'
)
_BEHIND = ",,,,,,,,,"


def postgres(
    message: str, *, tag: str = "SELECT", level: str = "LOG", state: str = "00000", zone: str = "UTC", tail: str = ""
) -> str:
    """Return a line of PostgreSQL's CSV log with 23 columns, or more with a ``tail``."""
    session = _SESSION.format(tag=tag, level=level, state=state)
    quoted = message.replace('"', '""')
    return f'{_LOG.format(zone=zone)},{session},"{quoted}"{_BEHIND}"psql"{tail}'


AUDIT = "msg=audit(1772600767.123:456):"
_CALL = (
    f"type=SYSCALL {AUDIT} arch=c000003e syscall={{number}} success=yes exit=3 a0=ffffff9c a1=7ffd a2={{flags}} a3=0"
    ' items=1 ppid=1 pid=2 auid=1001 uid=1001 euid=1001 tty=pts0 comm="{program}" exe="/usr/bin/{program}"'
    f' key="watched"\x1dARCH=x86_64 SYSCALL={{call}} AUID="{PERSON}" UID="{PERSON}" EUID="{PERSON}"'
)
_COPIED = (
    _CALL.format(number=257, flags="241", call="openat", program="cp"),
    f'type=CWD {AUDIT} cwd="/home/{PERSON}"',
    f'type=PATH {AUDIT} item=0 name="/media/{PERSON}/STICK/" inode=2 nametype=PARENT',
    f"type=PATH {AUDIT} item=1 name={f'/media/{PERSON}/STICK/etch 7.csv'.encode().hex().upper()} nametype=CREATE",
)
_RAN = (
    f"node=eda-1 {_CALL.format(number=59, flags='0', call='execve', program='curl')}",
    f'node=eda-1 type=EXECVE {AUDIT} argc=3 a0="curl" a1="--password={SECRET}" a2={b"https://x.example/a b".hex()}',
    f"node=eda-1 type=PROCTITLE {AUDIT} proctitle={f'curl{chr(0)}--password={SECRET}'.encode().hex().upper()}",
)

SAMPLES: dict[str, Sample] = {
    "combined": Sample(
        "web-access",
        f'203.0.113.9 - {PERSON} [04/Mar/2026:13:06:07 +0800] "GET /d/audit%207.pdf?token={SECRET}&page=2 HTTP/1.1" 200'
        f' 5120 "https://portal.example/?password={SECRET}" "Mozilla/5.0 \\"quoted\\"" "W/\\"9f8e7d\\""',
        {
            "action": "download", "outcome": "success", "asset": "/d/audit%207.pdf", "to_place": "203.0.113.9",
            "bytes": 5120, "logsource": "/webserver/", "application": 'Mozilla/5.0 "quoted"',
        },
        {
            "cs-method": "GET", "cs-uri-stem": "/d/audit%207.pdf", "sc-status": "200", "sc-etag": "9f8e7d",
            "cs-uri-query": "/d/audit%207.pdf?token=***&page=2", "cs-referer": "https://portal.example/?password=***",
        },
    ),
    "common": Sample(
        "web-access",
        '2001:db8::1 - - [04/Mar/2026:05:06:07 +0000] "PUT /up HTTP/1.0" 403 -',
        {"action": "upload", "outcome": "blocked", "from_place": "2001:db8::1", "bytes": None, "actor": None},
    ),
    "virtual host": Sample(
        "web-access",
        'portal.example:443 203.0.113.9 - Mara Lindqvist [04/Mar/2026:05:06:07 +0000] "GET / HTTP/2.0" 401 0 "-" "-"',
        {"outcome": "blocked", "from_place": "portal.example:443", "to_place": "203.0.113.9", "actor_kind": "person"},
    ),
    "no request": Sample(
        "web-access",
        r'203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "\x16\x03\x01" 400 226 "-" "-"',
        {"action": "other", "outcome": "failure", "asset": None},
        {"cs-request": r"\x16\x03\x01"},
    ),
    "squid": Sample(
        "squid",
        f"1772600767.123    182 10.1.2.3 TCP_MISS/200 5120 GET https://{PERSON}:{SECRET}@files.example:8443/a/b.zip"
        f"?access_token={SECRET} {PERSON} HIER_DIRECT/203.0.113.7 application/zip",
        {"action": "download", "asset": "files.example/a/b.zip", "from_place": "files.example", "to_place": "10.1.2.3"},
        {"cs-host": "files.example", "c-uri-extension": "zip", "sc-status": "200", "dst_ip": "203.0.113.7"},
    ),
    "squid tunnel": Sample(
        "squid",
        f"1772600767.123  91820 10.1.2.3 TCP_TUNNEL/200 5120 CONNECT drop.example:443 {PERSON} HIER_DIRECT/203.0.113.7"
        " - 48210331",
        {"action": "upload", "from_place": "10.1.2.3", "to_place": "drop.example", "bytes": 48210331, "asset": None},
    ),
    "squid denied": Sample(
        "squid",
        "1772600767.123      0 10.1.2.3 TCP_DENIED/403 3512 CONNECT drop.example:443 - HIER_NONE/- text/html",
        {"action": "connect", "outcome": "blocked", "bytes": None},
    ),
    "dnstap": Sample(
        "dnstap",
        "04-Mar-2026 05:06:07.123 CR 2001:db8::7:53001 <- 10.0.0.53:53 UDP 45b files.example/IN/TXT",
        {"action": "connect", "from_place": "2001:db8::7", "to_place": "files.example", "logsource": "/dns/dnstap"},
        {"query": "files.example", "record_type": "TXT"},
    ),
    "zeek conn": Sample(
        "zeek-conn",
        "1772600767.123000\tCq\t10.1.2.3\t50123\t203.0.113.7\t443\ttcp\tssl\t12.5\t4821033\t912\tSF\tT\tF\tCa,Cb",
        {"action": "upload", "from_place": "10.1.2.3", "to_place": "203.0.113.7", "bytes": 4821033},
        {"conn_state": "SF", "tunnel_parents": "Ca\x1fCb"},
        ZEEK_CONN,
    ),
    "zeek http": Sample(
        "zeek-http",
        "1772600767.123000\tCq\t10.1.2.3\t50123\t203.0.113.7\t80\t1\tGET\tfiles.example\t/a.exe?sid="
        f"{SECRET}\t-\tcurl/8\t0\t5120\t200\t(empty)\t{PERSON}\t{SECRET}\tapplication/x-dosexec",
        {"action": "download", "from_place": "files.example", "to_place": "10.1.2.3", "bytes": 5120, "asset": "/a.exe"},
        {"uri": "/a.exe?sid=***", "password": "***", "user_agent": "curl/8", "c-useragent": "curl/8"},
        ZEEK_HTTP,
    ),
    "zeek files": Sample(
        "zeek-files",
        "1772600767.123000\tFq\t10.1.2.3\t203.0.113.7\tCq\tSMTP\ttext/csv\tetch\\x2c 7.csv\tT\t5120\tF\t9f8e",
        {"action": "upload", "channel": "email", "asset": "etch, 7.csv", "to_place": "203.0.113.7", "bytes": 5120},
        {"sha256": "9f8e"},
        ZEEK_FILES,
    ),
    "zeek dns": Sample(
        "zeek-dns",
        "1772600767.123000\tCq\t10.1.2.3\t50123\t10.0.0.53\t53\tudp\t7\tfiles.example\tTXT\tNOERROR\ta,b\t60.0,60.0\tF",
        {"to_place": "files.example", "outcome": "success", "logsource": "zeek/dns/dns"},
        {"record_type": "TXT", "answer": "a\x1fb", "qtype_name": "TXT"},
        ZEEK_DNS,
    ),
    "syslog 5424": Sample(
        "syslog",
        f'<165>1 2026-03-04T05:06:07.123Z portal.example app 12 ID47 [a@32473 iut="3" user="{PERSON}" note="x\\]\\"y"]'
        f"[b@32473 z=\"1\"] {PERSON} did it",
        {"actor_kind": "person", "application": "app", "to_place": "portal.example"},
        {"iut": "3", "z": "1", "message_id": "ID47", "note": 'x]"y'},
    ),
    "syslog 3164": Sample(
        "syslog",
        f"<86>Mar  4 05:06:07 eda-1 sshd[4711]: Failed password for invalid user {PERSON} from 10.1.2.3 port 22 ssh2",
        {"action": "login", "outcome": "blocked", "from_place": "10.1.2.3", "logsource": "linux//sshd"},
        {"user": "", "src_ip": "10.1.2.3"},
    ),
    "syslog file": Sample(
        "syslog",
        f"2026-03-04T13:06:07.123456+08:00 eda-1 sudo:  {PERSON} : TTY=pts/0 ; PWD=/home/{PERSON} ; USER=root ;"
        f" COMMAND=/bin/mysql --password={SECRET}",
        {"action": "execute", "logsource": "linux//sudo", "application": "sudo"},
        {"USER": "root", "COMMAND": "/bin/mysql --password=***"},
    ),
    "cron": Sample(
        "syslog",
        f"Mar  4 05:06:07 eda-1 CRON[99]: ({PERSON}) CMD (/home/{PERSON}/run)",
        {"action": "execute", "logsource": "linux//cron"},
    ),
    "useradd": Sample(
        "syslog",
        f"Mar  4 05:06:07 eda-1 useradd[99]: new user: name={PERSON}, UID=1001, GID=1001, home=/home/{PERSON}",
        {"action": "configure", "logsource": "linux//auth"},
    ),
    "cisco": Sample(
        "cisco",
        f"172.16.5.10 6705: Mar  4 05:06:07.123: %PARSER-5-CFGLOG_LOGGEDCMD: User:{PERSON}  logged command:no dot1x",
        {"action": "configure", "logsource": "cisco//aaa", "from_place": "172.16.5.10"},
        {"command": "no dot1x", "mnemonic": "CFGLOG_LOGGEDCMD"},
    ),
    "cisco collected": Sample(
        "cisco",
        f"Mar  4 05:06:09 core-1 6705: *Mar  4 2026 05:06:07.123 UTC: %SYS-5-CONFIG_I: Configured from console by"
        f" {PERSON} on vty0 (10.1.2.3)",
        {"action": "configure", "from_place": "10.1.2.3", "to_place": "core-1"},
    ),
    "cisco firewall": Sample(
        "cisco",
        "<166>Mar 04 2026 05:06:07 asa-1 : %ASA-6-302014: Teardown TCP connection 7 for inside:10.1.2.3/50123 to"
        " outside:203.0.113.7/443 duration 0:00:04 bytes 48210331 TCP FINs",
        {"from_place": "10.1.2.3", "to_place": "203.0.113.7", "bytes": 48210331, "logsource": "cisco/firewall/syslog"},
        {"dst_port": "443"},
    ),
    "auditd copy": Sample(
        "auditd",
        "\n".join(_COPIED),
        {"action": "copy", "channel": "usb", "application": "/usr/bin/cp", "logsource": "linux/file_event/auditd"},
        {"SYSCALL": "openat", "nametype": "PARENT\x1fCREATE", "key": "watched"},
    ),
    "auditd run": Sample(
        "auditd",
        "\n".join(_RAN),
        {"action": "execute", "from_place": "eda-1", "asset": "/usr/bin/curl", "asset_kind": "code"},
        {
            "type": "SYSCALL\x1fEXECVE\x1fPROCTITLE", "CommandLine": "curl --password=*** https://x.example/a b",
            "proctitle": "curl --password=***",
        },
    ),
    "auditd login": Sample(
        "auditd",
        f"type=USER_LOGIN {AUDIT} pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"{PERSON}\""
        ' exe="/usr/sbin/sshd" hostname=? addr=10.1.2.3 terminal=ssh res=failed\'',
        {"action": "login", "outcome": "failure", "from_place": "10.1.2.3", "actor_kind": "person"},
    ),
    "pgaudit": Sample(
        "postgresql",
        postgres(
            "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.patients,\"select *\n from public.patients where name = "
            f"'{SECRET}' and id = 4711 limit 500\",<not logged>,480000",
            tail=',"client backend",,0',
        ),
        {
            "action": "read", "asset": "clinic.public.patients", "records": 480000, "to_place": "10.1.2.3",
            "from_place": "clinic", "application": "psql", "logsource": "postgresql/database/",
        },
        {
            "class": "READ", "object": "public.patients",
            "statement": "select *  from public.patients where name = ? and id = ? limit 500",
        },
    ),
    "copy to a file": Sample(
        "postgresql",
        postgres("statement: COPY customers TO '/srv/out.csv'", tag="COPY", zone="CST", tail=',"client backend"'),
        {"action": "export", "asset": "clinic.customers", "to_place": "/srv/out.csv"},
    ),
    "a failed insert": Sample(
        "postgresql",
        postgres(f'invalid input syntax for type integer: "{SECRET}"', tag="INSERT", level="ERROR", state="22P02"),
        {"action": "write", "outcome": "failure", "logsource": "sql/application/"},
        {"message": "invalid input syntax for type integer: ***"},
    ),
    "a failed log-in": Sample(
        "postgresql",
        postgres(
            f'password authentication failed for user "{PERSON}"', tag="authentication", level="FATAL", state="28P01"
        ),
        {"action": "login", "outcome": "blocked"},
    ),
    "mariadb": Sample(
        "mariadb-audit",
        f"20260304 05:06:07,db1,{PERSON},10.1.2.3,12,345,QUERY,clinic,'SELECT * FROM patients WHERE name = "
        f"\\'{SECRET}\\' AND x = \"{SECRET}\" INTO OUTFILE \\'/tmp/out\\'',0",
        {"action": "export", "asset": "patients", "to_place": "/tmp/out", "outcome": "success"},
        {"statement": "SELECT * FROM patients WHERE name = ? AND x = ? INTO OUTFILE '/tmp/out'"},
    ),
    "mariadb table": Sample(
        "mariadb-audit",
        f"20260304 05:06:07,db1,{PERSON},10.1.2.3,12,345,READ,clinic,patients,",
        {"action": "read", "asset": "clinic.patients", "to_place": "10.1.2.3"},
    ),
    "mysql": Sample(
        "mysql-audit",
        '[\n{"timestamp": "2026-03-04 05:06:07", "id": 0, "class": "general", "event": "status", "connection_id": 12,'
        f' "account": {{"user": "{PERSON}", "host": "localhost"}}, "login": {{"user": "{PERSON}", "os": "",'
        ' "ip": "10.1.2.3", "proxy": ""}, "general_data": {"command": "Query", "sql_command": "select",'
        f' "query": "select * from patients where n = \'{SECRET}\'", "status": 0}}}}\n]',
        {"action": "read", "to_place": "10.1.2.3", "outcome": "success", "logsource": "mysql/database/"},
        {"general_data.query": "select * from patients where n = ?"},
    ),
}  # fmt: skip
