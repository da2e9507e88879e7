"""The public site: pages, pictures and data files of one release, in English and Chinese, that anybody can host.

Everything in it comes from what was drawn with noise; nothing here sees an incident. Not even the version of the
register is told: it is a hash of the exact data, against which whoever knows all others could hold a guess. There is no
script and nothing from elsewhere. The folder appears whole or not at all: it is written beside its place, then renamed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib import resources
from pathlib import Path

import msgspec

from waybill.durable import storage_faults, sync_file, sync_folder
from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.report.markup import ZH, Markup, tag
from waybill.trends import plots
from waybill.trends.plots import Basis, Grid
from waybill.trends.tables import as_csv
from waybill.trends.wording import table_title, word

_SHARED = ("tokens.css", "elements.css")

Say = Callable[[Text], str]


class Drawn(msgspec.Struct, frozen=True):
    """One table as it was drawn."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """With noise: they may be below zero, and are left so, since cutting them off would bias every sum."""
    epsilon: float
    sensitivity: int
    """How much one organisation may change the sum of all cells."""
    band: int
    """The noise of a cell is within this, to either side, in 95 of 100 cells."""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one release tells."""

    source: str
    licence: str
    """What whoever publishes says about the licence of the data; may be empty."""
    year: int
    number: int
    drawn_on: date
    query_hash: str
    unit: str
    bound: int
    mechanism: str
    epsilon: str
    spent: str
    limit: str
    signers: int
    tables: tuple[Drawn, ...]


def write(target: Path, publication: Publication) -> None:
    """Write the site into a folder that is not there yet. Raises UsageError if it is, StorageError if it cannot be."""
    if target.exists():
        raise UsageError("there is something at this place already", where=str(target), expected="a new folder")
    with storage_faults("the site cannot be written", target):
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            for name, content in files(publication).items():
                path = made / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(content, encoding="utf-8")
                sync_file(path)
            made.chmod(0o755)
            sync_folder(made)
            os.rename(made, target)  # noqa: PTH104  Path.rename would replace an empty folder all the same
            sync_folder(target.parent)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise


def files(publication: Publication) -> dict[str, str]:
    """Return every file of the site by its path."""
    package = resources.files("waybill.report")
    found = {
        "release.json": msgspec.json.format(msgspec.json.encode(publication), indent=2).decode() + "\n",
        "style.css": "".join((package / name).read_text("utf-8") for name in _SHARED) + _STYLE,
        "index.html": _page(publication, "en", lambda text: text.en),
        "zh.html": _page(publication, ZH, lambda text: text.zh),
    }
    for table in publication.tables:
        found[f"data/{table.name}.csv"] = _csv(table)
        for language, say in (("en", lambda text: text.en), ("zh", lambda text: text.zh)):
            found[f"plots/{table.name}-{language}.svg"] = plots.as_file(_picture(publication, table, say))
    return found


def _csv(table: Drawn) -> str:
    first, _, second = table.name.partition("-")
    lines = (
        (row, column, count, table.band, table.epsilon)
        for row, cells in zip(table.rows, table.counts, strict=True)
        for column, count in zip(table.columns, cells, strict=True)
    )
    return as_csv((first, second, "count_with_noise", "band_95", "epsilon"), lines)


def _picture(publication: Publication, table: Drawn, say: Say) -> Markup:
    grid = Grid([say(word(row)) for row in table.rows], [say(word(one)) for one in table.columns], table.counts)
    spent = f"epsilon {table.epsilon:g}, ±{table.band} (95 %), {publication.mechanism}"
    basis = Basis(f"{publication.source}, {publication.drawn_on}", spent)
    return plots.tiles(table.name, say(table_title(table.name)), grid, basis)


def _page(publication: Publication, language: str, say: Say) -> str:
    title = say(Text(f"Incidents of {publication.source}", f"{publication.source} 事件"))
    other = ("zh.html", "中文", ZH) if language == "en" else ("index.html", "English", "en")
    body = tag(
        "main",
        tag("h1", title),
        tag("p", tag("a", other[1], href=other[0], lang=other[2], hreflang=other[2])),
        tag("p", say(_LEAD)),
        [_section(publication, table, say) for table in publication.tables],
        _account(publication, say),
        tag("h2", say(Text("How it was made", "方法"))),
        [tag("p", say(text)) for text in _methods(publication)],
        tag("h2", say(Text("Data", "数据"))),
        tag("ul", [tag("li", tag("a", name, href=name)) for name in _data_files(publication)]),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        Markup('<link rel="stylesheet" href="style.css">'),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', body), lang=language)}\n"


_LEAD = Text(
    "Every count carries noise, so that nobody can tell whether any one organisation is in it. Small differences mean "
    "nothing; a count below zero stands for a small one.",
    "每个计数都加入了噪声，使任何人都无法判断某一组织是否在其中。细小差异没有意义；负数代表很小的计数。",
)


def _section(publication: Publication, table: Drawn, say: Say) -> Markup:
    first, _, second = table.name.partition("-")
    head = [tag("th", f"{first} / {second}", scope="col")]
    head += [tag("th", say(word(column)), scope="col", class_="number") for column in table.columns]
    rows = [
        tag("tr", tag("th", say(word(row)), scope="row"), [tag("td", f"{one:,}", class_="number") for one in cells])
        for row, cells in zip(table.rows, table.counts, strict=True)
    ]
    note = Text(
        f"Noise within ±{table.band} in 95 of 100 cells; epsilon {table.epsilon:g}.",
        f"95% 的单元格噪声在 ±{table.band} 以内；epsilon {table.epsilon:g}。",
    )
    return tag(
        "section",
        tag("h2", say(table_title(table.name)), id=f"{table.name}-head"),
        tag("p", say(note), class_="note"),
        tag(
            "div", _picture(publication, table, say), class_="frame", tabindex=0, role="group",
            aria_labelledby=f"{table.name}-head",
        ),
        tag(
            "details",
            tag("summary", say(Text("The same as a table", "以表格查看"))),
            tag(
                "table", tag("caption", say(table_title(table.name))), tag("thead", tag("tr", head)),
                tag("tbody", rows),
            ),
        ),
    )  # fmt: skip


def _account(publication: Publication, say: Say) -> Markup:
    facts: Sequence[tuple[Text, str]] = (
        (Text("Set of data", "数据集"), publication.source),
        (Text("Licence of the data", "数据许可"), publication.licence or "–"),
        (Text("Year of the account", "账户年度"), str(publication.year)),
        (Text("Spent by this release", "本次发布消耗"), f"epsilon {publication.epsilon}"),
        (Text("Spent so far, of the limit", "累计消耗与上限"), f"{publication.spent} / {publication.limit}"),
        (Text("Unit that is protected", "受保护单位"), say(Text("organisation", "组织"))),
        (Text("Incidents counted of one organisation, at most", "每个组织最多计入事件数"), str(publication.bound)),
        (Text("Mechanism", "机制"), publication.mechanism),
        (Text("Signed by", "签署人数"), str(publication.signers)),
        (Text("Number of the release", "发布编号"), str(publication.number)),
        (Text("Query (SHA-256)", "查询（SHA-256）"), publication.query_hash),
        (Text("Drawn on", "生成日期"), publication.drawn_on.isoformat()),
    )
    rows = [tag("tr", tag("th", say(name), scope="row"), tag("td", value)) for name, value in facts]
    title = say(Text("Account of privacy", "隐私账户"))
    return tag("section", tag("h2", title), tag("table", tag("caption", title), tag("tbody", rows)))


def _methods(publication: Publication) -> Iterator[Text]:
    yield Text(
        f"Of each organisation at most {publication.bound} incidents are counted, chosen at random; organisations with "
        "more count for less than they are, and no noise makes up for it. Incidents of nobody known count one by one.",
        f"每个组织随机选取最多 {publication.bound} 起事件计入；事件更多的组织因此被低估，噪声无法弥补。"
        "无法确定组织的事件逐一计入。",
    )
    yield Text(
        "Then each cell gets noise of the discrete Laplace distribution, by OpenDP, of scale sensitivity/epsilon. The "
        "budgets of all tables add up to that of the release. Rows and columns were fixed before looking at the data.",
        "随后每个单元格由 OpenDP 加入离散拉普拉斯噪声，尺度为 敏感度/epsilon。各表预算之和即本次发布的预算。"
        "行与列在查看数据之前即已确定。",
    )
    yield Text(
        "Whoever knows everything else can tell whether one organisation is in the data at most with the chance "
        "e^epsilon/(1+e^epsilon). Sums over cells carry the sum of their noise.",
        "即使知道其他一切，判断某一组织是否在数据中的正确概率也不超过 e^epsilon/(1+e^epsilon)。"
        "对单元格求和时噪声一并累加。",
    )
    yield Text(
        "A fall of the newest years is mostly work not done yet: incidents become known, and coded, years later.",
        "最近年份的下降多因尚未录入：事件往往数年后才被知悉并编码。",
    )


def _data_files(publication: Publication) -> list[str]:
    pictures = [f"plots/{one.name}-{language}.svg" for one in publication.tables for language in ("en", "zh")]
    return ["release.json", *(f"data/{one.name}.csv" for one in publication.tables), *pictures]


_STYLE = """
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 var(--sans); }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
.frame { overflow-x: auto; }
svg.plot { width: 100%; min-width: 36rem; height: auto; }
.plot text { font: 13px var(--sans); fill: var(--ink); }
.plot .plot-quiet { fill: var(--quiet); font-size: 12px; }
.plot-tile { fill: var(--strong); } .plot-open { fill: var(--rule); } .plot-hidden { fill: none; stroke: var(--quiet); }
"""
