"""Figures about the service for Prometheus. None of them tells of a person or a protected channel."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

REQUESTS = Counter("waybill_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "waybill_request_seconds",
    "Time from the head of a request to its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
RECORDS = Counter(
    "waybill_records", "Records that agents sent, by what became of them.", ["outcome"], registry=REGISTRY
)
WAITING_BATCHES = Gauge("waybill_waiting_batches", "Batches in hand: coming, waiting, being read.", registry=REGISTRY)
WAITING_BYTES = Gauge("waybill_waiting_bytes", "Their bytes, unpacked.", registry=REGISTRY)
LOG_ROWS = Gauge("waybill_log_rows", "Durable transfers that wait to be moved into the table.", registry=REGISTRY)
LOG_BYTES = Gauge("waybill_log_bytes", "Their bytes in the write-ahead log.", registry=REGISTRY)
TASK_SUCCEEDED = Gauge(
    "waybill_task_succeeded_seconds", "When a task last ended well, seconds since 1970.", ["task"], registry=REGISTRY
)
TASK_FAILURES = Gauge("waybill_task_failures", "Runs of a task that failed since then.", ["task"], registry=REGISTRY)
ALERTS_WAITING = Gauge("waybill_alerts_waiting", "Messages that no receiver has taken yet.", registry=REGISTRY)
