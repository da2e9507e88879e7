"""The detector: remembers reports and filings, puts them together at the end of a run, and tells what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.disclosure.accounts import reconcile
from waybill.detect.disclosure.duties import Duties
from waybill.detect.disclosure.prices import DEFAULT_EXCESS, compare
from waybill.detect.disclosure.reading import COLUMNS, read
from waybill.detect.disclosure.telling import DETECTOR, of_flaw, of_price, too_few
from waybill.model.disclosures import Disclosure
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Scope

NEWEST, TOLD, FAULTS = "newest", "told", "faults"
_RECORD = "report "
"""Before the id of a report in the state."""


class DisclosureDetector:
    """Tells filings whose figures are not those that were reported inside, that came late, not at all, or were
    withdrawn; and prices paid with public money that are far above the market.

    Reports and filings come as transfers (see docs/disclosures.md) or from the register. One finding names every
    figure of an event that was filed otherwise. A filing is replaced only by an amendment that names it and says why;
    such an amendment is no finding, and ends the finding on what it amends. Findings look at the filing: who acted is
    always withheld, and nothing that tells who wrote a report inside is ever read.

    A price is compared with the median of at least three references from two places, for the same item, unit, currency
    and quality within a year; ``excess`` is the share above it (setting `price_excess`) from which it is told.
    """

    name: ClassVar[str] = DETECTOR
    columns: tuple[str, ...] = (*COLUMNS, "recorded_at")
    scope: ClassVar[Scope] = Scope.FOLD
    history: ClassVar[timedelta] = timedelta(0)

    def __init__(self, excess: float = DEFAULT_EXCESS) -> None:
        self._excess = excess

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Remember the reports among the rows; without rows, say what is wrong with the filings."""
        if tables.transfers.num_rows:
            return Result([], _with_rows(state, tables))
        held = {one.id: one for one in tables.register.disclosures}
        read_now = {id_: one for id_, one in _reports(state).items() if id_ not in held}
        findings = {one.id: one for one in self._findings([*held.values(), *read_now.values()], tables, state)}
        told = set(state.get(TOLD, ()))
        left = {f"{_RECORD}{id_}": msgspec.to_builtins(one) for id_, one in read_now.items()}
        return Result(
            [finding for id_, finding in sorted(findings.items()) if id_ not in told],
            {NEWEST: state.get(NEWEST), TOLD: sorted(findings), **left},
            tuple(self._remarks(tables.register, state.get(FAULTS, {}))),
            tuple(sorted(told - findings.keys())),
        )

    def _findings(self, reports: Iterable[Disclosure], tables: Tables, state: State) -> Iterator[Finding]:
        newest = state.get(NEWEST)
        until = tables.now or (datetime.fromtimestamp(newest / 1_000_000, UTC) if newest else None)
        for account in reconcile(reports, Duties(tables.register.duties), until):
            for flaw in account.flaws:
                yield of_flaw(account, flaw, tables.register)
        for one in compare(tables.register.prices):
            if one.is_market and one.is_above(self._excess):
                yield of_price(one, tables.register)

    def _remarks(self, register: RegisterSnapshot, faults: Mapping[str, int]) -> Iterator[str]:
        yield from (f"{count} {what} were left out" for what, count in sorted(faults.items()))
        yield from (too_few(one) for one in compare(register.prices) if not one.is_market)


def _with_rows(state: State, tables: Tables) -> dict[str, Any]:
    """Return the state with the reports among the rows, and the newest time; a clock ahead is not the future."""
    rows = tables.transfers
    reports, faults = read(rows)
    times = pc.min_element_wise(rows["time"].cast(pa.int64()), rows["recorded_at"].cast(pa.int64()))
    counted = {**state.get(FAULTS, {})}
    for what, count in faults.items():
        counted[what] = counted.get(what, 0) + count
    return {
        **state,
        NEWEST: max(state.get(NEWEST) or 0, pc.max(times).as_py()),
        FAULTS: counted,
        **{f"{_RECORD}{one.id}": msgspec.to_builtins(one) for one in reports},
    }


def _reports(state: State) -> dict[str, Disclosure]:
    kept = [msgspec.convert(value, Disclosure) for key, value in state.items() if key.startswith(_RECORD)]
    return {one.id: one for one in kept}
