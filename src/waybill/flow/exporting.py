"""Transfers as a file to take along: by columns, people under names of one purpose and month alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from waybill.cases.protection import every
from waybill.flow import questions
from waybill.flow.installation import Installation
from waybill.flow.movements import POINTING
from waybill.flow.questions import Wanted
from waybill.lake.questions import text
from waybill.model.errors import UsageError
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import TEXT
from waybill.register.pseudonyms import outward

MOST = 100_000
"""Transfers of one file."""

LEFT_OUT = ("sequence", "fields", "raw")
"""Columns that stay: what a source said in its own words may hold what nobody looked through."""

_PSEUDONYM = re.compile(r"p-[a-z2-7]{16}(?![a-z2-7])")
_FORMULA = re.compile(r"^[=+\-@\t\r]")
"""Begins a cell that a spreadsheet would take for a formula (OWASP, CSV injection)."""


class Form(StrEnum):
    """How a file is written."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, how many transfers are in it, and whether there are more of them than one file takes."""

    content: bytes
    transfers: int
    is_cut: bool


def export(
    installation: Installation, register: RegisterSnapshot, wanted: Wanted, *, purpose: str, form: Form
) -> Exported:
    """Return the newest transfers asked for. Raises UsageError where no purpose is said, or none of them fits."""
    if not purpose.strip():
        raise UsageError("An export needs a purpose.", expected="what the file is for, and who gets it")
    parameters = {**questions.parameters_of(wanted), "before_time": None, "before_id": None, "limit": MOST + 1}
    with installation.lake.snapshot() as snapshot:
        found = snapshot.query(text("page"), parameters).drop_columns(list(LEFT_OUT))
    shown = _withheld(found.slice(0, MOST), register, asked=wanted.points)
    if not shown.num_rows:
        raise UsageError("There is nothing to export.", advice="Leave a condition away.")
    key, named = installation.folder.key("pseudonym"), f"export:{purpose.strip()}:{datetime.now(UTC):%Y-%m}"

    def told(said: str) -> str:
        renamed = _PSEUDONYM.sub(lambda one: outward(key, named, one[0]), said)
        return f"'{renamed}" if form is Form.CSV and _FORMULA.match(renamed) else renamed

    return Exported(_written(_each_text(shown, told), form), shown.num_rows, found.num_rows > MOST)


def _withheld(found: pa.Table, register: RegisterSnapshot, *, asked: bool) -> pa.Table:
    """Return transfers without who acted where the public has an interest, and in protected disclosures.

    If asked for one actor or place, there are none of those.
    """
    assets = found["asset"].combine_chunks().dictionary_encode()
    known = [register.asset_of(name) for name in assets.dictionary.to_pylist()]
    public = pa.array([asset is not None and asset.public_interest for asset in known], pa.bool_())
    withheld = pc.fill_null(public.take(assets.indices), False)
    if shielded := every():
        kept = pc.is_in(found["id"], pa.array(shielded, found["id"].type)).combine_chunks()
        withheld = pc.or_(withheld, kept)
    if asked:
        return found.filter(pc.invert(withheld))
    for name in POINTING:
        if name in found.column_names:
            column = found[name]
            hidden = pc.if_else(withheld, pa.scalar(None, column.type), column.combine_chunks())
            found = found.set_column(found.column_names.index(name), name, hidden)
    return found


def _each_text(found: pa.Table, change: Callable[[str], str]) -> pa.Table:
    """Return transfers with each distinct text of each column changed; ids as hex."""
    columns = {"id": pa.array([one.hex() for one in found["id"].to_pylist()])}
    for name in found.column_names:
        column = found[name]
        if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
            encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
            words = [change(word) for word in encoded.dictionary.to_pylist()]
            columns[name] = pa.DictionaryArray.from_arrays(encoded.indices, pa.array(words, pa.string())).cast(TEXT)
        else:
            columns.setdefault(name, column)
    return pa.table({name: columns[name] for name in found.column_names})


def _written(found: pa.Table, form: Form) -> bytes:
    stream = io.BytesIO()
    if form is Form.PARQUET:
        pa.parquet.write_table(found, stream, compression="zstd")
    else:
        pa.csv.write_csv(found, stream)
    return stream.getvalue()
