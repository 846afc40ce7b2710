"""Two hard things at a time."""

from .case import NO_ITERTOOLS, Case

ARRAYS = ("numpy",)

CASES = {
    "a module's name, function and class that the notebook set": Case(
        """
        import tools, functools
        tools.EXTRA = [1]
        tools.helper = lambda x: x * factor
        factor = 10
        extra = tools.EXTRA
        ---
        tools.other = functools.partial(tools.other, b=3)
        class Better(tools.Thing):
            level = 4
        tools.Thing = Better
        ---
        result = [tools.EXTRA, tools.EXTRA is extra, tools.use(n), tools.make().level,
                  tools.later(1), isinstance(tools.make(), Better), len(tools.Thing.__mro__)]
        """,
        [({"n": 2}, [[1], True, 20, 4, [1, 3], True, 3])],
        files={
            "tools.py": "def helper(x): return x\ndef use(x): return helper(x)\n"
            "def other(a, b): return [a, b]\ndef later(a): return other(a)\n"
            "class Thing:\n    level = 0\ndef make(): return Thing()\n"
        },
    ),
    "instances that only a module holds": Case(
        """
        import registry, numpy as np, collections
        class Model:
            def __init__(self, w): self.w = w
            def run(self, x): return x * self.w * unit
        unit = 1
        registry.add('a', Model(3))
        registry.last = Model(4)
        ---
        registry.ITEMS['a'].w = 5
        registry.last.w += 1
        registry.TABLE[1] = 7
        registry.QUEUE.append('q')
        registry.COUNTS['c'].append(1)
        registry.BOX.x = 2
        ---
        result = [registry.run('a', n), registry.last.run(1), registry.TABLE.tolist(),
                  list(registry.QUEUE), dict(registry.COUNTS), registry.BOX.x,
                  type(registry.last) is Model, registry.default()]
        """,
        [
            (
                {"n": 2, "unit": 10},
                [100, 50, [0.0, 7.0, 0.0], ["q"], {"c": [1]}, 2, True, [0.0, 7.0, 0.0]],
            )
        ],
        files={
            "registry.py": "import collections, types, numpy as np\nITEMS = {}\nlast = None\n"
            "TABLE = np.zeros(3)\nQUEUE = collections.deque()\n"
            "COUNTS = collections.defaultdict(list)\nBOX = types.SimpleNamespace(x=1)\n"
            "def add(k, v): ITEMS[k] = v\ndef run(k, x): return ITEMS[k].run(x)\n"
            "def default(t=TABLE): return t.tolist()\n"
        },
        needs=ARRAYS,
    ),
    "a local module's class, an old instance and a reload": Case(
        """
        import shapes, importlib
        old = shapes.Square(2)
        ---
        __write__ shapes.py class Square:
            def __init__(self, a): self.a = a
            def area(self): return 'new'
        ---
        importlib.reload(shapes)
        new = shapes.Square(3)
        ---
        result = [new.area(), isinstance(new, shapes.Square), isinstance(old, shapes.Square)]
        """,
        [({}, ["new", True, False])],
        files={
            "shapes.py": "class Square:\n    def __init__(self, a): self.a = a\n"
            "    def area(self): return self.a ** 2\n"
        },
        live=False,
    ),
    "a star import of a local module with state": Case(
        """
        from counter import *
        up()
        ---
        up()
        import counter as c
        ---
        up()
        result = [c.total(), total(), c.N, N]
        """,
        [({}, [3, 3, 3, 0])],
        files={"counter.py": "N = 0\ndef up():\n    global N\n    N += 1\ndef total(): return N\n"},
    ),
    "a dataclass with an enumeration and late bound hints": Case(
        """
        from __future__ import annotations
        import dataclasses, enum, typing
        class Level(enum.IntEnum):
            LOW = 1
            HIGH = 2
            @property
            def next(self): return Level((self % 2) + 1)
        @dataclasses.dataclass
        class Job:
            level: Level = Level.LOW
            after: Job | None = None
            tags: list[str] = dataclasses.field(default_factory=lambda: [prefix])
            limit: typing.ClassVar[int] = 3
        prefix = 'p'
        job = Job(Level.HIGH, Job())
        ---
        class Level(enum.IntEnum):
            LOW = 5
        ---
        hints = typing.get_type_hints(Job)
        made = dataclasses.replace(job, tags=Job().tags)
        result = [hints['level'] is Level, type(job.level) is Level, job.level.name, made.tags,
                  hints['after'] == (Job | None),
                  job == Job(job.level, Job(job.after.level, tags=['p']), ['p'])]
        """,
        [({"prefix": "z"}, [True, False, "HIGH", ["z"], True, True])],
    ),
    "an enumeration whose members are functions and partials": Case(
        """
        import enum, functools
        def power(x, n): return x ** n * unit
        unit = 1
        class Op(enum.Enum):
            SQUARE = functools.partial(power, n=2) if False else (functools.partial(power, n=2),)
            CUBE = (functools.partial(power, n=3),)
            def __call__(self, x): return self.value[0](x)
        chosen = {Op.CUBE: [Op.SQUARE]}
        ---
        result = [Op[name](2), list(chosen)[0] is Op.CUBE, chosen[Op.CUBE][0](3)]
        """,
        [({"name": "CUBE", "unit": 2}, [16, True, 18])],
    ),
    "an abstract class with singledispatch and a cache": Case(
        """
        import abc, functools
        seen = []
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
            @functools.cached_property
            def twice(self):
                seen.append(type(self).__name__)
                return self.area() * 2
        class Square(Shape):
            def __init__(self, a): self.a = a
            def area(self): return self.a ** 2
        class Unit(Shape):
            def area(self): return 1
        @functools.singledispatch
        def name(x): return 'other'
        @name.register
        def _(x: Shape): return 'shape'
        @name.register
        def _(x: Unit): return 'unit'
        held = name.registry
        square, unit = Square(3), Unit()
        square.twice
        ---
        result = [name(square), name(unit), name(1), square.twice, unit.twice, seen, len(held)]
        """,
        [({}, ["shape", "unit", "other", 18, 2, ["Square", "Unit"], 3])],
    ),
    "a metaclass with an abstract class, super and a shared cell": Case(
        """
        import abc
        def make(start):
            count = start
            class Meta(abc.ABCMeta):
                def __call__(cls, *a, **k):
                    nonlocal count
                    count += 1
                    made = super().__call__(*a, **k)
                    made.number = count
                    return made
            def get(): return count
            return Meta, get
        Meta, get = make(10)
        class Base(metaclass=Meta):
            def __init__(self): self.log = [__class__.__name__]
        class Sub(Base):
            def __init__(self):
                super().__init__()
                self.log.append(__class__.__name__)
        first = Sub()
        ---
        second = Sub()
        result = [first.number, second.number, get(), second.log, type(Sub) is Meta]
        """,
        [({}, [11, 12, 12, ["Base", "Sub"], True])],
    ),
    "a decorated method, a partial of it and its closure": Case(
        """
        import functools
        def counted(function):
            calls = 0
            @functools.wraps(function)
            def inner(*args, **kw):
                nonlocal calls
                calls += 1
                return function(*args, **kw)
            inner.calls = lambda: calls
            return inner
        class Tool:
            @counted
            def add(self, a, b): return a + b + bias
            @classmethod
            @counted
            def make(cls): return cls()
        bias = 0
        tool = Tool.make()
        add = functools.partial(tool.add, 1)
        bound = tool.add
        add(1)
        ---
        result = [add(2), bound(1, 1), Tool.add.calls(), Tool.make.calls(), add.func == bound,
                  bound.__self__ is tool]
        """,
        [({"bias": 10}, [13, 12, 3, 1, True, True])],
    ),
    "a class replaced by its decorator": Case(
        """
        def extended(cls):
            class Wrapped(cls):
                def hi(self): return 'wrapped ' + super().hi()
            Wrapped.__name__ = cls.__name__
            Wrapped.__qualname__ = cls.__qualname__
            return Wrapped
        @extended
        class Greeter:
            def hi(self): return word
        word = 'hi'
        g = Greeter()
        import pickle
        text = pickle.dumps(g)
        ---
        result = [g.hi(), type(g) is Greeter, len(Greeter.__mro__),
                  pickle.loads(text).hi(), pickle.loads(pickle.dumps(g)).hi()]
        """,
        [({"word": "yo"}, ["wrapped yo", True, 3, "wrapped yo", "wrapped yo"])],
    ),
    "a cycle over a closure, a dict and an instance": Case(
        """
        class Bus:
            def __init__(self): self.handlers = {}
            def on(self, name):
                def register(function):
                    self.handlers.setdefault(name, []).append(function)
                    return function
                return register
            def fire(self, name, *a): return [f(*a) for f in self.handlers[name]]
        bus = Bus()
        state = {'bus': bus, 'seen': []}
        def make(tag):
            @bus.on('x')
            def handle(v):
                state['seen'].append((tag, v))
                return state['bus'] is bus and handle in bus.handlers['x']
            return handle
        one, two = make('1'), make('2')
        ---
        found = bus.fire('x', n)
        result = [found, state['seen'], bus.handlers['x'][1] is two]
        """,
        [({"n": 4}, [[True, True], [["1", 4], ["2", 4]], True])],
    ),
    "views in instances, closures and object arrays": Case(
        """
        import numpy as np
        base = np.zeros((4, 4))
        class Window:
            def __init__(self, view): self.view = view
            def set(self, x): self.view[...] = x
        w = Window(base[1:3, 1:3])
        def make(row):
            def get(): return float(row.sum())
            return get
        get = make(base[1])
        boxes = np.empty(2, object)
        boxes[:] = [w, base[:, 1]]
        twin = boxes[::-1]
        ---
        w.set(n)
        result = [get(), float(boxes[1].sum()), boxes[0] is w, twin[1] is w, float(base.sum())]
        """,
        [({"n": 2.0}, [4.0, 4.0, True, True, 8.0])],
        needs=ARRAYS,
    ),
    "a structured array, its fields and a memoryview": Case(
        """
        import numpy as np
        people = np.zeros(3, dtype=[('age', 'i4'), ('pos', 'f8', 2)])
        age, pos = people['age'], people['pos'][:, 0]
        raw = bytearray(24)
        numbers = np.frombuffer(raw, 'i8')
        column = numbers.reshape(3, 1)
        fixed = np.broadcast_to(numbers, (2, 3))
        ---
        age[1] = n
        pos[2] = n
        numbers[0] = n
        result = [people['age'].tolist(), float(people[2]['pos'][0]), raw[0], int(column[0, 0]),
                  int(fixed[1, 0]), fixed.flags.writeable]
        """,
        [({"n": 5}, [[0, 5, 0], 5.0, 5, 5, 5, False])],
        needs=ARRAYS,
    ),
    "iterators that share what they read from": Case(
        """
        import itertools, functools
        source = iter(range(100))
        pairs = zip(source, source)
        first = itertools.islice(source, 3)
        left, right = itertools.tee([1, 2, 3])
        next(left)
        chain = map(functools.partial(max, 2), filter(None, [0, 1, 5]))
        next(pairs); next(first)
        ---
        result = [next(pairs), next(first), next(source), next(left), next(right), list(chain)]
        """,
        [({}, [[3, 4], 5, 6, 2, 1, [2, 5]])],
        reported=dict.fromkeys(("first", "left", "right"), NO_ITERTOOLS) if NO_ITERTOOLS else {},
        refused=NO_ITERTOOLS,
        live=False,
    ),
    "a generator's random state and a subclass of it": Case(
        """
        import random, numpy as np
        class Dice(random.Random):
            def roll(self):
                self.rolls = getattr(self, 'rolls', 0) + 1
                return self.randint(1, sides)
        sides = 6
        dice = Dice(3)
        dice.roll()
        rng = np.random.default_rng(5)
        rng.random()
        twin = rng
        bits = rng.bit_generator
        children = np.random.SeedSequence(3).spawn(2)
        pick = random.Random(4).choice
        choose = rng.choice
        ---
        result = [dice.roll(), dice.rolls, rng.random(), twin is rng, rng.bit_generator is bits,
                  children[1].generate_state(1).tolist(), pick(range(1000)), int(choose(1000))]
        """,
        [({}, "as live")],
        needs=ARRAYS,
    ),
    "a shadowed builtin in a function's globals and in a class body": Case(
        """
        import builtins
        def len(x): return builtins.len(x) + 100
        class Bag:
            list = [1]
            def list_of(self): return list(self.list), len(self.list)
            type = 'bag'
            def kind(self): return type(self).__name__
        bag = Bag()
        sum = 3
        ---
        del sum
        ---
        result = [bag.list_of(), bag.kind(), sum([n]), len('ab')]
        """,
        [({"n": 4}, [[[1], 101], "Bag", 4, 102])],
    ),
    "the last result that is a class's instance, underscored": Case(
        """
        class _P:
            __slots__ = ('_x', '__y')
            def __init__(self): self._x, self.__y = 1, [2]
            def get(self): return self._x, self.__y
        _P()
        ---
        _p = _
        __kept = Out[1]
        ---
        result = [_p is __kept, _p.get(), type(_p) is _P]
        """,
        [({}, [True, [1, [2]], True])],
    ),
    "top-level await with magics and a task's result": Case(
        """
        import asyncio
        async def work(n):
            await asyncio.sleep(0)
            return {'n': n}
        task = asyncio.ensure_future(work(1))
        done = await task
        names = !echo a; echo b
        ---
        async with asyncio.timeout(5) if hasattr(asyncio, 'timeout') else asyncio.Lock():
            found = await asyncio.gather(*(work(i) for i in range(n)))
        result = [found, done, [str(x) for x in names]]
        """,
        [({"n": 2}, [[{"n": 0}, {"n": 1}], {"n": 1}, ["a", "b"]])],
        reported={"task": ""},
    ),
    "mutual recursion over methods, globals and a redefinition": Case(
        """
        class Even:
            def test(self, n): return n == 0 or Odd().test(n - 1)
        class Odd:
            def test(self, n): return n != 0 and even.test(n - 1)
        even = Even()
        ---
        class Even(Even):
            def test(self, n):
                global asked
                asked += 1
                return super().test(n)
        asked = 0
        even = Even()
        ---
        result = [Even().test(n), asked, Even.__mro__[1].__name__, Even.__mro__[1] is Even]
        """,
        [({"n": 4, "asked": 0}, [True, 3, "Even", False])],
    ),
    "a module that hides under three names and in a closure": Case(
        """
        import math as m, sys, os.path
        tools = {'m': m, 'path': os.path}
        class Uses:
            module = m
            def floor(self, x): return self.module.floor(x)
        def make(lib):
            return lambda x: lib.ceil(x)
        ceil = make(m)
        fs = [m.floor, os.path.join, str.upper, dict.fromkeys, [].append, m]
        del m
        ---
        result = [tools['m'].sqrt(4), Uses().floor(n), ceil(n), fs[0](n), fs[5] is tools['m'],
                  fs[1]('a', 'b'), fs[2]('x'), tools['path'] is os.path, fs[3]('a', 1)]
        """,
        [({"n": 2.5}, [2.0, 2, 3, 2, True, "a/b", "X", True, {"a": 1}])],
    ),
    "typing of a notebook's generic dataclass": Case(
        """
        import typing, dataclasses, collections
        K = typing.TypeVar('K')
        P = typing.ParamSpec('P') if hasattr(typing, 'ParamSpec') else None
        @dataclasses.dataclass
        class Box(typing.Generic[K]):
            item: K
            history: 'list[Box[K]]' = dataclasses.field(default_factory=list)
        IntBox = Box[int]
        Many = dict[str, IntBox]
        Maybe = typing.Optional[Box[str]]
        class Row(typing.NamedTuple):
            box: IntBox
            n: int = 1
        row = Row(IntBox(3))
        Fn = typing.Callable[[Box], 'Row']
        ---
        hints = typing.get_type_hints(Row)
        result = [hints['box'] == Box[int], typing.get_args(Many)[1] == IntBox,
                  typing.get_args(Maybe)[0].__origin__ is Box, row.box.item,
                  typing.get_type_hints(Box)['history'].__args__[0].__origin__ is Box,
                  IntBox.__origin__ is Box, typing.get_args(Fn)[0] == [Box], row._replace(n=n).n]
        """,
        [({"n": 9}, [True, True, True, 3, True, True, True, 9])],
    ),
    "exceptions with causes, in groups and in containers": Case(
        """
        class Bad(ValueError):
            def __init__(self, what, *, code):
                super().__init__(what)
                self.code = code
        try:
            try:
                raise Bad('inner', code=1)
            except Bad as inner:
                kept = inner
                raise RuntimeError('outer') from inner
        except RuntimeError as outer:
            errors = [outer, kept]
        errors[1].__traceback__ = errors[0].__traceback__ = None
        ---
        result = [errors[0].__cause__ is errors[1], kept.code, str(kept), kept is errors[1]]
        """,
        [({}, [True, 1, "inner", True])],
        live=False,
    ),
    "a redefined dataclass in a set, compared and hashed": Case(
        """
        import dataclasses
        @dataclasses.dataclass(frozen=True)
        class Key:
            name: str
        old = {Key('a'): 1, Key('b'): [Key('a')]}
        ---
        @dataclasses.dataclass(frozen=True)
        class Key:
            name: str
            n: int = 0
        old[Key('a')] = 2
        ---
        result = [len(old), old[Key(name)], sorted(len(dataclasses.fields(k)) for k in old)]
        """,
        [({"name": "a"}, [3, 2, [1, 1, 2]])],
    ),
    "a property, a descriptor and slots over generations": Case(
        """
        class Tracked:
            def __set_name__(self, owner, name): self.name = '_' + name; owner.known.append(name)
            def __get__(self, obj, cls=None):
                return self if obj is None else getattr(obj, self.name, 0)
            def __set__(self, obj, v): setattr(obj, self.name, v); changes.append(self.name)
        class Base:
            known = []
            __slots__ = ('_a', '__weakref__')
            a = Tracked()
        class Sub(Base):
            __slots__ = ('_b', '__dict__')
            b = Tracked()
            @property
            def both(self): return self.a + self.b
        changes = []
        s = Sub()
        s.a, s.b, s.c = 1, 2, 3
        ---
        s.b = n
        result = [s.both, s.c, changes, Sub.known, s.__dict__, Base.known is Sub.known]
        """,
        [({"n": 5}, [6, 3, ["_a", "_b", "_b"], ["a", "b"], {"c": 3}, True])],
    ),
    "a weak registry of instances held by a class": Case(
        """
        import weakref
        class Plugin:
            every = weakref.WeakSet()
            by_name = weakref.WeakValueDictionary()
            def __init__(self, name):
                self.name = name
                Plugin.every.add(self)
                Plugin.by_name[name] = self
                self.close = weakref.WeakMethod(self.stop)
            def stop(self): return 'stopped ' + self.name
        a, b = Plugin('a'), Plugin('b')
        ---
        del b
        ---
        import gc
        gc.collect()
        result = [sorted(p.name for p in Plugin.every), Plugin.by_name['a'] is a, a.close()()]
        """,
        [({}, [["a"], True, "stopped a"])],
    ),
    "contextlib, closures and a generator based manager in use": Case(
        """
        import contextlib
        log = []
        @contextlib.contextmanager
        def step(name):
            log.append('+' + name)
            yield name
            log.append('-' + name)
        class Flow(contextlib.ContextDecorator):
            def __enter__(self): log.append('in'); return self
            def __exit__(self, *a): log.append('out')
        @Flow()
        def work(n):
            with step('s') as s: return s * n
        stack = contextlib.ExitStack()
        ---
        result = [work(n), log]
        """,
        [({"n": 2}, ["ss", ["in", "+s", "-s", "out"]])],
        reported={},
    ),
    "a function's changed defaults, code and attributes": Case(
        """
        def f(a, b=1, *, c=[]): return a, b, c
        def g(a, b=1, *, c=[]): return 'g', a, b, c, k
        k = 1
        f.__defaults__ = (5,)
        f.__kwdefaults__ = {'c': shared} if (shared := [7]) else None
        f.self = f
        f.__code__ = g.__code__
        f.__doc__ = 'changed'
        f.__name__ = 'renamed'
        ---
        shared.append(n)
        result = [f(1), f.self is f, f.__doc__, f.__name__]
        """,
        [({"n": 3, "k": 2}, [["g", 1, 5, [7, 3], 2], True, "changed", "renamed"])],
    ),
    "a module that the notebook made": Case(
        """
        import types
        config = types.ModuleType('config')
        config.rate = 2
        ---
        result = config.rate
        """,
        [({}, 2)],
    ),
    "attributes of a function held elsewhere": Case(
        """
        def f(): return f.calls
        f.calls = 1
        held = vars(f)
        functions = [f]
        ---
        held['calls'] = n
        result = [f(), functions[0].__dict__ is held]
        """,
        [({"n": 4}, [4, True])],
    ),
    "bound methods that a class itself holds": Case(
        """
        class Hub:
            hooks = []
            def __init__(self, name):
                self.name = name
                Hub.hooks.append(self.call)
                Hub.hooks.append(self.make)
            def call(self, x): return self.name * x
            @classmethod
            def make(cls): return len(cls.hooks)
        a, b = Hub('a'), Hub('b')
        ---
        result = [Hub.hooks[0](n), Hub.hooks[0].__self__ is a, Hub.hooks[3](), Hub.hooks[2](1)]
        """,
        [({"n": 2}, ["aa", True, 4, "b"])],
    ),
    "attributes of a local module's class": Case(
        """
        import tools
        ---
        tools.Thing.level = 3
        tools.Thing.seen.append(1)
        tools.Flags.A | tools.Flags.B
        ---
        result = [tools.Thing.level, tools.Thing.seen, tools.Thing.same]
        """,
        [({}, [3, [1], {}])],
        files={
            "tools.py": "import enum\nclass Thing:\n    level = 0\n    same = {}\n    seen = []\n"
            "class Flags(enum.Flag):\n    A = 1\n    B = 2\n"
        },
    ),
}
