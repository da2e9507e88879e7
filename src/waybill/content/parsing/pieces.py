"""What reading a file gives, piece by piece: text, tables, letters and what is attached, caveats, and the end."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from waybill.model.findings import Text

_LONGEST_NAME = 200
"""Characters of a member's name that are kept."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where in a file something lies."""

    members: tuple[str, ...] = ()
    """The way through archives and attachments, outermost first; names as they are given, never paths."""
    part: str = ""
    """Part of a document: a sheet, a table, ``header``, ``comments``, ``properties``; empty for its body."""
    page: int = 0
    """Page or slide, from 1; 0 where there are none."""
    offset: int = 0
    """Of a text: its first byte in the text of the part as UTF-8. Of a table: its first row, from 0."""

    def inside(self, member: str) -> Place:
        """Return the place of a member of what lies here; what cannot be shown of its name is replaced."""
        return Place((*self.members, shown(member)))

    def at(self, *, part: str = "", page: int = 0, offset: int = 0) -> Place:
        """Return a place within the same member."""
        return Place(self.members, part, page, offset)

    def text(self) -> Text:
        """Return it as people read it."""
        ways = [*self.members, *([self.part] if self.part else [])]
        pages = (f"page {self.page}", f"第 {self.page} 页") if self.page else ("", "")
        return Text(*(" › ".join([*ways, page] if page else ways) for page in pages))


def shown(name: str) -> str:
    """Return the end of a name that somebody else chose, without what cannot be shown or stored."""
    legible = name[-_LONGEST_NAME:].encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "�" for letter in legible) or "?"


class Reason(StrEnum):
    """Why something was not inspected, or only partly."""

    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    BOMB = "bomb"
    """It unpacks to far more than an honest file does."""
    SIZE = "size"
    """It is larger than what is read of one file."""
    DEPTH = "depth"
    MEMBERS = "members"
    """It has more members than are read of one file."""
    MEMORY = "memory"
    TIME = "time"
    CRASHED = "crashed"
    """The reader of its format broke down over it."""
    UNKNOWN = "unknown"
    """A format that is not read; what looks like text in it was inspected."""
    EXTRA = "extra"
    """Its reader is an optional extra that is not installed."""
    PICTURE = "picture"
    """Text in pictures was not looked for."""
    LINK = "link"
    """A link or a device in an archive or a folder; not followed."""
    OUTSIDE = "outside"
    """The name of a member leads out of its archive. It was inspected; nothing is ever unpacked to disk."""
    DECLARATION = "declaration"
    """It declares entities of its own, which are never expanded; inspected as it stands."""
    ENCODING = "encoding"
    """Bytes that are no text in its encoding were replaced."""
    VANISHED = "vanished"
    CHANGED = "changed"
    """It changed while it was read."""
    DENIED = "denied"

    @property
    def partial(self) -> bool:
        """Whether something was left unread; the others are worth knowing all the same."""
        return self not in (Reason.OUTSIDE, Reason.DECLARATION, Reason.ENCODING)


class Segment(msgspec.Struct, frozen=True, tag="segment"):
    """Some text."""

    place: Place
    data: bytes
    """Valid UTF-8."""


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Some rows of a table, as columns; all columns have equally many values."""

    place: Place
    header: tuple[str, ...]
    """Name of each column; empty strings where the file gives none."""
    columns: tuple[tuple[str, ...], ...]
    """Values of each column; empty where a cell is."""

    @property
    def size(self) -> int:
        """How many characters its values have together."""
        return sum(len(value) for column in self.columns for value in column)

    def text(self) -> str:
        """Return the rows as lines, cells divided by tabs, the header first if there is one."""
        lines = ["\t".join(row) for row in zip(*self.columns, strict=True)]
        return "\n".join(["\t".join(self.header), *lines] if any(self.header) else lines)


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """How a picture looks, from afar."""

    place: Place
    look: bytes
    """A perceptual hash (see ``looks``): pictures that look alike differ in few of its bits."""


class Letter(msgspec.Struct, frozen=True, tag="letter"):
    """Who wrote to whom, and when; what comes behind it, up to another letter that is not in it, is of this message."""

    place: Place
    id: str
    """A hash of the id that its sender gave it (RFC 5322, 3.6.4), which may hold a name; empty without one."""
    time: str
    """As ISO 8601 in UTC; empty where no header says it."""
    sender: str
    """Mail address; empty where none is given."""
    receivers: tuple[str, ...]
    """Mail addresses, each once, openly or not."""
    names: tuple[str, ...]
    """What sender and receivers are called beside their addresses."""
    subject: str
    headers: str
    """All headers, decoded: what decides whether the message is of a protected channel. Not to be kept."""


class Attachment(msgspec.Struct, frozen=True, tag="attachment"):
    """Something that a message carries; what lies in it comes behind it, below its place."""

    place: Place
    name: str
    """As the message gives it, without what cannot be shown; empty where it gives none."""
    media: str
    """Media type, as the message gives it."""
    size: int
    """Bytes."""
    digest: str
    """SHA-256, in hex."""


class Caveat(msgspec.Struct, frozen=True, tag="caveat"):
    """Something that was not inspected, or only partly, or that is worth knowing of how it was."""

    place: Place
    reason: Reason
    detail: str = ""
    """In English, for who looks into it: what the reader said. Holds no content."""

    def text(self) -> Text:
        """Return it as a sentence."""
        sentence, place = SENTENCES[self.reason], self.place.text()
        if not place.en:
            return sentence
        return Text(f"{place.en}: {sentence.en}", f"{place.zh}：{sentence.zh}")


class End(msgspec.Struct, frozen=True, tag="end"):
    """The last piece."""

    format: str
    """Name of the format; ``empty`` for a file without bytes, ``unknown``, or ``none`` where nothing could be read."""
    size: int
    """Bytes of the file."""
    text: int = 0
    """Bytes of text that were found in it, those of tables included."""
    digest: str = ""
    """SHA-256 of the file, in hex; empty where it is larger than what is read of any, or could not be read."""


Content = Segment | Table | Picture | Letter | Attachment | Caveat
"""What lies in a file."""

Piece = Content | End
"""What reading yields."""

SENTENCES = {
    Reason.ENCRYPTED: Text("not inspected, because it is encrypted", "未检查：内容已加密"),
    Reason.DAMAGED: Text("partly inspected, because it is damaged or cut off", "仅部分检查：文件损坏或不完整"),
    Reason.BOMB: Text(
        "partly inspected, because it unpacks to far more than its size", "仅部分检查：解压后远大于其本身大小"
    ),
    Reason.SIZE: Text("partly inspected, because it is larger than the limit", "仅部分检查：超过大小上限"),
    Reason.DEPTH: Text("not inspected, because it is packed too many times over", "未检查：嵌套层数过多"),
    Reason.MEMBERS: Text("partly inspected, because it has too many members", "仅部分检查：成员过多"),
    Reason.MEMORY: Text("partly inspected, because reading it takes too much memory", "仅部分检查：读取所需内存过多"),
    Reason.TIME: Text("partly inspected, because reading it takes too long", "仅部分检查：读取耗时过长"),
    Reason.CRASHED: Text("partly inspected, because its reader broke down", "仅部分检查：读取程序崩溃"),
    Reason.UNKNOWN: Text(
        "partly inspected, because its format is unknown; what looks like text was read",
        "仅部分检查：格式未知，仅读取了其中的文本片段",
    ),
    Reason.EXTRA: Text(
        "not inspected, because the reader of its format is not installed", "未检查：未安装该格式的读取组件"
    ),
    Reason.PICTURE: Text("partly inspected, because text in pictures was not read", "仅部分检查：未识别图片中的文字"),
    Reason.LINK: Text("not inspected, because it is a link or a device", "未检查：这是链接或设备文件"),
    Reason.OUTSIDE: Text(
        "inspected, although its name leads out of the archive; nothing was written",
        "已检查；其名称指向压缩包之外，未写入任何文件",
    ),
    Reason.DECLARATION: Text(
        "inspected as it stands, because it declares entities, which are not expanded",
        "按原文检查：其中声明了实体，不予展开",
    ),
    Reason.ENCODING: Text("inspected, with unreadable bytes replaced", "已检查；无法解码的字节已被替换"),
    Reason.VANISHED: Text("not inspected, because it vanished before it could be read", "未检查：读取前文件已消失"),
    Reason.CHANGED: Text(
        "partly inspected, because it changed while it was read", "仅部分检查：读取过程中文件发生变化"
    ),
    Reason.DENIED: Text("not inspected, because it may not be read", "未检查：没有读取权限"),
}
"""What each reason says to people."""
