"""Cryptography and age: what endpoints offer, what configurations allow, certificates and keys, systems past their end.

- ``endpoint``: what a TLS endpoint offers, asked with sslscan on addresses that are named, or read from its XML.
- ``quantum``: whether an endpoint would exchange keys that withstand a quantum computer.
- ``configuration``: settings of web servers, OpenSSL and SSH as they stand in files.
- ``certificate``: certificates and private keys in files.
- ``system``: systems and their versions, held against ``ends.toml``, until when makers mend what they made.
- ``strength``: what is weak, said once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.crypto import certificate, configuration, endpoint, system
from waybill.exposure.documents import file_of, read_json
from waybill.exposure.folders import walk
from waybill.exposure.snapshots import NotInspected, Snapshot


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield what a target names.

    ``tls://HOST:PORT``, sslscan's XML, a folder of configurations, certificates and keys, one such file, or an
    inventory of systems as JSON.
    """
    if target.startswith("tls://"):
        yield from endpoint.ask(target)
    elif Path(target).is_dir():
        for found in walk(Path(target)):
            if isinstance(found, NotInspected):
                yield found
            elif found.is_file:
                yield from _file(Path(found.path))
    else:
        path = file_of(target)
        if path.suffix == ".xml":
            yield from endpoint.parse(path.read_bytes(), path.name)
        elif path.suffix == ".json":
            yield from system.read(read_json(path), path.name)
        else:
            known = list(_file(path))
            yield from known or [NotInspected(target, "it is no certificate, key or configuration that is known here")]


def _file(path: Path) -> Iterator[Snapshot | NotInspected]:
    try:
        if certificate.concerns(path):
            yield from certificate.read(path)
        elif configuration.concerns(path):
            yield from configuration.read(path)
    except NotInspected as gap:
        yield gap
