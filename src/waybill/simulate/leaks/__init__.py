"""The nine leaks, each with its benign twin: a module each."""

from waybill.simulate.leaks import (
    audit_answered,
    budgets_taken,
    customers_drained,
    deaths_withheld,
    mailed_abroad,
    patients_harvested,
    purer_than_declared,
    recipes_copied,
    shape_renamed,
)
from waybill.simulate.leaks.scene import Plot, Scene

__all__ = ["PLOTS", "Plot", "Scene"]

PLOTS: tuple[Plot, ...] = (
    mailed_abroad.PLOT,
    purer_than_declared.PLOT,
    recipes_copied.PLOT,
    customers_drained.PLOT,
    audit_answered.PLOT,
    budgets_taken.PLOT,
    patients_harvested.PLOT,
    shape_renamed.PLOT,
    deaths_withheld.PLOT,
)
"""In the order of their numbers."""
