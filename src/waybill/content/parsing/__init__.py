"""Hostile files to text, tables and caveats, in processes that may die without harm.

``Readers`` keeps warm workers; ``Readers.read(path)`` yields pieces as they come:

- ``Segment``: text as UTF-8, and where it lies (member of an archive, page, sheet, offset).
- ``Table``: some rows of a table as columns, with the names of the columns where the file gives any.
- ``Picture``: how a picture looks, from afar.
- ``Caveat``: what could not be inspected, or only partly, and why. What is not read is always said.
- ``End``: always the last piece: which format it was, and how much was read.

``Source``: a file to read, or bytes. Formats live in one module each and are found by their first bytes, never by the
name (``sniffing``).
"""

from waybill.content.parsing.pieces import Caveat, End, Picture, Piece, Place, Reason, Segment, Table
from waybill.content.parsing.plan import Limits
from waybill.content.parsing.readers import Readers

__all__ = ["Caveat", "End", "Limits", "Picture", "Piece", "Place", "Readers", "Reason", "Segment", "Table"]
