"""The words by which code names personal data, reads many records at once, and sends things out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_PERSON = (
    "user|customer|client_?data|patient|person|people|employee|member|contact|subscriber|applicant|passenger|guest|"
    "student|citizen|resident|taxpayer|donor|buyer|shopper|cardholder|beneficiary|address(?:es|_book)?|profile|"
    "bank_?card|credit_?card|medical_?record|prescription|salary|payroll|identity|kyc"
)
PERSONAL_RECORD = re.compile(rf"(?:^|[^a-z])(?:{_PERSON})s?(?:$|[^a-z])|(?:{_PERSON})s?$", re.IGNORECASE)
"""What models, tables and collections of personal data are called, in lower case with underscores."""

PERSONAL_FIELD = re.compile(
    r"(?:^|.*_)(?:e_?mail(?:_address)?|(?:tele)?phone(?:_number)?|mobile(?:_no|_number)?|(?:first|last|full|given|family|sur)_?name|"
    r"birth(?:day|_date)?|date_of_birth|dob|national_id|id_(?:card|number|no)|ssn|passport(?:_no|_number)?|street|"
    r"post(?:al)?_?code|zip_?code|address(?:_?line_?\d)?|card_?num(?:ber)?|cc_?num(?:ber)?|cvv2?|cvc|iban|bank_account|"
    r"expiry_date|tax_id|diagnosis|salary|password)$",
    re.IGNORECASE,
)
"""What fields of personal data are called."""

_FIELDS = (
    r"e_?mail|phone|mobile|first_?name|last_?name|full_?name|birth|ssn|national_id|id_card|passport|card_?num|iban|"
    r"salary|\*"
)
PERSONAL_QUERY = re.compile(
    rf"\b(?:select|copy)\b[^;]*?(?:{_FIELDS})[^;]*?\bfrom\b\s+[\"`\[]?"
    rf"(?:\w+[\"`\]]?\.[\"`\[]?)?\w*(?:{_PERSON}|account|order)\w*",
    re.IGNORECASE | re.DOTALL,
)
"""A statement of SQL that reads personal data from a table of persons."""

_ONE_RECORD = re.compile(r"\blimit\s+1\b|\bwhere\b[^;]*\b(?:id|pk|email|uuid|username|token)\s*=", re.IGNORECASE)
"""What makes a statement read one record alone."""


def is_bulk_query(text: str) -> bool:
    """Return whether a statement of SQL reads the personal data of many."""
    return len(text) > 14 and PERSONAL_QUERY.search(text) is not None and _ONE_RECORD.search(text) is None


@lru_cache(1 << 14)
def is_personal_record(name: str) -> bool:
    """Return whether a model, table or collection holds persons, by its name in any style of writing."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return PERSONAL_RECORD.search(plain) is not None


QUERYING = frozenset(
    {"execute", "executemany", "copy_expert", "raw", "read_sql", "read_sql_query", "fetch", "query", "text"}
)
"""Functions and methods that are given statements of SQL."""

MANAGERS = frozenset({"objects", "_default_manager", "_base_manager", "all_objects"})
"""How Django's models name what reads their records."""

ONE_RECORD = frozenset(
    {"get", "first", "last", "get_or_create", "create", "update_or_create", "latest", "earliest", "one", "one_or_none",
     "scalar_one", "find_one", "find_one_and_update", "get_object_or_404"}
)  # fmt: skip
"""Methods that return one record of many, or make one."""

NO_RECORD = frozenset(
    {"count", "exists", "aggregate", "delete", "update", "bulk_create", "bulk_update", "len", "bool", "isinstance",
     "hasattr", "sum", "id", "type", "count_documents", "delete_many", "delete_one", "update_one", "update_many",
     "insert_one", "insert_many"}
)  # fmt: skip
"""Functions and methods whose answer holds nothing of the records they were given."""

CARRYING = frozenset(
    {"append", "extend", "add", "write", "writerow", "writerows", "writestr", "update", "insert", "put", "put_nowait",
     "set_content", "attach", "add_attachment", "appendleft", "setdefault", "dump", "to_csv", "to_json", "to_excel",
     "to_parquet", "copy_expert", "execute", "executemany", "fromdict", "push", "unshift"}
)  # fmt: skip
"""Methods that put what they are given into what they are called on, and into what that was made from."""

EGRESS = {
    "requests.post": "HTTP", "requests.put": "HTTP", "requests.get": "HTTP", "requests.patch": "HTTP",
    "requests.request": "HTTP", "httpx.post": "HTTP", "httpx.put": "HTTP", "httpx.get": "HTTP", "httpx.patch": "HTTP",
    "httpx.request": "HTTP", "urllib.request.urlopen": "HTTP", "urllib.request.Request": "HTTP",
    "urllib3.request": "HTTP", "socket.gethostbyname": "DNS", "socket.getaddrinfo": "DNS",
    "socket.gethostbyname_ex": "DNS", "dns.resolver.resolve": "DNS", "dns.resolver.query": "DNS",
    "django.core.mail.send_mail": "mail", "django.core.mail.EmailMessage": "mail",
    "django.core.mail.EmailMultiAlternatives": "mail", "subprocess.run": "a program", "subprocess.Popen": "a program",
    "subprocess.call": "a program", "subprocess.check_call": "a program", "subprocess.check_output": "a program",
    "os.system": "a program", "os.popen": "a program",
}  # fmt: skip
"""Functions that send what they are given, and over what."""

PROGRAMS = re.compile(r"\b(?:curl|wget|scp|rsync|ftp|sftp|nc|ncat|telnet|nslookup|dig|rclone|aws\s+s3)\b")
"""Programs that send; any other program that is started keeps what it is given to itself, as far as is seen here."""

Senders = Sequence[tuple[re.Pattern[str], frozenset[str], str]]
"""How things that send are made, by which methods they send, and over what."""

SENDERS: Senders = (
    (re.compile(r"^(?:http\.client\.HTTPS?Connection|urllib3\.(?:HTTPS?Connection)?Pool(?:Manager)?)$"),
     frozenset({"request", "urlopen", "putrequest", "send"}), "HTTP"),
    (re.compile(r"^(?:requests\.(?:Session|session)|httpx\.(?:Async)?Client|aiohttp\.ClientSession)$"),
     frozenset({"post", "put", "get", "patch", "request", "send"}), "HTTP"),
    (re.compile(r"^smtplib\.(?:SMTP|SMTP_SSL|LMTP)$"), frozenset({"sendmail", "send_message"}), "mail"),
    (re.compile(r"^socket\.(?:socket|create_connection)$"),
     frozenset({"send", "sendall", "sendto", "sendmsg"}), "a socket"),
    (re.compile(r"^ftplib\.FTP(?:_TLS)?$"), frozenset({"storbinary", "storlines"}), "FTP"),
    (re.compile(r"^(?:paramiko\..*|pysftp\.Connection)$"), frozenset({"put", "putfo", "write", "exec_command"}), "SSH"),
    (re.compile(r"^boto3\.(?:client|resource|Session|session)(?:\..*)?$"),
     frozenset({"put_object", "upload_fileobj", "upload_file", "put_item", "send_message", "publish", "put_record"}),
     "a cloud service"),
    (re.compile(r"^(?:google\.cloud|azure\.storage)\..*$"),
     frozenset({"upload_from_string", "upload_from_file", "upload_blob", "publish"}), "a cloud service"),
    (re.compile(r"^(?:kafka\.KafkaProducer|pika\..*|redis\.Redis|redis\.StrictRedis|paho\.mqtt\.client\.Client)$"),
     frozenset({"send", "basic_publish", "publish", "lpush", "rpush"}), "a queue"),
    (re.compile(r"^websockets?\..*$"), frozenset({"send"}), "a socket"),
)  # fmt: skip
"""Things that send: how they are made, by which methods they send, and over what."""

_SANITISING = re.compile(
    r"^(?:hashlib\.|hmac\.|secrets\.|random\.|uuid\.|crypto\.create(?:Hash|Hmac)\(\)\.|bcrypt\.|.*\.(?:anonymi[sz]e|pseudonymi[sz]e|redact|mask)$)"
)
"""What gives back nothing of what it is given that anybody could read."""


@lru_cache(1 << 14)
def keeps_nothing(callee: str) -> bool:
    """Return whether a call gives back nothing of what it is given that anybody could read."""
    return _SANITISING.search(callee) is not None


def may_tell_where(text: str) -> bool:
    """Return whether a text may name a host, or a program that sends."""
    return ("." in text and len(text) < 2048) or PROGRAMS.search(text) is not None


@lru_cache(1 << 14)
def way_out(callee: str, *, is_script: bool) -> str:
    """Return over what a call sends what it is given, or nothing."""
    if is_script:
        return SCRIPT_EGRESS.get(callee, "") or _made(callee, SCRIPT_SENDERS)
    return EGRESS.get(callee, "") or _made(callee, SENDERS)


def _made(callee: str, senders: Senders) -> str:
    holder, _, method = callee.rpartition(".")
    if not holder.endswith(")"):
        return ""
    return next((over for made, methods, over in senders if method in methods and made.match(holder[:-2])), "")


SCRIPT_EGRESS = {
    **dict.fromkeys(
        ["fetch", "window.fetch", "globalThis.fetch", "self.fetch", "node-fetch", "cross-fetch", "undici.fetch",
         "undici.request", "$.post", "$.ajax", "$.get", "$.getJSON", "jQuery.post", "jQuery.ajax", "jQuery.get",
         "http.request", "https.request", "http.get", "https.get", "ky", "ofetch", "$fetch", "needle", "phin"], "HTTP"
    ),
    **{f"{library}{method}": "HTTP"
       for library in ("axios", "got", "request", "superagent", "ky", "needle", "request-promise", "bent")
       for method in ("", ".post", ".put", ".get", ".patch", ".request")},
    "navigator.sendBeacon": "a beacon", "window.navigator.sendBeacon": "a beacon",
    **{f"dns.{method}": "DNS" for method in ("lookup", "resolve", "resolve4", "resolveTxt", "promises.lookup",
                                              "promises.resolve")},
    **{f"child_process.{method}": "a program" for method in ("exec", "execSync", "spawn", "spawnSync", "execFile")},
    "importScripts": "a script", "window.postMessage": "a message to another page",
}  # fmt: skip
"""Functions of JavaScript that send what they are given, and over what."""

SCRIPT_SENDERS: Senders = (
    (re.compile(r"^(?:window\.)?XMLHttpRequest$"), frozenset({"send", "open"}), "HTTP"),
    (re.compile(r"^(?:window\.)?WebSocket$|^ws(?:\..*)?$"), frozenset({"send"}), "a socket"),
    (re.compile(r"^https?\.request$"), frozenset({"write", "end"}), "HTTP"),
    (re.compile(r"^axios\.create$|^got\.extend$|^ky\.create$"),
     frozenset({"post", "put", "get", "patch", "request"}), "HTTP"),
    (re.compile(r"^undici\.(?:Client|Pool)$"), frozenset({"request"}), "HTTP"),
    (re.compile(r"^nodemailer\.createTransport$"), frozenset({"sendMail"}), "mail"),
    (re.compile(r"^(?:net|tls)\.(?:connect|createConnection|Socket)$"), frozenset({"write", "end"}), "a socket"),
    (re.compile(r"^dgram\.createSocket$"), frozenset({"send"}), "a socket"),
    (re.compile(r"^(?:aws-sdk|@aws-sdk|AWS)\b.*$|^@google-cloud/.*$|^@azure/.*$"),
     frozenset({"send", "putObject", "upload", "publish", "uploadData", "save"}), "a cloud service"),
    (re.compile(r"^.*RTCPeerConnection.*createDataChannel$"), frozenset({"send"}), "a data channel"),
)  # fmt: skip
"""Things of JavaScript that send: how they are made, by which methods they send, and over what."""

LOADING = frozenset({"src", "href", "action", "srcset", "backgroundImage", "background"})
"""Attributes of parts of a page: what they are set to is asked for from where it names."""
