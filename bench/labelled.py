"""What the benchmark of behaviour asks of a company: its records, its people, and which days of whom are bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.model.register import RegisterSnapshot


@dataclass(frozen=True, slots=True)
class Labelled:
    """One company."""

    days: int
    begin: datetime
    """Its first day."""
    transfers: pa.Table
    register: RegisterSnapshot
    bad: npt.NDArray[np.int64]
    """Number of the scenario by person and day, 0 where nothing is wrong."""
    names: list[str]
    """What people are called in the records, by their numbers."""
