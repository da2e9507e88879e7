"""Sigma rules over transfers and over the fields of their sources."""

from waybill.detect.sigma.detector import SigmaDetector
from waybill.detect.sigma.rules import Problem, Rule, RuleSet, Standing
from waybill.detect.sigma.rules import State as RuleState

__all__ = ["Problem", "Rule", "RuleSet", "RuleState", "SigmaDetector", "Standing"]
