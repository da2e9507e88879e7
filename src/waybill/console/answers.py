"""What pages ask for again and again, and what is costly to gather: each answer is kept for a little while."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from waybill.control import close_database
from waybill.flow.coverage import coverage
from waybill.flow.detectors import load_detectors
from waybill.flow.fresh import Fresh
from waybill.flow.installation import Installation
from waybill.flow.law.assessments import rulebook_of
from waybill.flow.overview import Overview, overview
from waybill.flow.permit_use import uses
from waybill.flow.proof.standing import standing
from waybill.flow.rules.coverage import rule_coverage
from waybill.flow.rules.in_use import found_by_others, rules_in_use
from waybill.flow.sources import sources
from waybill.model.errors import WaybillError
from waybill.model.protocols import Detector


class Answers:
    """The answers of one process; for several threads."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._detectors = Fresh(self._load, rests=float("inf"))
        self.register = Fresh(installation.register)
        self.overview = Fresh(self._overview)
        self.rules = Fresh(partial(rules_in_use, installation, with_data=True))
        self.rule_coverage = Fresh(partial(rule_coverage, installation))
        self.other_detectors = Fresh(self._others)
        self.law = Fresh(partial(rulebook_of, installation))
        self.coverage = Fresh(partial(coverage, installation))
        self.uses = Fresh(partial(uses, installation))
        self.sources = Fresh(partial(sources, installation))
        self.ledger = Fresh(partial(standing, installation))

    def warm(self) -> None:
        """Make the costliest before anybody asks; where that fails, whoever asks is told why."""
        with suppress(WaybillError):
            self.overview.get()
        close_database()

    def _load(self) -> list[Detector]:
        settings = self._installation.settings
        return load_detectors(settings.rules, settings=settings)

    def _overview(self) -> Overview:
        return overview(self._installation, self._detectors.get())

    def _others(self) -> dict[str, int]:
        return found_by_others(self._detectors.get())
