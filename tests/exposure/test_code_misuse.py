"""Weak cryptography in code: what constants come to decides, and safe uses stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from waybill.exposure.code.program import Code, read

HEAD = """
import hashlib, hmac, os, random, secrets, ssl
import jwt, requests, paramiko, ftplib
from Crypto.Cipher import AES, DES, ARC4
from Crypto.PublicKey import RSA
from Crypto.Protocol.KDF import PBKDF2
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
"""

WRONG = {
    "weak-hash": [
        "hashlib.md5(b'x')",
        "hashlib.new('sha1', b'x')",
        "hashes.Hash(hashes.MD5())",
        "from Crypto.Hash import MD5\nMD5.new(b'x')",
        "name = 'md' + '5'\nhashlib.new(name)",
    ],
    "weak-cipher": [
        "AES.new(os.urandom(16), AES.MODE_ECB)",
        "DES.new(os.urandom(8), DES.MODE_CBC, os.urandom(8))",
        "ARC4.new(os.urandom(16))",
        "Cipher(algorithms.AES(os.urandom(16)), modes.ECB())",
        "algorithms.TripleDES(os.urandom(24))",
        "mode = AES.MODE_ECB\nAES.new(os.urandom(16), mode)",
    ],
    "fixed-key": [
        "AES.new(b'sixteen byte key', AES.MODE_GCM)",
        "key = 'a' * 32\nAES.new(key.encode(), AES.MODE_GCM)",
        "Fernet(b'c2l4dGVlbg==')",
        "jwt.encode({}, 'secret', algorithm='HS256')",
        "hmac.new(b'key', b'm', 'sha256')",
        "def seal(key):\n    return AES.new(key, AES.MODE_GCM)\nseal(b'sixteen byte key')",
        "class Box:\n    key = b'sixteen byte key'\n    def seal(self):\n        AES.new(self.key, AES.MODE_GCM)",
        "def key():\n    return bytes.fromhex('00' * 16)\nAES.new(key(), AES.MODE_GCM)",
    ],
    "fixed-vector": [
        "AES.new(os.urandom(16), AES.MODE_CBC, b'0' * 16)",
        "AES.new(os.urandom(16), AES.MODE_CBC, iv=bytes(16))",
        "modes.CBC(b'0123456789abcdef')",
    ],
    "fixed-salt": [
        "hashlib.pbkdf2_hmac('sha256', word, b'salt', 600000)",
        "PBKDF2(word, b'12345678', 32, count=600000)",
        "PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=b'salt', iterations=600000)",
    ],
    "few-rounds": [
        "hashlib.pbkdf2_hmac('sha256', word, os.urandom(16), 100)",
        "PBKDF2(word, os.urandom(16), 32, count=500)",
        "n = 10 * 20\nPBKDF2HMAC(hashes.SHA256(), 32, os.urandom(16), n)",
    ],
    "fixed-seed": [
        "random.seed(42)",
        "random.Random(7)",
    ],
    "short-key": [
        "RSA.generate(1024)",
        "rsa.generate_private_key(public_exponent=65537, key_size=1024)",
        "ec.generate_private_key(ec.SECP192R1())",
    ],
    "unverified-peer": [
        "requests.get('https://x.example', verify=False)",
        "ssl._create_unverified_context()",
        "c = ssl.create_default_context()\nc.check_hostname = False",
        "c = ssl.SSLContext()\nc.verify_mode = ssl.CERT_NONE",
        "paramiko.SSHClient().set_missing_host_key_policy(paramiko.AutoAddPolicy())",
        "jwt.decode(t, options={'verify_signature': False})",
        "s = requests.Session()\ns.verify = False",
    ],
    "old-protocol-in-code": [
        "ssl.SSLContext(ssl.PROTOCOL_TLSv1)",
        "ssl.wrap_socket(s, ssl_version=ssl.PROTOCOL_SSLv3)",
    ],
    "plain-transport": [
        "requests.post('http://shop.example.com/pay', data={})",
        "ftplib.FTP('files.example.com')",
    ],
    "open-cookie": [
        "response.set_cookie('a', 'b', secure=False)",
        "response.set_cookie('a', 'b')",
    ],
    "guessable-secret": [
        "token = random.randint(0, 9)",
        "password = ''.join(random.choice('abc') for _ in range(9))",
        "def make_token():\n    return str(random.random())[2:]",
    ],
}

RIGHT = [
    "hashlib.sha256(b'x')",
    "hashlib.md5(b'x', usedforsecurity=False)",
    "hashlib.new('sha' + '512')",
    "AES.new(os.urandom(32), AES.MODE_GCM)",
    "AES.new(secrets.token_bytes(32), AES.MODE_CBC, os.urandom(16))",
    "AES.new(os.environ['KEY'].encode(), AES.MODE_GCM)",
    "Fernet(Fernet.generate_key())",
    "jwt.encode({}, os.environ['SECRET'], algorithm='HS256')",
    "hashlib.pbkdf2_hmac('sha256', word, os.urandom(16), 600000)",
    "PBKDF2HMAC(hashes.SHA256(), 32, os.urandom(16), 600_000)",
    "random.seed()",
    "random.Random(os.urandom(8))",
    "RSA.generate(3072)",
    "ec.generate_private_key(ec.SECP256R1())",
    "requests.get('https://x.example', verify=True)",
    "requests.get('http://localhost:8000/')",
    "ssl.create_default_context()",
    "ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
    "paramiko.SSHClient().set_missing_host_key_policy(paramiko.RejectPolicy())",
    "response.set_cookie('a', 'b', secure=True, httponly=True)",
    "token = secrets.token_hex()",
    "token = random.SystemRandom().random()",
    "colour = random.choice(['red', 'blue'])",
    "def seal(key):\n    return AES.new(key, AES.MODE_GCM)\nseal(os.urandom(16))",
    "if False:\n    hashlib.md5(b'x')",
    "name = 'md5'\nname = 'sha256'\nhashlib.new(name)",
]


def rules(folder: Path, body: str) -> set[str]:
    (folder / "m.py").write_text(HEAD + body + "\n")
    (code,) = read(folder)
    assert isinstance(code, Code)
    return {misuse.rule for _, misuse in code.misuses} | {str(flow.exit.danger) for flow in code.flows}


@pytest.mark.parametrize(("rule", "body"), [(rule, body) for rule, bodies in WRONG.items() for body in bodies])
def test_what_is_wrong(tmp_path: Path, rule: str, body: str) -> None:
    assert rules(tmp_path, body) == {rule}


@pytest.mark.parametrize("body", RIGHT)
def test_what_is_right(tmp_path: Path, body: str) -> None:
    assert rules(tmp_path, body) == set()


def test_keys_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(HEAD + "AES.new(b'sixteen byte key', AES.MODE_GCM)\n")
    (code,) = read(tmp_path)
    assert isinstance(code, Code)
    assert all("sixteen" not in misuse.what for _, misuse in code.misuses)


def test_node(tmp_path: Path) -> None:
    (tmp_path / "m.js").write_text("""
const crypto = require('crypto'); const https = require('https');
crypto.createHash('md5').update('x');
crypto.createCipheriv('aes-128-ecb', crypto.randomBytes(16), null);
crypto.createCipheriv('aes-256-cbc', 'a key that stands in the code', crypto.randomBytes(16));
new https.Agent({ rejectUnauthorized: false });
const token = Math.random().toString(36);
""")
    (code,) = read(tmp_path)
    assert isinstance(code, Code)
    found = {misuse.rule for _, misuse in code.misuses} | {str(flow.exit.danger) for flow in code.flows}
    assert found == {"weak-hash", "weak-cipher", "fixed-key", "unverified-peer", "guessable-secret"}
