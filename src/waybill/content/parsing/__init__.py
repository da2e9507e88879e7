"""Hostile files to text, tables and caveats, in processes that may die without harm.

``Readers`` keeps warm workers; ``Readers.read(path)`` yields pieces as they come:

- ``Segment``: text as UTF-8, and where it lies (member of an archive, page, sheet, offset).
- ``Table``: some rows of a table as columns, with the names of the columns where the file gives any.
- ``Picture``: how a picture looks, from afar.
- ``Letter``, ``Attachment``: who wrote to whom, and what was attached; what they hold comes behind them.
- ``Caveat``: what could not be inspected, or only partly, and why. What is not read is always said.
- ``End``: always the last piece: which format it was, and how much was read.

``Source``: a file to read, or bytes. Formats live in one module each and are found by their first bytes, never by the
name (``sniffing``).
"""

from waybill.content.parsing.pieces import (
    Attachment,
    Caveat,
    End,
    Letter,
    Picture,
    Piece,
    Place,
    Reason,
    Segment,
    Table,
)
from waybill.content.parsing.plan import Limits
from waybill.content.parsing.readers import Readers

__all__ = [
    "Attachment",
    "Caveat",
    "End",
    "Letter",
    "Limits",
    "Picture",
    "Piece",
    "Place",
    "Readers",
    "Reason",
    "Segment",
    "Table",
]
