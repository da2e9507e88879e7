"""What detectors by rules share: which rules they load, and that they carry them along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

from waybill.detect.sigma.rules import RuleSet


class Ruled:
    """Holds rules, which are read when first needed.

    ``rules`` are files and folders of rules beside the package's own, which ``own`` switches off. ``placeholders``
    are the values of ``%name%`` where a rule says ``expand``. An instance that has read its rules carries them along
    when it is sent to another process, so that all processes ask the same rules.
    """

    history: ClassVar[timedelta] = timedelta(0)

    def __init__(
        self,
        rules: Sequence[Path] = (),
        own: bool = True,
        placeholders: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._paths = tuple(rules)
        self._own = own
        self._placeholders = dict(placeholders or {})

    @classmethod
    def of(cls, rules: RuleSet) -> Self:
        """Return a detector of rules that are loaded already."""
        made = cls(own=False)
        made.rules = cls._chosen(rules)
        return made

    @cached_property
    def rules(self) -> RuleSet:
        """The rules that it asks, and the problems met on the way."""
        from waybill.detect.sigma.loading import rule_set

        return self._chosen(rule_set(self._paths, self._own, self._placeholders))

    @staticmethod
    def _chosen(rules: RuleSet) -> RuleSet:
        """Return those of the loaded rules that concern it."""
        return rules
