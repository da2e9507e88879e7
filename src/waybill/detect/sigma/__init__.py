"""Sigma rules over transfers and over the fields of their sources."""

from waybill.detect.sigma.correlating import CorrelationDetector
from waybill.detect.sigma.detector import SigmaDetector
from waybill.detect.sigma.rules import Problem, Rule, RuleSet
from waybill.detect.sigma.standing import Data, Standing, standings
from waybill.detect.sigma.standing import State as RuleState

__all__ = [
    "CorrelationDetector",
    "Data",
    "Problem",
    "Rule",
    "RuleSet",
    "RuleState",
    "SigmaDetector",
    "Standing",
    "standings",
]
