"""A day of an endpoint agent: USB, print and share events as CSV with Chinese columns, in GB 18030 and local time.

No built-in mapping reads it; `MAPPING` shows how a user's own does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from waybill.simulate.cast import Cast, Organisation
from waybill.simulate.feeds import Feed, Marks, Record, Role, Tag, write_csv

HEADER = ("时间", "账号", "主机", "事件", "程序", "文件", "大小KB", "页数", "目标", "结果")
CHINA = timedelta(hours=8)

MAPPING = """\
# Reads the export of the endpoint agent: CSV in GB 18030, columns in Chinese, times in Chinese local time.
name = "endpoint-agent"
title = "终端审计 endpoint agent"
format = "csv"
encoding = "gb18030"
logsource = "endpoint-agent//"

[recognise]
require = ["时间", "账号", "事件", "目标"]

[columns]
time = { from = "时间", format = "%Y-%m-%d %H:%M:%S", zone = "Asia/Shanghai" }
actor = "账号"
actor_kind = { value = "person" }
application = "程序"
asset = "文件"
from_place = "主机"
to_place = "目标"
bytes = { from = "大小KB", scale = 1024 }
records = "页数"
action = { from = "事件", map = { "U盘写入" = "copy", "U盘读取" = "read", "打印" = "print", "共享写入" = "copy" } }
channel = { from = "事件", map = { "U盘*" = "usb", "打印" = "print", "共享*" = "file" } }
outcome = { from = "结果", map = { "成功" = "success", "失败" = "failure", "阻断" = "blocked" }, default = "unknown" }
"""

_RECIPES = ("烧结曲线", "晶界扩散配方", "气流磨工艺参数", "磁化参数")
_PAPERS = ("周报", "食堂菜单", "培训通知", "排班表", "会议安排", "验收单")


def feed(cast: Cast, count: int) -> Feed:
    """Return ``count`` ordinary lines and the marked ones."""
    feed = Feed()
    for _ in range(count):
        moment, organisation = cast.moment(), cast.organisation()
        make = cast.random.choices(_ORDINARY, weights=_WEIGHTS)[0]
        feed.add(moment, _line(cast, moment, organisation, **make(cast, organisation)))
    _copy_recipe(cast, feed)
    _broken(cast, feed)
    return feed


def write(folder: Path, feed: Feed) -> Marks:
    """Write the day as one plain CSV file."""
    return write_csv(folder, "endpoint/终端审计.csv", HEADER, feed, encoding="gb18030")


def _copy_recipe(cast: Cast, feed: Feed) -> None:
    """Copy a process recipe to a stick; the twin copies it to the plant's own share."""
    person, recipe = cast.person(cast.magnet_maker), cast.random.choice(_RECIPES)
    stick = rf"USBSTOR\DISK&VEN_GENERIC\{cast.token(8).upper()}"
    ways = ((Role.LEAK, "U盘写入", stick), (Role.TWIN, "共享写入", r"\\fs-plant\工艺"))
    for role, event, target in ways:
        moment, file = cast.moment(), rf"D:\配方\{recipe}_{cast.token(8)}.xlsx"
        deed = {"事件": event, "程序": "explorer.exe", "文件": file, "大小KB": "184", "目标": target}
        feed.add(
            moment, _line(cast, moment, cast.magnet_maker, **deed) | {"账号": person}, Tag(role, file, "recipe-copied")
        )


def _broken(cast: Cast, feed: Feed) -> None:
    """Add lines with a time nobody can read, an event nobody knows, and a size below nothing."""
    faults = ({"时间": "时钟故障"}, {"事件": "未知事件"}, {"大小KB": "-7"})
    for fault in faults:
        moment, marker = cast.moment(), f"{cast.token()}.docx"
        line = _line(cast, moment, cast.shop, **_print(cast, cast.shop)) | {"文件": marker} | fault
        feed.add(moment, line, Tag(Role.BROKEN, marker))


def _line(cast: Cast, moment: datetime, organisation: Organisation, **more: str) -> Record:
    line = dict.fromkeys(HEADER, "")
    line["时间"] = f"{moment + CHINA:%Y-%m-%d %H:%M:%S}"
    line["账号"], line["主机"], line["结果"] = cast.person(organisation), cast.host(organisation), "成功"
    return {**line, **more}


def _print(cast: Cast, _organisation: Organisation) -> dict[str, str]:
    pages = cast.random.randrange(1, 30)
    paper = f"{cast.random.choice(_PAPERS)}_{cast.token(6)}.docx"
    printer = f"PRN-{cast.random.randrange(1, 9)}F-0{cast.random.randrange(1, 4)}"
    job = {"文件": paper, "大小KB": str(12 * pages), "页数": str(pages), "目标": printer}
    return {"事件": "打印", "程序": "winword.exe", **job}


def _read_stick(cast: Cast, _organisation: Organisation) -> dict[str, str]:
    photograph = {"文件": rf"E:\照片\{cast.token(8)}.jpg", "大小KB": "2048", "目标": "本机"}
    return {"事件": "U盘读取", "程序": "explorer.exe", **photograph}


def _save(cast: Cast, organisation: Organisation) -> dict[str, str]:
    paper = rf"D:\日报\{cast.random.choice(_PAPERS)}_{cast.token(6)}.xlsx"
    share = rf"\\fs-{organisation.domain.partition('.')[0]}\部门"
    size = str(cast.random.randrange(8, 900))
    return {"事件": "共享写入", "程序": "excel.exe", "文件": paper, "大小KB": size, "目标": share}


_ORDINARY: tuple[Callable[[Cast, Organisation], dict[str, str]], ...] = (_print, _read_stick, _save)
_WEIGHTS = (50, 10, 40)
