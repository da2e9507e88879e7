"""Statements in Sigstore bundles, verified without a network against a trusted root that the user gives.

The package ``sigstore`` (extra ``sigstore``) checks the certificate, its place in the certificate and the signature
logs, and the times; whose signature counts is said by the user, since anybody can have a certificate.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waybill.exposure.deployed.envelope import IN_TOTO
from waybill.model.errors import InputError, UsageError

_MEDIA = "application/vnd.dev.sigstore.bundle"


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature counts, and by which roots."""

    root: Path
    """A trusted root (JSON), such as Sigstore's ``trusted_root.json`` or that of an instance of one's own."""
    identity: str
    """What the certificate names: an e-mail address, or the address of a workflow."""
    issuer: str
    """Who vouched for it: the address of an OpenID Connect provider."""


def recognises(document: Any) -> bool:
    """Return whether a document is a bundle."""
    if not isinstance(document, dict):
        return False
    return str(document.get("mediaType", "")).startswith(_MEDIA)


def statement_in(content: bytes, signer: Signer, where: str) -> bytes:
    """Return the statement in a bundle. Raises ``InputError`` if it is not that signer's, or anything is amiss."""
    if importlib.util.find_spec("sigstore") is None:
        raise UsageError("reading a bundle needs sigstore", advice="pip install 'waybill-security[sigstore]'")
    from sigstore.errors import Error
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify.policy import Identity

    try:
        root = TrustedRoot.from_file(str(signer.root))
    except (OSError, ValueError, Error) as error:
        raise UsageError(f"this is no trusted root: {type(error).__name__}", where=str(signer.root)) from None
    try:
        bundle = Bundle.from_json(content)
        identity = Identity(identity=signer.identity, issuer=signer.issuer)
        kind, payload = Verifier(trusted_root=root).verify_dsse(bundle, identity)
    except (ValueError, Error) as error:
        raise InputError(f"the bundle is not to be trusted: {str(error)[:200]}", where=where) from None
    if kind != IN_TOTO:
        raise InputError("the bundle holds no statement", where=where, expected=IN_TOTO)
    return payload
