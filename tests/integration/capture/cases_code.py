"""Functions and classes of the notebook live in the node's namespace."""

from .case import Case

CASES = {
    "a function reads an input": Case(
        """
        factor = 2
        def scale(x):
            return x * factor
        ---
        result = scale(3)
        """,
        [({"factor": 5}, 15), ({}, 6)],
    ),
    "a function writes a global": Case(
        """
        total = 0
        def add(n):
            global total
            total += n
        ---
        add(n)
        add(n)
        result = total
        """,
        [({"n": 3}, 6), ({"n": 1}, 2)],
        live=False,
        options={"isolation": "request"},
    ),
    "late binding": Case(
        """
        def outer(x): return inner(x) + 1
        def inner(x): return x
        ---
        def inner(x): return x * 10
        ---
        result = outer(n)
        """,
        [({"n": 2}, 21)],
    ),
    "the cell defines what a function calls": Case(
        """
        def outer(x): return inner(x) + 1
        ---
        def inner(x): return x * n
        result = outer(n)
        """,
        [({"n": 3}, 10)],
    ),
    "mutual recursion": Case(
        """
        def even(n): return n == 0 or odd(n - 1)
        def odd(n): return n != 0 and even(n - 1)
        table = {'even': even}
        ---
        result = [table['even'](n), table['even'] is even]
        """,
        [({"n": 10}, [True, True]), ({"n": 7}, [False, True])],
    ),
    "a redefined function that is still held": Case(
        """
        def f(): return 'old'
        held = f
        ---
        def f(): return 'new'
        ---
        result = [held(), f()]
        """,
        [({}, ["old", "new"])],
    ),
    "a redefined class with an old instance": Case(
        """
        class A:
            def v(self): return 'old'
        old = A()
        ---
        class A:
            def v(self): return 'new'
        new = A()
        ---
        result = [old.v(), new.v(), isinstance(old, A), isinstance(new, A), type(old) is A]
        """,
        [({}, ["old", "new", False, True, False])],
    ),
    "super in two ways": Case(
        """
        class Base:
            def hi(self): return ['base']
            @classmethod
            def make(cls): return cls()
        class Left(Base):
            def hi(self): return ['left'] + super().hi()
        class Right(Base):
            def hi(self): return ['right'] + super(Right, self).hi()
        class Both(Left, Right):
            @classmethod
            def make(cls): return super().make()
        ---
        result = Both.make().hi()
        """,
        [({}, ["left", "right", "base"])],
    ),
    "a class changed after it was made": Case(
        """
        class A:
            pass
        a = A()
        A.twice = lambda self, n: n * 2
        A.limit = 10
        ---
        result = a.twice(min(n, A.limit))
        """,
        [({"n": 50}, 20)],
    ),
    "dataclasses": Case(
        """
        from dataclasses import dataclass, field, asdict, replace, fields, KW_ONLY
        @dataclass(order=True, frozen=True, slots=True)
        class P:
            x: int
            tags: list = field(default_factory=list, compare=False)
        @dataclass
        class Q(object):
            p: P
            _: KW_ONLY
            n: int = 3
        q = Q(P(1))
        ---
        made = replace(q, n=n)
        result = [asdict(made), P(1) < P(2), [f.name for f in fields(Q)], q == Q(P(1)), repr(q.p)]
        """,
        [
            (
                {"n": 9},
                [{"p": {"x": 1, "tags": []}, "n": 9}, True, ["p", "n"], True, "P(x=1, tags=[])"],
            )
        ],
    ),
    "enumerations": Case(
        """
        import enum
        class Color(enum.Enum):
            RED = 1
            GREEN = 2
            ROUGE = 1
            def nice(self): return self.name.title()
        class Perm(enum.IntFlag):
            R = 4
            W = 2
        class Name(str, enum.Enum):
            A = 'a'
        red, rw = Color.RED, Perm.R | Perm.W
        by = {Color.GREEN: 'go'}
        ---
        result = [red is Color.RED, Color(1) is red, Color.ROUGE is red, by[Color(k)], red.nice(),
                  rw == 6, Perm.R in rw, Name('a') is Name.A, [c.name for c in Color]]
        """,
        [({"k": 2}, [True, True, True, "go", "Red", True, True, True, ["RED", "GREEN"]])],
    ),
    "abstract classes": Case(
        """
        import abc
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
            @property
            @abc.abstractmethod
            def name(self): ...
        class Square(Shape):
            def __init__(self, a): self.a = a
            def area(self): return self.a ** 2
            name = 'square'
        class Like: pass
        Shape.register(Like)
        ---
        try:
            Shape()
            failed = False
        except TypeError:
            failed = True
        result = [failed, Square(n).area(), issubclass(Like, Shape), isinstance(Like(), Shape)]
        """,
        [({"n": 3}, [True, 9, True, True])],
    ),
    "metaclasses and init_subclass": Case(
        """
        registry = []
        class Meta(type):
            def __new__(mcs, name, bases, ns, **kw):
                cls = super().__new__(mcs, name, bases, ns)
                registry.append(cls)
                cls.kw = kw
                return cls
            def __call__(cls, *a):
                made = super().__call__(*a)
                made.made_by = cls.__name__
                return made
            def __getitem__(cls, k): return (cls.__name__, k)
        class Plugin:
            known = {}
            def __init_subclass__(cls, key=None, **kw):
                super().__init_subclass__(**kw)
                Plugin.known[key] = cls
        class A(metaclass=Meta, opt=1): pass
        class B(A): pass
        class P1(Plugin, key='one'): pass
        ---
        class P2(Plugin, key=key): pass
        result = [len(registry), registry[0] is A, A.kw, B().made_by, list(A[key]),
                  Plugin.known['one'] is P1, list(Plugin.known)]
        """,
        [({"key": "two"}, [2, True, {"opt": 1}, "B", ["A", "two"], True, ["one", "two"]])],
    ),
    "singledispatch": Case(
        """
        import functools
        @functools.singledispatch
        def show(x): return 'any'
        @show.register
        def _(x: int): return 'int'
        class T: pass
        @show.register(T)
        def show_t(x): return 'T'
        class M:
            @functools.singledispatchmethod
            def m(self, x): return 'any'
            @m.register
            def _(self, x: str): return 'str'
        ---
        result = [show(1), show('x'), show(T()), M().m(1), M().m('a'), show_t is show.dispatch(T)]
        """,
        [({}, ["int", "any", "T", "any", "str", True])],
    ),
    "lru_cache": Case(
        """
        import functools
        calls = []
        @functools.lru_cache(maxsize=8)
        def slow(n):
            calls.append(n)
            return n * factor
        factor = 2
        class K:
            @functools.cache
            def m(self): return 7
        ---
        result = [slow(n), slow(n), slow.cache_info().maxsize, K().m(), calls.count(n)]
        """,
        [({"n": 4}, [8, 8, 8, 7, 1])],
    ),
    "cached_property": Case(
        """
        import functools
        class C:
            def __init__(self, n): self.n = n
            @functools.cached_property
            def twice(self): return self.n * 2
        seen, fresh = C(1), C(2)
        seen.twice
        seen.n = 100
        ---
        result = [seen.twice, fresh.twice, C(k).twice]
        """,
        [({"k": 5}, [2, 4, 10])],
    ),
    "partials": Case(
        """
        import functools, operator
        def power(base, exp): return base ** exp
        square = functools.partial(power, exp=2)
        square.note = 'n'
        class C:
            def f(self, a, b): return (a, b)
            g = functools.partialmethod(f, 1)
        get = operator.itemgetter('k')
        attr = operator.attrgetter('real')
        call = operator.methodcaller('upper')
        ---
        result = [square(n), square.note, C().g(n), get({'k': n}), attr(n), call('x')]
        """,
        [({"n": 3}, [9, "n", [1, 3], 3, 3, "X"])],
    ),
    "decorators": Case(
        """
        import functools
        log = []
        def logged(prefix):
            def wrap(function):
                @functools.wraps(function)
                def inner(*args):
                    log.append(prefix + function.__name__)
                    return function(*args)
                return inner
            return wrap
        class Counted:
            def __init__(self, f):
                functools.update_wrapper(self, f)
                self.f, self.n = f, 0
            def __call__(self, *a):
                self.n += 1
                return self.f(*a)
        @logged('> ')
        def double(x):
            return x * 2
        @Counted
        def triple(x):
            return x * k
        k = 3
        ---
        result = [double(n), log[-1], triple(n), double.__wrapped__(1), double.__name__]
        """,
        [({"n": 4, "k": 3}, [8, "> double", 12, 2, "double"])],
    ),
    "a context manager and a generator function": Case(
        """
        import contextlib
        @contextlib.contextmanager
        def scaled(by):
            global factor
            before, factor = factor, by
            try:
                yield
            finally:
                factor = before
        factor = 1
        def count(n):
            while n:
                n -= 1
                yield n * factor
        ---
        with scaled(by):
            inside = list(count(3))
        result = [inside, list(count(2)), factor]
        """,
        [({"by": 10}, [[20, 10, 0], [1, 0], 1])],
    ),
    "type hints that name notebook classes": Case(
        """
        import typing
        class Tree:
            left: 'Tree | None' = None
            def grow(self, other: 'Tree') -> 'list[Tree]': return [self, other]
        T = typing.TypeVar('T', bound=Tree)
        class Forest(typing.Generic[T]):
            trees: 'list[T]'
        Pair = typing.NamedTuple('Pair', [('a', int), ('b', 'Tree')])
        class Opts(typing.TypedDict, total=False):
            name: str
        UserId = typing.NewType('UserId', int)
        ---
        hints = typing.get_type_hints(Tree.grow)
        result = [hints['other'] is Tree, typing.get_type_hints(Tree)['left'] == (Tree | None),
                  Forest[Tree].__args__[0] is Tree, Pair(1, None).a, Opts(name='x')['name'],
                  UserId(n), Opts.__optional_keys__ == {'name'}]
        """,
        [({"n": 3}, [True, True, True, 1, "x", 3, True])],
    ),
    "future flags": Case(
        """
        from __future__ import annotations
        ---
        def f(x: NotThere) -> int: return x
        ---
        def g(y: AlsoNotThere): return y
        result = [f(n), g.__annotations__['y'], f.__annotations__['x']]
        """,
        [({"n": 3}, [3, "AlsoNotThere", "NotThere"])],
    ),
    "pickling inside the cell": Case(
        """
        import pickle, copy
        class P:
            def __init__(self, x): self.x = x
            def __eq__(self, o): return type(o) is type(self) and o.x == self.x
        def f(x): return x
        p = P([1])
        ---
        again = pickle.loads(pickle.dumps(p))
        result = [again == p, type(again) is P, pickle.loads(pickle.dumps(f)) is f,
                  copy.deepcopy(p) == p, P.__module__, f.__module__]
        """,
        [({}, [True, True, True, True, "__main__", "__main__"])],
    ),
    "introspection": Case(
        """
        import inspect
        def f(a, /, b: int = 2, *args, c, **kw) -> str:
            "Says."
        class C:
            "Is."
            def m(self): "Does."
        ---
        result = [str(inspect.signature(f)), f.__doc__, C.__doc__, C.m.__qualname__, C.__name__]
        """,
        [({}, ["(a, /, b: int = 2, *args, c, **kw) -> str", "Says.", "Is.", "C.m", "C"])],
    ),
    "namedtuples and simple namespaces": Case(
        """
        import collections, types
        Point = collections.namedtuple('Point', 'x y', defaults=[0])
        p = Point(1)
        box = types.SimpleNamespace(p=p, l=[p])
        ---
        q = p._replace(x=n)
        result = [q.x, q.y, box.p is p, box.l[0] is p, Point._fields]
        """,
        [({"n": 5}, [5, 0, True, True, ["x", "y"]])],
    ),
    "descriptors": Case(
        """
        class Positive:
            def __set_name__(self, owner, name): self.name = '_' + name
            def __get__(self, obj, cls): return self if obj is None else getattr(obj, self.name)
            def __set__(self, obj, value):
                if value <= 0: raise ValueError(self.name)
                setattr(obj, self.name, value)
        class Item:
            price = Positive()
            @property
            def gross(self): return self.price * rate
            @gross.setter
            def gross(self, v): self.price = v / rate
            @staticmethod
            def s(): return rate
        rate = 2
        item = Item()
        item.price = 3
        ---
        item.gross = n
        try:
            item.price = -1
            error = None
        except ValueError as e:
            error = str(e)
        result = [item.price, item.gross, error, Item.s()]
        """,
        [({"n": 8, "rate": 4}, [2.0, 8.0, "_price", 4])],
    ),
    "nested and local classes": Case(
        """
        class Outer:
            class Inner:
                def v(self): return Outer.k
            k = 3
        def make(n):
            class Local:
                def v(self): return n + base
            return Local
        base = 10
        Made = make(5)
        inner, made = Outer.Inner(), Made()
        ---
        result = [inner.v(), made.v(), type(inner) is Outer.Inner, Made.__qualname__]
        """,
        [({"base": 20}, [3, 25, True, "make.<locals>.Local"])],
    ),
    "lambdas and comprehensions in a dict": Case(
        """
        scale = 2
        table = {name: (lambda x, p=p: x ** p * scale) for p, name in enumerate('abc')}
        late = [lambda: i for i in range(3)]
        ---
        result = [table['c'](n), [f() for f in late]]
        """,
        [({"n": 3, "scale": 2}, [18, [2, 2, 2]])],
    ),
    "classes that make classes": Case(
        """
        Point = type('Point', (), {'dim': 2, 'norm': lambda self: self.dim * unit})
        Sub = type('Renamed', (Point,), {})
        unit = 3
        p = Sub()
        ---
        result = [p.norm(), type(p).__name__, isinstance(p, Point), Sub is type(p)]
        """,
        [({"unit": 5}, [10, "Renamed", True, True])],
    ),
    "new and reduce of one's own": Case(
        """
        class Single:
            one = None
            def __new__(cls):
                if cls.one is None:
                    cls.one = super().__new__(cls)
                return cls.one
        class Unit:
            def __init__(self, name): self.name = name
            def __reduce__(self): return Unit, (self.name,)
        class Args:
            def __new__(cls, a, *, b):
                self = super().__new__(cls)
                self.ab = (a, b)
                return self
            def __getnewargs_ex__(self): return (self.ab[0],), {'b': self.ab[1]}
        s, u, g = Single(), Unit('m'), Args(1, b=2)
        ---
        result = [Single() is s, u.name, g.ab]
        """,
        [({}, [True, "m", [1, 2]])],
    ),
    "setstate that uses a later variable": Case(
        """
        class Conn:
            def __init__(self): self.n, self.lock = 1, open('/dev/null')
            def __getstate__(self): return {'n': self.n}
            def __setstate__(self, state):
                self.__dict__.update(state)
                self.lock = settings['lock'] + helper()
        conn = Conn()
        def helper(): return len(settings)
        settings = {'lock': 41}
        ---
        result = [conn.n, 42 if not isinstance(conn.lock, int) else conn.lock]
        """,
        [({}, [1, 42])],
    ),
    "exceptions of one's own": Case(
        """
        class Bad(Exception):
            def __init__(self, code, text):
                super().__init__(text)
                self.code = code
        try:
            raise Bad(3, 'boom')
        except Bad as e:
            kept = e
            kept.add_note('note') if hasattr(kept, 'add_note') else None
        kept.__traceback__ = None
        ---
        try:
            raise Bad(n, 'again')
        except Bad as e:
            result = [e.code, str(e), kept.code, str(kept), isinstance(kept, Bad)]
        """,
        [({"n": 4}, [4, "again", 3, "boom", True])],
    ),
    "a class that pickles but does not load": Case(
        """
        class Rigid:
            def __init__(self): self.x = 1
            def __reduce__(self): return Rigid, (1, 2, 3)
        rigid = Rigid()
        ---
        result = rigid.x
        """,
        refused="rigid",
    ),
    "async functions and top-level await": Case(
        """
        import asyncio
        async def fetch(n):
            await asyncio.sleep(0)
            return n * rate
        rate = 2
        warm = await fetch(1)
        async def numbers():
            for i in range(3):
                yield i
        ---
        result = [await fetch(n), warm, [x async for x in numbers()]]
        """,
        [({"n": 5, "rate": 3}, [15, 2, [0, 1, 2]])],
    ),
    "functions that exec made": Case(
        """
        exec('def made(x): return x + offset')
        own = {}
        exec('y = 5\\ndef apart(x): return x + y', own)
        apart = own['apart']
        offset = 1
        ---
        result = [made(n), apart(n)]
        """,
        [({"n": 3, "offset": 10}, [13, 8])],
    ),
    "callable instances and operators": Case(
        """
        class Vec:
            def __init__(self, *v): self.v = v
            def __add__(self, o): return Vec(*map(sum, zip(self.v, o.v)))
            def __getitem__(self, i): return self.v[i]
            def __len__(self): return len(self.v)
            def __bool__(self): raise RuntimeError('do not ask')
            def __eq__(self, o): raise RuntimeError('do not compare')
            def __getattr__(self, name):
                if name.startswith('__'): raise AttributeError(name)
                return name.upper()
        v = Vec(1, 2)
        ---
        w = v + Vec(n, n)
        result = [w[0], len(w), w.hello]
        """,
        [({"n": 5}, [6, 2, "HELLO"])],
    ),
    "protocols and generics": Case(
        """
        from typing import Protocol, runtime_checkable, Generic, TypeVar
        T = TypeVar('T')
        @runtime_checkable
        class Sized(Protocol):
            def size(self) -> int: ...
        class Stack(Generic[T]):
            def __init__(self): self.items: list[T] = []
            def push(self, x: T): self.items.append(x)
            def size(self): return len(self.items)
        stack = Stack[int]()
        ---
        stack.push(n)
        result = [isinstance(stack, Sized), stack.items, isinstance(3, Sized)]
        """,
        [({"n": 5}, [True, [5], False])],
    ),
}
