"""Which incidents a figure is about, in words that anybody can run again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from waybill.model.errors import UsageError
from waybill.trends.incidents import Incident


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions; all that are given hold. Those by attribute make cells, those by time and source do not."""

    source: str = ""
    since: date | None = None
    until: date | None = None
    country: str = ""
    trade: str = ""
    action: str = ""
    asset: str = ""

    def __post_init__(self) -> None:
        """Refuse a span that ends before it begins."""
        if self.since is not None and self.until is not None and self.since > self.until:
            raise UsageError("the span ends before it begins", where=f"{self.since} to {self.until}")

    @property
    def by_attribute(self) -> bool:
        """Whether it is about a part of the incidents that are told apart by what they are."""
        return bool(self.country or self.trade or self.action or self.asset)

    def of(self, incidents: Iterable[Incident]) -> list[Incident]:
        """Return the incidents it is about."""
        return [one for one in incidents if self._fits(one)]

    def _fits(self, one: Incident) -> bool:
        return (
            self.source in ("", one.source)
            and (self.since is None or one.occurred >= self.since)
            and (self.until is None or one.occurred <= self.until)
            and (not self.country or self.country in one.countries)
            and self.trade in ("", one.trade)
            and (not self.action or self.action in one.kinds)
            and (not self.asset or self.asset in one.classes)
        )

    def options(self) -> str:
        """Return it as options of a command."""
        said = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return " ".join(f"--{name} {value}" for name, value in said if value)
