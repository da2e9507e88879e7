"""The page "People and machines": what stands out, why, beside whom, what is said to it, and who may see whom."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus
from pathlib import Path

import pyarrow as pa
import pytest
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import text

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.detect.behaviour import recent_days
from waybill.findings import handling, queries
from waybill.findings.queries import ALL_STATES, Filter
from waybill.findings.store import DatabaseFindingStore
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.model.transfers import COLLECTED
from waybill.outbox.models import Row

__all__ = ["empty_site", "site"]

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS, PEOPLE = 40, 14
LAST = MONDAY + timedelta(days=DAYS - 1, hours=2)
TAKER = "p-" + "d" * 16
PAGE, OF = "/behaviour", f"/behaviour/of/{TAKER}"


def who(person: int) -> str:
    return "p-" + "abcdefghijklmnop"[person] * 16


def deed(time: datetime, actor: str, **columns: object) -> dict[str, object]:
    seen = {"action": "read", "channel": "web", "outcome": "success", "source": "proxy", "actor_kind": "person"}
    identity = random.Random(repr((time, actor, columns))).randbytes(16)
    return {"time": time, "id": identity, "actor": actor, "to_place": "news.example", **seen, **columns}


def transfers() -> pa.Table:
    """Return weeks of fourteen people, one of whom copies much on the last day."""
    chance, rows = random.Random(3), []
    for day in range(DAYS):
        if (MONDAY + timedelta(days=day)).weekday() < 5:
            for person in range(PEOPLE):
                for _ in range(chance.randint(2, 7)):
                    moment = MONDAY + timedelta(days=day, seconds=chance.randint(0, 30_000))
                    rows.append(deed(moment, who(person), to_place=f"site-{chance.randint(0, 9)}.example"))
    copy = {"action": "copy", "channel": "usb", "to_place": "stick", "bytes": 5_000}
    rows += [deed(LAST + timedelta(seconds=n), TAKER, asset=f"plan-{n}", **copy) for n in range(40)]
    return pa.Table.from_pylist(rows, schema=COLLECTED)


@pytest.fixture(scope="module")
def learnt() -> pa.Table:
    """Make the transfers once."""
    return transfers()


@pytest.fixture
def watching(site: Site, learnt: pa.Table, tmp_path: Path) -> Iterator[Site]:
    """Return a site whose detector has judged those weeks."""
    from waybill.register.importing import read_folder
    from waybill.register.records import import_reading

    here, register = site.installation, tmp_path / "register"
    register.mkdir()
    parties = "".join(f"{who(n)},person,{'one' if n < 13 else 'two'}.example,clerk\n" for n in range(PEOPLE))
    (register / "parties.csv").write_text("id,kind,org,roles\n" + parties, encoding="utf-8")
    import_reading(read_folder(register), here.pseudonymiser, here.folder.key("identity"))
    here.lake.append(learnt)
    here.lake.commit()
    look(site)
    yield site


def look(site: Site) -> None:
    """Run the detector, as the service does."""
    settings = site.installation.settings.model_copy(update={"behaviour_rate": 0.01})
    detect(site.installation, load_detectors(only=["behaviour"], settings=settings), workers=0, progress=lambda _: None)


def taken() -> str:
    """Return the id of the finding on who copied."""
    return next(one.finding.id for one in queries.every(Filter(subject=TAKER, states=ALL_STATES)))


def test_the_list_says_who_why_how_rare_and_what_a_score_is_not(watching: Site) -> None:
    browser = watching.reader(Role.ANALYST)
    page = text(browser.get(PAGE))
    assert page.index(TAKER) < page.index("removable media")
    assert "seen once in" in page and "no ground for any measure" in page
    assert len(re.findall(r'class="what"', page)) == 5
    assert len(re.findall(r'class="what"', text(browser.get(f"{PAGE}?cases=2")))) == 2
    assert len(re.findall(r'class="what"', text(browser.get(f"{PAGE}?cases=none")))) == 5
    assert TAKER not in text(browser.get(f"{PAGE}?day={LAST - timedelta(days=3):%Y-%m-%d}&cases=1"))
    assert browser.get(f"{PAGE}?day=1999-01-01").status_code == HTTPStatus.BAD_REQUEST
    browser.cookies["django_language"] = "zh-hans"
    page = unescape(text(browser.get(PAGE)))
    assert "拷入移动介质的文件" in page and "仅凭评分不得对个人采取任何措施" in page
    assert "移动介质: 自身习惯" in page, "parts are told in the reader's language"


def test_an_empty_site_says_so(site: Site) -> None:
    assert "habits are learnt first" in text(site.reader(Role.ANALYST).get(PAGE))


def test_one_is_shown_beside_the_peers(watching: Site) -> None:
    browser = watching.reader(Role.ANALYST)
    page = text(browser.get(OF))
    assert 'data-chart="chart-history"' in page and '"kind": "band"' in page
    assert "eight in ten" in page and "clerk" in page
    assert f"{LAST:%Y-%m-%d}" in page
    first = page.partition('<article class="panel">')[2].partition("</article>")[0]
    shares = [int(one) for one in re.findall(r"(\d+)%</td>", first)]
    assert abs(sum(shares) - 100) <= len(shares)
    assert browser.get("/behaviour/of/p-nobody").status_code == HTTPStatus.NOT_FOUND


def test_what_is_confirmed_is_on_record_and_leaves_the_calibration(watching: Site) -> None:
    browser, before, recorded = watching.reader(Role.RESPONDER), in_calibration(), Row.objects.count()
    said = {"day": f"{LAST:%Y-%m-%d}", "right": "yes", "reason": "took them home"}
    assert browser.post(f"/behaviour/judge/{TAKER}", {**said, "reason": " "}).status_code == HTTPStatus.BAD_REQUEST
    assert browser.post(f"/behaviour/judge/{TAKER}", {**said, "day": ""}).status_code == HTTPStatus.BAD_REQUEST
    assert browser.post(f"/behaviour/judge/{TAKER}", said).status_code == HTTPStatus.FOUND
    assert queries.get(taken()).state == "resolved"
    assert handling.history(taken())[-1].reason == "took them home"
    assert Row.objects.count() > recorded, "it goes into the ledger"
    look(watching)
    assert in_calibration() < before


def in_calibration() -> int:
    """Return how many days of who copied others are held against."""
    from waybill.detect.behaviour.memory import scores

    names, known = scores(DatabaseFindingStore().state("behaviour")["observer"])
    return int((known.entity == names.index(TAKER)).sum())


def test_who_was_only_watched_can_be_judged_too(watching: Site) -> None:
    day = recent_days(DatabaseFindingStore().state("behaviour"))[-1]
    quiet = next(one for one in day.watched if not one.told)
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day.day)
    said = {"day": f"{when:%Y-%m-%d}", "right": "no", "reason": "a holiday"}
    browser = watching.reader(Role.ANALYST)
    assert browser.post(f"/behaviour/judge/{quiet.subject}", said).status_code == HTTPStatus.FOUND
    (one,) = queries.every(Filter(subject=quiet.subject, states=ALL_STATES))
    assert (one.state, one.finding.severity) == ("false_positive", "low")
    assert one.finding.transfers
    said["day"] = "1999-01-01"
    assert browser.post(f"/behaviour/judge/{quiet.subject}", said).status_code == HTTPStatus.BAD_REQUEST


def test_the_person_concerned_contests_and_gets_an_answer(watching: Site) -> None:
    officer, analyst = watching.reader(Role.PRIVACY_OFFICER), watching.reader(Role.ANALYST)
    said = {"day": f"{LAST:%Y-%m-%d}", "reason": "a hand-over, ask <i>my</i> manager"}
    assert officer.post(f"/behaviour/contest/{TAKER}", said).status_code == HTTPStatus.FOUND
    page = text(officer.get(OF))
    assert "hand-over, ask &lt;i&gt;my" in page and "the answer is owed" in page
    assert "/findings/" not in page, "who may not read findings is not sent there"
    answer = {"day": said["day"], "right": "no", "reason": "the manager agrees"}
    assert officer.post(f"/behaviour/judge/{TAKER}", answer).status_code == HTTPStatus.FORBIDDEN
    assert analyst.post(f"/behaviour/judge/{TAKER}", answer).status_code == HTTPStatus.FOUND
    page = text(officer.get(OF))
    assert "the finding was withdrawn" in page and "the manager agrees" in page and "owed" not in page


def test_others_are_beyond_reach(watching: Site) -> None:
    bound = watching.reader(Assignment(role=Role.ANALYST, organisations=("two.example",)))
    page = text(bound.get(PAGE))
    assert TAKER not in page and "How evenly" not in page
    assert bound.get(OF).status_code == HTTPStatus.NOT_FOUND
    said = {"day": f"{LAST:%Y-%m-%d}", "right": "yes", "reason": "mine"}
    for act in ("judge", "contest"):
        assert bound.post(f"/behaviour/{act}/{TAKER}", said).status_code == HTTPStatus.NOT_FOUND
    auditor = watching.reader(Role.AUDITOR)
    assert TAKER in text(auditor.get(PAGE)) and "It is right" not in text(auditor.get(OF))
    assert auditor.post(f"/behaviour/judge/{TAKER}", said).status_code == HTTPStatus.FORBIDDEN
