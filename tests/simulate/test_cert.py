"""The CERT releases are read in their exact layouts. Every line here is invented; none is of the datasets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench import cert
from bench.behaviour import observe
from bench.labelled import Labelled

from waybill.model.errors import UsageError

SAMPLES = {
    "4.2": {
        "device": [
            "{D1},01/04/2010 08:10:00,AAA0001,PC-1001,Connect",
            "{D2},01/04/2010 08:30:00,AAA0001,PC-1001,Disconnect",
        ],
        "file": ['{F1},01/04/2010 08:12:00,AAA0001,PC-1001,plan.doc,"D0-CF invented, words"'],
        "email": [
            "{E1},01/04/2010 09:00:00,BBB0002,PC-1002,x@else.example;b@dtaa.com,c@dtaa.com,,b@dtaa.com,2500,1,"
            '"one, two"'
        ],
        "http": ["{H1},01/04/2010 10:00:00,BBB0002,PC-1002,http://news.example/a/b,words"],
    },
    "5.2": {
        "device": ["{D1},01/04/2010 08:10:00,AAA0001,PC-1001,R:\\;R:\\AAA,Connect"],
        "file": [
            "{F1},01/04/2010 08:12:00,AAA0001,PC-1001,plan.doc,File Copy,True,False,words",
            "{F2},01/04/2010 08:13:00,AAA0001,PC-1001,plan.doc,File Open,False,True,words",
            "{F3},01/04/2010 08:14:00,AAA0001,PC-1001,plan.doc,File Delete,False,False,words",
        ],
        "email": [
            "{E1},01/04/2010 09:00:00,BBB0002,PC-1002,x@else.example,,,b@dtaa.com,Send,2500,C:\\a.doc(171932),words",
            "{E2},01/04/2010 09:01:00,BBB0002,PC-1002,b@dtaa.com,,,x@else.example,View,100,,words",
        ],
        "http": ["{H1},01/04/2010 10:00:00,BBB0002,PC-1002,http://news.example/a/b,words"],
    },
}  # fmt: skip
SAMPLES["6.2"] = {
    **SAMPLES["5.2"],
    "http": ['{H1},01/04/2010 10:00:00,BBB0002,PC-1002,http://drop.example/x,WWW Upload,"words, more"'],
}
LOGON = ["{L1},01/04/2010 08:00:00,AAA0001,PC-1001,Logon", "{L2},02/05/2010 17:00:00,AAA0001,PC-1001,Logoff"]


def release(folder: Path, name: str) -> Path:
    """Write an invented release."""
    here = folder / f"r{name}"
    (here / "LDAP").mkdir(parents=True)
    for kind, lines in {"logon": LOGON, **SAMPLES[name]}.items():
        (here / f"{kind}.csv").write_text("\n".join([cert.LAYOUTS[kind][name], *lines]) + "\n")
    projects = "" if name == "4.2" else "P1,"
    for month, people in (("2010-01", ("AAA0001", "BBB0002")), ("2010-02", ("BBB0002",))):
        rows = [f"A B,{who},{who}@dtaa.com,Engineer,{projects}1,2 - R,3 - L,4 - T,C D" for who in people]
        (here / "LDAP" / f"{month}.csv").write_text("\n".join([cert.LAYOUTS["LDAP"][name], *rows]) + "\n")
    answers = folder / "answers" / f"r{name}-1"
    answers.mkdir(parents=True)
    insiders = "dataset,scenario,details,user,start,end\n"
    insiders += f"{name},1,r{name}-1-AAA0001.csv,AAA0001,01/03/2010 01:00:00,01/06/2010 02:00:00\n"
    insiders += f"{name},2,r{name}-2-BBB0002.csv,BBB0002,01/05/2010 01:00:00,01/06/2010 02:00:00\n"
    insiders += "9.9,1,r9.9-1-BBB0002.csv,BBB0002,01/03/2010 01:00:00,01/06/2010 02:00:00\n"
    (folder / "answers" / "insiders.csv").write_text(insiders)
    (answers / f"r{name}-1-AAA0001.csv").write_text("device,{D1},01/04/2010 08:10:00,AAA0001,PC-1001,Connect\n")
    return here


def deeds(company: Labelled, source: str) -> list[tuple[str, ...]]:
    names = ("action", "channel", "actor", "to_place", "to_party", "asset")
    rows = company.transfers.select([*names, "source"]).to_pylist()
    return [tuple(row[name] or "" for name in names) for row in rows if row["source"] == source]


@pytest.mark.parametrize("name", cert.RELEASES)
def test_a_release_is_read_with_its_people_and_what_is_true_of_them(tmp_path: Path, name: str) -> None:
    company = cert.read(release(tmp_path, name), name)
    assert company.names == ["AAA0001", "BBB0002"]
    assert company.begin == datetime(2010, 1, 4, tzinfo=UTC)
    assert company.bad[0].nonzero()[0].tolist() == [0], "the days of the insider's own records"
    assert company.bad[1, :3].tolist() == [0, 2, 2], "without those, the whole stretch"
    assert {party.id: party.roles for party in company.register.parties}["BBB0002"] == ("Engineer",)
    assert company.register.parties[0].org == "2 - R/3 - L/4 - T"
    assert [row[2] for row in deeds(company, "LDAP")] == ["AAA0001"], "who is missing from the next month has left"
    assert ("login", "host") in {row[:2] for row in deeds(company, "logon")}
    assert deeds(company, "device")[0][:3] == ("connect", "usb", "AAA0001")
    assert deeds(company, "file")[0] == ("copy", "usb", "AAA0001", "removable", "", "plan.doc")
    assert deeds(company, "email")[0][:2] == ("send", "email")
    assert deeds(company, "email")[0][4] == "x@else.example"
    assert deeds(company, "http")[0][3] in {"news.example", "drop.example"}
    assert len(set(company.transfers["id"].to_pylist())) == company.transfers.num_rows
    assert "words" not in str(company.transfers.to_pydict().values()), "contents are not read"


def test_what_the_releases_differ_in(tmp_path: Path) -> None:
    four, five, six = (cert.read(release(tmp_path / name, name), name) for name in cert.RELEASES)
    assert [row[:2] for row in deeds(five, "file")] == [("copy", "usb"), ("read", "file"), ("delete", "file")]
    assert [row[:2] for row in deeds(five, "email")] == [("send", "email"), ("read", "email")]
    assert deeds(six, "http")[0][0] == "upload" and deeds(five, "http")[0][0] == "read"
    (mail,) = [row for row in four.transfers.to_pylist() if row["source"] == "email"]
    assert (mail["records"], mail["bytes"]) == (3, 2500)


def test_decoys_are_controlled(tmp_path: Path) -> None:
    here = release(tmp_path, "6.2")
    (here / "decoy_file.csv").write_text("decoy_filename,pc\nplan.doc,PC-1001\n")
    asset = cert.read(here, "6.2").register.asset_of("plan.doc")
    assert asset is not None and asset.id == "decoys"


def test_another_layout_and_missing_files_are_told(tmp_path: Path) -> None:
    here = release(tmp_path, "4.2")
    with pytest.raises(UsageError, match="another layout"):
        cert.read(here, "5.2")
    (here / "http.csv").unlink()
    with pytest.raises(UsageError, match="missing"):
        cert.read(here, "4.2")


def test_the_benchmark_takes_it(tmp_path: Path) -> None:
    company = cert.read(release(tmp_path, "6.2"), "6.2")
    days = observe(company)
    assert len(days.score) >= 2
    assert days.bad.max() == 1
