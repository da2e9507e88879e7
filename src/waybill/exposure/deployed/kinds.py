"""What a file is to a platform, by its name: code, firmware, a compiled copy that Python keeps, or data."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a file is."""

    CODE = "code"
    """Somebody runs it: a program, a page, a script, a setting that names programs."""
    FIRMWARE = "firmware"
    """A device or a controller runs it: firmware, a project of a PLC."""
    CACHE = "cache"
    """What Python compiled of a file beside it."""
    DATA = "data"


_CODE = re.compile(
    r"\.(py[cdowx]?|pth|[cm]?js|[cm]?ts|[jt]sx|vue|svelte|wasm|node|php\d?|phtml|phar|jspx?|aspx?|as[cmh]x|cshtml|"
    r"java|class|[jwe]ar|rb|erb|pl|pm|cgi|sh|bash|zsh|ps[dm]?1|bat|cmd|vbs|lua|go|rs|exe|dll|so(\.[\d.]+)?|dylib|"
    r"html?|xhtml|jinja2?|j2|twig|liquid|hbs|ejs|mustache|sql|service|timer|cron)$|"
    r"(^|/)(\.htaccess|\.user\.ini|web\.config|crontab|dockerfile|makefile|procfile|wsgi|asgi|manage)$",
    re.IGNORECASE,
)
_FIRMWARE = re.compile(
    r"\.(bin|hex|fw|img|uf2|dfu|rom|cap|upd|s19|mot|ap1\d|zap1\d|s7p|acd|l5[kx]|rss|gxw|gx3|cxp|smc2|project|plcproj|"
    r"tsproj|xef|stu|sta|mwp|opt|step7|awl|scl|st|vxp)$",
    re.IGNORECASE,
)
_CACHE = re.compile(r"(?P<folder>^|.*/)__pycache__/(?P<stem>[^/]+?)\.(cpython|pypy)[\w-]*(\.opt-\d)?\.pyc$")


def kind_of(path: str) -> Kind:
    """Return what a file is, by its name."""
    if source_of(path):
        return Kind.CACHE
    if _CODE.search(path):
        return Kind.CODE
    return Kind.FIRMWARE if _FIRMWARE.search(path) else Kind.DATA


def source_of(path: str) -> str:
    """Return the path of the file that a compiled copy was made of; empty for any other file."""
    match = _CACHE.match(path)
    return f"{match['folder']}{match['stem']}.py" if match else ""
