"""A registered document, or a mark of ours, in something that left: told by what is in it, whatever it is called."""

from waybill.detect.content.detector import ContentDetector

__all__ = ["ContentDetector"]
