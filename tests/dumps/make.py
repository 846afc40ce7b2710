"""Writes down a home as this version of the program makes it: ``python tests/dumps/make.py v1``.

A Jupyter server, a kernel and the command line really run. Run it once when a format was raised,
under the new name, and never change what was written before: all later versions must read it.

A dump is text, of which a few kilobytes are compressed:

- ``session.json``: the Python that it was made with, the name of the node, a request and its
  answer, and a check: code that fails where the restored values are not those of the session.
- ``catalog.sql``: the catalog.
- ``spool.json``: a manifest that no server has taken in yet.
- ``blobs.json``: the blobs and the lists of chunks, each as the Base64 of its zlib stream.
- ``bundle.json``: the texts of the node's bundle; its blobs are among the others.

``@PYTHON@`` and ``@HOME@`` stand for what is elsewhere on each machine.
"""

from __future__ import annotations

import base64
import json
import platform
import shutil
import sqlite3
import sys
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.integration.agent.test_kernel import Kernel  # noqa: E402
from tests.integration.conftest import JupyterServer  # noqa: E402

NODE = "frozen"
HELPERS = """\
digits = 3


def rounded(number):
    return round(number, digits)


def keeper(word):
    def keep(items):
        items.append(word)
        return digits
    return keep
"""
#: The last cell is the service; it runs once before its checkpoint.
CELLS = [
    """\
import abc, contextvars, copyreg, enum, functools, queue, random, textwrap, threading, types
import typing, weakref
import xml.dom.minidom
import numpy as np
import helpers
helpers.digits = 1
numbers = [1, 2.5, 3 + 4j, True, None, 10**30, -1]
texts = {'é': b'bytes', 'nested': [({1, 2}, frozenset({3}))]}
shared = []
alias = shared
holder = {'shared': shared, 'numbers': numbers}
weights = np.arange(6.0).reshape(2, 3)
row = weights[1]
zeros = np.zeros(200_000)
proxy = types.MappingProxyType(texts)
cell = types.CellType(shared)
kept = weakref.ref(frozenset)
gone = weakref.ref(type('Gone', (), {}))
amounts = [2.0, 4.25]""",
    """\
rates = {'EUR': 1.0, 'USD': 1.25}

class Price:
    currency = 'USD'
    def __init__(self, amount):
        self.amount = amount
    def __eq__(self, other):
        return self.amount == other.amount
    def in_euros(self):
        return self.amount / rates[self.currency]
    @functools.cached_property
    def label(self):
        return f'{self.amount} {self.currency}'
    half = functools.partialmethod(lambda self, by: self.amount / by, 2)

class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
Shape.register(int)

def make():
    class Color(enum.Enum):
        RED = 1
        BLUE = 'b'
    return Color
color = make().BLUE

def counter(start):
    count = start
    def step(by=1):
        nonlocal count
        count += by
        return count
    return step
step = counter(40)

@functools.lru_cache(maxsize=7)
def squared(x):
    return x * x
squared(3)

@functools.singledispatch
def kind(x):
    return 'other'
@kind.register
def _(x: int):
    return 'int'

keep = helpers.keeper('in')

class Dice(random.Random):
    sides = 6
dice = Dice(5)
dice.name = 'd6'

class Failed(Exception):
    def __init__(self, code, *, why):
        super().__init__(code)
        self.why = why
try:
    try:
        {}['x']
    except KeyError as first:
        raise Failed(7, why='no x') from first
except Failed as caught:
    failed = caught
failed.__traceback__ = failed.__cause__.__traceback__ = None

class Tagged(dict):
    def __init__(self, **items):
        super().__init__(**items)
        self.note = 'new'
tagged = Tagged(a=1)
tagged.note = 'mine'

class Known(weakref.WeakSet):
    pass
known = Known([Tagged])
known.name = 'k'

class Signal(np.ndarray):
    pass
signal = np.arange(3.0).view(Signal)
signal.rate = 8000

made = types.ModuleType('made')
made.limit = 5

text_dedent = textwrap.dedent
textwrap.dedent = lambda text: 'dedented ' + text_dedent(text)

class Coordinate:
    def __init__(self, x):
        self.x = x
copyreg.pickle(Coordinate, lambda one: (Coordinate, (one.x + 1,)))

class Point:
    __slots__ = ('x', 'tags')
point = Point()
point.x, point.tags = 3, shared
price = Price(5)
attributes = vars(price)
bound = types.MethodType(lambda self: self.x, point)
dead_method = weakref.WeakMethod(Price(1).in_euros)
T = typing.TypeVar('T', bound=int)

guard = threading.Lock()
waiting = queue.SimpleQueue()
waiting.put('first')
tenant = contextvars.ContextVar('tenant', default='none')
tenant.set('anna')

def total(amounts):
    return helpers.rounded(sum(Price(amount).in_euros() for amount in amounts))""",
    """\
result = {
    'total': total(amounts),
    'step': step(2),
    'row': row.tolist(),
    'zeros': len(zeros),
    'shared': holder['shared'] is alias,
}""",
]
REQUEST = {"amounts": [1.0, 2.0, 3.03]}
ANSWER = {
    "result": {"total": 4.8, "step": 44, "row": [3.0, 4.0, 5.0], "zeros": 200_000, "shared": True}
}
CHECK = """\
assert numbers == [1, 2.5, 3 + 4j, True, None, 10**30, -1]
assert texts == {'é': b'bytes', 'nested': [({1, 2}, frozenset({3}))]} == proxy
assert alias is shared is holder['shared'] is cell.cell_contents and holder['numbers'] is numbers
weights[1, 0] = 9
assert row.tolist() == [9, 4, 5] and zeros.shape == (200_000,) and not zeros.any()
weights[1, 0] = 3
assert helpers.digits == 1 and xml.dom.minidom.parseString('<a/>').documentElement.tagName == 'a'
assert kept() is frozenset and gone() is None and dead_method() is None
assert Price(2.5).in_euros() == 2 and Price(4).half() == 2 and Price(1).label == '1 USD'
assert vars(price) is attributes and price == Price(5) and issubclass(int, Shape)
assert color.value == 'b' and type(color)(1).name == 'RED' and type(color)('b') is color
assert step() == 43 and step(9) == 52 and squared(4) == 16
assert squared.cache_parameters()['maxsize'] == 7 and squared.cache_info().currsize == 2
assert (kind(1), kind('')) == ('int', 'other')
assert keep(point.tags) == 1 and alias == ['in']
import random as again
expected = again.Random(5)
assert dice.sides == 6 and dice.name == 'd6' and dice.random() == expected.random()
assert failed.args == (7,) and failed.why == 'no x' and failed.__cause__.args == ('x',)
assert point.tags is shared and bound() == 3
assert tagged == {'a': 1} and tagged.note == 'mine' and isinstance(tagged, Tagged)
assert known.name == 'k' and list(known) == [Tagged]
assert signal.rate == 8000 and type(signal) is Signal and signal.sum() == 3
assert made.limit == 5 and type(made) is types.ModuleType
import textwrap, copyreg
assert textwrap.dedent(' a') == 'dedented a' and Coordinate in copyreg.dispatch_table
assert guard.acquire(False) and waiting.get_nowait() == 'first' and tenant.get() == 'anna'
assert T.__bound__ is int and total([1.0, 2.0, 3.03]) == 4.8
done = True
"""


def main(version: str) -> None:
    target = Path(__file__).parent / version
    target.mkdir()
    with tempfile.TemporaryDirectory() as directory:
        server = JupyterServer(Path(directory, "user"))
        home = server.data_dir
        try:
            deploy(server.start())
        finally:
            server.stop()
        leave_in_spool(home, server.root)
        scrubbed = Scrubbed(home)
        catalog(home, scrubbed, target / "catalog.sql")
        (spooled,) = (p for p in home.glob("spool/*/*.json") if p.stem not in ("agent", "error"))
        scrubbed.write(target / "spool.json", one_line_each(scrubbed.manifest(spooled.read_text())))
        blobs(home / "blobs", target / "blobs.json")
        (bundle,) = home.glob("bundles/*/1")
        texts = {
            str(path.relative_to(bundle)): path.read_text()
            for path in sorted(bundle.rglob("*"))
            if path.is_file() and path.parent.name != "blobs"
        }
        scrubbed.write(target / "bundle.json", json.dumps(texts, indent=1) + "\n")
    session = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "node": NODE,
        "request": REQUEST,
        "answer": ANSWER,
        "check": CHECK,
    }
    (target / "session.json").write_text(json.dumps(session, indent=1) + "\n")


def deploy(server: JupyterServer) -> None:
    (server.root / "helpers.py").write_text(HELPERS)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbformat.write(notebook, server.root / "frozen.ipynb")
    cell = ("--cell", str(len(CELLS)), "--input", "amounts:list", "--output", "result:dict")
    node = server.node("deploy", "frozen.ipynb", *cell, "--name", NODE)
    assert node["status"] == "HEALTHY", node
    for checkpoint in server.node("checkpoint", "list")["checkpoints"]:
        if not checkpoint["pinned"]:
            assert server.cli("checkpoint", "delete", checkpoint["id"], "--yes").returncode == 0


def leave_in_spool(home: Path, cwd: Path) -> None:
    kernel = Kernel(home, cwd, "standard", {}, kernel_id="k" * 20)
    try:
        kernel.run("values = [1, {'two': 2}]\nalias = values")
        kernel.request(do="settle")
    finally:
        kernel.stop()


class Scrubbed:
    """What is of this machine is taken out of texts."""

    def __init__(self, home: Path) -> None:
        self.home = str(home)

    def manifest(self, text: str) -> str:
        found = json.loads(text.replace(json.loads(text)["cwd"], "@HOME@"))
        found["python"]["path"] = []
        return json.dumps(found)

    def write(self, path: Path, text: str) -> None:
        text = text.replace(sys.executable, "@PYTHON@").replace(self.home, "@HOME@")
        for place in (ROOT, sys.prefix, tempfile.gettempdir() + "/tmp"):
            assert str(place) not in text, path
        path.write_text(text)


def catalog(home: Path, scrubbed: Scrubbed, target: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as database:
        rows = database.execute("SELECT id, manifest FROM checkpoints").fetchall()
        for name, compressed in rows:
            # As a text, which the column reads, too: so it can be scrubbed, and looked at.
            manifest = zlib.decompress(compressed).decode()
            database.execute(
                "UPDATE checkpoints SET manifest = ? WHERE id = ?",
                (scrubbed.manifest(manifest), name),
            )
        scrubbed.write(target, "\n".join(database.iterdump()) + "\n")


def blobs(root: Path, target: Path) -> None:
    found = {}
    for path in sorted(root.glob("??/*")):
        content = path.read_bytes()
        for place in (ROOT, sys.prefix, sys.base_prefix):  # code tells where its file was
            assert str(place).encode() not in content, path
        found[path.name] = base64.b64encode(zlib.compress(content, 9)).decode()
    target.write_text(json.dumps(found, indent=0) + "\n")


def one_line_each(text: str) -> str:
    return json.dumps(json.loads(text), indent=1) + "\n"


if __name__ == "__main__":
    assert shutil.which("jupyter"), "run it in the environment of the tests"
    main(sys.argv[1])
