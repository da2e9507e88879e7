"""Storage: buckets (asked over S3, or read from exports and plans without any access), web roots and file shares.

- ``bucket``: a bucket as checks see it.
- ``reach``: who may do what in a bucket, once policy, access list and both public-access blocks have had their say.
- ``live``: asks an S3 service (extra ``s3``). ``exported``: AWS Config snapshots. ``terraform``: plans and states.
- ``folder``: a web root or a share on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.documents import read_export
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.exposure.storage import exported, folder, live, terraform


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the buckets or folders that a target names.

    ``s3:`` or ``s3://BUCKET`` with the credentials of the environment, a folder, or a JSON file that an export wrote.
    """
    if target.startswith("s3:"):
        yield from live.read(target)
    elif Path(target).is_dir():
        yield from folder.read(Path(target))
    else:
        expected = "an AWS Config snapshot, or `terraform show -json` of a plan or state"
        yield from read_export(target, (exported, terraform), expected)
