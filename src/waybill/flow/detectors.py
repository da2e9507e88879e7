"""Finds the detectors: those of this package and those that plugins add by the entry point ``waybill.detectors``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from waybill.detect.behaviour import BehaviourDetector
from waybill.detect.coverage import UnwatchedAssetDetector
from waybill.detect.disclosure import DisclosureDetector
from waybill.detect.materials import MaterialsDetector
from waybill.detect.sigma import CorrelationDetector, SigmaDetector
from waybill.flow.settings import Settings
from waybill.model.errors import UsageError
from waybill.model.protocols import Detector

GROUP = "waybill.detectors"


def detector_names() -> list[str]:
    """Return the names of all detectors that are installed, sorted."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def load_detectors(
    rules: Sequence[Path] = (), only: Sequence[str] = (), *, settings: Settings | None = None
) -> list[Detector]:
    """Return the detectors, those named in ``only`` or all.

    ``rules`` are further folders for the Sigma detector; what other detectors may be told comes from ``settings``.

    Raises UsageError for a name that is not installed and for a folder of rules that does not exist.
    """
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    unknown = [name for name in only if name not in entries]
    if unknown:
        raise UsageError(f"there is no detector {unknown[0]!r}", expected=", ".join(sorted(entries)))
    missing = [folder for folder in rules if not folder.exists()]
    if missing:
        raise UsageError("this folder of rules does not exist", where=str(missing[0]))
    settings = settings or Settings()
    told: dict[str, dict[str, Any]] = {
        SigmaDetector.name: {"rules": tuple(rules)},
        CorrelationDetector.name: {"rules": tuple(rules)},
        UnwatchedAssetDetector.name: {"days": settings.coverage_days},
        BehaviourDetector.name: {
            "rate": settings.behaviour_rate,
            "career_places": settings.career_places,
            "priority_roles": settings.behaviour_roles,
        },
        DisclosureDetector.name: {"excess": settings.price_excess},
        MaterialsDetector.name: {"thresholds": settings.shipment_thresholds, "lists": settings.screening},
    }
    detectors: list[Detector] = []
    for name in sorted(only or entries):
        made: Callable[..., Detector] = entries[name].load()
        detectors.append(made(**told.get(name, {})))
    return detectors
