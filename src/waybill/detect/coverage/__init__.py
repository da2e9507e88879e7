"""What nobody tells any more: sources that fell silent, and controlled assets that no source watches."""

from waybill.detect.coverage.silent import SilentSourceDetector
from waybill.detect.coverage.unwatched import UnwatchedAssetDetector

__all__ = ["SilentSourceDetector", "UnwatchedAssetDetector"]
