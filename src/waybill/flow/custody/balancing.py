"""Balance accounts of an installation: what its custody events say of stocks, claims, quotas and the product flow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from waybill.epcis.balance.accounts import Account, accounts
from waybill.epcis.balance.claims import Credit, Mixture, credits, mixtures
from waybill.epcis.balance.models import Model
from waybill.epcis.balance.product_flow import FlowRow, product_flow
from waybill.epcis.balance.quotas import Quota, QuotaUse, drawn
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError


@dataclass(frozen=True)
class Books:
    """The accounts, as the custody events known now make them."""

    history: History

    @cached_property
    def contents(self) -> Contents:
        """What lots hold."""
        return Contents(self.history)

    @cached_property
    def accounts(self) -> list[Account]:
        """Every account, by site, material, characteristic and month."""
        return accounts(self.history)

    def newest(self) -> list[Account]:
        """Return the last month of every account."""
        return list({(one.site, one.material, one.characteristic): one for one in self.accounts}.values())

    def claims(self, model: Model, element: str, period: int) -> tuple[list[Credit], list[Mixture]]:
        """Return the credits of an element and, of models that follow the goods, the steps that break them."""
        return credits(self.history, self.contents, element, period=period), list(mixtures(self.history, model))

    def drawn(self, quotas: list[Quota]) -> list[QuotaUse]:
        """Return what was drawn on quotas."""
        return drawn(quotas, self.history, self.contents)

    def flow(self, month: date, site: str = "") -> list[FlowRow]:
        """Return the product flow of a month."""
        return product_flow(self.history, self.contents, month, site)


def books(installation: Installation) -> Books:
    """Return the accounts. Raises UsageError where no custody event was ever captured."""
    custody = installation.custody()
    if custody is None or not custody.events.num_rows:
        raise UsageError(
            "there are no custody events to balance",
            where=str(installation.folder.custody),
            advice="take in documents with: waybill epcis capture FILE...",
        )
    return Books(History(custody, installation.register()))
