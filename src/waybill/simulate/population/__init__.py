"""A company of a thousand people for the benchmark of behaviour, with eight ways of taking data: ``populate``."""

from waybill.simulate.population.company import Company, populate

__all__ = ["Company", "populate"]
