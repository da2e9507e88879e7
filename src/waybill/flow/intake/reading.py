"""What to read sources with: keys, mappings, pseudonyms, protected channels and limits put together into a plan."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

from waybill.collect import Limits, Mapping, Plan, built_in_mappings, load_mapping
from waybill.flow.settings import Settings
from waybill.model.ids import KEY_BYTES
from waybill.model.protocols import ChannelFilter
from waybill.model.register import RegisterSnapshot
from waybill.register.channels import ProtectedChannels, read_channels
from waybill.register.masking import read_masked
from waybill.register.pseudonyms import KeyedPseudonymiser

CHANNELS_FILE = "channels.toml"
COLLECTORS = "waybill.collectors"
"""Entry point group of plugins that bring mapping files."""


def passing_plan(
    settings: Settings, *, register: Path | None, mappings: Sequence[Path], source: str | None
) -> tuple[Plan, RegisterSnapshot]:
    """Return the plan and the register for a run that keeps nothing: keys last as long as the run.

    ``register`` is a folder of CSV files, which may hold a list of protected channels too. Raises RegisterError,
    RuleError or UsageError for what is wrong in them.
    """
    key = secrets.token_bytes(KEY_BYTES)
    pseudonymiser = KeyedPseudonymiser(key)
    snapshot = RegisterSnapshot()
    if register is not None:
        snapshot, known = read_masked(register, pseudonymiser)
        pseudonymiser = KeyedPseudonymiser(key, known)
    return (
        Plan(
            id_key=secrets.token_bytes(KEY_BYTES),
            pseudonymiser=pseudonymiser,
            channels=protected_channels(register / CHANNELS_FILE if register else None),
            mappings=all_mappings([*settings.mappings, *mappings]),
            source=source,
            limits=limits(settings),
        ),
        snapshot,
    )


def all_mappings(files: Sequence[Path]) -> tuple[Mapping, ...]:
    """Return the mappings of these files, then those of plugins, then the built-in ones.

    A plugin's entry point in the group ``waybill.collectors`` is the path of a mapping file. Raises RuleError naming
    file and key.
    """
    plugins = sorted(entry_points(group=COLLECTORS), key=lambda entry: entry.name)
    own = [load_mapping(Path(file)) for file in (*files, *(entry.load() for entry in plugins))]
    return (*own, *built_in_mappings())


def protected_channels(file: Path | None) -> ChannelFilter:
    """Return the protected channels that the file lists; none without a file."""
    return read_channels(file) if file is not None and file.exists() else ProtectedChannels()


def limits(settings: Settings) -> Limits:
    """Return what reading may cost, as the settings say."""
    return Limits(
        record_bytes=settings.max_record_bytes,
        unpack_ratio=settings.max_unpack_ratio,
        worker_memory=settings.worker_memory_mb * 1024 * 1024,
    )
