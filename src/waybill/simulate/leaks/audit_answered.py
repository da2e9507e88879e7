"""Leak 5: the town's portal answers a stranger's request for an unreleased groundwater audit with the file itself.

The twins are a request for it that was refused, and one for a version that was released. The public has an interest in
the asset: whoever tells of it must withhold who asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256

from waybill.model.findings import Text
from waybill.model.register import Asset
from waybill.model.words import AssetKind, Grade
from waybill.simulate.journal import Tag
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.offices import at
from waybill.simulate.sources import web_access
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Exposed, Means

_PORTAL = "portal"
"""The portal's web root, among the world's places."""

_SUBSTANCES = ("nitrate", "arsenic", "fluoride", "ammonia")


def _stage(scene: Scene, plot: Plot) -> None:
    office, names = scene.offices[Trade.TOWN], scene.names
    audit, released = _audit(scene, "unreleased"), _audit(scene, "released")
    folder = names.of(("files", "archive", "docs", "d"))
    for content, grade in ((audit, Grade.IMPORTANT), (released, Grade.GENERAL)):
        digest = sha256(content).hexdigest()
        (scene.documents / f"{digest}.csv").write_bytes(content)
        scene.books.assets.append(
            Asset(
                id=f"groundwater-{names.token(4)}",
                name="地下水审计报告",
                kind=AssetKind.DOCUMENT,
                grade=grade,
                owner=office.organisation.trade,
                home=office.site_id,
                public_interest=True,
                patterns=(digest, f"/{folder}/{digest}*"),
            )
        )
    paths = {content: f"/{folder}/{sha256(content).hexdigest()}.csv" for content in (audit, released)}
    _stand(scene, plot, audit, released, paths)
    reader = office.organisation.in_unit("环保")[0]
    for day in scene.every(9):  # colleagues open both from inside
        for content, path in paths.items():
            _answer(scene, day, content, path, address=reader.address, user=reader.account)
    for content, status, share in ((audit, 401, 0.35), (released, 200, 0.45), (audit, 200, 0.6)):
        tag = plot.leak if content is audit and status == 200 else plot.twin
        _answer(
            scene, scene.day(share), content, paths[content], address=office.outside_address, status=status, tag=tag
        )


def _stand(scene: Scene, plot: Plot, audit: bytes, released: bytes, paths: dict[bytes, str]) -> None:
    """Let the portal's files stand there from the first day on: the released one belongs there, the audit does not."""
    portal = scene.places / _PORTAL
    portal.mkdir()
    (portal / "index.html").write_text("<!doctype html><title>portal</title>\n", encoding="utf-8")
    for content, path in paths.items():
        file = portal / path.lstrip("/")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    marker, twin = (sha256(content).hexdigest() for content in (audit, released))
    scene.expose(
        plot,
        Exposed(by="storage", family="storage", target=_PORTAL, marker=marker, twin=twin, since=at(scene.days[0], 0.0)),
    )


def _answer(
    scene: Scene,
    day: date,
    content: bytes,
    path: str,
    *,
    address: str,
    user: str = "-",
    status: int = 200,
    tag: Callable[[str], Tag] | None = None,
) -> None:
    """Let the portal answer a request for an audit, with its hash if it gives it."""
    office, moment, agent = scene.offices[Trade.TOWN], scene.moment(day), f"Mozilla/5.0 ({scene.names.token(12)})"
    given = status == 200
    record = web_access.request(
        moment,
        server=f"portal.{office.organisation.domain}",
        address=address,
        user=user,
        path=path,
        status=status,
        size=len(content) if given else 172,
        etag=sha256(content).hexdigest() if given else "",
        agent=agent,
    )
    office.write(web_access.LAYOUT, moment, record, tag(agent) if tag else None)


def _audit(scene: Scene, edition: str) -> bytes:
    """Return an audit: what was found in which well."""
    lines = [f"edition,{edition}", "well,substance,mg_per_litre"]
    lines += [
        f"{scene.names.token(4)},{substance},{scene.random.lognormvariate(0, 1):.3f}"
        for _ in range(20)
        for substance in _SUBSTANCES
    ]
    return "\n".join(lines).encode()


PLOT = Plot(
    name="audit-answered",
    number=5,
    trade=Trade.TOWN,
    title=Text(
        "An unreleased groundwater audit handed to an anonymous stranger", "未公开的地下水审计被匿名外部访问者取得"
    ),
    why_allowed=Text("the request was refused, or the version released", "请求被拒绝，或所取为已公开版本"),
    means=(Means.PERMITS, Means.CONTENT),
    stage=_stage,
)
"""Leak 5."""
