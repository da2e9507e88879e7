"""Finds the person or service that moves data unlike itself and its peers, and says why in parts that add up."""

from waybill.detect.behaviour.detector import DEFAULT_RATE, BehaviourDetector, confirmed, recent_days
from waybill.detect.behaviour.watching import LEAST_PEOPLE, Recent, Watched

__all__ = ["DEFAULT_RATE", "LEAST_PEOPLE", "BehaviourDetector", "Recent", "Watched", "confirmed", "recent_days"]
