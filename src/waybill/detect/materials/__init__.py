"""Lots and devices that were diverted or mislabelled: checks of custody from the mine to the magnet and the server."""

from waybill.detect.materials.codes import Code, Codebook, codebook
from waybill.detect.materials.detector import MaterialsDetector

__all__ = ["Code", "Codebook", "MaterialsDetector", "codebook"]
