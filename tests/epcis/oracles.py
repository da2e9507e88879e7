"""Where outside data lie, and the mark of tests that need them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPORA = Path(os.environ.get("WAYBILL_CORPORA", "."))


def oracle(test: object) -> object:
    """Mark a test that reads outside data."""
    missing = "WAYBILL_CORPORA" not in os.environ
    skipped = pytest.mark.skipif(missing, reason="WAYBILL_CORPORA is not set")(test)
    return pytest.mark.oracle(skipped)
