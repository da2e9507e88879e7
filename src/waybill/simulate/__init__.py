"""Simulated worlds with known leaks, written as the sources' own files: ``world.write_world``."""

from waybill.simulate.truth import Case, Mark, Means, Size, Truth

__all__ = ["Case", "Mark", "Means", "Size", "Truth"]
