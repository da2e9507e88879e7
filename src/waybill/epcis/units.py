"""Units of measure by their UN/ECE Recommendation 20 codes, and what they are in the base unit of their dimension.

Bases are the units of the SI with a code of their own: kelvin ``KEL``, kilogram ``KGM``, pascal ``PAL`` and so on.
Fractions have the base ``C62`` (one): per cent, parts per million. Counts of things have the base ``EA``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit is worth: a value times ``factor`` plus ``offset`` is the value in ``base``."""

    base: str
    factor: Decimal
    offset: Decimal = Decimal(0)

    def to_base(self, value: Decimal) -> Decimal:
        """Return a value of this unit in the base unit."""
        return value * self.factor + self.offset


def _scale(base: str, **factors: str) -> dict[str, Unit]:
    return {code.lstrip("_"): Unit(base, Decimal(factor)) for code, factor in factors.items()}


UNITS: dict[str, Unit] = {
    **_scale(
        "KGM", KGM="1", GRM="0.001", MGM="0.000001", MC="0.000000001", TNE="1000", LBR="0.45359237",
        ONZ="0.028349523125", APZ="0.0311034768", KTN="1000000", DTN="100", STN="907.18474", LTN="1016.0469088",
        CGM="0.00001",
    ),
    **_scale("LTR", LTR="1", MLT="0.001", MTQ="1000", HLT="100", CMQ="0.001", DMQ="1", GLL="3.785411784"),
    **_scale("MTR", MTR="1", MMT="0.001", CMT="0.01", DMT="0.1", KMT="1000", INH="0.0254", FOT="0.3048"),
    **_scale("MTK", MTK="1", CMK="0.0001", MMK="0.000001", HAR="10000", KMK="1000000"),
    **_scale("EA", EA="1", PCE="1", H87="1", NAR="1", PR="2", DZN="12", CEN="100", MIL="1000"),
    **_scale("C62", C62="1", P1="0.01", _59="0.000001", _61="0.000000001", NX="0.001", GK="0.001", NA="0.000001"),
    **_scale("C34", C34="1", C18="0.001"),
    **_scale("PAL", PAL="1", KPA="1000", HBA="100", BAR="100000", MBR="100", MPA="1000000", ATM="101325"),
    **_scale("SEC", SEC="1", MIN="60", HUR="3600", DAY="86400", C26="0.001"),
    **_scale("MTS", MTS="1", KMH="0.27777777777777777778", HM="0.44704", KNT="0.51444444444444444444"),
    **_scale("JOU", JOU="1", KJO="1000", WHR="3600", KWH="3600000", D30="1000000000000"),
    **_scale("WTT", WTT="1", KWT="1000", MAW="1000000"),
    **_scale("VLT", VLT="1", _2Z="0.001", KVT="1000"),
    **_scale("AMP", AMP="1", _4K="0.001"),
    **_scale("HTZ", HTZ="1", KHZ="1000", MHZ="1000000", A86="1000000000"),
    **_scale("D33", D33="1", C29="0.001"),
    **_scale("KMQ", KMQ="1", GL="1", A93="0.001", GP="0.000001", _23="1000"),
    **_scale("BQL", BQL="1", _2Q="1000", CUR="37000000000"),
    **_scale("LUX", LUX="1"),
    **_scale("LUM", LUM="1"),
    **_scale("CDL", CDL="1"),
    **_scale("NEW", NEW="1", B47="1000"),
    **_scale("OHM", OHM="1", B49="1000"),
    **_scale("DD", DD="1", C81="57.295779513082320877"),
    "KEL": Unit("KEL", Decimal(1)),
    "CEL": Unit("KEL", Decimal(1), Decimal("273.15")),
    "FAH": Unit("KEL", Decimal(5) / Decimal(9), Decimal("459.67") * 5 / 9),
}  # fmt: skip
"""Units that can be converted; any other code is kept as it is, and compared with itself alone."""


def in_base(value: Decimal | float | None, code: str | None) -> tuple[float | None, str | None]:
    """Return a value in the base unit of its dimension, and that unit; (None, None) if the unit is not known.

    No unit at all is a count.
    """
    if value is None:
        return None, None
    unit = UNITS.get(code or "EA")
    return (None, None) if unit is None else (float(unit.to_base(Decimal(str(value)))), unit.base)
