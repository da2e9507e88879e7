"""Tokens are told once, kept as hashes, and end; every change is on its way to be proved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from waybill.access.scopes import Scope
from waybill.model.errors import UsageError

pytestmark = pytest.mark.both_databases


@pytest.mark.usefixtures("database")
def test_a_token_is_recognised_by_all_of_its_secret() -> None:
    from waybill.access.tokens import Tokens, create

    token, shown = create("erp", [Scope.INGEST], who="admin", sources=["erp"])
    assert Tokens().recognise(shown) == token
    other, other_shown = create("crm", [Scope.READ], who="admin")
    mixed = "_".join([*shown.split("_")[:2], other_shown.split("_", 2)[2]])
    for wrong in ("", shown[:-1], shown + "a", shown.upper(), mixed, shown.replace(token.id, other.id)):
        assert Tokens().recognise(wrong) is None


@pytest.mark.on_file
def test_no_byte_of_a_secret_rests(database: Path) -> None:
    from waybill.access.tokens import create

    _, shown = create("erp", [Scope.INGEST], who="admin")
    secret = shown.split("_", 2)[2]
    files = [path.read_bytes() for path in database.parent.iterdir() if path.is_file()]
    assert not any(secret.encode() in content for content in files)


@pytest.mark.usefixtures("database")
def test_tokens_end() -> None:
    from waybill.access.tokens import create, revoke

    token, _ = create("erp", [Scope.INGEST], who="admin")
    assert token.is_good(token.expires_at - timedelta(seconds=1))
    assert not token.is_good(token.expires_at)
    assert not revoke("erp", who="admin").is_good(datetime.now(UTC))
    assert revoke(token.id, who="admin").revoked_at == revoke("erp", who="admin").revoked_at


@pytest.mark.usefixtures("database")
def test_what_is_refused() -> None:
    from waybill.access.tokens import create, revoke

    create("erp", [Scope.INGEST], who="admin")
    past = datetime.now(UTC) - timedelta(days=1)
    for name, scopes, options in [
        ("erp", [Scope.READ], {}),
        ("Li Na", [Scope.READ], {}),
        ("", [Scope.READ], {}),
        ("one", [], {}),
        ("one", [Scope.READ], {"sources": ["a;b"]}),
        ("one", [Scope.READ], {"expires_at": past}),
    ]:
        with pytest.raises(UsageError):
            create(name, scopes, who="admin", **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        revoke("nobody", who="admin")


@pytest.mark.usefixtures("database")
def test_each_change_is_recorded_without_the_secret() -> None:
    from waybill.access.tokens import create, revoke
    from waybill.outbox import models
    from waybill.outbox.kinds import Kind

    token, shown = create("erp", [Scope.INGEST], who="admin")
    revoke("erp", who="admin")
    rows = list(models.Row.objects.filter(kind=Kind.AGENT_TOKEN).order_by("id"))
    assert [row.reference for row in rows] == [token.id] * 2
    assert '"revoked_at"' in rows[1].content and shown.split("_", 2)[2] not in rows[0].content


@pytest.mark.usefixtures("database")
def test_a_record_of_a_token_can_be_a_leaf_of_the_ledger() -> None:
    from waybill.access.tokens import create
    from waybill.ledger.subjects import NOBODY
    from waybill.outbox import models
    from waybill.outbox.leaves import leaf_of

    create("erp", [Scope.INGEST], who="admin")
    assert bytes(leaf_of(models.Row.objects.get(), {NOBODY: b"k" * 32}))
