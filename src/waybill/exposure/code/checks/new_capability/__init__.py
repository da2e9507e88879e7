"""A module can do something that it could not do before."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.capabilities import Drift, Kind
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Drift

_SAID = {
    Kind.HOST: Text("names the host", "指向主机"),
    Kind.SENDS: Text("sends data over", "发送数据，经由"),
    Kind.HANDS: Text("hands data to where this can be done:", "将数据交至可能造成危害之处："),
    Kind.READS: Text("reads in bulk", "批量读取"),
    Kind.STARTS: Text("starts a program by", "启动程序："),
    Kind.CIPHERS: Text("uses the cryptography of", "使用密码功能："),
}


def look(thing: Drift, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each thing that a module can do now and could not, and who in the program could do it before."""
    for one, line, others in thing.fresh:
        said = _SAID[one.kind]
        if others:
            who = Text(f"Before, {others[0]} could.", f"此前 {others[0]} 具备此能力。")
        else:
            who = Text("Nothing in the program could before.", "此前程序中无任何部分具备此能力。")
        yield Sighting(
            f"{one.file} {one.kind} {one.what}",
            Text(f"{one.file} newly {said.en} {one.what}. {who.en}", f"{one.file} 新近{said.zh} {one.what}。{who.zh}"),
            (("line", line), ("could before", ", ".join(others[:5]) or "nothing")),
            int(line.rpartition(":")[2]),
        )
