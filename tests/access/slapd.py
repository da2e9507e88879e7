"""A real LDAP server (OpenLDAP's slapd) on free ports, with a certificate of its own authority."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BASE = "ou=people,dc=example,dc=org"
SEARCHER, SEARCHERS_PASSWORD = "cn=search,dc=example,dc=org", "looks things up"
PASSWORD = "what the directory knows"
LOGINS = ("li.na", "wang(wei)*", "zhao\\min")
_CONF = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/pid
disallow bind_anon
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "dc=example,dc=org"
rootdn "cn=root,dc=example,dc=org"
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{searcher}" read by * none
"""


@dataclass(frozen=True, slots=True)
class Slapd:
    """A running server."""

    plain: int
    secured: int
    authority: Path


def is_installed() -> bool:
    """Return whether the server's program is here."""
    return _program() is not None


@contextmanager
def running(folder: Path) -> Iterator[Slapd]:
    """Run a server with a few people."""
    (folder / "db").mkdir()
    _certify(folder)
    places = {"schema": "/etc/ldap/schema", "modules": "/usr/lib/ldap", "folder": folder, "searcher": SEARCHER}
    (folder / "slapd.conf").write_text(_CONF.format(**places), encoding="utf-8")
    (folder / "people.ldif").write_text(_people(), encoding="utf-8")
    program = _program() or ""
    load = [str(Path(program).with_name("slapadd")), "-f", f"{folder}/slapd.conf", "-l", f"{folder}/people.ldif"]
    subprocess.run(load, check=True, capture_output=True)
    here = Slapd(_free(), _free(), folder / "ca.pem")
    urls = f"ldap://127.0.0.1:{here.plain} ldaps://127.0.0.1:{here.secured}"
    server = subprocess.Popen(
        [program, "-f", f"{folder}/slapd.conf", "-h", urls, "-d", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait(here.secured, server)
        yield here
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _program() -> str | None:
    return shutil.which("slapd", path="/usr/sbin:/usr/libexec:/usr/local/libexec:/usr/local/sbin")


def _people() -> str:
    entries = ["dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: example\ndc: example\n"]
    entries += [f"dn: {BASE}\nobjectClass: organizationalUnit\nou: people\n"]
    entries += [
        f"dn: {SEARCHER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: search\n"
        f"userPassword: {SEARCHERS_PASSWORD}\n"
    ]
    for number, login in enumerate(LOGINS):
        entries.append(
            f"dn: cn=person {number},{BASE}\nobjectClass: inetOrgPerson\ncn: person {number}\nsn: {number}\n"
            f"uid: {login}\nuserPassword: {PASSWORD}\n"
        )
    return "\n".join(entries)


def _certify(folder: Path) -> None:
    """Make an authority and a certificate of it for this machine."""
    now = datetime.now(UTC)
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "cert")}
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    for name, subject in (("ca", issuer), ("cert", x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(keys[name].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
        )
        if name == "cert":
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        made = builder.sign(keys["ca"], hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        keys["cert"].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert server.poll() is None, server.stderr and server.stderr.read()
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the directory does not start")
