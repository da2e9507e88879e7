"""A whole chain, from the mine to the motor and from silicon to the server, as EPCIS 2.0 documents with ground truth.

``chain.make`` lets it run for some weeks, with diversions of every kind and their benign twins among the ordinary
course; ``goods``, ``sites`` and ``works`` are its physics, ``scribe`` writes what the sites capture.
"""

from waybill.simulate.chain.chain import KINDS, REPORT_SEEDS, TUNING_SEEDS, Chain, Kind, Seeded, make

__all__ = ["KINDS", "REPORT_SEEDS", "TUNING_SEEDS", "Chain", "Kind", "Seeded", "make"]
