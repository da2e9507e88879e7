"""What is left out of a reading: functions that are parsed only when asked for, words that say nothing, searching."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
from bench.implants import IMPLANTS
from bench.twins import TWINS
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.exposure.code import python, skeleton
from waybill.exposure.code.facts import Danger, Module, Source
from waybill.exposure.code.linking import Program
from waybill.exposure.code.program import Code, read
from waybill.exposure.code.reachable import Reach
from waybill.exposure.code.screening import Interest, is_worth_reading, screen
from waybill.exposure.code.searching import places
from waybill.exposure.code.statements import Unparsed

SAMPLES = {name: files for name, files in {**IMPLANTS, **TWINS}.items() if all(one.endswith(".py") for one in files)}


class Everything(Interest):
    """Interest in every line."""

    def _holds(self, start: int, end: int, more: int) -> bool:
        return True


class Whole(ast.NodeTransformer):
    """Puts functions in full where they were left out."""

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, Unparsed):
            full = node.parsed()
            full.decorator_list = node.decorator_list
            assert (full.name, full.lineno, full.end_lineno) <= (node.name, node.lineno, node.end_lineno)
            node = full
        found: ast.AST = super().visit(node)
        return found


def restored(content: bytes) -> tuple[str, int]:
    """Return the tree of a file of which all was left out that can be, put together again, and how much that was."""
    tree = skeleton.parse(content, Interest(content, is_script=False, within=[]))
    left_out = sum(isinstance(node, Unparsed) for node in ast.walk(tree))
    return ast.dump(Whole().visit(tree)), left_out


@pytest.mark.parametrize("name", sorted(path.name for path in Path(ast.__file__).parent.glob("[a-b]*.py")))
def test_what_is_left_out_can_be_put_back(name: str) -> None:
    content = (Path(ast.__file__).parent / name).read_bytes()
    assert restored(content)[0] == ast.dump(ast.parse(content))


_LINES = (
    "x = 1", "'''", '"""', "s = '''", "t = f'{x!r}'", 'u = f"{x:{y}}"', "# it's", "z = (", "1, 2)", "w = 'a\\", "b'",
    "if x:", "    y = 2", "\\", "v = x + \\", "def inner(a,", "        b):", "    return a", "p = \"it's\"",
    "q = r'\\'", "class C:", "    def m(self): pass", "@decorated", "async def g(): await g()", "", "\tx = 3",
    "    '''", "    )",
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(["", "    ", "        "]), st.sampled_from(_LINES)), max_size=14))
@settings(max_examples=150, deadline=None)
def test_nothing_is_cut_where_it_does_not_end(lines: list[tuple[str, str]]) -> None:
    """Whatever stands in a function, cutting it out changes nothing of the rest."""
    padding = f"    # {'long enough to be worth it ' * 8}\n"
    body = "".join(f"    {indent}{line}\n" for indent, line in lines[:7])
    rest = "".join(f"{indent}{line}\n" for indent, line in lines[7:])
    content = f"def first(x):\n{padding}{body}\n{rest}\ndef last(y):\n{padding}    return y\n".encode()
    try:
        whole = ast.dump(ast.parse(content))
    except SyntaxError:
        return
    found, _ = restored(content)
    assert found == whole


def test_most_of_a_file_is_left_out() -> None:
    content = Path(ast.__file__).read_bytes()
    assert restored(content)[1] > 20


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_screened_tells_as_much(tmp_path: Path, name: str) -> None:
    """Personal data that leave are told just as if every line had been read."""
    modules = {}
    for path, text in SAMPLES[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
        modules[path] = python.module_facts(text.encode(), path, Everything(text.encode(), is_script=False), {})
    code, *_ = read(tmp_path)
    assert isinstance(code, Code)
    every = [one for one in Program(modules).flows() if one.exit.danger == Danger.EGRESS and one.kind == Source.PERSONS]
    assert {(one.what, one.exit.file, one.exit.line) for one in code.departures} == {
        (one.what, one.exit.file, one.exit.line) for one in every
    }


@pytest.mark.parametrize(
    ("line", "matters"),
    [
        ("cursor.execute('SELECT 1')", False),
        ("cursor.execute(\"\"\"SELECT\n 1\"\"\", [x])", False),
        ("cursor.execute('SELECT ' 'it', x)", False),
        ("cursor.execute('SELECT ' + x)", True),
        ("cursor.execute('SELECT %s' % x)", True),
        ("cursor.execute(f'SELECT {x}')", True),
        ("cursor.execute('{}'.format(x))", True),
        ("cursor.execute(x)", True),
        ("hashlib.sha256(x)", False),
        ("hashlib.md5(x)", True),
        ("hashlib.new(x)", True),
        ("self.requests.get(x)", False),
        ("requests.get(x)", True),
        ("x(requests.get)", True),
    ],
)  # fmt: skip
def test_words_that_say_nothing(line: str, matters: bool) -> None:
    assert is_worth_reading(screen(line.encode(), is_script=False)) is matters


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("send", "send(x)", True),
        ("send", "def send(x):", False),
        ("send", "resend(x)", False),
        ("Client.ship", "client.ship(x)", True),
        ("Client.get", "settings.get(x)", False),
        ("Client.get", "self.get(x)", True),
        ("Client.get", "c = Client(1)\nc.get(x)", True),
        ("Client.get", "def f(c: Client): c.get(x)", True),
        ("Client(", "Client.objects", False),
        ("Client(", "Client(x)", True),
        ("def send", "def send(x):", True),
        ("def send", "send(x)", False),
        ("def Client.send", "class Client:\n    def send(self): ...", True),
        ("def Client.send", "def send(x): ...", False),
        ("rows =", "self.rows = x", True),
        ("rows =", "self.rows.append(x)", True),
        ("rows =", "print(self.rows)", False),
        ("rows =", "if rows == 1: pass", False),
    ],
)  # fmt: skip
def test_searching(word: str, text: str, found: bool) -> None:
    assert bool(list(places(text.encode(), [word], is_script=False))) is found


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Module]:
    """The facts of all implants and twins, as one program."""
    root = tmp_path_factory.mktemp("every")
    for sample, files in {**IMPLANTS, **TWINS}.items():
        for name, content in files.items():
            (root / sample / name).parent.mkdir(parents=True, exist_ok=True)
            (root / sample / name).write_text(content)
    code = next(one for one in read(root) if isinstance(one, Code))
    modules: dict[str, Module] = code.part("modules")
    return modules


@given(seed=st.randoms(use_true_random=False), grows=st.booleans())
@settings(max_examples=15, deadline=None)
def test_linking_goes_on_from_what_was_linked_before(
    facts: dict[str, Module], seed: random.Random, grows: bool
) -> None:
    """What is taken over from a program with fewer or more functions tells as much as linking all of it anew."""
    fewer = {
        file: Module(one.name, [f for f in one.functions if seed.random() < 0.9], [], one.aliases, one.bases)
        for file, one in facts.items()
        if seed.random() < 0.9
    }
    before = Program(fewer if grows else facts)
    before.flows()
    now = facts if grows else fewer
    going_on, anew = Program(now, before), Program(now)
    assert going_on.flows() == anew.flows()
    assert Reach.of(going_on) == Reach.of(anew)
