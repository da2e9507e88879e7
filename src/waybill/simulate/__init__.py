"""Sample logs with known truth, written as the sources themselves write them."""

from waybill.simulate.day import DAY, write_sample_day
from waybill.simulate.truth import Case, Mark, Truth

__all__ = ["DAY", "Case", "Mark", "Truth", "write_sample_day"]
