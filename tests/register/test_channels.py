"""Protected channels are found in every spelling a log may use, and nothing else is."""

from __future__ import annotations

import pickle
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.errors import RuleError
from waybill.model.protocols import ChannelFilter
from waybill.register.channels import ProtectedChannels, read_channels

CHANNELS = ProtectedChannels(
    addresses=["Line@Integrity.example", "工会@corp.example"],
    domains=["*.council.example"],
    hosts=["hotline-01"],
    prefixes=["https://intranet.example/union/", "\\\\files\\council\\", "/srv/doctor"],
)


@pytest.mark.parametrize(
    "value",
    [
        "line@integrity.example",
        "To: <LINE@INTEGRITY.EXAMPLE>; cc",
        "工会@corp.example",
        "council.example",
        "https://mail.Council.Example:443/x?y",
        "ann@council.example",
        "hotline-01",
        "\\\\HOTLINE-01\\share",
        "hotline-01:22.",
        "https://intranet.example/union/minutes.pdf",
        "copy \\\\FILES\\council\\a.txt d:",
        "//files/council/a",
        "/srv/doctor/notes",
        "/srv/doctors",
    ],
)
def test_protected(value: str) -> None:
    assert CHANNELS.protects(value)
    assert CHANNELS.protects_bytes(b"\xff" + value.encode() + b"\xff")
    assert CHANNELS.protects_bytes(value.encode("utf-16-le"))
    assert CHANNELS.protects_bytes(b"x" + value.encode("utf-16-be"))
    assert CHANNELS.protects_bytes(value.encode("gb18030"))
    assert CHANNELS.protects_bytes(orjson.dumps({"a": value})[:-1])


def test_escaped_names_are_found_in_bytes() -> None:
    assert CHANNELS.protects_bytes(b'{"a": "\\u5de5\\u4f1a@corp.example"')
    assert CHANNELS.protects_bytes(b'{"a": "https:\\/\\/intranet.example\\/union\\/x')
    assert CHANNELS.protects_bytes(b'{"a": "\\\\\\\\files\\\\council\\\\x')


@pytest.mark.parametrize(
    "value",
    [
        "", "online@integrity.example", "line@integrity.example.org", "line@integrity.examples", "mycouncil.example",
        "council.example.org", "hotline-012", "my-hotline-01", "https://intranet.example/unions", "/srv/doc",
    ],
)  # fmt: skip
def test_not_protected(value: str) -> None:
    assert not CHANNELS.protects(value)


@given(st.text())
def test_nothing_is_protected_without_a_list(value: str) -> None:
    assert not ProtectedChannels().protects(value)
    assert not ProtectedChannels().protects_bytes(value.encode(errors="replace"))


@given(st.text(), st.sampled_from(["line@integrity.example", "hotline-01", "council.example"]), st.text())
def test_what_is_protected_as_a_value_is_protected_as_bytes(before: str, name: str, after: str) -> None:
    value = before + name + after
    if CHANNELS.protects(value):
        assert CHANNELS.protects_bytes(value.encode(errors="replace"))


def test_it_is_what_the_model_asks_for_and_pickles() -> None:
    channels: ChannelFilter = pickle.loads(pickle.dumps(CHANNELS))
    assert channels.protects("hotline-01")
    assert "hotline" not in repr(channels)


def test_the_list_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "channels.toml"
    path.write_text('[[channel]]\nname = "Line"\naddresses = ["a@b.example"]\n[[channel]]\nhosts = ["h-1"]\n')
    channels = read_channels(path)
    assert channels.protects("a@b.example")
    assert channels.protects("h-1")
    path.write_text("")
    assert not read_channels(path).protects("h-1")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[[channel", ""),
        ("channels = []", ""),
        ("[channel]\nhosts = ['x']", ""),
        ("[[channel]]\nname = 'x'", "channel 1"),
        ("[[channel]]\nhosts = ['x']\n[[channel]]\nhost = ['x']", "channel 2"),
        ("[[channel]]\nhosts = 'x'", "channel 1"),
        ("[[channel]]\nhosts = ['']", "channel 1"),
        ("[[channel]]\nhosts = [7]", "channel 1"),
    ],
)
def test_a_wrong_list_is_refused_rather_than_protect_too_little(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "channels.toml"
    path.write_text(text)
    with pytest.raises(RuleError) as caught:
        read_channels(path)
    assert caught.value.where.endswith(where or "channels.toml")


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        read_channels(tmp_path / "missing.toml")
