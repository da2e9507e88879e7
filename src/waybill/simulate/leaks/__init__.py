"""The nine leaks, each with its benign twin: a module each."""

from waybill.simulate.leaks import audit_answered, mailed_abroad, patients_harvested
from waybill.simulate.leaks.scene import Plot, Scene

__all__ = ["PLOTS", "Plot", "Scene"]

PLOTS: tuple[Plot, ...] = (mailed_abroad.PLOT, audit_answered.PLOT, patients_harvested.PLOT)
"""In the order of their numbers."""
