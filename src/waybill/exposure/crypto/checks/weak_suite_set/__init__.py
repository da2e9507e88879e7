"""Configurations that allow ciphers which give away what they should keep."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.configuration import Configuration
from waybill.exposure.crypto.strength import is_weak_suite
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Configuration


KEYS = ("ssl_ciphers", "sslciphersuite", "ciphers", "macs", "cipherstring", "ssl-default-bind-ciphers", "kexalgorithms")
OLD_EXCHANGES = {"diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"}


def look(thing: Configuration, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each line that allows weak ciphers; what is named with - or ! in front is forbidden, not allowed."""
    for setting in thing.settings(*KEYS):
        named = [value.lstrip("+^") for value in setting.values if not value.startswith(("-", "!"))]
        weak = sorted({name for name in named if is_weak_suite(name) or name in OLD_EXCHANGES})
        if weak:
            yield Sighting(
                setting.key,
                Text(
                    f"{thing.place}, line {setting.line}, allows {', '.join(weak)}.",
                    f"{thing.place} 第 {setting.line} 行允许 {', '.join(weak)}。",
                ),
                (("setting", f"{setting.key} {' '.join(setting.values)}"),),
                setting.line,
            )
