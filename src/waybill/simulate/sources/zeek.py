"""Logs of the Zeek network monitor, tab-separated with their headers: ``conn.log``, ``http.log``, ``files.log``.

Format: https://docs.zeek.org/en/master/log-formats.html, fields: https://docs.zeek.org/en/master/logs/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from random import Random

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import letters

_ENDPOINTS = "id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port"
_CONNECTION = (
    f"ts:time uid:string {_ENDPOINTS} proto:enum service:string duration:interval orig_bytes:count resp_bytes:count "
    "conn_state:string local_orig:bool local_resp:bool missed_bytes:count history:string orig_pkts:count "
    "orig_ip_bytes:count resp_pkts:count resp_ip_bytes:count tunnel_parents:set[string]"
)
_HTTP = (
    f"ts:time uid:string {_ENDPOINTS} trans_depth:count method:string host:string uri:string referrer:string "
    "version:string user_agent:string origin:string request_body_len:count response_body_len:count status_code:count "
    "status_msg:string info_code:count info_msg:string tags:set[enum] username:string password:string "
    "proxied:set[string] orig_fuids:vector[string] orig_filenames:vector[string] orig_mime_types:vector[string] "
    "resp_fuids:vector[string] resp_filenames:vector[string] resp_mime_types:vector[string]"
)
_FILE = (
    f"ts:time fuid:string uid:string {_ENDPOINTS} source:string depth:count analyzers:set[string] mime_type:string "
    "filename:string duration:interval local_orig:bool is_orig:bool seen_bytes:count total_bytes:count "
    "missing_bytes:count overflow_bytes:count timedout:bool parent_fuid:string md5:string sha1:string sha256:string "
    "extracted:string extracted_cutoff:bool extracted_size:count"
)
"""Fields and their types, in the order of the columns."""


def _header(path: str, columns: str) -> Callable[[datetime], bytes]:
    names, types = zip(*(column.split(":") for column in columns.split()), strict=True)

    def header(first: datetime) -> bytes:
        lines = (
            r"#separator \x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            f"#path\t{path}",
            f"#open\t{first:%Y-%m-%d-%H-%M-%S}",
            "\t".join(("#fields", *names)),
            "\t".join(("#types", *types)),
        )
        return "".join(f"{line}\n" for line in lines).encode()

    return header


CONNECTIONS = Layout("{owner}/zeek/conn.{month}.log.gz", _header("conn", _CONNECTION))
HTTP = Layout("{owner}/zeek/http.{month}.log.gz", _header("http", _HTTP))
FILES = Layout("{owner}/zeek/files.{month}.log.gz", _header("files", _FILE))

_SPECIAL = re.compile(r"[\x00-\x1f\x7f\\]")


def new_uid(random: Random) -> str:
    """Draw the id of a connection, by which its lines in all logs belong together."""
    return "C" + letters(random, 17)


def connection(
    time: datetime,
    *,
    uid: str,
    origin: str,
    origin_port: int,
    responder: str,
    responder_port: int,
    sent: int,
    received: int,
    duration: float,
    service: str = "-",
    protocol: str = "tcp",
    local: tuple[bool, bool] = (True, False),
) -> bytes:
    """Write a connection that was opened and closed as it should be (state SF); ``time`` is when it began.

    ``sent`` and ``received`` are bytes of payload as the origin sees them; ``local`` says which ends are at home.
    """
    out, back = sent // 1460 + 3, received // 1460 + 3
    return (
        f"{time.timestamp():.6f}\t{uid}\t{origin}\t{origin_port}\t{responder}\t{responder_port}\t{protocol}\t{service}"
        f"\t{duration:.6f}\t{sent}\t{received}\tSF\t{_flag(local[0])}\t{_flag(local[1])}\t0\tShADadFf"
        f"\t{out}\t{sent + 40 * out}\t{back}\t{received + 40 * back}\t-"
    ).encode()


def http(
    random: Random,
    time: datetime,
    *,
    uid: str,
    origin: str,
    origin_port: int,
    responder: str,
    responder_port: int,
    host: str,
    uri: str,
    status: int,
    sent: int,
    received: int,
    method: str = "GET",
    agent: str = "curl/8.16.0",
    mime_type: str = "application/octet-stream",
) -> bytes:
    """Write a request and its answer; ``sent`` and ``received`` are the bytes of their bodies."""
    out = f"F{letters(random, 17)}\t-\t{mime_type}" if sent else "-\t-\t-"
    back = f"F{letters(random, 17)}\t-\t{mime_type}" if received else "-\t-\t-"
    message = {200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}.get(status, "-")
    return (
        f"{time.timestamp():.6f}\t{uid}\t{origin}\t{origin_port}\t{responder}\t{responder_port}\t1\t{method}"
        f"\t{_text(host)}\t{_text(uri)}\t-\t1.1\t{_text(agent)}\t-\t{sent}\t{received}\t{status}\t{message}"
        f"\t-\t-\t(empty)\t-\t-\t-\t{out}\t{back}"
    ).encode()


def file(
    random: Random,
    time: datetime,
    *,
    uid: str,
    origin: str,
    origin_port: int,
    responder: str,
    responder_port: int,
    name: str,
    size: int,
    from_origin: bool,
    sha256: str = "-",
    source: str = "HTTP",
    mime_type: str = "application/octet-stream",
    duration: float = 0.1,
) -> bytes:
    """Write that a file passed over a connection, sent by its origin or not, with its hash where it was taken."""
    analyzers = "SHA256" if sha256 != "-" else "(empty)"
    return (
        f"{time.timestamp():.6f}\tF{letters(random, 17)}\t{uid}\t{origin}\t{origin_port}\t{responder}\t{responder_port}"
        f"\t{source}\t0\t{analyzers}\t{mime_type}\t{_text(name)}\t{duration:.6f}\tT\t{_flag(from_origin)}\t{size}\t{size}"
        f"\t0\t0\tF\t-\t-\t-\t{sha256}\t-\t-\t-"
    ).encode()


def _flag(value: bool) -> str:
    return "T" if value else "F"


def _text(value: str) -> str:
    """Return a value as Zeek's ASCII writer puts it: what parts cells escaped, and what means unset or empty."""
    if value in ("-", "(empty)"):
        return f"\\x{ord(value[0]):02x}{value[1:]}"
    return _SPECIAL.sub(_escaped, value) or "(empty)"


def _escaped(found: re.Match[str]) -> str:
    return r"\\" if found[0] == "\\" else f"\\x{ord(found[0]):02x}"
