"""What a connector is: something that acts on one of the organisation's own systems, can look, and can undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from waybill.model.errors import WaybillError

Arguments = Mapping[str, str]
Before = dict[str, str]
"""What was before an act, so that undoing restores it; texts, so that it can be kept. It names nobody."""


class ConnectorError(WaybillError):
    """A connector could not do, or not find out, what it was asked."""


class Connector(Protocol):
    """One action on one system. Acting twice is acting once, so that a run that was broken off can go on.

    Those that inherit from it say only what is out of the ordinary.
    """

    name: ClassVar[str]
    """As commands name it: ``ldap.lock``."""
    arguments: ClassVar[tuple[str, ...]]
    """What it must be told."""
    needs_two: ClassVar[bool]
    """Whether it touches people or stops goods, so that a second person must approve."""
    persons: ClassVar[frozenset[str]] = frozenset()
    """Arguments that name a person: they rest as pseudonyms, and are in the clear for this connector's act alone."""
    secrets: ClassVar[frozenset[str]] = frozenset()
    """Arguments that nobody may see, such as a token."""
    texts: ClassVar[frozenset[str]] = frozenset()
    """Arguments that others read: even this connector is told them with people under pseudonyms."""
    lasting: ClassVar[bool] = False
    """Whether nothing brings back what was before: undoing leaves it, and a dry run says so."""

    def says(self, arguments: Arguments) -> str:
        """Return the call that it would make, in the terms of the system; nothing is called."""

    def before(self, arguments: Arguments) -> Before:
        """Return what is now, to be restored by ``undo``. Raises ConnectorError."""

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Do it within so many seconds. Raises ConnectorError."""

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether what was to be done holds in the system now. Raises ConnectorError."""

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Restore what was before. Raises ConnectorError."""


Connectors = Mapping[str, Connector]
"""Those that are set up here, by name."""
