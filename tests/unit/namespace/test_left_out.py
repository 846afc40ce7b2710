"""What packages leave out, bind to something of their own, or keep from before, comes back."""

from __future__ import annotations

from typing import Any

import pytest

#: By what it is: the modules that it needs, the notebook, and what must hold in session and node.
CASES: dict[str, tuple[str, str, str]] = {
    "attributes set on a client": (
        "requests",
        """
        import requests
        client = requests.Session()
        client.headers['team'] = 'blue'
        client.retries = held = [5]
        """,
        "client.retries is held and held == [5] and client.headers['team'] == 'blue'",
    ),
    "attributes of arrays": (
        "numpy",
        """
        import numpy as np
        class Signal(np.ndarray): pass
        signal = np.arange(4.0).view(Signal)
        signal.rate = 8000
        large = np.zeros(100_000).view(Signal)
        large.of = signal
        masked = np.ma.masked_array([1, 2], [0, 1])
        masked.harden_mask()
        masked.unit = 'kg'
        record = np.rec.array([(1, 2.0)], names='a,b')
        record.note = 1
        """,
        (
            "(signal.rate, large.of is signal, masked.hardmask, masked.unit, record.note)"
            " == (8000, True, True, 'kg', 1) and record.a[0] == 1 and type(large) is Signal"
        ),
    ),
    "attributes of frames": (
        "pandas",
        """
        import pandas as pd, warnings
        warnings.simplefilter('ignore')
        frame = pd.DataFrame({'a': [1, 2]})
        frame.attrs['k'] = 1
        frame.note = {'n': 1}
        series = frame['a'].copy()
        series.unit = 'kg'
        class Mine(pd.DataFrame):
            _metadata = ['told']
            @property
            def _constructor(self): return Mine
        mine = Mine({'a': [1]})
        mine.told, mine.source = 1, frame
        index = pd.Index([1, 2])
        index.tag = 4
        """,
        (
            "(frame.attrs, frame.note, series.unit, mine.told, mine.source is frame, index.tag)"
            " == ({'k': 1}, {'n': 1}, 'kg', 1, True, 4) and type(mine) is Mine"
        ),
    ),
    "attributes of models": (
        "sklearn lightgbm xgboost",
        """
        import numpy as np, lightgbm, xgboost
        from sklearn.linear_model import LinearRegression
        x = np.arange(200.0).reshape(100, 2)
        models = [LinearRegression().fit(x, x[:, 0])]
        models.append(lightgbm.LGBMRegressor(n_estimators=2, verbose=-1, n_jobs=1).fit(x, x[:, 0]))
        models.append(xgboost.XGBRegressor(n_estimators=2, n_jobs=1).fit(x, x[:, 0]))
        models += [models[1].booster_, models[2].get_booster()]
        for number, model in enumerate(models): model.number = number
        """,
        "[model.number for model in models] == [0, 1, 2, 3, 4]",
    ),
    "quantities and their registry": (
        "pint",
        """
        import pint
        ureg = pint.UnitRegistry()
        ureg.define('sprint = 14 * day')
        left, unit = 3 * ureg.sprint, ureg.sprint
        other = pint.UnitRegistry()
        other.define('sprint = 7 * day')
        short = 1 * other.sprint
        everybodys = 2 * pint.get_application_registry().meter
        """,
        (
            "left._REGISTRY is ureg and short._REGISTRY is other and unit._REGISTRY is ureg and"
            " (left + 1 * ureg.day).to('day').magnitude == 43 and"
            " short.to('day').magnitude == 7 and"
            " type(everybodys) is type(1 * pint.get_application_registry().meter)"
        ),
    ),
    "a registry that is everybody's": (
        "pint",
        """
        import pint
        ureg = pint.UnitRegistry()
        ureg.define('sprint = 14 * day')
        pint.set_application_registry(ureg)
        left = 3 * ureg.sprint
        """,
        "pint.get_application_registry().get() is ureg and left.to('day').magnitude == 42",
    ),
    "models with parameters": (
        "pydantic",
        """
        from typing import Generic, TypeVar
        from pydantic import BaseModel
        T, U = TypeVar('T'), TypeVar('U')
        class Item(BaseModel):
            name: str
        class Page(BaseModel, Generic[T]):
            items: list[T]
        class Pair(BaseModel, Generic[T, U]):
            one: T
            other: U
        ItemPage = (lambda kind: Page[kind])(Item)
        pairs = {'k': Pair[int, Item], 'unbound': Pair}
        saved = ItemPage(items=[Item(name='a')])
        """,
        (
            "Page[Item] is ItemPage and Pair[int, Item] is pairs['k']"
            " and isinstance(saved, Page[Item]) and Page[int] is not ItemPage"
        ),
    ),
    "a compiled function keeps what it saw": (
        "numba",
        """
        import numba
        K = 2
        @numba.njit
        def inner(x): return x + K
        @numba.njit
        def f(x): return inner(x) * K
        first = f(3)
        K = 5
        @numba.njit
        def inner(x): return x
        """,
        "(first, f(3), f(1.0), inner(3)) == (10, 10, 5.0, 3)",
    ),
    "functions in plans": (
        "polars",
        """
        import polars as pl, warnings
        warnings.simplefilter('ignore')
        k = 10
        def scaled(v): return v * k
        plan = pl.LazyFrame({'a': [1, 2]}).select(
            pl.col('a').map_elements(lambda v: v * k, return_dtype=pl.Int64))
        column = pl.col('a').map_elements(scaled, return_dtype=pl.Int64)
        plain = pl.LazyFrame({'a': [1, 2]}).filter(pl.col('a') > 1)
        def answers(new):
            global k
            k = new
            again = pl.DataFrame({'a': [1]}).select(column)
            return [plan.collect()['a'].to_list(), again['a'].to_list(), len(plain.collect())]
        """,
        "answers(100) == [[100, 200], [100], 1] and answers(2) == [[2, 4], [2], 1]",
    ),
    "arrays that own their memory": (
        "numpy",
        """
        import numpy as np
        def arrays():
            yield np.zeros(2)
            yield np.array(5.0)
            yield np.asfortranarray(np.ones((3, 4)))
            yield np.ones((2, 3, 4)).transpose(1, 0, 2).copy(order='K')
            yield np.zeros(2, dtype=[('x', 'i4'), ('y', 'f8')])
            yield np.array(['a', None], dtype=object)
            yield np.array(['2020'], dtype='M8[D]')
            yield np.zeros(0)
        made = [*arrays()]
        fixed = [*arrays()]
        for one in fixed: one.flags.writeable = False
        told = [(repr(one.flags), one.strides) for one in made + fixed]
        view = made[0][:1]
        """,
        "[(repr(one.flags), one.strides) for one in made + fixed] == told and view.base is made[0]",
    ),
    "arrays that are resized": (
        "numpy torch",
        """
        import numpy as np, torch
        large, tensor = np.zeros(20_000), torch.zeros(50_000)
        def grow():
            large.resize(50_000, refcheck=False)
            tensor.resize_(100_000)
            return large.shape == (50_000,) and tensor.shape == (100_000,)
        """,
        "grow()",
    ),
    "frames that share memory with arrays": (
        "pandas",
        """
        import numpy as np, pandas as pd
        array = np.ones((3, 2))
        over = pd.DataFrame(array, copy=False)
        shown = pd.DataFrame({'q': np.arange(4.0)})
        values = shown.to_numpy()
        one = pd.DataFrame({'q': np.arange(4.0)})
        other = one[['q']]
        def changed(n):
            array[0, 0] = shown.iloc[0, 0] = one.iloc[0, 0] = n
            return [over.iloc[0, 0], values[0, 0], other.iloc[0, 0]]
        """,
        "changed(7) == [7, 7, 0]",
    ),
    "caches of functions": (
        "",
        """
        from functools import cache, lru_cache
        made = []
        def note(*values):
            made.append(values)
            return len(made)
        @lru_cache(maxsize=3)
        def f(a, b=1, *, c=2): return note(a, b, c)
        for n in range(5): f(n)
        f(4), f(2, b=3), f(2, 5, c=6), f(2, 5, c=6)
        @cache
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        fib(30)
        @cache
        def settings(): return {}
        settings()['a'] = 1
        held = settings()
        @lru_cache(None, typed=True)
        def typed(x, y=0): return note(x, y)
        kinds = [typed(1), typed(1.0), typed(1, y=2.0)]
        class A:
            @cache
            def method(self, n): return note(n)
        a = A()
        by_a = a.method(3)
        def build(z):
            @cache
            def inner(q): return note(q, z)
            return inner
        inner = build(5)
        by_inner = inner(2)
        told = [f.cache_info(), fib.cache_info(), len(made)]
        """,
        (
            "[f.cache_info(), fib.cache_info(), len(made)] == told"
            " and settings() is held == {'a': 1}"
            " and [typed(1), typed(1.0), typed(1, y=2.0)] == kinds and a.method(3) == by_a"
            " and inner(2) == by_inner and (f(4), f(2, b=3), f(2, 5, c=6)) == (5, 6, 7)"
            " and len(made) == told[2] and build(1)(2) == len(made) and fib(31) == 1346269"
        ),
    ),
    "code that runs while instances are loaded": (
        "",
        """
        def twice(x): return scaled(x) * 2
        class A:
            def __init__(self): self.v = 1
            def __hash__(self): return hash_of(self.v)
            def __eq__(self, other): return scaled(self.v) == scaled(other.v)
            def __getstate__(self): return {'v': self.v}
            def __setstate__(self, state):
                self.v = state['v']
                self.w = twice(self.v) + TABLE['k']
        def hash_of(x): return hash(SCALE + x)
        def scaled(x): return x * SCALE
        def user(x=[A]): return a
        SCALE, TABLE = 3, {'k': 1}
        a = A()
        a.w = 7
        keyed = {A(): 1}
        list(keyed)[0].w = 7
        """,
        "a.w == 7 and list(keyed)[0].w == 7 and keyed[a] == 1",
    ),
    "a class whose constructor needs what comes later": (
        "",
        """
        from typing import *
        from statistics import mean
        class Dist(Counter):
            def __init__(self, xs: Union[Iterable, Mapping], name='d'):
                super().__init__(xs)
                self.mu = mean(list(self.elements()))
        def peek(s, n=1): return Dist(list(s))
        Action = Literal['keep', 'sell']
        def make(p):
            def go(c) -> Action: return E(p, go)
            return go
        a = Dist([1, 2, 3])
        d = peek(a)
        g = make(d)
        def plot(s: Iterable[Dist], fns=[make]): pass
        """,
        "(len(d), d.mu, callable(plot)) == (3, 2, True)",
    ),
    "locks, free and held": (
        "",
        """
        import threading
        lock, held, again = threading.Lock(), threading.Lock(), threading.RLock()
        held.acquire()
        ready, gate = threading.Event(), threading.Condition(lock)
        ready.set()
        class Account:
            def __init__(self):
                self.lock = lock
                self.amount = 3
            def add(self, n):
                with self.lock:
                    self.amount += n
                return self.amount
        account = Account()
        """,
        (
            "account.add(1) == 4 and account.lock is lock and held.locked() and ready.is_set() "
            "and again.acquire(False) and gate.acquire(False) and lock.locked()"
        ),
    ),
    "queues": (
        "",
        """
        import queue
        class Jobs(queue.PriorityQueue):
            def rest(self):
                return [self.get() for _ in range(self.qsize())]
        jobs, last = Jobs(), queue.LifoQueue(2)
        simple, empty = queue.SimpleQueue(), queue.SimpleQueue()
        for number in (3, 1, 2):
            jobs.put(number)
            simple.put([number])
        simple.get()
        last.put('a')
        """,
        (
            "jobs.rest() == [1, 2, 3] and [simple.get(), simple.get()] == [[1], [2]] and "
            "simple.empty() and empty.empty() and last.get() == 'a' and last.maxsize == 2"
        ),
    ),
    "a struct and context variables": (
        "",
        """
        import contextvars, struct
        layout = struct.Struct('<if')
        plain = contextvars.ContextVar('plain')
        preset = contextvars.ContextVar('preset', default=[1])
        changed = contextvars.ContextVar('changed', default=None)
        changed.set({'a': 1})
        """,
        (
            "layout.unpack(layout.pack(1, 0.5)) == (1, 0.5) and plain.get('none') == 'none' and "
            "preset.get() == [1] and changed.get() == {'a': 1} and changed.name == 'changed'"
        ),
    ),
    "a lock that the constructor makes": (
        "",
        """
        import collections, threading
        class Safe(collections.defaultdict):
            def __init__(self, *values):
                super().__init__(*values)
                self.lock = threading.Lock()
        safe = Safe(list, {'a': [1]})
        safe.note = 'n'
        """,
        "safe['a'] == [1] and safe.lock.acquire(False) and safe.note == 'n'",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_as_it_was(notebook: Any, case: str) -> None:
    needs, cell, check = CASES[case]
    for module in needs.split():
        pytest.importorskip(module)
    saved = notebook.save(cell)
    assert not saved["unsaved"]
    assert not saved["differences"]
    assert notebook.restore(f"assert {check}") == []


TOLD = {
    "a lock set on a client": (
        "requests",
        """
        import requests, threading
        client = requests.Session()
        client.retries, client.lock = 5, threading.local()
        box = [client]
        """,
        {"client.lock": "a thread's own data can't be saved, so the node has none"},
        "client.retries == 5 and not hasattr(client, 'lock') and box[0] is client",
    ),
    "a mapped file": (
        "numpy",
        """
        import numpy as np, tempfile
        mapped = np.memmap(tempfile.mktemp(), dtype='f8', mode='w+', shape=(4,))
        mapped[:] = 2
        """,
        {"mapped": "what is written to it stays in the node's memory, and does not reach its file"},
        "mapped.mode == 'w+' and mapped.filename and mapped.sum() == 8",
    ),
    "a cache with what can't be saved": (
        "",
        """
        from functools import cache
        import threading
        @cache
        def lock(): return threading.local()
        lock()
        """,
        {
            "lock": "the results in its cache are not saved (a thread's own data), so the node "
            "computes them again"
        },
        "lock.cache_info().currsize == 0 and lock() is lock()",
    ),
    "a ufunc that was compiled before": (
        "numba",
        """
        import numba, numpy as np
        K = 2
        @numba.vectorize
        def scaled(x): return x * K
        scaled(np.arange(3))
        K = 5
        """,
        {
            "scaled": "it was compiled with another value of K, and the node compiles it anew",
        },
        "scaled(np.arange(2))[1] == 5",
    ),
}


#: Here the node answers as the notebook does, though it is not all as it was.
ALIKE = {
    "singledispatch by an abstract class, among many": (
        "",
        """
        import collections.abc, functools
        @functools.singledispatch
        def kind(x): return 'other'
        @kind.register(collections.abc.Sequence)
        def _(x): return 'sequence'
        class Sized: pass
        for _ in range(9):
            class One: pass
            collections.abc.Sized.register(One)
        [kind(1), kind([])]
        """,
        "[kind(1), kind([])] == ['other', 'sequence']",
    ),
    "a named tuple without defaults": (
        "",
        """
        import typing
        from collections import namedtuple
        Pair, Trio = typing.NamedTuple('Pair', [('a', int)]), namedtuple('Trio', 'a b c')
        def plain(a): return a
        plain.__defaults__, plain.__kwdefaults__ = (), {}
        """,
        "Pair(1).a == 1 and Trio(1, 2, 3).c == 3 and plain(4) == 4",
    ),
    "iterators": (
        "",
        """
        from collections import OrderedDict
        held, rows = {n: [n] for n in range(100)}, [1, 2]
        keys, values, items = iter(held), iter(held.values()), iter(held.items())
        back, members, ordered = reversed(held), iter({1, 2}), iter(OrderedDict(a=1))
        ended = [iter(one) for one in ([1], (1,), {1: 1}, {1}, 'a', b'a', range(1))]
        ended.append(reversed([1]))
        for one in [keys, values, *ended]: next(one)
        for one in ended: list(one)
        listed = iter(rows)
        """,
        (
            "[next(one) for one in (keys, values, items, back, members, ordered, listed)]"
            " == [1, [1], (0, [0]), 99, 1, 'a', 1] and not any(list(one) for one in ended)"
        ),
    ),
    "a cache in files": (
        "joblib",
        """
        import joblib, tempfile
        memory = joblib.Memory(tempfile.mkdtemp(), verbose=0)
        @memory.cache
        def slow(x): return x + 1
        slow(1)
        """,
        "slow(1) == 2",
    ),
    "an optimizer with a scheduler": (
        "torch",
        """
        import torch
        layer = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
        optimizer.step(), scheduler.step()
        """,
        "(optimizer.step(), scheduler.step()) and round(scheduler.get_last_lr()[0], 3) == 0.01",
    ),
}


@pytest.mark.parametrize("case", ALIKE)
def test_what_answers_alike_is_not_told(notebook: Any, case: str) -> None:
    needs, cell, check = ALIKE[case]
    for module in needs.split():
        pytest.importorskip(module)
    saved = notebook.save(cell)
    assert not saved["unsaved"]
    assert not saved["differences"]
    assert notebook.restore("") == []
    assert notebook.restore(f"assert {check}") == []


@pytest.mark.parametrize("case", TOLD)
def test_what_is_lost_is_told(notebook: Any, case: str) -> None:
    needs, cell, told, check = TOLD[case]
    for module in needs.split():
        pytest.importorskip(module)
    saved = notebook.save(cell)
    assert saved["differences"] == told
    assert not saved["unsaved"]
    assert notebook.restore(f"assert {check}") == []


def test_large_arrays_are_beside_the_stream_whatever_their_class(notebook: Any) -> None:
    """The bytes of an array in the stream are copied before anybody can look at the time."""
    pytest.importorskip("numpy")
    saved = notebook.save(
        """
        import numpy as np, tempfile
        mapped = np.memmap(tempfile.mktemp(), mode='w+', shape=(100_000,))
        mapped[5] = 1
        class Signal(np.ndarray): pass
        plain, noted = np.ones(20_000).view(Signal), np.ones(20_000).view(Signal) * 2
        noted.rate = 8
        """
    )
    sizes = {name: len(group["buffers"]) for group in saved["groups"] for name in group["names"]}
    assert [sizes[name] for name in ("mapped", "plain", "noted")] == [1, 1, 1]
    check = "mapped[5] == 1 and plain.sum() == 20_000 and noted.sum() == 40_000 and noted.rate == 8"
    assert notebook.restore(f"assert {check} and type(plain) is type(noted) is Signal") == []


def test_what_looking_at_a_value_fills_is_not_saved(notebook: Any) -> None:
    """Else each look would change what is saved."""
    pytest.importorskip("pandas")
    cell = """
        import pandas as pd
        frame = pd.DataFrame({0: [1, 2], 1: [0.5, 2]})
        frame.insert(0, 7, 5)
    """
    looked = (
        "repr(frame), frame.dtypes, frame.columns.is_unique, [b.dtype for b in frame._mgr.blocks]"
    )

    def pickles(*cells: str) -> list[str]:
        groups = notebook.save(*cells)["groups"]
        return [group["pickle"] for group in groups if group["names"] == ["frame"]]

    assert pickles(cell) == pickles(cell, looked) != []
