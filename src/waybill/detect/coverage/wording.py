"""The sentences of this family, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from waybill.model.findings import GRADES, Text
from waybill.model.register import Asset

SILENT = {
    "silent-source.source": Text("A source fell silent", "日志来源中断"),
    "silent-source.sender": Text("A sender of a source fell silent", "来源中的一个发送方中断"),
}

UNWATCHED = Text("No source tells about a controlled asset", "受控资产无任何来源监测")


def silent_sentence(source: str, sender: str, last: datetime, pauses: tuple[int, int], assets: Sequence[Asset]) -> Text:
    """Return when it was last heard of, its usual and its longest pause in hours, and what was seen through it."""
    median, longest = pauses
    moment = f"{last:%Y-%m-%d %H:%M} UTC"
    named = ", ".join(f"“{asset.name}”" for asset in assets)
    return Text(
        (f"The sender {sender} of the source {source}" if sender else f"The source {source}")
        + f" has sent nothing since {moment}; "
        + f"so far it paused for at most {_hours(longest)}, mostly for {_hours(median)}."
        + (f" Among what was seen through it: {named}." if named else ""),
        (f"来源 {source} 的发送方 {sender} " if sender else f"来源 {source} ")
        + f"自 {moment} 起没有任何记录；此前间隔最长 {longest} 小时，通常 {median} 小时。"
        + (f"经其监测的资产包括：{named}。" if named else ""),
    )


def silent_advice() -> Text:
    """Return what to do about a silent source."""
    return Text(
        "Check whether it still runs, still logs, and whether its records still arrive; until then nobody sees what "
        "goes that way.",
        "核实该来源是否仍在运行、仍在写日志、记录是否仍能送达；在恢复之前，经由它的转移无人可见。",
    )


def unwatched_sentence(asset: Asset, last: datetime | None, source: str, days: int) -> Text:
    """Return since when nothing was told about an asset; ``last`` and ``source`` are of the last record, if any."""
    grade = GRADES[asset.grade]
    if last is None:
        return Text(
            f"None of the sources has told anything about the {grade.en} asset “{asset.name}” in {days} days, "
            "nor ever before.",
            f"近 {days} 天乃至更早，没有任何来源记录过{grade.zh}资产“{asset.name}”。",
        )
    moment = f"{last:%Y-%m-%d}"
    return Text(
        f"No source has told anything about the {grade.en} asset “{asset.name}” since {moment} (last: {source}), "
        f"for more than {days} days.",
        f"{grade.zh}资产“{asset.name}”自 {moment} 起（最后来源：{source}）已超过 {days} 天没有任何来源记录。",
    )


def unwatched_advice() -> Text:
    """Return what to do about an asset that nobody watches."""
    return Text(
        "Connect a source that sees this asset, or correct how logs name it in the register; remove it there if it is "
        "no longer in use.",
        "接入能监测该资产的来源，或在登记册中更正其在日志中的名称；如已停用，请从登记册中移除。",
    )


def _hours(count: int) -> str:
    return "1 hour" if count == 1 else f"{count} hours"
