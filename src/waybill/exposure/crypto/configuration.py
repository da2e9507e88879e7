"""Settings of web servers, OpenSSL and SSH as they stand in files: a line, a key, its values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from waybill.exposure.folders import content_of, shown
from waybill.exposure.snapshots import Snapshot
from waybill.model.findings import Position

MOST_BYTES = 4 << 20
"""No configuration that people write is longer."""

_FILES = re.compile(r"(^|/)(nginx|apache2?|httpd|haproxy|lighttpd|ssh|openssl|stunnel|postfix|dovecot)([./-]|$)", re.I)
_SUFFIXES = {".conf", ".cnf", ".cfg", ".config", ".vhost", ""}
_KEYS = {
    "ssl_protocols", "ssl_ciphers", "ssl_ecdh_curve", "sslprotocol", "sslciphersuite", "sslopensslconfcmd",
    "protocol", "ciphers", "macs", "kexalgorithms", "hostkeyalgorithms", "minprotocol", "cipherstring", "groups",
    "ssl-default-bind-ciphers", "ssl-default-bind-options", "sslversion", "smtpd_tls_protocols",
    "smtpd_tls_mandatory_protocols", "ssl_min_protocol", "autoindex", "passwordauthentication", "permitrootlogin",
}  # fmt: skip
_SETTING = re.compile(r"^\s*([A-Za-z][\w-]*)\s*(?:=|\s)\s*(.*?)\s*;?\s*$")


@dataclass(frozen=True, slots=True)
class Setting:
    """A line that sets something."""

    line: int
    key: str
    """In lower case."""
    values: tuple[str, ...]


class Configuration(Snapshot):
    """A file of settings."""

    channel: ClassVar[str] = "network"

    def settings(self, *keys: str) -> list[Setting]:
        """Return the settings with these keys, in their order."""
        return [one for one in self.part("settings") if one.key in keys]


def concerns(path: Path) -> bool:
    """Return whether a file is one whose settings are known here, by its name and place."""
    return path.suffix.lower() in _SUFFIXES | {".d"} and _FILES.search(str(path)) is not None


def read(path: Path) -> Iterator[Configuration]:
    """Yield the settings of a file that concern cryptography; raise ``NotInspected`` where it cannot be read."""
    place = shown(str(path.absolute()))
    content = content_of(path, MOST_BYTES, place)
    if b"\0" in content:
        return
    found = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        match = _SETTING.match(line.partition("#")[0])
        if match and match[1].lower() in _KEYS:
            values = tuple(value for value in re.split(r"[\s,:]+", match[2].strip("\"'")) if value)
            found.append(Setting(number, match[1].lower(), values))
    yield Configuration(place, Position("configuration", shown(path.name), 0), (), {"settings": tuple(found)})
