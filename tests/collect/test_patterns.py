"""People whom no field names: which texts give one away, and which only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.collect.patterns import replace_people, replace_people_in_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CORP\\alice", "CORP\\P"),
        ("NT\\alice", "NT\\P"),
        ("runas /user:CORP\\alice cmd", "runas /user:CORP\\P cmd"),
        ("C:\\Users\\alice\\plan.txt", "C:\\Users\\P\\plan.txt"),
        ("/home/alice/plan.txt", "/home/P/plan.txt"),
        ("alice@example.org", "P@example.org"),
    ],
)
def test_people_are_replaced(text: str, expected: str) -> None:
    assert replace_people(text, lambda name: "P") == expected


@pytest.mark.parametrize(
    "text",
    [
        "USBSTOR\\DISK&VEN_GENERIC\\09A9E246",
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services",
        "C:\\Windows\\System32\\cmd.exe",
        "HID\\VID_046D",
        "C:\\Users\\Public\\Documents",
        "https://example.org/users/list",
    ],
)
def test_devices_keys_and_shared_folders_stay(text: str) -> None:
    assert replace_people(text, lambda name: "P" if name.lower() != "public" else name) == text


@given(st.lists(st.text(st.sampled_from("aA1 @\\/:.-_usersUSERSHOMEhomeS52D\r\x1f"), max_size=30), min_size=2))
def test_looking_at_each_line_or_at_the_whole_text_gives_the_same(lines: list[str]) -> None:
    def pseudonym(name: str) -> str:
        return f"<{len(name)}>"

    apart = "\n".join(replace_people_in_line(line, pseudonym) for line in lines)
    assert replace_people("\n".join(lines), pseudonym) == apart
