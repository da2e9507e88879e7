"""The register of a world, as CSV: what is controlled, who is who, which places are home, what is permitted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from waybill.model.register import Asset, Party, Permit, Place
from waybill.model.words import Channel, PartyKind

CHANNELS = """\
# Records that touch one of these are dropped before anything is kept.
[[channel]]
name = "Whistle-blower line"
addresses = ["{address}"]
domains = ["{domain}"]
"""


@dataclass(slots=True)
class Books:
    """Takes what belongs in the register, and writes it."""

    hotline: str
    """Domain of the line for whistle-blowers, which is protected."""
    first: date
    last: date
    """The days on which permits are valid, both included."""
    places: list[Place] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)

    @property
    def protected_address(self) -> str:
        """The address that whistle-blowers write to."""
        return f"integrity@{self.hotline}"

    def add_outsider(self, domain: str, jurisdiction: str) -> str:
        """Register an organisation outside with its domain, and return the id of its place."""
        place = f"at-{domain}"
        self.parties.append(Party(id=domain, kind=PartyKind.ORGANISATION, jurisdiction=jurisdiction))
        self.places.append(Place(id=place, jurisdiction=jurisdiction, patterns=(f".{domain}",)))
        return place

    def permit(
        self,
        asset: str,
        place: str,
        channel: Channel,
        basis: str,
        *,
        party: str = "",
        max_records: int | None = None,
    ) -> None:
        """Permit that an asset goes to a place over a channel, as long as the world lasts."""
        self.permits.append(
            Permit(
                id=f"permit-{len(self.permits) + 1:03d}",
                asset=asset,
                party=party,
                place=place,
                channel=channel,
                valid_from=midnight(self.first),
                valid_until=midnight(self.last + timedelta(days=1)),
                max_records=max_records,
                basis=basis,
            )
        )

    def write(self, folder: Path) -> None:
        """Write the register's files and the list of protected channels into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, records in (
            ("places", self.places),
            ("assets", self.assets),
            ("parties", self.parties),
            ("permits", self.permits),
        ):
            (folder / f"{name}.csv").write_bytes(_table(records).encode())
        channels = CHANNELS.format(address=self.protected_address, domain=self.hotline)
        (folder / "channels.toml").write_text(channels, encoding="utf-8")


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in China."""
    return datetime.combine(day, time(), UTC) - timedelta(hours=8)


def _table(records: Sequence[Asset | Party | Place | Permit]) -> str:
    columns = records[0].__struct_fields__
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(columns)
    for record in records:
        table.writerow(_cell(getattr(record, column)) for column in columns)
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
