"""What a service does behind the answers: detectors look at what is new, the log goes into the table, the ledger on.

One thread of one process does it, whatever number of others receive; a lock keeps detection single across processes.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from waybill.control import close_database
from waybill.flow import memory
from waybill.flow.committing import PATIENCE, Troubled, committing
from waybill.flow.detect import detect
from waybill.flow.installation import Installation
from waybill.model.errors import WaybillError
from waybill.model.protocols import Detector
from waybill.model.words import Scope

HEARTBEAT = 60.0
"""Seconds between two looks at what is missing, while nothing comes."""

LOOK_ROWS = 50_000
"""Transfers that detectors look at in one go: how much memory they take beside those who send does not grow."""

NICENESS = 5
"""How far detection and upkeep stand back behind those who wait for an answer (nice(2))."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one round did."""

    transfers: int = 0
    """How many detectors looked at."""
    findings: int = 0
    """How many findings are new or have new evidence."""
    remarks: tuple[str, ...] = ()


Tell = Callable[[Looked], None]


class Upkeep:
    """Keeps one installation up, round after round."""

    def __init__(self, installation: Installation, detectors: Sequence[Detector]) -> None:
        self._installation = installation
        self._detectors = detectors
        self._seen = -1
        self._behind = False
        self._beat = time.monotonic() - HEARTBEAT

    def run(self, stop: threading.Event, tell: Tell, troubled: Troubled) -> None:
        """Go round until ``stop``; what goes wrong is told and tried again later."""
        every = self._installation.settings.detect_seconds
        with committing(self._installation, troubled):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)  # of this thread alone, on Linux
            while not stop.is_set():
                try:
                    tell(self.round())
                    pause = 0.0 if self._behind else every
                except WaybillError as error:
                    troubled(error)
                    pause = max(every, PATIENCE)
                stop.wait(pause)
        close_database()

    def round(self) -> Looked:
        """Let detectors look at what is new, and prove what they said."""
        from waybill.flow.custody.capturing import forward
        from waybill.flow.custody.subscribing import send_due
        from waybill.flow.proof.sequencing import sequence_soon

        forward(self._installation)
        looked = self._look(self._installation.lake.status().last_sequence)
        memory.give_back()
        remarks = (*looked.remarks, *send_due(self._installation), *sequence_soon(self._installation))
        return Looked(looked.transfers, looked.findings, remarks)

    def _look(self, last: int) -> Looked:
        """Run the detectors that have something to look at: those of what is missing now and then, in any case."""
        due, fresh = time.monotonic() - self._beat >= HEARTBEAT, last > self._seen
        asked = [one for one in self._detectors if (due if one.scope is Scope.FOLD else fresh)]
        if not asked:
            return Looked()
        moment = datetime.now(UTC)
        report = detect(self._installation, asked, workers=0, progress=lambda _: None, now=moment, most=LOOK_ROWS)
        self._behind = not report.complete
        if report.complete:
            self._seen = last
            self._beat = time.monotonic() if due else self._beat
        return Looked(report.transfers, sum(report.findings.values()), report.remarks)
