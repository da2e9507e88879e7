"""Secrets in code and configuration: what is one, and what only stands where one would. All of them are invented."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from waybill.exposure.code.program import Code, read
from waybill.exposure.code.secrets import secrets_in

SECRETS = [
    ("a.py", 'password = "Tr0ub4dor&3x"'),
    ("a.py", "DB_PASSWORD = 'q8fK2zLw'"),
    ("a.py", 'API_KEY = "7f3c9a1e5b8d2046c9e1a7f35b8d2046"'),
    ("a.py", 'headers = {"Authorization": "Bearer q8fK2zLwP0aVn4Rt7Yx1"}'),
    ("a.js", "const clientSecret = 'GX7-kq29fLwZ81mVtP04bNs6';"),
    ("a.js", "{ accessToken: 'b7q2Xw9Lm4Np6Rs1Tv3Zc5Yd8' }"),
    ("app.yml", "  password: s3cr3t-Wq81"),
    ("app.properties", "spring.datasource.password=hG7_kq29fL"),
    (".env", "SECRET_KEY=9w!k2-zq81mvt04bns6x7fj3c9a1e5b8d"),
    ("a.json", '"api_key": "5b8d2046-c9e1-4a7f-b5b8-d2046c9e1a7f"'),
    ("web.xml", "<password>hG7_kq29fL</password>"),
    ("run.sh", "mysql --password=hG7kq29fLx -u root"),
    ("Main.java", 'login("admin", "hG7_kq29fL")'),
    ("a.py", 'dsn = "postgres://app:hG7_kq29fL@db.example.org/x"'),
    ("a.py", 'key = "AKIAZ3MUJ4Q7WPL2XK6B"'),
    ("id_rsa", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAq8fK2zLwP0aVn4Rt7Yx1\n"),
]
NONE = [
    ("a.py", 'password = os.environ["PASSWORD"]'),
    ("a.py", 'password = "changeme"'),
    ("a.py", 'password = ""'),
    ("a.py", "password = form.cleaned_data['password']"),
    ("a.py", 'password = models.CharField("password", max_length=128)'),
    ("a.py", 'label = _("Enter your password: ")'),
    ("a.py", 'PASSWORD_RESET_URL = "/accounts/reset/"'),
    ("a.py", 'token_type = "bearer"'),
    ("a.py", 'cache_key = "user_profile_page"'),
    ("a.py", 'key = "email"'),
    ("a.py", 'SECRET_KEY = "<your secret key>"'),
    ("a.py", 'API_KEY = "${API_KEY}"'),
    ("a.js", "const token = getToken();"),
    ("a.js", "password: yup.string().required('Required'),"),
    ("a.js", "const apiKey = process.env.API_KEY;"),
    ("a.js", "placeholder: 'password'"),
    ("a.yml", "password: {{ vault_password }}"),
    ("a.yml", "password: $DB_PASSWORD"),
    ("a.yml", "secretName: my-app-credentials"),
    ("a.py", 'password_validators = "django.contrib.auth.password_validation"'),
    ("a.py", 'key = "AKIAIOSFODNN7EXAMPLE"'),
    ("a.html", '<input type="password" name="password">'),
    ("a.po", 'msgid "password"\nmsgstr "Passwort123"'),
]


@pytest.mark.parametrize(("path", "text"), SECRETS)
def test_secrets(path: str, text: str) -> None:
    assert len(secrets_in(f"x = 1\n{text}\n".encode(), path)) == 1


@pytest.mark.parametrize(("path", "text"), NONE)
def test_what_is_none(path: str, text: str) -> None:
    assert secrets_in(f"x = 1\n{text}\n".encode(), path) == []


def test_a_mixed_bag_of_our_own() -> None:
    bag = tomllib.loads((Path(__file__).parent / "cases" / "secrets.toml").read_text(encoding="utf-8"))
    found = {
        kind: [text for path, text in bag[kind] if secrets_in(f"x = 1\n{text}\n".encode(), path)]
        for kind in ("secrets", "none")
    }
    right, wrong = len(found["secrets"]), len(found["none"])
    assert right / len(bag["secrets"]) >= 0.9
    assert right / (right + wrong) >= 0.97


def test_lines_and_silence_about_the_secret(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text('\n\nDB_PASSWORD = "q8fK2zLw"\n')
    (code,) = read(tmp_path)
    assert isinstance(code, Code)
    ((file, secret),) = code.secrets
    assert (file, secret.line, secret.name) == ("settings.py", 3, "DB_PASSWORD")
    assert "q8fK2zLw" not in repr(secret)
