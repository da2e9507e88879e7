"""Benign twins of implants (``bench.implants``): each looks alike and does what platforms do. Nothing here runs."""

from __future__ import annotations

from bench.implants import HEAD, HOST

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
