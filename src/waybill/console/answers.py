"""What pages ask for again and again, and what is costly to gather: each answer is kept for a little while."""

from __future__ import annotations

from functools import partial

from waybill.flow.assessments import rulebook_of
from waybill.flow.coverage import coverage
from waybill.flow.detectors import load_detectors
from waybill.flow.fresh import Fresh
from waybill.flow.installation import Installation
from waybill.flow.overview import Overview, overview
from waybill.flow.permit_use import uses
from waybill.flow.rulebook import Rulebook, rulebook
from waybill.flow.sources import sources
from waybill.flow.standing import standing
from waybill.model.protocols import Detector


class Answers:
    """The answers of one process; for several threads."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._detectors = Fresh(self._load, rests=float("inf"))
        self.register = Fresh(installation.register)
        self.overview = Fresh(self._overview)
        self.rulebook = Fresh(self._rulebook)
        self.law = Fresh(partial(rulebook_of, installation))
        self.coverage = Fresh(partial(coverage, installation))
        self.uses = Fresh(partial(uses, installation))
        self.sources = Fresh(partial(sources, installation))
        self.ledger = Fresh(partial(standing, installation))

    def _load(self) -> list[Detector]:
        settings = self._installation.settings
        return load_detectors(settings.rules, settings=settings)

    def _overview(self) -> Overview:
        return overview(self._installation, self._detectors.get())

    def _rulebook(self) -> Rulebook:
        return rulebook(self._installation, self._detectors.get())
