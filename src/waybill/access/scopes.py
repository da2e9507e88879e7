"""What a token may allow."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a token allows."""

    INGEST = "ingest"
    """Sending transfers."""
    READ = "read"
    """Reading transfers, findings, and how sources stand."""
    RECORD = "record"
    """Keeping what is asked, beside reading: answers to assessments in the ledger, queries and subscriptions."""
    METRICS = "metrics"
    """Reading figures about the service itself."""
