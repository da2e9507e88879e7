"""Keeps what sources are read with up to date while a service runs: mappings, protected channels, people, register."""

from __future__ import annotations

import time

from waybill.collect import Plan
from waybill.flow.installation import Installation
from waybill.model.register import RegisterSnapshot

PEOPLE_SECONDS = 600.0
"""How long a plan may go on without knowing people who came up meanwhile; what else changes, it follows at once."""

REGISTER_SECONDS = 5.0
"""How old the register may be by which assets are graded."""


class Planning:
    """The plan and the register as they stand. ``refresh`` is called by one thread, the rest is read by all."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.register: RegisterSnapshot = installation.register()
        self.plan: Plan = installation.plan()
        """Another object whenever anything in it changed."""
        self._registered = self._planned = time.monotonic()
        self._files = self._files_of_plan()
        self.new_people = False
        """Whether people came up who are sealed since the plan was made."""

    def refresh(self) -> None:
        """Take over what changed. Raises RuleError for a file that is wrong, once; the former plan is kept."""
        now = time.monotonic()
        known = self.register
        if now - self._registered >= REGISTER_SECONDS:
            self.register, self._registered = self._installation.register(), now
        files = self._files_of_plan()
        stale = self.new_people and now - self._planned >= PEOPLE_SECONDS
        if stale or files != self._files or _named(known) != _named(self.register):
            self._planned, self._files, self.new_people = now, files, False
            self.plan = Installation(self._installation.folder, self._installation.settings).plan()

    def _files_of_plan(self) -> tuple[tuple[str, int], ...]:
        folder = self._installation.folder
        files = [folder.channels, *sorted(folder.mappings.glob("*.toml")), *self._installation.settings.mappings]
        return tuple((str(file), file.stat().st_mtime_ns) for file in files if file.exists())


def _named(register: RegisterSnapshot) -> tuple[object, ...]:
    """Return what of the register a plan knows."""
    return register.parties, register.decoys
