"""Configurations whose key exchange falls to a quantum computer."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.configuration import Configuration
from waybill.exposure.crypto.strength import POST_QUANTUM
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Configuration


def look(thing: Configuration, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each line that names the groups to exchange keys in, and none that withstands."""
    for setting in thing.settings("ssl_ecdh_curve", "groups", "kexalgorithms"):
        if setting.values != ("auto",) and not any(map(POST_QUANTUM.search, setting.values)):
            yield Sighting(
                setting.key,
                Text(
                    f"{thing.place}, line {setting.line}, allows no post-quantum key exchange.",
                    f"{thing.place} 第 {setting.line} 行未允许抗量子密钥交换。",
                ),
                (("setting", f"{setting.key} {' '.join(setting.values)}"),),
                setting.line,
            )
