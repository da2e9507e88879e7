"""The service with its control database on a PostgreSQL server, which is restarted under it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.console.running import Service, records, waybill
from tests.postgresql import PASSWORD, Server


def test_the_service_works_on_a_server_and_survives_its_restart(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = server.create()
    monkeypatch.setenv("WAYBILL_DATABASE", server.url(name))
    data = tmp_path / "data"
    sending = waybill(data, "tokens", "create", "first", "--scope", "ingest").strip()
    seeing = waybill(data, "tokens", "create", "second", "--scope", "read", "--scope", "metrics").strip()
    service = Service(data, workers=0)
    try:
        assert service.post(records(1, 2), sending).json["accepted"] == 2
        server.stop()
        until = time.monotonic() + 10
        while service.get("/readyz").status == 200 and time.monotonic() < until:
            time.sleep(0.1)
        assert service.get("/readyz").status == 503
        server.start()
        until = time.monotonic() + 20
        while not service.is_ready() and time.monotonic() < until:
            time.sleep(0.1)
        assert service.post(records(3), sending, 2).json == {"accepted": 1, "rejected": 0, "missing": []}
        assert len(service.every_transfer(seeing)) == 3
        metrics = service.get("/metrics", seeing).body.decode()
        assert "waybill_alerts_waiting 0.0" in metrics and "waybill_task_failures" in metrics
        assert service.stop() == 0
    finally:
        service.kill()
    assert PASSWORD not in service.log()
    assert not (data / "control.sqlite3").exists()
