"""The detector: Sigma rules over transfers and over the fields of their sources."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import pyarrow as pa

from waybill.detect.sigma.grouping import Grouping
from waybill.detect.sigma.matching import matches
from waybill.detect.sigma.router import Router
from waybill.detect.sigma.ruled import Ruled
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.words import Scope


class SigmaDetector(Ruled):
    """Evaluates Sigma rules (https://sigmahq.io, specification 2.1)."""

    name: ClassVar[str] = "sigma"
    scope: ClassVar[Scope] = Scope.RECORD

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of transfers that the loaded rules and their findings need."""
        return self._columns

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return self.rules.columns()

    @cached_property
    def router(self) -> Router:
        """Which rules see which rows."""
        return Router([rule for rule in self.rules.rules if not rule.only_correlated])

    def keys(self, tables: Tables) -> pa.Array:
        """Return nulls: rules look at records one by one, so rows need no grouping."""
        return pa.nulls(tables.transfers.num_rows, pa.string())

    def run(self, tables: Tables, state: State) -> Result:
        """Return a finding for each rule, actor, asset and day; remarks name what could not be decided."""
        transfers = tables.transfers
        grouping = Grouping(self.name, transfers, tables.register)
        findings: list[Finding] = []
        if transfers.num_rows:
            for match in matches(transfers, self.router):
                findings.extend(grouping.findings(match))
        return Result(findings, state, self._remarks)

    @cached_property
    def _remarks(self) -> tuple[str, ...]:
        undecided = [
            f"{rule.path}:{rule.line}: rule {rule.id} is not evaluated: {rule.not_evaluable}"
            for rule in self.rules.rules
            if not rule.is_evaluable
        ]
        return (*map(str, self.rules.problems), *undecided)
