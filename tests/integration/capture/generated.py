"""Generates notebooks: assignments, aliases, in-place changes, functions, classes, containers."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

NAMES = [*"abcdefgh"]
ATTRIBUTES = ["left", "right", "note"]
Draw = Callable[[st.SearchStrategy[str]], str]

#: Templates of statements: of what makes a value, and of what changes or calls one. ``{x}`` is
#: bound, ``{y}`` and ``{z}`` are read, ``{k}`` is a key and ``{t}`` an attribute.
MAKE = [
    "{x} = {n}",
    "{x} = 'text'",
    "{x} = []",
    "{x} = [{y}, {z}]",
    "{x} = {{}}",
    "{x} = {{{k!r}: {y}}}",
    "{x} = ({y}, [{z}])",
    "{x} = {y}",
    "{x} = {y}",
    "{x}, {y} = {y}, {x}",
    "{x} = set([1, 'a'])",
    "{x} = collections.deque([{y}])",
    "{x} = collections.defaultdict(list, {{{k!r}: {y}}})",
    "{x} = iter([{y}, {z}])",
    "{x} = iter({y})",
    "{x} = np.arange(6.0)",
    "{x} = np.zeros((3, 4))",
    "{x} = {y}[1:]",
    "{x} = {y}.T",
    "{x} = np.array([{y}, {z}, None], dtype=object)",
    "{x} = bytearray(b'abcdefgh')",
    "{x} = np.frombuffer({y}, 'u1')",
    "{x} = lambda v=None: ({y}, v)",
    "{x} = {y}.ONE",
    "{x} = {y}()",
    "{x} = {y}()",
    "{x} = {y}.get",
    "{x} = {y}.make",
    "{x} = {y}.append",
    "{x} = functools.partial({y}, {z})",
    "{x} = vars({y})",
    "{x} = {y}.__dict__",
    "{x} = type({y})",
    "{x} = types.SimpleNamespace(left={y}, right={z})",
    "{x} = types.MappingProxyType({y})",
    "{x} = {y}.items()",
    "{x} = weakref.ref({y})",
    "{x} = copy.copy({y})",
    "{x} = functools.lru_cache({y})",
]
MAKE += """
def {x}():
    return {y}

def {x}(p={y}, *, q={z}):
    return p, q, {y}

def {x}(v=None):
    global {y}
    {y} = [v, {z}]
    return {y}

def {x}(v=0):
    return {x}(v - 1) if v else {y}

def make(n):
    def up(v=None):
        nonlocal n
        n = [v, n]
        return n
    def get():
        return n
    return up, get
{x}, {y} = make({z})

def make(n):
    class Local:
        held = n
        def get(self):
            return n, {y}
    return Local
{x} = make({z})

class {x}:
    shared = {y}
    def get(self):
        return self, {z}
    @classmethod
    def make(cls):
        return cls()
    @staticmethod
    def still():
        return {y}

class {x}({y}):
    def get(self):
        return super().get()

class {x}(list):
    pass

class {x}(dict):
    extra = {y}

class {x}:
    __slots__ = ('left', 'right')
    def get(self):
        return {y}

class {x}:
    def __init__(self):
        self.left = {y}
    @property
    def note(self):
        return self.left, {z}

@dataclasses.dataclass
class {x}:
    left: object = None
    right: list = dataclasses.field(default_factory=list)

class {x}(enum.Enum):
    ONE = 1
    TWO = 2

@functools.wraps({y})
def {x}(*args):
    return {y}(*args)
""".strip("\n").split("\n\n")
CHANGE = [
    "{y}.append({z})",
    "{y}.append({z})",
    "{y}[{k!r}] = {z}",
    "{y}[{k!r}] = {z}",
    "{y}[0] = {z}",
    "{y}[0] = {n}",
    "{y}[:] = [{z}]",
    "{y}.reverse()",
    "{y}.clear()",
    "{y}.update({{{k!r}: {z}}})",
    "{y}.{t} = {z}",
    "{y}.{t} = {z}",
    "{y}.{t}.append({z})",
    "{y}[{k!r}].append({z})",
    "{y} += [{z}]",
    "del {y}",
    "del {y}.{t}",
    "{y}()",
    "{y}({z})",
    "{y}().append({z})",
    "next({y})",
    "{y}.__class__ = {z}",
    "{y}.__dict__ = vars({z})",
    "{y}.get = {z}",
    "{y}.__init__()",
]
IMPORTS = (
    "import collections, copy, dataclasses, enum, functools, types, weakref\nimport numpy as np"
)


@st.composite
def statements(draw: Draw, templates: list[str]) -> str:
    template = draw(st.sampled_from(templates))
    return template.format(
        x=draw(st.sampled_from(NAMES)),
        y=draw(st.sampled_from(NAMES)),
        z=draw(st.sampled_from(NAMES)),
        k=draw(st.sampled_from(["k", "m"])),
        n=draw(st.sampled_from(["0", "1", "2.5"])),
        t=draw(st.sampled_from(ATTRIBUTES)),
    )


def cells() -> st.SearchStrategy[list[str]]:
    """Cells of one to three statements; some fail, as cells do."""
    statement = statements(MAKE) | statements(MAKE) | statements(CHANGE)
    cell = st.lists(statement, min_size=1, max_size=3).map("\n".join)
    return st.lists(cell, min_size=2, max_size=14)


def services() -> st.SearchStrategy[str]:
    """Service cells that change the state, each step whether or not the one before failed."""
    steps = st.lists(statements(CHANGE) | statements(MAKE), min_size=1, max_size=8)
    return steps.map(_service)


def _service(steps: list[str]) -> str:
    # ``globals()``: so that everything goes along.
    lines = ["result = len(globals()) * 0"]
    for step in steps:
        body = "\n".join(f"    {line}" for line in step.splitlines())
        lines.append(f"try:\n{body}\nexcept Exception:\n    result += 1")
    return "\n".join(lines)
