"""Words of the Core Business Vocabulary 2.0 and of GS1's Web Vocabulary, in the three ways documents write them.

JSON writes ``receiving``, XML ``urn:epcglobal:cbv:bizstep:receiving`` and both may write
``https://ref.gs1.org/cbv/BizStep-receiving`` or ``cbv:BizStep-receiving``. Kept is the bare word; hash ids are made
with the address.
"""

from __future__ import annotations

from functools import lru_cache

CBV = "https://ref.gs1.org/cbv/"
GS1 = "https://gs1.org/voc/"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BIZ_STEPS = _words("""
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping
""")
DISPOSITIONS = _words("""
    active available completeness_inferred completeness_verified conformant container_closed container_open damaged
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
""")
TRANSACTION_TYPES = _words("""
    bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt
""")
PARTY_TYPES = _words("""
    owning_party possessing_party location
""")
ERROR_REASONS = _words("""
    did_not_occur incorrect_data
""")
EXCEPTIONS = _words("""
    ALARM_CONDITION ERROR_CONDITION
""")
COMPONENTS = _words("""
    altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle
    spherical_radius x y z
""")
MEASUREMENTS = _words("""
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    EffectiveDoseRate ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure
    Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance
    LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
    MassFlowRate MassFraction MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume
    Molar_concentration Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance
    Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume
    VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber
""")
"""Types of sensor reports; ``MassFraction`` is what an assay states."""

_FIELDS = {
    "bizStep": (BIZ_STEPS, f"{CBV}BizStep-", "urn:epcglobal:cbv:bizstep:"),
    "disposition": (DISPOSITIONS, f"{CBV}Disp-", "urn:epcglobal:cbv:disp:"),
    "transaction": (TRANSACTION_TYPES, f"{CBV}BTT-", "urn:epcglobal:cbv:btt:"),
    "party": (PARTY_TYPES, f"{CBV}SDT-", "urn:epcglobal:cbv:sdt:"),
    "reason": (ERROR_REASONS, f"{CBV}ER-", "urn:epcglobal:cbv:er:"),
    "component": (COMPONENTS, f"{CBV}Comp-", "urn:epcglobal:cbv:comp:"),
    "measurement": (MEASUREMENTS, GS1, "urn:gs1:voc:"),
    "exception": (EXCEPTIONS, GS1, "urn:gs1:voc:"),
}
"""By what a word is for: the words themselves, and what stands before them in an address and in a URN."""


@lru_cache(maxsize=4096)
def bare(kind: str, word: str) -> str:
    """Return a word of the standard bare, whichever way it is written; anything else as it is."""
    words, address, urn = _FIELDS[kind]
    for before in (address, urn):
        if word.startswith(before) and word[len(before) :] in words:
            return word[len(before) :]
    expanded = expand(word)
    return bare(kind, expanded) if expanded != word else word.removeprefix("MT-") if kind == "measurement" else word


@lru_cache(maxsize=4096)
def address(kind: str, word: str) -> str:
    """Return the address of a word of the standard, whichever way it is written; anything else as it is."""
    words, before, urn = _FIELDS[kind]
    if word in words:
        return before + word
    return before + word[len(urn) :] if word.startswith(urn) else expand(word)


def expand(text: str) -> str:
    """Return a compact URI of one of the two vocabularies in full; anything else as it is."""
    if text.startswith("gs1:"):
        return GS1 + text[4:]
    return CBV + text[4:] if text.startswith("cbv:") else text
