"""The format ``lines`` of the mapping language: what patterns take, which are refused, and that none can be slow."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.collect.samples import read_bytes, rejected, rows

from waybill.collect import built_in_mappings
from waybill.collect.line_patterns import line_pattern
from waybill.collect.linear import PatternError
from waybill.collect.lines import NEAR, pairs_in
from waybill.collect.mapping import Mapping, parse_mapping
from waybill.collect.masking import without_literals, without_secrets
from waybill.model.errors import RuleError

HEAD = 'name = "x"\nformat = "lines"\n[columns]\ntime = "t"\naction = { value = "copy" }\nasset = "a"\n[lines]\n'
NOW = "2026-03-04T05:06:07Z"
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def mapping(lines: str) -> Mapping:
    return parse_mapping(HEAD + lines, "x.toml")


def fields(folder: Path, lines: str, *texts: str) -> list[dict[str, Any]]:
    """Return the source's own fields of each record, without the time."""
    found = read_bytes(folder, "".join(f"{text}\n" for text in texts).encode(), mapping(lines))
    assert rejected(found) == []
    return [{name: value for name, value in row["fields"] if name != "t"} for row in rows(found)]


@pytest.mark.parametrize("repeat", ["+", "++"])
def test_patterns_are_tried_in_order_and_name_fields_as_they_like(tmp_path: Path, repeat: str) -> None:
    text = r"pattern = ['(?P<t>\S+) get (?P<id.orig-h>\w+)', '(?P<t>\S+) (?P<op>\w+)(?: (?P<a>\w+))?']"
    got = fields(tmp_path, text.replace("+", repeat), f"{NOW} get x", f"{NOW} put y", f"{NOW} get")
    assert got == [{"id.orig-h": "x"}, {"op": "put", "a": "y"}, {"op": "get"}]


def test_a_line_that_matches_nothing_is_told_and_reading_goes_on(tmp_path: Path) -> None:
    content = f"{NOW} a\r\n\n  \nnonsense\n# remark\n{NOW} b".encode()
    found = read_bytes(tmp_path, content, mapping(r"""pattern = '(?P<t>\d\S+) (?P<a>\w+)'""" + '\nskip = ["#"]'))
    assert [(row["position"], row["asset"]) for row in rows(found)] == [(1, "a"), (6, "b")]
    (told,) = rejected(found)
    assert (told.position, told.reason, told.raw) == (4, "the line matches no pattern", b"nonsense")
    assert "pattern" in told.advice


def test_what_stands_for_no_value_is_none(tmp_path: Path) -> None:
    got = fields(tmp_path, "pattern = '(?P<t>[^ ]+) (?P<a>[^ ]*) (?P<b>[^ ]*)'\nempty = ['-', 'null']", f"{NOW} - null")
    assert got == [{}]


def test_pairs_become_fields_and_do_not_replace_those_of_the_pattern(tmp_path: Path) -> None:
    text = "pattern = '(?P<t>[^ ]+) (?P<a>[^ ]+) (?P<rest>.+)'\npairs = ['rest']"
    line = f"""{NOW} f x=1 y="two \\"words\\"" z='a=b', a=other e= x=3 not_one"""
    (got,) = fields(tmp_path, text, line)
    del got["rest"]
    assert got == {"a": "f", "x": "1\x1f3", "y": 'two "words"', "z": "a=b"}


def test_patterns_inside_a_field(tmp_path: Path) -> None:
    text = "pattern = '(?P<t>[^ ]+) (?P<m>.+)'\ninside.m = ['(?P<a>[a-z]+) did', '(?P<b>[a-z]+) was.*']"
    assert fields(tmp_path, text, f"{NOW} ann did", f"{NOW} bob was it", f"{NOW} none") == [
        {"m": "ann did", "a": "ann"},
        {"m": "bob was it", "b": "bob"},
        {"m": "none"},
    ]


def test_escaped_fields(tmp_path: Path) -> None:
    text = "pattern = '(?P<t>[^ ]+) (?P<a>.+)'\nescaped = ['a']"
    assert fields(tmp_path, text, f"{NOW} O\\'x \\\\ \\n") == [{"a": "O'x \\ \\n"}]


JOINED = "pattern = '(?P<t>[^ ]+) (?P<key>[^ ]+) (?P<a>.*)'\njoin = ['key']"


def test_lines_with_equal_keys_are_one_record(tmp_path: Path) -> None:
    lines = [f"{NOW} {key} {value}" for key, value in [("1", "x"), ("1", "y"), ("2", "z"), ("1", "w")]]
    assert fields(tmp_path, JOINED, *lines) == [{"key": "1", "a": "x\x1fy\x1fw"}, {"key": "2", "a": "z"}]
    far = [lines[0], *[f"{NOW} n{number} v" for number in range(60)], lines[1]]
    got = fields(tmp_path, JOINED, *far)
    assert [one["a"] for one in got if one["key"] == "1"] == ["x", "y"]


@QUICK
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=30), st.integers(40, 400))
def test_chunks_do_not_tear_records_apart(tmp_path: Path, groups: list[tuple[int, int]], chunk: int) -> None:
    keys = [f"{number}-{key}" for number, (key, count) in enumerate(groups) for _ in range(count)]
    content = "".join(f"{NOW} {key} v{place}\n" for place, key in enumerate(keys)).encode()
    (tmp_path / "log").write_bytes(content)
    whole, parts = (
        rows(read_bytes(tmp_path, content, mapping(JOINED), chunk_bytes=size)) for size in (1_000_000, chunk)
    )
    assert len(whole) == len(groups)
    assert whole == parts


@QUICK
@given(st.lists(st.integers(0, 70), max_size=250), st.integers(40, 2000))
def test_chunks_do_not_tear_records_apart_whose_lines_stand_among_others(
    tmp_path: Path, backs: list[int], chunk: int
) -> None:
    keys = [max(0, number - (back if back > 60 else back // 20)) for number, back in enumerate(backs)]
    content = "".join(f"{NOW} {key} v{place}\n" for place, key in enumerate(keys)).encode()
    whole, parts = (
        rows(read_bytes(tmp_path, content, mapping(JOINED), chunk_bytes=size)) for size in (1_000_000, chunk)
    )
    assert sorted(row["position"] for row in whole) == sorted(row["position"] for row in parts)
    assert {row["id"] for row in whole} == {row["id"] for row in parts}


@pytest.mark.parametrize("others", [NEAR - 1, NEAR])
def test_a_record_ends_where_too_many_others_stand_among_its_lines(tmp_path: Path, others: int) -> None:
    lines = [f"{NOW} {key} v" for key in ("a", *range(others), "a")]
    found = rows(read_bytes(tmp_path, "\n".join(lines).encode(), mapping(JOINED)))
    assert len(found) == others + (1 if others < NEAR else 2)


def test_a_record_has_an_end_however_many_lines_have_its_key(tmp_path: Path) -> None:
    content = f"{NOW} k v\n".encode() * 5000
    for chunk in (10_000, 1_000_000):
        found = rows(read_bytes(tmp_path, content, mapping(JOINED), chunk_bytes=chunk))
        assert 5 <= len(found) <= 10


@pytest.mark.parametrize(
    ("lines", "key", "what"),
    [
        ("", "lines.pattern", "need each other"),
        ("pattern = '(?P<a>'", "lines.pattern", "not a regular expression"),
        ("pattern = '(?P<a>[^ ]++'", "lines.pattern", "not a regular expression"),
        ("pattern = 'a+'", "lines.pattern", "no named group"),
        ("pattern = '(?P<a>b++)(c)'", "lines.pattern", "1 groups have no name"),
        ("pattern = '(?P<a>b+)(c)'", "lines.pattern", "unnamed"),
        ("pattern = '(?P<a>b+)(?=c)'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b++)(?=c)'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b++)(?!c)'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b++)(?<=c)'", "lines.pattern", "linear time"),
        (r"pattern = '(?P<a>b++)\1'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b++)c*d'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b++)c*?d'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b++)c{2,9}d'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>(?:x|[^y]*+y)*+)'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>(?:(?:[^y]*+)?y)*+)'", "lines.pattern", "linear time"),
        ("pattern = '(?P<a>b)'\ninside.a = '('", "lines.inside.a", "not a regular expression"),
        ("pattern = '(?P<a>b)'\njoins = ['a']", "lines.joins", "unknown key"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_told(lines: str, key: str, what: str) -> None:
    with pytest.raises(RuleError) as caught:
        mapping(lines)
    assert caught.value.where.endswith(key)
    assert what in caught.value.what
    assert caught.value.expected


FOOD = (
    "a",
    " ",
    '"',
    "\\",
    "=",
    "[",
    "]",
    "(",
    ":",
    "%",
    ",",
    "'",
    "x=",
    "a.b",
    '\\"',
    "] [",
    "<1>",
    "Mar  4 ",
    '="',
    "-",
)


def built_in_patterns() -> dict[str, str]:
    """Return every pattern of the built-in mappings, by source and number."""
    found: dict[str, str] = {}
    for one in built_in_mappings():
        patterns = [*one.lines.patterns, *(pattern for _, inner in one.lines.inside for pattern in inner)]
        found |= {f"{one.name} {number}": pattern for number, pattern in enumerate(patterns)}
    return found


@pytest.mark.parametrize("name", sorted(built_in_patterns()))
def test_no_line_makes_a_built_in_pattern_slow(name: str) -> None:
    """Whatever repeats, also behind the beginning of a good line: 50 kB take no second."""
    pattern = line_pattern(built_in_patterns()[name])
    for beginning in (
        "",
        '1.2.3.4 - - [x] "GET ',
        "Mar  4 05:06:07 h ",
        "type=A msg=audit(1.1:1): ",
        "1.123 1 a A/200 1 GET ",
    ):
        for food in FOOD:
            began = time.process_time()
            list(pattern.matches([beginning + food * (50_000 // len(food))]))
            assert time.process_time() - began < 0.7, food


@pytest.mark.parametrize("function", [pairs_in, without_secrets, without_literals])
def test_no_text_makes_dividing_or_masking_slow(function: Any) -> None:
    for food in (*FOOD, "token=", 'a="b', "$a$ $b$ ", "to '", "://a:", "'' ", "copy x to", "password_", "from '\\"):
        began = time.process_time()
        function(food * (50_000 // len(food)))
        assert time.process_time() - began < 0.7, food


ATOMS = st.sampled_from(["a", "b", " ", "[^ ]", "[ab]", r"\w", ".", "x"])


@QUICK
@given(
    st.recursive(
        st.tuples(ATOMS, st.sampled_from(["", "*+", "++", "?", "{1,3}+"])).map("".join),
        lambda inner: (
            st.tuples(st.lists(inner, min_size=1, max_size=3).map("".join), st.sampled_from(["", "*+", "++", "?"])).map(
                lambda pair: f"(?:{pair[0]}|b){pair[1]}"
            )
            | st.lists(inner, min_size=1, max_size=3).map("".join)
        ),
        max_leaves=8,
    ),
    st.text("ab x", min_size=1, max_size=6),
)
@example("(?:a*+|b)*+", "a")
def test_what_is_not_refused_is_linear(pattern: str, food: str) -> None:
    try:
        accepted = line_pattern(f"(?P<all>{pattern})y++")
    except PatternError:
        return
    times = []
    for size in (20_000, 80_000):
        began = time.process_time()
        list(accepted.matches([food * (size // len(food)) + "!"]))
        times.append(time.process_time() - began)
    assert times[1] < 0.05 + 12 * times[0]


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=9)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="@/\\"), max_size=20
)


@QUICK
@given(
    st.lists(
        st.fixed_dictionaries({"k": words.filter(lambda word: not {*word} & {*'"@\\\\/'}), "v": texts}),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_comes_back(tmp_path: Path, records: list[dict[str, str]]) -> None:
    """A writer of quoted values with escapes, and the mapping that reads it."""
    text = r"""pattern = '(?P<t>[^ ]++) (?P<k>[^ ]++) "(?P<v>[^"\\]*+(?:\\.[^"\\]*+)*+)"'""" + "\nescaped = ['v']"

    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"')

    lines = [f'{NOW} {record["k"]} "{escaped(record["v"])}"' for record in records]
    assert fields(tmp_path, text, *lines) == [
        {name: value for name, value in record.items() if value} for record in records
    ]


@QUICK
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,5}", fullmatch=True), texts, max_size=6))
def test_pairs_that_are_written_come_back(pairs: dict[str, str]) -> None:
    written = " ".join('{}="{}"'.format(name, re.sub(r'(["\\])', r"\\\1", value)) for name, value in pairs.items())
    assert pairs_in(written) == {name: value for name, value in pairs.items() if value}


@pytest.mark.parametrize(
    ("sql", "masked"),
    [
        ("select 1", "select ?"),
        ("select 'it''s', E'a\\'b', x1 from t2", "select ?, E?, x1 from t2"),
        ('select "Name" from t where n = \'unfinished', 'select "Name" from t where n = ?'),
        ("select $$a 'b'$$, $t$c$d$t$ limit 10 offset 20", "select ?, ? limit 10 offset 20"),
        ("copy t from '/a b' with (x '1')", "copy t from '/a b' with (x ?)"),
        (" COPY t TO '/a' ", " COPY t TO '/a' "),
        ("copy (select 'a') to program 'curl'", "copy (select ?) to program 'curl'"),
        ("insert into t values (1.5, 0x1f, -2)", "insert into t values (?, ?, -?)"),
        ("alter user u password 'geheim'", "alter user u password ?"),
    ],
)
def test_literals_are_masked(sql: str, masked: str) -> None:
    assert without_literals(sql) == masked


@QUICK
@given(st.text("abc'\"$\\ 1", max_size=30), st.text("xyz", min_size=3, max_size=6))
def test_no_literal_survives(before: str, secret: str) -> None:
    quoted = f"select {before.replace(chr(39), '').replace('$', '').replace(chr(34), '')} '{secret}'"
    assert secret not in without_literals(quoted)
    assert secret not in without_literals(f'select "{secret}"', quoted=True)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("/a?token=x1&b=2", "/a?token=***&b=2"),
        ("/a?user_password=x%40y#z", "/a?user_password=***#z"),
        ("X-Amz-Signature=abc&X-Amz-Date=7", "X-Amz-Signature=***&X-Amz-Date=7"),
        ("https://u:pw@h/x", "https://u:***@h/x"),
        ("/a?monkey=banana&tokens=3", "/a?monkey=banana&tokens=3"),
        ("/a?pass=../../etc/passwd", "/a?pass=../../etc/passwd"),
        ("/a?id=1&token='or'1", "/a?id=1&token='or'1"),
    ],
)
def test_secrets_in_parameters_are_masked_and_attacks_stay(text: str, masked: str) -> None:
    assert without_secrets(text) == masked


def test_the_example_of_the_docs_works(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if 'format = "lines"' in block)
    line = b'2026-03-02 09:14:05 gate-3 li.na OPEN badge=4711 zone="clean room"\n'
    (row,) = rows(read_bytes(tmp_path, line, parse_mapping(example, "doors.toml")))
    assert (row["action"], row["to_place"], row["time"].hour) == ("connect", "gate-3/clean room", 1)
    assert line.decode().strip() in text
