"""What clients say, followed to where it does harm, and where it is made harmless on the way."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from waybill.exposure.code.facts import Danger
from waybill.exposure.code.program import Code, read

FLASK = """
import base64, codecs, configparser, html, json, os, pathlib, pickle, re, shlex, sqlite3, subprocess, urllib.parse
import flask, ldap3, lxml.etree, yaml, xml.sax, xml.dom.minidom, xml.sax.handler
from flask import request, redirect, make_response, session
from helpers import database, wrapping, things

app = flask.Flask(__name__)
@app.route('/x', methods=['POST'])
def handle():
    said = request.form.get('x', '')
"""

HELPERS = {
    "helpers/database.py": """
import sqlite3
def run(statement, values=()):
    return sqlite3.connect('x').cursor().execute(statement, values)
""",
    "helpers/wrapping.py": """
import html
class Wrapped:
    def __init__(self, request):
        self.request = request
    def field(self, name):
        return self.request.form.get(name)
    def fixed(self, name):
        return 'bar'
def for_page(text):
    return html.escape(text)
""",
    "helpers/things.py": """
class One:
    def through(self, value):
        return value
class Factory:
    @staticmethod
    def make():
        return One()
""",
}

HARMFUL = {
    "sql": (Danger.SQL, "c = sqlite3.connect('x').cursor()\nc.execute(f\"SELECT * FROM t WHERE n='{said}'\")"),
    "sql_percent": (Danger.SQL, "sqlite3.connect('x').execute('SELECT * FROM t WHERE n=%s' % said)"),
    "sql_helper": (Danger.SQL, "database.run('SELECT ' + said)"),
    "sql_by_key": (Danger.SQL, """
        box = {}
        box['a'] = 'safe'
        box['b'] = said
        database.run('SELECT ' + box['b'])
    """),
    "sql_wrapped": (Danger.SQL, "w = wrapping.Wrapped(request)\ndatabase.run('SELECT ' + w.field('x'))"),
    "command_shell": (Danger.COMMAND, "subprocess.run('echo ' + said, shell=True)"),
    "command_sh": (Danger.COMMAND, "subprocess.Popen(['sh', '-c', f'echo {said}'])"),
    "command_system": (Danger.COMMAND, "os.system('ls ' + base64.b64decode(base64.b64encode(said.encode())).decode())"),
    "command_branch": (Danger.COMMAND, """
        number = 106
        bar = 'never' if 7 * 42 - number > 200 else said
        os.system(bar)
    """),
    "command_match": (Danger.COMMAND, """
        which = 'ABC'[0]
        match which:
            case 'A':
                bar = said
            case _:
                bar = 'fixed'
        os.system(bar)
    """),
    "path": (Danger.PATH, "open('/srv/' + said).read()"),
    "path_codecs": (Danger.PATH, "codecs.open(f'/srv/{said}', 'r')"),
    "path_pathlib": (Danger.PATH, "(pathlib.Path('/srv') / said).read_text()"),
    "ldap": (Danger.LDAP, "ldap3.Connection('s').search('dc=x', f'(uid={said})')"),
    "xpath": (Danger.XPATH, "lxml.etree.parse('x').xpath(f\"/a[@id='{said}']\")"),
    "markup": (Danger.MARKUP, "return f'<p>{said}'"),
    "markup_response": (Danger.MARKUP, "return make_response('<p>' + said)"),
    "redirect": (Danger.REDIRECT, "return redirect(said)"),
    "redirect_prefix": (Danger.REDIRECT, "return redirect('http://' + said)"),
    "code": (Danger.CODE, "eval(said)"),
    "code_list": (Danger.CODE, """
        values = ['safe', said, 'more']
        values.pop(0)
        exec(values[0])
    """),
    "trust": (Danger.TRUST, "session['user'] = said"),
    "trust_key": (Danger.TRUST, "flask.session[said] = 'x'"),
    "pickle": (Danger.OBJECTS, "pickle.loads(base64.urlsafe_b64decode(said))"),
    "yaml": (Danger.OBJECTS, "yaml.load(said, Loader=yaml.Loader)"),
    "entities": (Danger.ENTITIES, """
        parser = xml.sax.make_parser()
        parser.setFeature(xml.sax.handler.feature_external_ges, True)
        xml.dom.minidom.parseString(said, parser)
    """),
    "configured": (Danger.COMMAND, """
        conf = configparser.ConfigParser()
        conf.add_section('s')
        conf.set('s', 'a', 'fixed')
        conf.set('s', 'b', said)
        os.system(conf.get('s', 'b'))
    """),
    "through_thing": (Danger.COMMAND, "os.system(things.Factory.make().through(said))"),
    "denied_other": (Danger.COMMAND, "if '<' in said:\n    return ''\nos.system(said)"),
    "header": (Danger.COMMAND, "os.system(request.headers.get('X'))"),
    "cookie": (Danger.SQL, "database.run('SELECT ' + urllib.parse.unquote_plus(request.cookies['x']))"),
    "loop": (Danger.COMMAND, "for name in request.args.keys():\n    os.system(name)"),
    "escaped_for_other": (Danger.COMMAND, "os.system(html.escape(said))"),
}  # fmt: skip

HARMLESS = {
    "sql_values": "database.run('SELECT * FROM t WHERE n=?', (said,))",
    "sql_number": "database.run('SELECT ' + str(int(said)))",
    "sql_by_key": """
        box = {}
        box['a'] = 'safe'
        box['b'] = said
        database.run('SELECT ' + box['a'])
    """,
    "sql_allowed": "if said in ('a', 'b'):\n    database.run('SELECT ' + said)",
    "sql_refused": "if said not in ['a', 'b']:\n    return ''\ndatabase.run('SELECT ' + said)",
    "sql_wrapped_fixed": "w = wrapping.Wrapped(request)\ndatabase.run('SELECT ' + w.fixed('x'))",
    "command_list": "subprocess.run(['echo', said])",
    "command_quoted": "os.system('echo ' + shlex.quote(said))",
    "command_branch": """
        number = 86
        bar = said if 7 * 42 - number < 200 else 'fixed'
        os.system(bar)
    """,
    "command_match": """
        which = 'ABC'[1]
        match which:
            case 'A':
                bar = said
            case 'B':
                bar = 'bob'
            case _:
                bar = said
        os.system(bar)
    """,
    "command_matched": "if not re.fullmatch('[a-z]+', said):\n    return ''\nos.system(said)",
    "command_overwritten": "bar = said\nbar = 'fixed'\nos.system(bar)",
    "path_name": "open('/srv/' + os.path.basename(said))",
    "path_refused": "if '..' in said or '/' in said:\n    return ''\nopen('/srv/' + said)",
    "path_within": """
        base = pathlib.Path('/srv')
        where = (base / said).resolve()
        if not str(where).startswith(str(base)):
            return ''
        where.read_text()
    """,
    "ldap_escaped": """
        from ldap3.utils.conv import escape_filter_chars
        ldap3.Connection('s').search('dc=x', f'(uid={escape_filter_chars(said)})')
    """,
    "xpath_variable": "lxml.etree.parse('x').xpath('/a[@id=$id]', id=said)",
    "xpath_refused": "if \"'\" in said:\n    return ''\nlxml.etree.parse('x').xpath(f\"/a[@id='{said}']\")",
    "markup_escaped": "return f'<p>{html.escape(said)}'",
    "markup_helper": "return '<p>' + wrapping.for_page(said)",
    "markup_template": "return flask.render_template('a.html', said=said)",
    "markup_json": "return flask.jsonify(said=said)",
    "redirect_path": "return redirect('/found/' + said)",
    "redirect_checked": """
        address = urllib.parse.urlparse(said)
        if address.netloc not in ['example.org'] or address.scheme != 'https':
            return ''
        return redirect(said)
    """,
    "code_literal": "import ast\neval(str(ast.literal_eval(said)))",
    "code_refused": """
        if not said.startswith("'") or "'" in said[1:-1]:
            return ''
        exec(said)
    """,
    "code_list": """
        values = ['safe', said, 'more']
        values.pop(0)
        exec(values[1])
    """,
    "yaml_safe": "yaml.safe_load(said)\nyaml.load(said, Loader=yaml.SafeLoader)\njson.loads(said)",
    "entities_off": "parser = xml.sax.make_parser()\nxml.dom.minidom.parseString(said, parser)",
    "configured": """
        conf = configparser.ConfigParser()
        conf.add_section('s')
        conf.set('s', 'a', 'fixed')
        conf.set('s', 'b', said)
        os.system(conf.get('s', 'a'))
    """,
    "unreachable": "if 1 > 2:\n    os.system(said)",
    "after_return": "return ''\nos.system(said)",
}


def dangers(folder: Path, files: dict[str, str]) -> set[Danger]:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    code, *gaps = read(folder)
    assert isinstance(code, Code)
    assert not gaps
    return {flow.exit.danger for flow in code.flows}


def handler(body: str) -> dict[str, str]:
    return {"views.py": FLASK + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n", **HELPERS}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_does_harm(tmp_path: Path, name: str) -> None:
    danger, body = HARMFUL[name]
    assert danger in dangers(tmp_path, handler(body))


@pytest.mark.parametrize("name", HARMLESS)
def test_what_was_made_harmless(tmp_path: Path, name: str) -> None:
    assert dangers(tmp_path, handler(HARMLESS[name])) - {Danger.TRUST} == set()


def test_the_same_in_express(tmp_path: Path) -> None:
    content = """
    const { exec } = require('child_process');
    app.get('/a', (req, res) => { exec('ls ' + req.query.dir); });
    app.get('/b', async (req, res) => { await pool.query(`SELECT * FROM t WHERE n='${req.params.n}'`); });
    app.get('/c', (req, res) => res.redirect(req.query.to));
    app.get('/d', ({ body }, res) => { eval(body); });
    """
    assert dangers(tmp_path, {"a.js": content}) >= {Danger.COMMAND, Danger.SQL, Danger.REDIRECT}
    safe = """
    app.get('/b', async (req, res) => { await pool.query('SELECT * FROM t WHERE n=$1', [req.params.n]); });
    app.get('/c', (req, res) => res.redirect('/found/' + req.query.to));
    app.get('/d', (req, res) => { if (!['a', 'b'].includes(req.query.x)) return; eval(req.query.x + 0); });
    """
    (tmp_path / "other").mkdir()
    assert not dangers(tmp_path / "other", {"a.js": safe}) - {Danger.CODE}


def test_django_views(tmp_path: Path) -> None:
    content = """
from django.db import connection
from django.http import HttpResponse
from django.utils.safestring import mark_safe
class Search:
    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM t WHERE n = '%s'" % request.GET["n"])
        return HttpResponse(request.GET.get("q"))
"""
    assert dangers(tmp_path, {"views.py": content}) == {Danger.SQL, Danger.MARKUP}
