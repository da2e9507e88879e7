"""Endpoints asked for real, configurations, certificates and keys in files, systems past their end."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from waybill.exposure import FAMILIES, Survey, survey
from waybill.exposure.crypto.strength import is_weak_suite, protocol
from waybill.exposure.crypto.system import ending_of, endings
from waybill.model.errors import InputError
from waybill.model.register import RegisterSnapshot

FAMILY = FAMILIES["crypto"]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
needs_sslscan = pytest.mark.skipif(shutil.which("sslscan") is None, reason="sslscan is not installed")


def look(target: str | Path) -> Survey:
    return survey(FAMILY.read(str(target)), FAMILY.checks(), RegisterSnapshot(), NOW)


def seen(found: Survey) -> set[str]:
    return {finding.rule_id.removeprefix("crypto-") for finding in found.findings}


def certificate(folder: Path, *options: str) -> tuple[Path, Path]:
    key, made = folder / "own.key", folder / "own.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-nodes",
        "-days",
        "9",
        "-subj",
        "/CN=own",
        "-keyout",
        str(key),
        "-out",
        str(made),
    ]
    subprocess.run([*command, *options], check=True, capture_output=True)
    key.chmod(0o600)
    return key, made


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """An endpoint that still speaks TLS 1.0."""
    key, made = certificate(tmp_path, "-newkey", "rsa:2048")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["openssl", "s_server", "-accept", str(port), "-cert", str(made), "-key", str(key), "-quiet"]
    with subprocess.Popen([*command, "-cipher", "ALL:@SECLEVEL=0"], stdout=subprocess.DEVNULL) as server:
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"tls://127.0.0.1:{port}"
        server.kill()


@needs_openssl
@needs_sslscan
def test_endpoint(endpoint: str) -> None:
    found = look(endpoint)
    assert seen(found) == {"old-protocol", "weak-suite", "endpoint-post-quantum"}
    assert any("speaks TLSv1.0" in finding.sentence.en for finding in found.findings)


@needs_sslscan
def test_nobody_listens() -> None:
    assert [gap.why for gap in look("tls://127.0.0.1:1").gaps] == ["it cannot be reached, or speaks no TLS"]


@pytest.mark.parametrize("target", ["tls://host", "tls://a b:1", "tls://-x:443 --help:1", "tls://h:443/path"])
def test_no_address(target: str) -> None:
    with pytest.raises(InputError):
        look(target)


@pytest.mark.parametrize("content", [b"", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_report_of_sslscan(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_bytes(content)
    with pytest.raises(InputError):
        look(tmp_path / "r.xml")


@needs_openssl
@pytest.mark.parametrize(
    ("options", "weak"), [(("-newkey", "rsa:1024"), True), (("-newkey", "rsa:2048", "-sha1"), False)]
)
def test_certificate(tmp_path: Path, options: tuple[str, ...], weak: bool) -> None:
    """The hash under a root's own signature does not count: nobody checks it."""
    certificate(tmp_path, *options)
    assert ("weak-certificate" in seen(look(tmp_path))) is weak


@needs_openssl
def test_keys(tmp_path: Path) -> None:
    key, _ = certificate(tmp_path, "-newkey", "rsa:2048")
    assert seen(look(tmp_path)) == set()
    key.chmod(0o644)
    assert seen(look(tmp_path)) == {"open-key"}
    locked = tmp_path / "locked.key"
    subprocess.run(["openssl", "rsa", "-aes256", "-passout", "pass:x", "-in", key, "-out", locked], check=True)
    locked.chmod(0o644)
    key.unlink()
    assert seen(look(tmp_path)) == set()


def test_nonsense_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (tmp_path / "b.der").write_bytes(b"\xff" * 40)
    assert len(look(tmp_path).gaps) == 2


def test_configurations(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    for name in ("nginx", "apache2", "ssh"):
        (etc / name).mkdir(parents=True)
    (etc / "nginx/nginx.conf").write_text(
        "ssl_protocols TLSv1 TLSv1.2;\nssl_ciphers HIGH:!aNULL:!MD5:DES-CBC3-SHA;\n  autoindex on; # why\n"
        "ssl_ecdh_curve X25519:prime256v1;\n# ssl_protocols SSLv3;\n"
    )
    (etc / "apache2/ssl.conf").write_text("SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\nSSLCipherSuite HIGH:!RC4\n")
    (etc / "ssh/sshd_config").write_text(
        "Ciphers aes256-gcm@openssh.com,3des-cbc\nKexAlgorithms mlkem768x25519-sha256\n"
    )
    (etc / "ssh/other.txt").write_text("Ciphers 3des-cbc\n")
    found = look(etc)
    told = {
        (finding.rule_id.removeprefix("crypto-"), Path(finding.asset).name, finding.source.position)
        for finding in found.findings
    }
    assert told == {
        ("old-protocol-set", "nginx.conf", 1),
        ("weak-suite-set", "nginx.conf", 2),
        ("listed-folder", "nginx.conf", 3),
        ("no-post-quantum", "nginx.conf", 4),
        ("weak-suite-set", "sshd_config", 1),
    }


def test_all_means_the_old_ones_too(tmp_path: Path) -> None:
    (tmp_path / "apache2").mkdir()
    (tmp_path / "apache2/ssl.conf").write_text("SSLProtocol all -SSLv3\n")
    assert len(look(tmp_path).findings) == 2


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("Microsoft Windows Server 2012 R2 Standard", "2012 R2"),
        ("Windows Server 2012 Standard", "2012"),
        ("Microsoft Windows 7 Professional", "7"),
        ("Windows 10 Pro 22H2", "10"),
        ("Debian GNU/Linux 10 (buster)", "10"),
        ("Red Hat Enterprise Linux Server 7.9", "7"),
        ("PostgreSQL 13.4", "13"),
        ("OpenSSL 1.0.2k", "1.0.2"),
        ("Ubuntu 20.04.6 LTS", "20.04"),
        ("Ubuntu 26.04", None),
        ("Windows 11 23H2", None),
        ("PostgreSQL 130", None),
        ("", None),
    ],
)
def test_titles_of_systems(title: str, version: str | None) -> None:
    found = ending_of(title)
    assert (found.version if found else None) == version


def test_systems(tmp_path: Path) -> None:
    rows = [
        {"host": "press-7", "name": "Microsoft Windows 7", "version": "6.1.7601"},
        {"host": "press-8", "name": "Debian GNU/Linux", "version": "12"},
        {"host": "press-9", "name": "Own system", "version": "3"},
    ]
    (tmp_path / "inventory.json").write_text(json.dumps(rows))
    found = look(tmp_path / "inventory.json")
    assert [finding.asset.partition(":")[0] for finding in found.findings] == ["press-7"]
    assert [gap.why for gap in found.gaps] == ["nothing is known here of Own system 3"]


def test_every_ending_is_a_version_of_its_own() -> None:
    assert len({(one.product, one.version) for one in endings()}) == len(endings())
    assert all(one.until.year >= one.released for one in endings())


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("ECDHE-RSA-AES256-GCM-SHA384", False),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", True),
        ("DES-CBC3-SHA", True),
        ("ADH-AES128-SHA", True),
        ("TLS_AES_128_CCM_8_SHA256", False),
        ("arcfour256", True),
        ("hmac-md5-96", True),
        ("aes128-cbc", False),
        ("EXP-RC2-CBC-MD5", True),
        ("chacha20-poly1305@openssh.com", False),
    ],
)
def test_weak_suites(name: str, weak: bool) -> None:
    assert is_weak_suite(name) is weak


def test_names_of_protocols() -> None:
    assert {protocol(name) for name in ("TLSv1", "tls1", "TLS1.0", "TLSv1.0", "-TLSv1")} == {"TLSv1.0"}
