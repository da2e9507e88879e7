"""Marked copies and decoys: whoever gets a copy gets one of its own, so that a copy found outside names its delivery.

- ``marking``: marks a text or a document by the choice of words, by spacing, and by an id in its properties.
- ``decoys``: rows of nobody, with right check digits, for a table.
- ``spotting``: sees decoys in the records of logs.
- ``watching``: finds marks and decoys in what is inspected, of every delivery that was made.

A mark says which delivery a copy came from; it never says who passed it on.
"""

from waybill.content.canaries.decoys import with_decoys
from waybill.content.canaries.marking import Marked, mark
from waybill.content.canaries.spotting import Spotter
from waybill.content.canaries.watching import Delivery, Sighting, Watch

__all__ = ["Delivery", "Marked", "Sighting", "Spotter", "Watch", "mark", "with_decoys"]
