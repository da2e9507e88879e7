"""Recognises registered documents wherever they turn up: excerpts, edited copies, renamed or exported again.

- ``Library``: registered documents on disk, as keyed fingerprints from which no text comes back.
- ``Registered``: the library at one moment, ready to be compared with.
- ``Comparison``: what is fed pieces of a file and says which documents are in it, how much of each, and where.
- ``Resemblance``: a picture that looks like a registered one, which is a hint and no match.
- ``winnowing``: fingerprints of texts (Schleimer, Wilkerson and Aiken, SIGMOD 2003).
- ``geometry``: fingerprints of the entities of STEP (ISO 10303-21) and DXF, which survive another export.
"""

from waybill.content.documents.comparing import Comparison, Match, Passage, Registered, Resemblance
from waybill.content.documents.library import Document, Library

__all__ = ["Comparison", "Document", "Library", "Match", "Passage", "Registered", "Resemblance"]
