"""Finds the person or service that moves data unlike itself and its peers, and says why in parts that add up."""

from waybill.detect.behaviour.detector import BehaviourDetector

__all__ = ["BehaviourDetector"]
