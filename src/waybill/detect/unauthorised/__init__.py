"""A graded asset moved outside its home with no permit that covers it."""

from waybill.detect.unauthorised.detector import UnauthorisedDetector

__all__ = ["UnauthorisedDetector"]
