"""Chain-of-custody models, as ISO 22095:2020 names them, and what each asks of a site's lots.

The rules are those of the public scope of the standard and of its parts on mass balance (ISO 22095-2) and book and
claim (ISO 22095-3); hold them against the bought texts before certifying by them.
"""

from __future__ import annotations

from enum import StrEnum

from waybill.model.findings import Text


class Model(StrEnum):
    """How a stated characteristic stays with the goods."""

    IDENTITY_PRESERVED = "identity-preserved"
    """Lots of one source are never mixed with any other."""
    SEGREGATED = "segregated"
    """Lots with the characteristic are mixed with one another only."""
    CONTROLLED_BLENDING = "controlled-blending"
    """Lots with and without are mixed, and the share is known of every output."""
    MASS_BALANCE = "mass-balance"
    """Lots are mixed; over a period no more is claimed than came in, by what they hold."""
    BOOK_AND_CLAIM = "book-and-claim"
    """Claims are traded apart from the goods; no more is claimed than was booked."""

    @property
    def follows_goods(self) -> bool:
        """Whether every lot that is claimed must itself come from claimed lots."""
        return self in (Model.IDENTITY_PRESERVED, Model.SEGREGATED)


NAMES: dict[Model, Text] = {
    Model.IDENTITY_PRESERVED: Text("identity preserved", "身份保持"),
    Model.SEGREGATED: Text("segregated", "隔离"),
    Model.CONTROLLED_BLENDING: Text("controlled blending", "受控混合"),
    Model.MASS_BALANCE: Text("mass balance", "质量平衡"),
    Model.BOOK_AND_CLAIM: Text("book and claim", "登记与声明"),
}
"""How the models are called."""
