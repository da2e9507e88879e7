"""RFC 3161 tokens over checkpoints, made by an authority of OpenSSL's and accepted by it and by us."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.ledger.making import entries, open_log, size_of

from waybill.ledger import Log, ProofError
from waybill.ledger.timestamps import Ask, authority, read_roots, stamp, stamps
from waybill.model.errors import InputError, UsageError

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

SETTINGS = """
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = example root
[ ca ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[ tsa ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ authority ]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, arguments)], check=check, capture_output=True, timeout=60)


class Authority:
    """A certificate authority and a time-stamping one, in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.settings = folder / "openssl.cnf"
        self.settings.write_text(SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-config", self.settings)
        openssl("req", "-x509", *key, "-keyout", folder / "root.key", "-out", folder / "root.pem", "-extensions", "ca")
        openssl("req", "-new", *key, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", "/CN=tsa")
        made_by = ("-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-CAcreateserial")
        extensions = ("-extfile", self.settings, "-extensions", "tsa")
        openssl("x509", "-req", "-in", folder / "tsa.csr", *made_by, *extensions, "-out", folder / "tsa.pem")

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def ask(self, request: bytes) -> bytes:
        (self.folder / "query").write_bytes(request)
        query = ("-queryfile", self.folder / "query", "-out", self.folder / "answer")
        openssl("ts", "-reply", "-config", self.settings, "-section", "authority", *query)
        return (self.folder / "answer").read_bytes()

    def accepts(self, folder: Path, size: int) -> bool:
        home = folder / "timestamps"
        data = ("-data", home / f"{size}.checkpoint", "-in", home / f"{size}.tsr", "-CAfile", self.roots)
        return openssl("ts", "-verify", *data, check=False).returncode == 0


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log") as made:
        made.append(entries(0, 300))
        made.checkpoint()
        yield made


def test_a_token_over_a_checkpoint_is_accepted_by_openssl_and_by_us(log: Log, tsa: Authority) -> None:
    roots = read_roots(tsa.roots)
    stamped = stamp(log.folder, log.published, tsa.ask, roots)
    assert stamped.checkpoint.size == 300
    assert abs(stamped.time - datetime.now(UTC)) < timedelta(minutes=1)
    assert tsa.accepts(log.folder, 300)
    log.append(entries(300, 1000))
    stamp(log.folder, log.checkpoint(), tsa.ask, roots)
    assert [found.checkpoint.size for found in stamps(log.folder, roots)] == [300, 1000]
    assert size_of(log.published) == 1000


def test_a_changed_checkpoint_is_refused_by_both(log: Log, tsa: Authority) -> None:
    stamp(log.folder, log.published, tsa.ask, read_roots(tsa.roots))
    path = log.folder / "timestamps/300.checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n300\n", b"\n301\n"))
    assert not tsa.accepts(log.folder, 300)
    with pytest.raises(ProofError, match="does not hold") as caught:
        list(stamps(log.folder, read_roots(tsa.roots)))
    assert caught.value.where.endswith("300.tsr")


def test_an_authority_nobody_trusts_is_refused(log: Log, tsa: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with pytest.raises(ProofError):
        stamp(log.folder, log.published, other.ask, read_roots(tsa.roots))
    assert not (log.folder / "timestamps").exists()


def replay(first: bytes) -> Ask:
    return lambda request: first


def test_an_answer_to_another_request_is_refused(log: Log, tsa: Authority) -> None:
    roots = read_roots(tsa.roots)
    stamp(log.folder, log.published, tsa.ask, roots)
    answer = (log.folder / "timestamps/300.tsr").read_bytes()
    with pytest.raises(ProofError, match="Nonce"):
        stamp(log.folder, log.published, replay(answer), roots)
    for nonsense in (b"", b"nonsense", answer[:-1]):
        with pytest.raises(ProofError):
            stamp(log.folder, log.published, replay(nonsense), roots)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/timestamp-query"
        answer = self.server.ask(self.rfile.read(int(self.headers["Content-Length"])))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *values: object) -> None:
        pass


def test_an_authority_is_asked_over_http(log: Log, tsa: Authority) -> None:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.ask = tsa.ask  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            ask = authority(f"http://127.0.0.1:{server.server_port}")
            stamp(log.folder, log.published, ask, read_roots(tsa.roots))
        finally:
            server.shutdown()
            thread.join()
    assert tsa.accepts(log.folder, 300)
    with pytest.raises(InputError, match="does not answer"):
        stamp(log.folder, log.published, authority("http://127.0.0.1:9"), read_roots(tsa.roots))


def test_what_are_no_certificates_or_no_address_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roots").write_text("nothing")
    with pytest.raises(InputError, match="no certificates"):
        read_roots(tmp_path / "roots")
    with pytest.raises(UsageError):
        authority("file:///etc/passwd")
