"""Source formats to batches of transfers; what cannot be read goes to the quarantine with its reason.

``collect`` reads files as a ``Plan`` says. A mapping (``load_mapping``, ``built_in_mappings``) describes a source;
names of people and protected traffic never leave this room.
"""

from waybill.collect.collector import collect, recollect
from waybill.collect.mapping import Mapping, built_in_mappings, load_mapping
from waybill.collect.plan import Batch, Limits, Plan, Rejected
from waybill.collect.quarantine import Quarantine
from waybill.collect.unpack import STDIN

__all__ = [
    "STDIN",
    "Batch",
    "Limits",
    "Mapping",
    "Plan",
    "Quarantine",
    "Rejected",
    "built_in_mappings",
    "collect",
    "load_mapping",
    "recollect",
]
