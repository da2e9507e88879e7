"""Finds the person or service that moves data unlike itself and its peers, and says why in parts that add up."""

from waybill.detect.behaviour.detector import DEFAULT_RATE, BehaviourDetector, confirmed, recent_days, score_history
from waybill.detect.behaviour.looking import DayScore
from waybill.detect.behaviour.telling import finding
from waybill.detect.behaviour.watching import LEAST_PEOPLE, MOST_WATCHED, Recent, Watched

__all__ = [
    "DEFAULT_RATE",
    "LEAST_PEOPLE",
    "MOST_WATCHED",
    "BehaviourDetector",
    "DayScore",
    "Recent",
    "Watched",
    "confirmed",
    "finding",
    "recent_days",
    "score_history",
]
