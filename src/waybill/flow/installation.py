"""One installation opened for work: its data folder, keys, lake, quarantine, register and findings.

What opens a part imports it, for most commands need one or two of them and each costs more than their work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from waybill.control import SETTINGS, open_database
from waybill.flow.home import DataFolder
from waybill.flow.settings import Settings, load_settings
from waybill.model.words import PartyKind
from waybill.register.pseudonyms import KeyedPseudonymiser

if TYPE_CHECKING:
    from waybill.collect import Plan, Quarantine
    from waybill.epcis.store import Store
    from waybill.flow.law.rule_set import RuleSet
    from waybill.flow.proof.ledger import Ledger
    from waybill.lake import Lake
    from waybill.model.custody import Custody
    from waybill.model.register import RegisterSnapshot
    from waybill.rulebook.screening import Screening


class Installation:
    """Opens each part of a data folder when it is first asked for."""

    def __init__(self, folder: DataFolder, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self._custody: tuple[tuple[int | None, int], Custody] | None = None

    @classmethod
    def open(cls, root: Path, *, create: bool = False, django: str = SETTINGS) -> Installation:
        """Open the installation in a data folder and its control database, with these settings of Django.

        Raises UsageError if there is none and none may be made, StorageError if it cannot be used.
        """
        folder = DataFolder.open(root, create=create)
        settings = load_settings(root)
        url = settings.database.get_secret_value() if settings.database else ""
        open_database(folder.database, url=url, mark=folder.mark(), settings=django)
        return cls(folder, settings)

    @cached_property
    def lake(self) -> Lake:
        """The store of transfers."""
        from waybill.lake import Lake

        return Lake.open(self.folder.lake)

    @cached_property
    def custody_store(self) -> Store:
        """The file of custody events."""
        from waybill.epcis.store import Store

        return Store(self.folder.custody)

    def custody(self) -> Custody | None:
        """Return every custody event known now, or None if there never was one; read again only after a capture."""
        from waybill.epcis.tables import custody

        if not self.custody_store.exists:
            return None
        with self.custody_store.reading() as database:
            last = database.execute("SELECT max(number), count(*) FROM event").fetchone()
        if self._custody is None or self._custody[0] != last:
            self._custody = last, custody(self.custody_store)
        return self._custody[1]

    @cached_property
    def quarantine(self) -> Quarantine:
        """The records that could not be read."""
        from waybill.collect import Quarantine

        return Quarantine(self.folder.quarantine, self.folder.key("quarantine"))

    @cached_property
    def ledger(self) -> Ledger:
        """The log that proves what was recorded."""
        from waybill.flow.proof.ledger import Ledger

        return Ledger.of(self.folder, self.settings)

    @cached_property
    def law(self) -> RuleSet:
        """The rules of law and of the organisation that are in force."""
        from waybill.flow.law.rule_set import RuleSet

        return RuleSet(self)

    @cached_property
    def screening(self) -> Screening:
        """The lists that counterparties are held against; empty where the settings name none."""
        from waybill.rulebook.screening import load_lists

        return load_lists(self.settings.screening)

    @cached_property
    def pseudonymiser(self) -> KeyedPseudonymiser:
        """The stable internal pseudonyms, knowing everybody whose identity is sealed here."""
        from waybill.register import identities

        return KeyedPseudonymiser(self.folder.key("pseudonym"), identities.known(self.folder.key("identity")))

    def register(self) -> RegisterSnapshot:
        """Return the register as it stands now."""
        from waybill.register import records

        return records.snapshot()

    def seal(self, identities: Mapping[str, tuple[str, PartyKind]]) -> None:
        """Keep who is behind these pseudonyms, sealed."""
        from waybill.register import identities as sealed

        if identities:
            sealed.keep(identities, self.folder.key("identity"))

    def plan(self, *, mappings: Iterable[Path] = (), source: str | None = None) -> Plan:
        """Return what to read sources with: this installation's keys, mappings, people and protected channels."""
        from waybill.collect import Plan
        from waybill.flow.canaries import spotter
        from waybill.flow.intake.reading import all_mappings, limits, protected_channels

        own: Sequence[Path] = sorted(self.folder.mappings.glob("*.toml"))
        return Plan(
            id_key=self.folder.key("id"),
            pseudonymiser=self.pseudonymiser,
            channels=protected_channels(self.folder.channels),
            mappings=all_mappings([*mappings, *own, *self.settings.mappings]),
            source=source,
            limits=limits(self.settings),
            decoys=spotter(self),
        )
