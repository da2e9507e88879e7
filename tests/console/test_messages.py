"""Everything that pages say is said in Chinese too; the catalogue and what is compiled from it are up to date."""

from __future__ import annotations

from docs import build_messages


def test_the_catalogue_is_what_the_pages_say() -> None:
    catalogue = build_messages.merged()
    assert not list(build_messages.missing(catalogue)), "translate these in the catalogue: make messages"
    assert build_messages.CATALOGUE.read_bytes() == build_messages.text_of(catalogue), "run make messages"
    assert build_messages.CATALOGUE.with_suffix(".mo").read_bytes() == build_messages.compiled(catalogue)


def test_translations_keep_what_is_filled_in() -> None:
    for message in build_messages.merged():
        if message.id and message.python_format:
            assert not list(message.check()), message.id
