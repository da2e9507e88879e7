"""Statements in Sigstore bundles, verified without a network against a trusted root that the user gives.

What the package ``sigstore`` (extra ``sigstore``) knows of certificates, logs and times is put to use by
``bundle_checks``; whose signature counts is said by the user, since anybody can have a certificate.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waybill.exposure.deployed.envelope import IN_TOTO, read_public_key
from waybill.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from sigstore.verify.policy import VerificationPolicy

    from waybill.exposure.deployed.bundle_checks import PublicKey

_MEDIA = "application/vnd.dev.sigstore.bundle"


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature counts, and by which roots: an identity and who vouched for it, or a key."""

    root: Path
    """A trusted root (JSON), such as Sigstore's ``trusted_root.json`` or that of an instance of one's own."""
    identity: str = ""
    """What the certificate names: an e-mail address, or the address of a workflow."""
    issuer: str = ""
    """Who vouched for it: the address of an OpenID Connect provider."""
    key: Path | None = None
    """A public key (PEM) that somebody manages on their own, where no certificate vouches for it."""

    @property
    def name(self) -> str:
        """How it is named where a signature is told."""
        return f"{self.identity} ({self.issuer})" if self.key is None else self.key.name


def signer_of(root: Path | None, identity: str, issuer: str, key: Path | None) -> Signer | None:
    """Return whose signature counts, as settings and commands name it. Raises ``UsageError`` where that is not said."""
    if root is None:
        if identity or issuer or key:
            raise UsageError("a bundle is checked against a root", advice="name it: --sigstore-root FILE")
        return None
    if key is None and not (identity and issuer):
        raise UsageError(
            "anybody can sign by Sigstore", advice="say whose bundle counts: --identity and --issuer, or --sigstore-key"
        )
    return Signer(root, identity, issuer, key)


def recognises(document: Any) -> bool:
    """Return whether a document is a bundle."""
    if not isinstance(document, dict):
        return False
    return str(document.get("mediaType", "")).startswith(_MEDIA)


def statement_in(content: bytes, signer: Signer, where: str, artifact: bytes | None = None) -> bytes:
    """Return the statement in a bundle, or ``artifact`` where it signs that.

    Raises ``InputError`` if it is not that signer's, or anything is amiss.
    """
    if importlib.util.find_spec("sigstore") is None:
        raise UsageError("reading a bundle needs sigstore", advice="pip install 'waybill-security[sigstore]'")
    from sigstore.errors import Error

    from waybill.exposure.deployed.bundle_checks import content_of, root_from

    try:
        root = root_from(signer.root.read_bytes())
    except (OSError, ValueError, TypeError, AttributeError, Error) as error:
        raise UsageError(f"this is no trusted root: {type(error).__name__}", where=str(signer.root)) from None
    whose = _whose(signer)
    try:
        kind, payload = content_of(content, root, whose, artifact)
    except (ValueError, TypeError, KeyError, LookupError, Error) as error:
        raise InputError(f"the bundle is not to be trusted: {str(error)[:200]}", where=where) from None
    if kind not in {IN_TOTO, ""}:
        raise InputError("the bundle holds no statement", where=where, expected=IN_TOTO)
    return payload


def _whose(signer: Signer) -> VerificationPolicy | PublicKey:
    """Return who must have signed. Raises UsageError where that is no key."""
    from sigstore.verify.policy import Identity

    if signer.key is None:
        return Identity(identity=signer.identity, issuer=signer.issuer)
    return read_public_key(signer.key)
