"""Files that were deployed as they were built, though nobody entitled approved them."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.platform import Platform
from waybill.exposure.deployed.sightings import SHOWN
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Platform

_WHY = {
    "unsigned": Text("is not signed", "未签名"),
    "unknown-signer": Text("is signed by nobody who is known", "签名者未知"),
    "not-owner": Text("is signed by somebody who does not own all of them", "签名者并非全部文件的负责人"),
    "own-work": Text("is signed only by who wrote it", "仅由作者本人签名"),
}
_UNKNOWN = Text("is not known to the manifest", "清单中未知")


def look(thing: Platform, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each commit that nobody but its writer, or nobody at all, stands for, with the files it brought."""
    for key, paths in thing.unapproved.items():
        state, _, commit = key.partition(" ")
        why, count = _WHY.get(state, _UNKNOWN), len(paths)
        yield Sighting(
            f"commit {commit}",
            Text(
                f"{count:,} files in {thing.place} come from commit {commit[:12]}, which {why.en}.",
                f"{thing.place} 中有 {count:,} 个文件来自提交 {commit[:12]}，该提交{why.zh}。",
            ),
            (("files", ", ".join(paths[:SHOWN])), ("commit", commit)),
        )
