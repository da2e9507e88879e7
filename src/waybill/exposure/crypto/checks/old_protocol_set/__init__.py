"""Configurations that allow protocols which were given up."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.configuration import Configuration
from waybill.exposure.crypto.strength import OLD_PROTOCOLS, protocol
from waybill.exposure.fixes import Fix, line_without
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Configuration


KEYS = ("ssl_protocols", "sslprotocol", "minprotocol", "sslversion", "ssl_min_protocol", "smtpd_tls_protocols")


def look(thing: Configuration, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each line that allows an old protocol; what is named with - or ! in front is forbidden, not allowed."""
    for setting in thing.settings(*KEYS):
        allowed = {protocol(value) for value in setting.values if not value.startswith(("-", "!"))}
        everything = "all" in {value.lower().lstrip("+") for value in setting.values}
        if everything:
            left = {protocol(value[1:]) for value in setting.values if value.startswith(("-", "!"))}
            allowed |= OLD_PROTOCOLS - {"SSLv2"} - left
        for name in sorted(OLD_PROTOCOLS & allowed):
            yield Sighting(
                f"{setting.key} {name}",
                Text(
                    f"{thing.place}, line {setting.line}, allows {name}.",
                    f"{thing.place} 第 {setting.line} 行允许 {name}。",
                ),
                (("setting", f"{setting.key} {' '.join(setting.values)}"),),
                setting.line,
            )


def fix(thing: Configuration, sighting: Sighting) -> Fix | None:
    """Return what takes the protocol out of a line that names others, too."""
    name = sighting.object.rpartition(" ")[2]
    for setting in thing.settings(*KEYS):
        if setting.line == sighting.line:
            named = {value for value in setting.values if protocol(value) == name and value[0] not in "-!"}
            return line_without(thing.place, setting.line, named)
    return None
