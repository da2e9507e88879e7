"""Simulated worlds with known leaks, written as the sources' own files."""

from waybill.simulate.truth import Case, Mark, Means, Size, Truth
from waybill.simulate.world import write_world

__all__ = ["Case", "Mark", "Means", "Size", "Truth", "write_world"]
