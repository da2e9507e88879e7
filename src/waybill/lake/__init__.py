"""The durable store of transfers: append, commit, query, compact, retain, erase, verify."""

from waybill.lake.damage import Damage
from waybill.lake.engine import Engine
from waybill.lake.lake import Lake
from waybill.lake.reports import Committed, Compacted, Erased, Retained, Status
from waybill.lake.snapshot import Snapshot

__all__ = ["Committed", "Compacted", "Damage", "Engine", "Erased", "Lake", "Retained", "Snapshot", "Status"]
