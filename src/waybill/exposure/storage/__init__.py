"""Storage: buckets (asked over S3, or read from exports and plans without any access), web roots and file shares.

- ``bucket``: a bucket as checks see it.
- ``reach``: who may do what in a bucket, once policy, access list and both public-access blocks have had their say.
- ``live``: asks an S3 service (extra ``s3``). ``exported``: AWS Config snapshots. ``terraform``: plans and states.
- ``folder``: a web root or a share on this machine.
- ``database``: asks PostgreSQL who may use which table (extra ``postgresql``).
- ``server``: asks file servers, on addresses that are named, what they tell and take of anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.documents import read_export
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.exposure.storage import database, exported, folder, live, server, terraform


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the buckets, tables, servers or folders that a target names.

    ``s3:`` or ``s3://BUCKET`` with the credentials of the environment, ``postgresql://``, the address of a file server,
    a folder, or a JSON file that an export wrote.
    """
    if target.startswith("s3:"):
        yield from live.read(target)
    elif target.startswith(("postgresql://", "postgres://")):
        yield from database.read(target)
    elif server.concerns(target):
        yield from server.read(target)
    elif Path(target).is_dir():
        yield from folder.read(Path(target))
    else:
        expected = "an AWS Config snapshot, or `terraform show -json` of a plan or state"
        yield from read_export(target, (exported, terraform), expected)
