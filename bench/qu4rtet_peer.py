"""Run by an environment of its own, which has QU4RTET (GPL) and none of our code: prints events a second as JSON.

Reads documents of EPCIS 1.2 in XML with state rules, into SQLite that waits for the disk; ``work``: by processor time.
"""

import io
import json
import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings

EVENTS, THINGS, REPEATS = (int(argument) for argument in sys.argv[1:4])
folder = tempfile.TemporaryDirectory(dir=sys.argv[4])
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "quartet_capture", "quartet_epcis"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(folder.name) / "peer.db"),
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from quartet_epcis.parsing.business_parser import BusinessEPCISParser  # noqa: E402

call_command("migrate", verbosity=0)


def document(tag):
    events = []
    for number in range(EVENTS):
        things = "".join(f"<epc>urn:epc:id:sgtin:0614141.107346.{tag}{number}x{k}</epc>" for k in range(THINGS))
        events.append(
            f"<ObjectEvent><eventTime>2026-01-01T00:00:{number % 60:02d}.{number % 1000:03d}Z</eventTime>"
            f"<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList>{things}</epcList><action>ADD</action>"
            "<bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>"
            "<disposition>urn:epcglobal:cbv:disp:active</disposition>"
            "<readPoint><id>urn:epc:id:sgln:0614141.00777.0</id></readPoint>"
            "<bizLocation><id>urn:epc:id:sgln:0614141.00888.0</id></bizLocation></ObjectEvent>"
        )
    return (
        '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" '
        'creationDate="2026-01-01T00:00:00Z"><EPCISBody><EventList>'
        f"{''.join(events)}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


rates, works = [], []
for run in range(REPEATS):
    content = document(f"r{run}x")
    start, work = time.perf_counter(), time.process_time()
    with transaction.atomic():
        BusinessEPCISParser(io.BytesIO(content)).parse()
    rates.append(EVENTS / (time.perf_counter() - start))
    works.append(EVENTS / (time.process_time() - work))
print(json.dumps({"rate": max(rates), "work": max(works)}))
