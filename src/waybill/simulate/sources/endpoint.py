"""Export of an endpoint agent: what goes to sticks, printers and shares; CSV in Chinese, in GB 18030 and local time.

No built-in mapping reads it; ``MAPPING`` is the file that a user would write.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import csv_line

HEADER = ("时间", "账号", "主机", "事件", "程序", "文件", "大小KB", "页数", "目标", "结果")
CHINA = timedelta(hours=8)
_ENCODING = "gb18030"

LAYOUT = Layout(
    "{owner}/endpoint/终端审计-{month}.csv",
    opening=lambda _first: f"{csv_line(HEADER)}\r\n".encode(_ENCODING),
    between=b"\r\n",
    closing=b"\r\n",
)

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

_EVENTS = {"stick-write": "U盘写入", "stick-read": "U盘读取", "print": "打印", "share-write": "共享写入"}
_OUTCOMES = {"success": "成功", "failure": "失败", "blocked": "阻断"}


def line(
    time: datetime,
    *,
    user: str,
    host: str,
    event: Literal["stick-write", "stick-read", "print", "share-write"],
    file: str,
    target: str,
    kilobytes: int,
    program: str = "explorer.exe",
    pages: int | None = None,
    outcome: Literal["success", "failure", "blocked"] = "success",
) -> bytes:
    """Write what a program did with a file: ``target`` is the stick, printer or share."""
    moment = (time + CHINA).isoformat(" ", "seconds")[:19]
    sizes = kilobytes, "" if pages is None else pages
    cells = (moment, user, host, _EVENTS[event], program, file, *sizes, target, _OUTCOMES[outcome])
    return csv_line(cells).encode(_ENCODING)
