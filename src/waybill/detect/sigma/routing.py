"""Which rules see which rows, by Sigma's log sources.

A row's log source is ``product/category/service`` with possibly empty parts. A rule sees a row when each part that
the rule names is the row's, whatever the parts are that it does not name. Categories form families: a rule for
``registry_event`` sees what is told apart as set, added, deleted or renamed.

Every row is a transfer too. Rules for product ``waybill``, category ``transfer`` see all rows by the columns of
`waybill.model.transfers`; all other rules see the fields of the row's own source.
"""

from __future__ import annotations

import msgspec

FAMILIES: dict[str, frozenset[str]] = {
    "registry_event": frozenset({"registry_add", "registry_set", "registry_delete", "registry_rename"}),
}
"""General categories of the Sigma taxonomy, and the particular ones they cover."""

_GENERAL = {special: general for general, specials in FAMILIES.items() for special in specials}


class LogSource(msgspec.Struct, frozen=True):
    """What a rule or a row names as its log source; None matches anything in a rule, and only None in a row."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    @classmethod
    def of_row(cls, text: str) -> LogSource:
        """Read a row's ``product/category/service``."""
        product, category, service = [*(part.casefold() or None for part in text.split("/", 2)), None, None][:3]
        return cls(product, category, service)

    @property
    def is_transfer(self) -> bool:
        """Whether a rule with this log source is about transfers, whatever their source."""
        return self.product == "waybill" and self.category == "transfer"

    def covers(self, row: LogSource) -> bool:
        """Return whether a rule with this log source sees rows of that one."""
        return (
            self.product in (None, row.product)
            and self.service in (None, row.service)
            and (self.category in (None, row.category) or self.category == _GENERAL.get(row.category or ""))
        )

    def __str__(self) -> str:
        return "/".join(part or "" for part in (self.product, self.category, self.service))
