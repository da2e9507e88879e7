"""Nobody gets in without a good token; clients that dawdle hold nobody up; answers and log give nothing away."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from tests.console.conftest import Tokens
from tests.console.running import Service, free_port, record, records, waybill

from waybill.console.guard import HEADERS
from waybill.console.server import Address
from waybill.flow.intake.admission import BATCHES_OF_ONE
from waybill.model.errors import UsageError

PRIVATE = ["/api/v1/transfers", "/api/v1/findings", "/api/v1/findings/" + "0" * 32, "/api/v1/sources", "/metrics"]


@pytest.mark.parametrize("path", PRIVATE)
def test_nothing_is_told_without_a_token(service: Service, sending: str, path: str) -> None:
    for token in ("", "wbt_000000000000_" + "x" * 43, sending[:-1], sending + "x"):
        answer = service.get(path, token)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert service.get(path, sending).status == 403, "a token that may send may not read"


def test_a_token_that_may_read_may_not_send(service: Service, reading: str) -> None:
    assert service.post(records(1), reading).status == 403
    assert service.post(records(1), "").status == 401


def test_a_revoked_token_is_refused_within_a_second(service: Service, tokens: Tokens) -> None:
    token = tokens.make("read")
    assert service.get("/api/v1/sources", token).status == 200
    waybill(service.data, "tokens", "revoke", token.split("_")[1])
    time.sleep(1.1)
    assert service.get("/api/v1/sources", token).status == 401


def test_every_operation_of_the_api_asks_for_a_token(service: Service) -> None:
    described = service.get("/api/v1/openapi.json").json
    operations = [
        (method.upper(), path, operation)
        for path, one in described["paths"].items()
        for method, operation in one.items()
    ]
    assert len(operations) >= 5
    for method, path, operation in operations:
        assert operation["security"], path
        assert service.request(method, path.replace("{id}", "0" * 32), b"", "", {}).status == 401, path
    components = set(described["components"]["schemas"])
    used = {part.split('"')[0] for part in json.dumps(described).split("#/components/schemas/")[1:]}
    assert used <= components


def test_headers(service: Service, sending: str) -> None:
    answers = [
        service.get("/healthz"),
        service.get("/api/nothing"),
        service.get("/api/v1/sources"),
        service.post(b"", sending, 0),
        service.get("/readyz", Host="elsewhere.example"),
    ]
    assert [answer.status for answer in answers] == [200, 404, 401, 400, 400]
    for answer in answers:
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= answer.headers.items()


def test_a_wrong_parameter_is_told_without_repeating_it(service: Service, reading: str) -> None:
    answer = service.get("/api/v1/findings?limit=zhang.wei", reading)
    assert (answer.status, answer.json["where"]) == (400, "limit")
    assert b"zhang" not in answer.body
    assert service.get("/api/v1/transfers?after=zhang.wei", reading).status == 400


def raw(service: Service, head: str, body: bytes = b"") -> socket.socket:
    """Open a connection and send a head and some of a body."""
    one = socket.create_connection(("127.0.0.1", service.port), timeout=30)
    one.sendall(head.replace("\n", "\r\n").encode() + body)
    return one


def head(token: str, agent: str, length: int) -> str:
    return (
        "POST /api/v1/transfers?mapping=waybill HTTP/1.1\nHost: localhost\n"
        f"Authorization: Bearer {token}\nContent-Type: application/x-ndjson\n"
        f"Waybill-Agent: {agent}\nWaybill-Sequence: 1\nContent-Length: {length}\n\n"
    )


def test_half_a_body_is_no_batch(service: Service, sending: str, reading: str) -> None:
    body = records(1, 2)
    with raw(service, head(sending, "half", len(body)), body[: len(body) // 2]) as one:
        one.shutdown(socket.SHUT_WR)
        assert one.recv(100).startswith(b"HTTP/1.1 400")
    assert not [row for row in service.every_transfer(reading) if row["origin"].endswith("/half/1")]
    assert service.post(body, sending, Waybill_Agent="half").json["accepted"] == 2


def test_a_body_without_a_length_is_refused(service: Service, sending: str) -> None:
    chunked = head(sending, "chunked", 0).replace("Content-Length: 0", "Transfer-Encoding: chunked")
    with raw(service, chunked, b"5\r\nhello\r\n0\r\n\r\n") as one:
        assert one.recv(100).startswith(b"HTTP/1.1 411")


@pytest.mark.soak  # a loaded machine is too slow for its seconds
def test_silent_clients_are_let_go_and_hold_up_nobody_else(service: Service, tokens: Tokens, sending: str) -> None:
    slow, figures = tokens.make("ingest"), tokens.make("metrics")
    opened = [raw(service, head(slow, f"slow-{number}", 100), b"x") for number in range(BATCHES_OF_ONE)]
    try:
        until = time.monotonic() + 4
        while f"waybill_waiting_batches {BATCHES_OF_ONE:.1f}\n" not in service.get("/metrics", figures).body.decode():
            assert time.monotonic() < until
        refused = service.post(records(1), slow, Waybill_Agent="more")
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert service.post(records(1), sending, Waybill_Agent="quick").status == 200
        for one in opened:
            while one.recv(1000):  # an answer may come first; then the end
                pass
    finally:
        for one in opened:
            one.close()
    assert service.post(records(1), slow, Waybill_Agent="more").status == 200


def test_figures_are_for_their_own_scope(service: Service, tokens: Tokens, sending: str) -> None:
    service.post(records(1, 2), sending, Waybill_Agent="counted")
    told = service.get("/metrics", tokens.make("metrics")).body.decode()
    assert 'waybill_records_total{outcome="accepted"}' in told
    assert "waybill_log_rows" in told


def test_the_log_is_json_and_names_nobody(service: Service, sending: str) -> None:
    bad = record(1, actor="zhang.wei", time="never")
    service.post(bad, sending, Waybill_Agent="log")
    service.get("/api/v1/transfers?actor=zhang.wei", sending)
    service.get("/zhang.wei", sending)
    service.get("/api/v1/transfers", Authorization=f"Basic {sending}")
    text = service.log()
    assert all(json.loads(line)["event"] for line in text.splitlines())
    assert '"status": 403' in text
    assert "zhang" not in text
    assert sending not in text
    assert sending.split("_")[2] not in text


def test_the_first_link_is_in_a_file_for_the_owner_alone(service: Service) -> None:
    file = service.data / "first-link"
    assert file.stat().st_mode & 0o777 == 0o600
    link = urlsplit(file.read_text().strip())
    assert link.path.removeprefix("/join/") not in service.log() and str(file) in service.log()
    page = service.get(link.path, host=f"localhost:{service.port}")
    assert page.status == 200 and b"Login" in page.body


def test_what_is_bad_rests_in_quarantine_with_its_reason(service: Service, sending: str) -> None:
    assert service.post(record(1, time="never"), sending, Waybill_Agent="bad").json["rejected"] == 1
    entries = json.loads(waybill(service.data, "quarantine", "list", "--json"))
    (entry,) = [entry for entry in entries if entry["file"].endswith("/bad/1")]
    assert (entry["position"], entry["field"]) == (1, "time")


def test_one_service_serves_a_folder_and_a_port(service: Service) -> None:
    command = [sys.executable, "-m", "waybill", "serve", "--data", str(service.data), "--port", str(free_port())]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "serving this data folder" in done.stderr) == (4, True)
    with pytest.raises(UsageError, match="cannot be used"):
        Address("127.0.0.1", service.port).check_free()


def test_beyond_this_machine_only_behind_a_proxy() -> None:
    for host in ("127.0.0.1", "::1", "127.8.8.8"):
        Address(host, 1).check(behind_proxy=False)
    Address("0.0.0.0", 1).check(behind_proxy=True)
    for host in ("0.0.0.0", "10.0.0.1", "::", "localhost"):
        with pytest.raises(UsageError):
            Address(host, 1).check(behind_proxy=False)
