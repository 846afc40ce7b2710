"""Hard cases of a saved namespace: cells, and what must hold in a fresh interpreter."""

from __future__ import annotations

import sys
from typing import Any

import pytest

CASES: dict[str, tuple[list[str], str]] = {
    "plain values": (
        [
            """
            a, b, c, d, e, f, g = 1, 2.5, 'x', b'y', None, True, 3 + 4j
            h = [1, {'k': (2, 3)}, {4}]
            """,
        ],
        """
        assert (a, b, c, d, e, f, g) == (1, 2.5, 'x', b'y', None, True, 3 + 4j)
        assert h == [1, {'k': (2, 3)}, {4}]
        """,
    ),
    "one list under two names": (
        [
            """
            a = [1]
            b = a
            """,
        ],
        """
        a.append(2)
        assert b is a and b == [1, 2]
        """,
    ),
    "a list shared by two containers": (
        [
            """
            shared = []
            x = {'in': shared}
            y = [shared]
            """,
            "del shared",
        ],
        """
        x['in'].append(1)
        assert y[0] is x['in']
        """,
    ),
    "sharing through instances": (
        [
            """
            class Box: pass
            b, c = Box(), Box()
            b.items = c.items = []
            """,
        ],
        """
        b.items.append(1)
        assert c.items == [1] and type(b) is Box is type(c)
        """,
    ),
    "cycles over variables": (
        [
            """
            a = {}
            b = {'a': a}
            a['b'] = b
            l = []
            l.append(l)
            """,
        ],
        "assert a['b'] is b and b['a'] is a and l[0] is l",
    ),
    "a function reads a global that changes": (
        [
            """
            factor = 2
            def scale(x):
                return x * factor
            """,
        ],
        """
        assert scale(3) == 6
        factor = 5
        assert scale(3) == 15
        assert scale.__globals__ is globals()
        """,
    ),
    "a function writes a global": (
        [
            """
            count = 0
            def bump():
                global count
                count += 1
            """,
        ],
        """
        bump(); bump()
        assert count == 2
        """,
    ),
    "recursion": (
        [
            """
            def fact(n):
                return 1 if n < 2 else n * fact(n - 1)
            """,
        ],
        "assert fact(5) == 120",
    ),
    "mutual recursion": (
        [
            """
            def even(n): return n == 0 or odd(n - 1)
            def odd(n): return n != 0 and even(n - 1)
            pair = (even, odd)
            """,
        ],
        "assert even(10) and not odd(10) and pair == (even, odd)",
    ),
    "a function in a container is the variable": (
        [
            """
            def f(): return 1
            handlers = {'f': f}
            g = f
            """,
        ],
        "assert handlers['f'] is f is g",
    ),
    "defaults, keyword defaults, annotations, attributes": (
        [
            """
            def f(a, b=[1], *, c={'k': 2}) -> int:
                "doc"
                b.append(a)
                return b, c
            f.note = 'n'
            f.__annotations__['a'] = str
            f.__qualname__ = 'other.f'
            """,
        ],
        """
        assert f(2) == ([1, 2], {'k': 2}) and f.note == 'n' and f.__doc__ == 'doc'
        assert f.__annotations__ == {'return': int, 'a': str}
        assert f.__qualname__ == 'other.f' and f.__name__ == 'f' and f.__module__ == '__main__'
        """,
    ),
    "a default shared with a variable": (
        [
            """
            cache = {}
            def f(k, cache=cache):
                cache[k] = 1
            """,
        ],
        """
        f('x')
        assert cache == {'x': 1}
        """,
    ),
    "closures share a nonlocal": (
        [
            """
            def make():
                n = 0
                def up():
                    nonlocal n
                    n += 1
                    return n
                def get():
                    return n
                return up, get
            up, get = make()
            up()
            """,
        ],
        "assert up() == 2 and get() == 2",
    ),
    "a recursive closure": (
        [
            """
            def make():
                def walk(n):
                    return 0 if n == 0 else 1 + walk(n - 1)
                return walk
            walk = make()
            other = [walk]
            """,
        ],
        "assert walk(4) == 4 and other[0] is walk",
    ),
    "an empty cell": (
        [
            """
            def make():
                def f():
                    return later
                if False:
                    later = 1
                return f
            f = make()
            """,
        ],
        """
        try:
            f()
        except NameError:
            pass
        else:
            raise AssertionError
        """,
    ),
    "a cell in a variable": (
        [
            """
            import types
            cell = types.CellType([1])
            empty = types.CellType()
            """,
        ],
        """
        assert cell.cell_contents == [1]
        assert type(empty) is type(cell)
        """,
    ),
    "lambdas": (
        [
            """
            k = 3
            f = lambda x: x + k
            fs = [lambda i=i: i for i in range(3)]
            """,
        ],
        """
        k = 10
        assert f(1) == 11 and [g() for g in fs] == [0, 1, 2]
        """,
    ),
    "a decorator with wraps": (
        [
            """
            import functools
            calls = []
            def logged(f):
                @functools.wraps(f)
                def wrapper(*a):
                    calls.append(f.__name__)
                    return f(*a)
                return wrapper
            @logged
            def add(a, b):
                return a + b
            """,
        ],
        """
        assert add(1, 2) == 3 and calls == ['add']
        assert add.__wrapped__.__name__ == 'add'
        """,
    ),
    "a decorator around a library's function": (
        [
            """
            import functools, os.path
            @functools.wraps(os.path.join)
            def join(*a):
                return '|'.join(a)
            """,
        ],
        "assert join('a', 'b') == 'a|b'",
    ),
    "a generator function, a coroutine function": (
        [
            """
            def gen(n):
                yield from range(n)
            async def co():
                return 7
            async def agen():
                yield 1
            """,
        ],
        """
        import asyncio
        assert list(gen(3)) == [0, 1, 2] and asyncio.run(co()) == 7
        """,
    ),
    "a class and its instance": (
        [
            """
            rate = 2
            class A:
                "doc"
                kind = ['k']
                def __init__(self, v): self.v = v
                def scaled(self): return self.v * rate
                @property
                def twice(self): return self.v * 2
                @classmethod
                def make(cls): return cls(9)
                @staticmethod
                def plain(x): return x
            a = A(5)
            """,
        ],
        """
        rate = 3
        assert a.scaled() == 15 and a.twice == 10 and type(a) is A
        assert A.make().v == 9 and A.plain(1) == 1 and A.__doc__ == 'doc' and A.kind == ['k']
        assert A.__module__ == '__main__'
        """,
    ),
    "super in methods": (
        [
            """
            class Base:
                def hello(self): return ['base']
            class Child(Base):
                def hello(self): return super().hello() + [__class__.__name__]
            c = Child()
            """,
        ],
        "assert c.hello() == ['base', 'Child'] and isinstance(c, Base)",
    ),
    "a redefined class with an old instance": (
        [
            """
            class P:
                def who(self): return 'old'
            old = P()
            older = [old, P()]
            """,
            """
            class P:
                def who(self): return 'new'
            new = P()
            """,
        ],
        """
        assert old.who() == 'old' and new.who() == 'new' and type(new) is P
        assert type(old) is not P and type(older[1]) is type(old) and older[0] is old
        """,
    ),
    "nested and local classes": (
        [
            """
            class Outer:
                class Inner:
                    def name(self): return 'inner'
            i = Outer.Inner()
            def make():
                class Local:
                    def __eq__(self, other): return type(other) is type(self)
                    __hash__ = None
                return Local
            Made = make()
            m, n = Made(), make()()
            method = Outer.Inner.name
            """,
        ],
        """
        assert type(i) is Outer.Inner and i.name() == 'inner' and method is Outer.Inner.name
        assert type(m) is Made and type(n) is not Made and not m == n and m == Made()
        """,
    ),
    "slots": (
        [
            """
            class S:
                __slots__ = ('a', 'b', '__weakref__')
            class T(S):
                __slots__ = 'c'
            t = T()
            t.a, t.c = 1, [2]
            s = S()
            """,
        ],
        """
        assert t.a == 1 and t.c == [2] and not hasattr(t, 'b') and not hasattr(t, '__dict__')
        import weakref; weakref.ref(s)
        s.b = 3
        assert s.b == 3
        """,
    ),
    "dataclasses": (
        [
            """
            from dataclasses import dataclass, field, fields, replace, asdict
            @dataclass
            class D:
                a: int
                b: list = field(default_factory=list)
                c: str = field(default='c', metadata={'m': 1})
            @dataclass(frozen=True, order=True)
            class F:
                x: int = 1
            d = D(1)
            f = F()
            """,
        ],
        """
        assert [x.name for x in fields(d)] == ['a', 'b', 'c'] and asdict(d)['b'] == []
        assert D(1) == d and replace(d, a=2).a == 2 and fields(D)[2].metadata['m'] == 1
        assert F(1) == f and F(2) > f and hash(f) == hash(F()) and D(1).b is not D(1).b
        try:
            f.x = 2
        except Exception as e:
            assert type(e).__name__ == 'FrozenInstanceError'
        else:
            raise AssertionError
        """,
    ),
    "dataclass with slots": (
        [
            """
            from dataclasses import dataclass
            @dataclass(slots=True, kw_only=True)
            class D:
                a: int
                b: float = 2.0
            d = D(a=1)
            """,
        ],
        "assert d == D(a=1) and d.b == 2.0 and not hasattr(d, '__dict__')",
    ),
    "enumerations": (
        [
            """
            import enum
            class Color(enum.Enum):
                RED = 1
                ROSE = 1
                BLUE = 'b'
                def shout(self): return self.name + '!'
            class Num(enum.IntEnum):
                ONE = enum.auto()
                TWO = enum.auto()
            class Perm(enum.Flag):
                R = 4
                W = 2
            class Planet(enum.Enum):
                EARTH = (5.976e+24, 6.37e6)
                def __init__(self, mass, radius):
                    self.mass = mass
            class Text(str, enum.Enum):
                A = 'a'
            red, one, both = Color.RED, Num.ONE, Perm.R | Perm.W
            """,
        ],
        """
        assert red is Color.RED is Color(1) is Color['ROSE'] and red.shout() == 'RED!'
        assert list(Color) == [Color.RED, Color.BLUE] and one is Num.ONE and one + 1 == Num.TWO
        assert both == Perm.R | Perm.W and Perm.R in both and Planet.EARTH.mass == 5.976e+24
        assert Text.A == 'a' and Text('a') is Text.A and isinstance(red, Color)
        assert repr(Color.BLUE) == "<Color.BLUE: 'b'>" and Num(2) is Num.TWO
        class More(enum.Enum):
            X = 1
        assert More.X.name == 'X'
        """,
    ),
    "an old enumeration's member": (
        [
            """
            import enum
            class C(enum.Enum):
                A = 1
                B = 2
            old = C.A
            olds = [C.B]
            """,
            """
            class C(enum.Enum):
                A = 10
            """,
        ],
        """
        assert old.value == 1 and type(old) is not C and C.A.value == 10
        assert olds[0] is type(old).B and type(old)(1) is old
        """,
    ),
    "abstract classes": (
        [
            """
            import abc
            class Shape(abc.ABC):
                @abc.abstractmethod
                def area(self): ...
                @property
                @abc.abstractmethod
                def name(self): ...
            class Square(Shape):
                def area(self): return 4
                name = 'square'
            class Foreign: pass
            Shape.register(Foreign)
            s = Square()
            """,
        ],
        """
        assert s.area() == 4 and isinstance(s, Shape) and isinstance(Foreign(), Shape)
        try:
            Shape()
        except TypeError:
            pass
        else:
            raise AssertionError
        """,
    ),
    "metaclass and init_subclass did their work already": (
        [
            """
            made = []
            class Meta(type):
                def __new__(mcs, name, bases, ns, **kw):
                    made.append(name)
                    return super().__new__(mcs, name, bases, ns, **kw)
                def __init__(cls, name, bases, ns, **kw):
                    super().__init__(name, bases, ns)
                def shout(cls): return cls.__name__.upper()
            class Base(metaclass=Meta):
                registry = []
                def __init_subclass__(cls, tag, **kw):
                    super().__init_subclass__(**kw)
                    cls.tag = tag
                    Base.registry.append(cls)
            class A(Base, tag='a'): pass
            class B(Base, tag='b'): pass
            """,
        ],
        """
        assert made == ['Base', 'A', 'B'] and Base.registry == [A, B] and A.shout() == 'A'
        assert B.tag == 'b' and type(B) is Meta
        class C(Base, tag='c'): pass
        assert Base.registry[-1] is C and made[-1] == 'C'
        """,
    ),
    "descriptors and set_name": (
        [
            """
            class Positive:
                def __set_name__(self, owner, name): self.name = '_' + name
                def __get__(self, obj, cls=None):
                    return self if obj is None else obj.__dict__[self.name]
                def __set__(self, obj, value):
                    if value < 0: raise ValueError(self.name)
                    obj.__dict__[self.name] = value
            class Account:
                balance = Positive()
            a = Account()
            a.balance = 5
            """,
        ],
        """
        assert a.balance == 5
        try:
            a.balance = -1
        except ValueError as e:
            assert str(e) == '_balance'
        """,
    ),
    "named tuples": (
        [
            """
            from collections import namedtuple
            from typing import NamedTuple
            P = namedtuple('P', 'x y', defaults=[0])
            class Q(NamedTuple):
                a: int
                b: str = 'b'
                def both(self): return self.a, self.b
            p, q = P(1), Q(2)
            """,
        ],
        """
        assert p == (1, 0) and p._replace(x=3) == P(3, 0) and q.both() == (2, 'b')
        assert type(p) is P and P._make([1, 2]).y == 2 and Q._fields == ('a', 'b')
        """,
    ),
    "exceptions with a signature of their own": (
        [
            """
            class Bad(Exception):
                def __init__(self, code, text):
                    super().__init__(f'{code}: {text}')
                    self.code = code
            try:
                raise Bad(4, 'no')
            except Bad as e:
                kept = e
            plain = ValueError('v')
            """,
        ],
        """
        assert kept.code == 4 and str(kept) == '4: no' and type(kept) is Bad
        assert plain.args == ('v',)
        """,
    ),
    "typing": (
        [
            """
            from __future__ import annotations
            import typing
            from typing import Generic, Protocol, TypedDict, TypeVar, NewType
            T = TypeVar('T', bound=int)
            class Stack(Generic[T]):
                items: list[T]
                def __init__(self): self.items = []
            class Named(Protocol):
                name: str
            class Row(TypedDict, total=False):
                a: int
            Id = NewType('Id', int)
            s = Stack[int]()
            alias = typing.Optional[Row]
            union = int | None
            def typed(x: Row) -> Stack: ...
            """,
        ],
        """
        assert s.items == [] and type(s) is Stack and Stack.__parameters__ == (T,)
        assert Row(a=1) == {'a': 1} and Id(3) == 3 and T.__bound__ is int
        assert typing.get_type_hints(typed) == {'x': Row, 'return': Stack}
        assert union == int | None and typing.get_args(alias)[0] is Row
        """,
    ),
    "partial, lru_cache, cached_property": (
        [
            """
            import functools
            def add(a, b): return a + b
            inc = functools.partial(add, 1)
            @functools.lru_cache(maxsize=7)
            def slow(n): return n if n < 2 else slow(n - 1) + slow(n - 2)
            slow(5)
            table = {'slow': slow}
            class C:
                @functools.lru_cache
                def m(self): return 4
                @functools.cached_property
                def p(self): return [1]
            c = C()
            def plain(n): return n
            cached = functools.lru_cache(plain)
            shown = functools.singledispatch(plain)
            plain.note = cached.own = 1
            """,
        ],
        """
        assert plain.note == cached.own == 1 and not hasattr(plain, 'own')
        assert not hasattr(cached, 'note') and not hasattr(shown, 'note')
        assert cached.__wrapped__ is shown.__wrapped__ is plain and shown.__name__ == 'plain'
        assert inc(2) == 3 and inc.func is add and slow(10) == 55 and table['slow'] is slow
        assert slow.cache_parameters()['maxsize'] == 7 and slow.cache_info().currsize
        assert c.m() == 4 and c.p is c.p
        """,
    ),
    "singledispatch": (
        [
            """
            from functools import singledispatch, singledispatchmethod
            class Mine: pass
            @singledispatch
            def show(x): return 'any'
            @show.register
            def _(x: int): return 'int'
            @show.register(Mine)
            def show_mine(x): return 'mine'
            class V:
                @singledispatchmethod
                def go(self, x): return 'any'
                @go.register
                def _(self, x: str): return 'str'
            """,
        ],
        """
        assert [show(1.0), show(1), show(Mine())] == ['any', 'int', 'mine']
        assert V().go('s') == 'str' and V().go(1) == 'any'
        show.register(list, lambda x: 'list')
        assert show([]) == 'list'
        """,
    ),
    "bound methods": (
        [
            """
            class Model:
                def __init__(self): self.n = 0
                def step(self):
                    self.n += 1
                    return self.n
            m = Model()
            step = m.step
            append = (items := []).append
            make = Model.__new__
            def free(self): return self.n
            import types
            bound = types.MethodType(free, m)
            """,
        ],
        """
        step()
        assert m.n == 1 and bound() == 1 and step.__self__ is m
        append(1)
        assert items == [1]
        """,
    ),
    "functions of a module's hidden instance": (
        [
            """
            from random import randint, seed, random
            from math import sqrt
            """,
        ],
        """
        import random as r
        seed(3)
        a = randint(0, 10**9)
        r.seed(3)
        assert r.randint(0, 10**9) == a and sqrt(4) == 2 and random.__self__ is r.random.__self__
        """,
    ),
    "modules and aliases": (
        [
            """
            import json, os.path, xml.etree.ElementTree as ET
            import math as m
            from os import path
            """,
        ],
        """
        import sys
        assert json is sys.modules['json'] and m.pi > 3 and os.path is path
        assert ET.fromstring('<a/>').tag == 'a'
        """,
    ),
    "the namespace itself": (
        [
            """
            x = 1
            g = globals()
            import __main__ as me
            holder = {'ns': g}
            """,
        ],
        "assert g is globals() and g['x'] == 1 and me.x == 1 and holder['ns'] is g",
    ),
    "iterators keep their position": (
        [
            """
            it = iter([1, 2, 3])
            next(it)
            z = zip([1, 2], 'ab')
            next(z)
            e = enumerate('xy')
            """,
        ],
        "assert list(it) == [2, 3] and list(z) == [(2, 'b')] and next(e) == (0, 'x')",
    ),
    "weak references": (
        [
            """
            import weakref
            class N: pass
            n = N()
            r = weakref.ref(n)
            ws = weakref.WeakSet([n])
            wd = weakref.WeakValueDictionary(k=n)
            dead = weakref.ref(N())
            """,
        ],
        "assert r() is n and list(ws) == [n] and wd['k'] is n and dead() is None",
    ),
    "setstate uses a global function": (
        [
            """
            def rebuild(v): return v * factor
            factor = 3
            class S:
                def __getstate__(self): return 5
                def __setstate__(self, state): self.v = rebuild(state)
            s = S()
            s.v = 15
            """,
        ],
        "assert s.v == 15",
    ),
    "functions with globals of their own": (
        [
            """
            ns = {'k': 2}
            exec('def f(): return k', ns)
            f = ns['f']
            """,
        ],
        """
        assert f() == 2
        ns['k'] = 3
        assert f() == 3 and f.__globals__ is ns
        """,
    ),
    "a class attribute that is a variable": (
        [
            """
            config = {'a': 1}
            class A:
                config = config
            class B(A): pass
            b = B()
            def f(x: A = A()): return x
            """,
        ],
        """
        config['a'] = 2
        assert b.config['a'] == 2 and B.__bases__ == (A,) and type(f()) is A
        """,
    ),
    "classes that know each other": (
        [
            """
            class Node:
                kinds = []
            class Leaf(Node): pass
            Node.kinds.append(Leaf)
            Leaf.parent = Node
            leaf = Leaf()
            """,
        ],
        "assert Node.kinds == [Leaf] and leaf.parent is Node and type(leaf) is Leaf",
    ),
    "streams": (
        [
            """
            import sys, io
            out = sys.stdout
            b = io.BytesIO(b'abc')
            b.read(1)
            t = io.StringIO('x')
            """,
        ],
        "assert out is sys.stdout and b.read() == b'bc' and t.getvalue() == 'x'",
    ),
    "common library objects": (
        [
            """
            import datetime, decimal, pathlib, re, collections, logging, random, uuid, types
            dt = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
            dec, path, rx = decimal.Decimal('1.5'), pathlib.Path('/x'), re.compile('a+')
            od = collections.OrderedDict(a=1)
            dd = collections.defaultdict(list, k=[1])
            co, dq = collections.Counter('aab'), collections.deque([1], 3)
            log, rng, u = logging.getLogger('a.b'), random.Random(4), uuid.UUID(int=5)
            ns, mp = types.SimpleNamespace(a=1), types.MappingProxyType({'a': 1})
            rng.random()
            following = random.Random(4)
            following.random()
            """,
        ],
        """
        assert dt.year == 2024 and dec == decimal.Decimal('1.5') and rx.match('aa')
        assert dd['new'] == [] and co['a'] == 2 and dq.maxlen == 3 and log.name == 'a.b'
        assert rng.random() == following.random() and ns.a == 1 and mp['a'] == 1
        """,
    ),
    "pickling inside the restored code": (
        [
            """
            import pickle, copy
            class A:
                def __init__(self): self.v = 1
            a = A()
            """,
        ],
        """
        b = pickle.loads(pickle.dumps(a))
        assert type(b) is A and copy.deepcopy(a).v == 1
        """,
    ),
    "annotations that name what the class has": (
        [
            """
            class Tree:
                class Leaf:
                    pass
                limit: Leaf
                def grow(self, leaf: Leaf, more: 'list[Tree]' = ()) -> Leaf:
                    return leaf
            class Asked:
                x: int
                y: Tree
            def asked(a: int, b: Tree) -> None: pass
            grow = Tree.grow
            told = Asked.__annotations__, asked.__annotations__
            told[0]['z'] = told[1]['c'] = str
            """,
        ],
        """
        assert Tree.__annotations__ == {'limit': Tree.Leaf}
        assert list(Tree.grow.__annotations__.values()) == [Tree.Leaf, 'list[Tree]', Tree.Leaf]
        assert Tree.grow is grow
        assert Asked.__annotations__ is told[0] == {'x': int, 'y': Tree, 'z': str}
        assert asked.__annotations__ is told[1] == {'a': int, 'b': Tree, 'return': None, 'c': str}
        tells = getattr(asked, '__annotate__', None)
        assert tells is None or tells(1) == {'a': int, 'b': Tree, 'return': None}
        tells = getattr(Asked, '__annotate__', None)
        assert tells is None or tells(1) == {'x': int, 'y': Tree}
        """,
    ),
    "names that shadow builtins": (
        [
            """
            list = [1]
            def sum(x): return 'mine'
            open = 3
            """,
        ],
        "assert list == [1] and sum([]) == 'mine' and open == 3",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, notebook: Any) -> None:
    cells, check = CASES[name]

    saved = notebook.save(*cells)

    assert saved["unsaved"] == {}
    assert notebook.restore(check) == []


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are told at once")
def test_annotations_of_what_is_not_there_yet(notebook: Any) -> None:
    saved = notebook.save(
        """
        class Order:
            items: list[Item]
        def total(order: Order) -> Money: pass
        asked = []
        def counted(x: asked.append(1)): pass
        """
    )

    assert saved["unsaved"] == {}
    assert (
        notebook.restore(
            "assert asked == []\nItem, Money = int, float\n"
            "assert Order.__annotations__ == {'items': list[int]}\n"
            "assert total.__annotations__ == {'order': Order, 'return': float}"
        )
        == []
    )


ARRAYS: dict[str, tuple[list[str], str]] = {
    "views stay views": (
        [
            """
            import numpy as np
            a = np.arange(20.0)
            v = a[2:10:3]
            r = a[::-1]
            m = a.reshape(4, 5).T
            """,
        ],
        """
        v[0] = -1
        assert a[2] == -1 and r[17] == -1 and m[2, 0] == -1 and np.shares_memory(v, a)
        """,
    ),
    "views of a base that has no name": (
        [
            """
            import numpy as np
            train, test = np.split(np.arange(10), 2)
            kept = {'all': train.base}
            """,
        ],
        """
        train[1] = 7
        assert kept['all'][1] == 7 and (test == range(5, 10)).all()
        """,
    ),
    "views inside of one variable": (
        [
            """
            import numpy as np
            d = {'a': np.zeros(4)}
            d['v'] = d['a'][1:]
            """,
        ],
        """
        d['v'][0] = 5
        assert d['a'][1] == 5
        """,
    ),
    "object arrays": (
        [
            """
            import numpy as np
            o = np.array([[1], 'x', None], dtype=object)
            p = o[1:]
            q = o[0]
            """,
        ],
        """
        p[0] = 'y'
        assert o[1] == 'y' and o[0] is q
        """,
    ),
    "read-only stays read-only": (
        [
            """
            import numpy as np
            a = np.zeros(20000)
            a.flags.writeable = False
            b = np.zeros(5)
            c = b[1:]
            c.flags.writeable = False
            """,
        ],
        """
        assert not a.flags.writeable and b.flags.writeable and not c.flags.writeable
        b[1] = 3
        assert c[0] == 3
        """,
    ),
    "large buffers are writable": (
        [
            """
            import numpy as np
            a = np.arange(100_000)
            f = np.asfortranarray(a.reshape(100, 1000))
            g = f[:, 3]
            b = bytearray(100_000)
            rows = {'one': a[:50_000]}
            """,
        ],
        """
        a[0] = 5
        assert rows['one'][0] == 5
        f[1, 3] = -2
        assert g[1] == -2
        b[0] = 1
        """,
    ),
    "structured fields": (
        [
            """
            import numpy as np
            s = np.zeros(3, dtype='i4,f8')
            col = s['f1']
            bits = s.view('u1')
            """,
        ],
        """
        col[1] = 2.5
        assert s[1][1] == 2.5
        """,
    ),
    "random generators": (
        [
            """
            import numpy as np
            rng = np.random.default_rng(3)
            rng.random()
            from numpy.random import rand
            """,
        ],
        """
        other = np.random.default_rng(3)
        other.random()
        assert rng.random() == other.random()
        assert rand.__self__ is np.random.rand.__self__
        """,
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_array_case(name: str, notebook: Any) -> None:
    pytest.importorskip("numpy")
    cells, check = ARRAYS[name]

    saved = notebook.save(*cells)

    assert saved["unsaved"] == {}
    assert notebook.restore(check) == []


def test_independent_frames_are_saved_apart(notebook: Any) -> None:
    pytest.importorskip("pandas")

    saved = notebook.save(
        "import pandas as pd\ndf = pd.DataFrame({'a': range(5), 'b': list('abcde')})\n"
        "more = df.assign(c=df.a * 2)\ns = df['a'].copy()\nby = df.groupby('b')['a'].sum()"
    )

    assert ["df"] in [group["names"] for group in saved["groups"]]
    assert (
        notebook.restore(
            "df.loc[0, 'a'] = 9\nassert more.a[0] == 0\nmore.loc[1, 'a'] = 7\nassert df.a[1] == 1\n"
            "assert s.tolist() == [0, 1, 2, 3, 4] and by['b'] == 1 and list(df.b) == list('abcde')"
        )
        == []
    )


def test_a_model_is_restored(notebook: Any) -> None:
    pytest.importorskip("sklearn")

    notebook.save(
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer",
        "def log(x): return np.log1p(x)\nX = np.arange(10.0).reshape(-1, 1)\n"
        "model = make_pipeline(FunctionTransformer(log), LinearRegression()).fit(X, X.ravel())\n"
        "expected = model.predict([[3.0]])",
    )

    assert notebook.restore("assert (model.predict([[3.0]]) == expected).all()") == []


def test_attrs_classes(notebook: Any) -> None:
    pytest.importorskip("attr")

    saved = notebook.save(
        "import attr\nunrelated = {'k': [1]}",
        """
        @attr.define
        class Point:
            x: int = attr.field(validator=attr.validators.instance_of(int))
            tags: list = attr.Factory(list)
            def shown(self): return super().__repr__()
        p = Point(3)
        """,
    )

    assert ["Point"] in [group["names"] for group in saved["groups"]]
    assert (
        notebook.restore(
            """
            assert p == Point(3) and 'Point' in p.shown() and attr.evolve(p, x=4).x == 4
            try:
                Point('x')
            except TypeError:
                pass
            else:
                raise AssertionError
            """
        )
        == []
    )


def test_pydantic_models(notebook: Any) -> None:
    pytest.importorskip("pydantic")

    saved = notebook.save(
        """
        from pydantic import BaseModel, Field
        class Item(BaseModel):
            name: str
            price: float = Field(gt=0)
        class Order(BaseModel):
            items: list[Item] = []
        order = Order(items=[{'name': 'a', 'price': '2.5'}])
        """
    )

    assert saved["unsaved"] == {}
    assert (
        notebook.restore(
            "assert order.items[0].price == 2.5 and type(order.items[0]) is Item\n"
            "assert Order.model_validate_json(order.model_dump_json()) == order\n"
            "try:\n    Item(name='x', price=-1)\nexcept ValueError:\n    pass\n"
            "else:\n    raise AssertionError"
        )
        == []
    )
