"""Which rule demands the filing of an event, and until when."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib import resources

import msgspec

from waybill.model.disclosures import Duty, Figure, folded


@cache
def built_in() -> tuple[Duty, ...]:
    """Return the rules that come with the package."""
    text = (resources.files(__package__) / "duties.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["duty"], list[Duty]))


class Duties:
    """The rules that hold here: the built-in ones and the register's own, which win where ids are the same."""

    def __init__(self, own: Iterable[Duty] = ()) -> None:
        self._duties = {duty.id: duty for duty in (*built_in(), *own)}

    def of(self, bases: Collection[str], kinds: Collection[str], figures: Mapping[str, Figure]) -> Duty | None:
        """Return the rule with the earliest deadline for an event of these kinds, with these figures known inside.

        ``bases`` are the rules that its documents name; they win over those that hold for events of its kinds.
        """
        named = [self._duties[basis] for basis in sorted(bases) if basis in self._duties]
        wanted = {folded(kind) for kind in kinds}
        fitting = named or [duty for duty in self._duties.values() if wanted & {folded(kind) for kind in duty.kinds}]
        applying = [duty for duty in fitting if _applies(duty, figures)]
        return min(applying, key=lambda duty: (duty.hours is None, duty.hours or 0, duty.id), default=None)


def _applies(duty: Duty, figures: Mapping[str, Figure]) -> bool:
    return not duty.applies_when or any(figures[name].value > 0 for name in duty.applies_when if name in figures)
