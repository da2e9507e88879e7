"""Rows of `bench exposures` about deployed platforms: every byte of a tree against its manifest, beside its peers.

The tree is made here: as many files as a large platform has, of sizes as code has. Figures are processor time.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bench.environments import environment
from bench.scoreboard import Row, row

FILES = 4_700
SEED = 7
GOAL = 20_000
_PEER = ("model-signing==1.1.1", "pyopenssl")
_SIGN = """
import sys, time
from pathlib import Path
from model_signing import hashing, signing, verifying
tree, key, public, signature = map(Path, sys.argv[1:])
signing.Config().use_elliptic_key_signer(private_key=key).sign(tree, signature)
begun = time.process_time()
verifying.Config().use_elliptic_key_verifier(public_key=public).verify(tree, signature)
print(time.process_time() - begun)
"""


def measure_deployed() -> list[Row]:
    """Measure the comparison of a tree with its signed manifest, and the peers on the same tree."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _write(tree)
        return list(_rows(tree, Path(folder)))


def _rows(tree: Path, folder: Path) -> Iterator[Row]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    from waybill.exposure.deployed import read
    from waybill.exposure.deployed.approving import approve
    from waybill.exposure.deployed.manifest import read_manifest, write_manifest

    key = ec.generate_private_key(ec.SECP256R1())
    manifest = folder / "manifest.json"
    manifest.write_bytes(write_manifest(approve(tree).statement, (key,)))
    begun = time.process_time()
    found = list(read(str(tree), read_manifest(manifest, (key.public_key(),))))
    ours = time.process_time() - begun
    assert len(found) == 1
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "public").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    peer = _model_signing(tree, folder)
    yield row(
        "a tree against its signed manifest, read and verified",
        FILES / ours,
        "files a CPU second",
        peer="model_signing 1.1.1, verify" if peer else "",
        peer_value=FILES / peer if peer else None,
        at_least=GOAL,
    )
    if (taken := _sha256sum(tree)) is not None:
        yield row(
            "the same bytes hashed alone",
            FILES / ours,
            "files a CPU second",
            peer="sha256sum",
            peer_value=FILES / taken,
        )


def _write(tree: Path) -> None:
    random = Random(SEED)
    for number in range(FILES):
        file = tree / f"app{number % 120}" / f"module{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(random.randbytes(int(random.lognormvariate(8.3, 1.1))))


def _model_signing(tree: Path, folder: Path) -> float | None:
    """Return the seconds that the peer needs to verify, its import left out; None where it cannot be had."""
    try:
        python = environment("model-signing", _PEER)
        files = (tree, folder / "key", folder / "public", folder / "signature")
        command = [str(python), "-c", _SIGN, *map(str, files)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    except (subprocess.CalledProcessError, OSError, ValueError):
        return None


def _sha256sum(tree: Path) -> float | None:
    if shutil.which("sha256sum") is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        "find . -type f -print0 | xargs -0 sha256sum", shell=True, cwd=tree, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
