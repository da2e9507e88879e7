"""Exact data match: whether records of a registered table turn up, without a single plain value at rest.

A table is registered as keyed hashes of 64 bits (SipHash-2-4) of its values, folded (see ``siphash.folded``). Without
the key, which is kept elsewhere, a hash tells nothing; unkeyed hashes of numbers of 11 to 18 digits could be undone by
trying them all. A record counts as found where enough of its columns stand close together: searched columns (numbers,
codes, e-mail addresses) are looked for everywhere, the others (names, places) near those that were found.

- ``register_table`` and ``ExactTable``: one table, written and looked for.
- ``RecordLibrary``: the registered tables of an installation, as ``RecordTable`` tells of each.
- ``RecordSearch``: what is fed pieces of a file and says how many records of which table are in it.
"""

from waybill.content.exact.library import Opened, RecordLibrary, RecordTable, searchable
from waybill.content.exact.matching import LEAST, WITHIN, ExactMatch, ExactTable
from waybill.content.exact.searching import RecordMatch, RecordSearch
from waybill.content.exact.writing import Registration, register_table

__all__ = [
    "LEAST",
    "WITHIN",
    "ExactMatch",
    "ExactTable",
    "Opened",
    "RecordLibrary",
    "RecordMatch",
    "RecordSearch",
    "RecordTable",
    "Registration",
    "register_table",
    "searchable",
]
