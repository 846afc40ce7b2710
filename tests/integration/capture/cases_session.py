"""Modules, local files, iterators, random state, IPython's own, and what can't be saved."""

from .case import NO_ITERTOOLS, Case

CASES = {
    "module aliases": Case(
        """
        import math as m, collections.abc, os.path as p
        from json import dumps as to_json, loads
        import xml.dom.minidom
        import concurrent.futures
        ---
        result = [m.floor(n), to_json([1]), p.basename('/a/b'), loads('[2]'),
                  xml.dom.minidom.parseString('<a/>').documentElement.tagName,
                  concurrent.futures.Future.__name__, isinstance([], collections.abc.Sequence)]
        """,
        [({"n": 2.5}, [2, "[1]", "b", [2], "a", "Future", True])],
    ),
    "a submodule imported in another cell": Case(
        """
        import xml
        ---
        import xml.etree.ElementTree
        ---
        result = xml.etree.ElementTree.fromstring('<a b="1"/>').get('b')
        """,
        [({}, "1")],
    ),
    "a submodule imported inside a function": Case(
        """
        import xml
        def setup():
            import xml.sax.saxutils
        setup()
        ---
        result = xml.sax.saxutils.escape(text)
        """,
        [({"text": "<"}, "&lt;")],
    ),
    "parts of this program": Case(
        """
        import sys, threading
        ip = get_ipython()
        hook = ip.events.callbacks['pre_run_cell'][-1]
        magic = ip.magics_manager.magics['line']['state_exclude']
        thread = type(next(t for t in threading.enumerate() if t.name == 'checkpoints'))
        package = sys.modules['_jupyter_node_deploy']
        x = 1
        del ip
        ---
        result = x
        """,
        [({}, 1)],
        reported=dict.fromkeys(
            ("hook", "magic", "thread", "package"), "a part of jupyter_node_deploy itself"
        ),
    ),
    "star import": Case(
        """
        from math import *
        ---
        result = [floor(n), round(pi, 2)]
        """,
        [({"n": 2.5}, [2, 3.14])],
    ),
    "a star import in the service cell": Case(
        """
        x = 1
        ---
        from math import *
        result = floor(n)
        """,
        [({"n": 2.5}, 2)],
    ),
    "a local module": Case(
        """
        import tools
        from tools import Thing, double as twice
        thing = Thing(3)
        ---
        result = [twice(n), thing.v, tools.double(1), type(thing) is tools.Thing]
        """,
        [({"n": 4}, [8, 3, 2, True])],
        files={
            "tools.py": "class Thing:\n    def __init__(self, v): self.v = v\n"
            "def double(x): return 2 * x\n"
        },
    ),
    "a local package": Case(
        """
        from pkg.sub import leaf
        import pkg.data as d
        ---
        result = [leaf.name(), d.TABLE['k'], leaf.via_parent()]
        """,
        [({}, ["leaf of pkg.sub", 5, 5])],
        files={
            "pkg/__init__.py": "",
            "pkg/data.py": "TABLE = {'k': 5}\n",
            "pkg/sub/__init__.py": "",
            "pkg/sub/leaf.py": "from ..data import TABLE\n"
            "def name(): return 'leaf of ' + __package__\ndef via_parent(): return TABLE['k']\n",
        },
    ),
    "a namespace package": Case(
        """
        import space.part
        ---
        result = space.part.f(n)
        """,
        [({"n": 2}, 3)],
        files={"space/part.py": "def f(x): return x + 1\n"},
    ),
    "a module edited since it was imported": Case(
        """
        import tools
        before = tools.version()
        ---
        __write__ tools.py def version(): return 'edited'
        ---
        result = [before, tools.version()]
        """,
        [({}, ["imported", "imported"])],
        files={"tools.py": "def version(): return 'imported'\n"},
    ),
    "a module edited and reloaded": Case(
        """
        import tools, importlib
        ---
        __write__ tools.py def version(): return 'edited and reloaded'
        ---
        importlib.reload(tools)
        ---
        result = tools.version()
        """,
        [({}, "edited and reloaded")],
        files={"tools.py": "def version(): return 'imported'\n"},
    ),
    "a module edited before the cell that imported it ends": Case(
        """
        import tools, pathlib
        pathlib.Path('tools.py').write_text("def version(): return 'edited'")
        ---
        result = tools.version()
        """,
        [({}, "imported")],
        files={"tools.py": "def version(): return 'imported'\n"},
    ),
    "an ONNX session whose file is another one by now": Case(
        """
        import numpy as np, onnxruntime as ort
        from skl2onnx import to_onnx
        from sklearn.linear_model import LinearRegression
        X = np.array([[0.0], [1.0]], dtype='f4')
        def written(slope, name='model.onnx'):
            with open(name, 'wb') as file:
                model = LinearRegression().fit(X, [0.0, slope])
                file.write(to_onnx(model, X).SerializeToString())
            return name
        same = ort.InferenceSession(written(1.0, 'same.onnx'), providers=['CPUExecutionProvider'])
        session = ort.InferenceSession(written(1.0), providers=['CPUExecutionProvider'])
        written(5.0)
        ---
        result = [float(one.run(None, {'X': X[1:]})[0][0][0]) for one in (same, session)]
        """,
        [({}, [1.0, 1.0])],
        reported={"session": "model.onnx was changed since it was loaded"},
        refused="was changed since it was loaded",
        needs=("onnxruntime", "skl2onnx", "sklearn"),
    ),
    "an attribute with an underscore that only the notebook sets": Case(
        """
        import requests, pandas as pd
        client, other = requests.Session(), requests.Session()
        frame = pd.DataFrame({'a': [1]})
        ---
        client._my_token = 'mine'
        setattr(other, '_note', [1])
        object.__setattr__(frame, '_mark', 'm')
        ---
        result = [client._my_token, other._note, frame._mark]
        """,
        [({}, ["mine", [1], "m"])],
        needs=("requests", "pandas"),
    ),
    "a module edited before the statement that imported it ends": Case(
        """
        import pathlib
        if pathlib:
            import tools
            pathlib.Path('tools.py').write_text("def version(): return 'edited'")
        ---
        result = tools.version()
        """,
        [({}, "imported")],
        files={"tools.py": "def version(): return 'imported'\n"},
    ),
    "state of a local module": Case(
        """
        import settings
        settings.RATE = 5
        settings.connect()
        ---
        settings.TABLE['new'] = [1]
        settings.seen.append(1)
        ---
        result = [settings.RATE, settings.rate(), settings.TABLE, settings.handle is None]
        """,
        [({}, [5, 5, {"old": 0, "new": [1]}, True])],
        files={
            "settings.py": "RATE = 1\nSAME = 3\nTABLE = {'old': 0}\nhandle = None\nseen = []\n"
            "def rate(): return RATE\n"
            "def connect():\n    global handle\n    handle = open('/dev/null')\n"
        },
        live=False,
        told=["'settings.handle' changed after"],
    ),
    "state of a local module that others hold": Case(
        """
        import first
        ---
        first.note('a')
        own = first.shared
        ---
        first.shared.append(len(own))
        first.thing.level = 7
        first.callback = lambda: own
        ---
        first.note('b')
        result = [first.later(), first.SEEN, first.default(), own, own is first.shared,
                  first.thing.level, first.callback() is own, first.MISSING is first.missing()]
        """,
        [({}, [["a", "b"], ["a", "b"], ["a", "b"], [0], True, 7, True, True])],
        files={
            "first.py": "import second\nfrom pkg.seen import SEEN\nshared = []\n"
            "MISSING = object()\ncallback = None\n"
            "class Thing:\n    level = 0\nthing = Thing()\n"
            "def note(x): SEEN.append(x)\ndef later(): return second.SEEN\n"
            "def default(x=SEEN): return x\ndef missing(x=MISSING): return x\n",
            "second.py": "from pkg.seen import SEEN\n",
            "pkg/__init__.py": "",
            "pkg/seen.py": "SEEN = []\n",
        },
    ),
    "state of a local module that a function imports": Case(
        """
        def level():
            import deep
            return deep.LEVEL
        def up():
            import deep
            deep.LEVEL += 1
        up()
        ---
        up()
        ---
        result = level()
        """,
        [({}, 3)],
        files={"deep.py": "LEVEL = 1\n"},
    ),
    "a module from a folder put on the path": Case(
        """
        import sys
        sys.path.insert(0, 'lib')
        import inlib
        ---
        result = inlib.f()
        """,
        [({}, "in lib")],
        files={"lib/inlib.py": "def f(): return 'in lib'\n"},
    ),
    "iterators keep their position": Case(
        """
        import itertools
        numbers = iter([1, 2, 3])
        next(numbers)
        pairs = zip('abc', range(3))
        next(pairs)
        mapped = map(str.upper, 'xyz')
        next(mapped)
        counter = enumerate('ab', start=5)
        back = reversed([1, 2, 3])
        next(back)
        text = iter('word')
        next(text)
        ---
        result = [next(numbers), next(pairs), next(mapped), next(counter), next(back), next(text)]
        """,
        [({}, [2, ["b", 1], "Y", [5, "a"], 2, "o"])],
        live=False,
    ),
    "counters": Case(
        """
        import itertools
        ids, even, high, halves = (itertools.count(*a) for a in [(), (5, 2), (2**70,), (1, 0.5)])
        for one in (ids, even, high, halves): next(one)
        down = itertools.count(-3, -1)
        ---
        result = [next(ids), next(even), next(high) - 2**70, next(halves), next(down)]
        """,
        [({}, [1, 7, 1, 1.5, -3])],
        live=False,
    ),
    "itertools": Case(
        """
        import itertools
        chained = itertools.chain([1], [2])
        next(chained)
        cycle = itertools.cycle('ab')
        next(cycle)
        ---
        result = [next(chained), next(cycle)]
        """,
        [({}, [2, "b"])],
        reported=dict.fromkeys(("chained", "cycle"), NO_ITERTOOLS) if NO_ITERTOOLS else {},
        refused=NO_ITERTOOLS,
        live=False,
    ),
    "iterators over dicts and sets": Case(
        """
        keys = iter({'a': 1, 'b': 2})
        next(keys)
        view = {'k': 1}.items()
        ---
        result = [next(keys), sorted(view)]
        """,
        [({}, ["b", [["k", 1]]])],
        live=False,
    ),
    "an iterator shared with its list": Case(
        """
        items = [1, 2, 3]
        position = iter(items)
        next(position)
        ---
        items.append(n)
        result = list(position)
        """,
        [({"n": 9}, [2, 3, 9])],
        live=False,
    ),
    "a generator that is needed": Case(
        """
        numbers = (n * n for n in range(10))
        ---
        result = next(numbers)
        """,
        reported={"numbers": "a generator: turn it into a list"},
        refused="numbers (a generator: turn it into a list",
    ),
    "a generator that is not needed": Case(
        """
        numbers = (n * n for n in range(10))
        x = 3
        ---
        result = x + n
        """,
        [({"n": 1}, 4)],
        reported={"numbers": "a generator"},
    ),
    "an open file": Case(
        """
        log = open('log.txt', 'w')
        def note(text): log.write(text)
        ---
        note('x')
        result = 1
        """,
        reported={"log": "an open file: open it inside the service cell"},
        refused="log (an open file",
    ),
    "an open file that a branch may need": Case(
        """
        log = open('log.txt', 'w')
        class Tool:
            def note(self, text): log.write(text)
            def add(self, n): return n + 1
        tool = Tool()
        ---
        result = tool.add(0)
        """,
        [({}, 1)],
        reported={"log": "an open file"},
        warned=["log"],
    ),
    "locks, threads, connections": Case(
        """
        import threading, sqlite3, socket, subprocess, asyncio
        lock = threading.local()
        event = threading.Thread()
        db = sqlite3.connect(':memory:')
        sock = socket.socket()
        class Service:
            def __init__(self): self.db = db
        service = Service()
        local = threading.local()
        ---
        result = 1
        """,
        [({}, 1)],
        reported={
            "lock": "a thread's own data",
            "event": "a thread",
            "db": "a database connection",
            "sock": "a network connection",
            "service": "at service.db",
            "local": "a thread's own data",
        },
    ),
    "random state of the session": Case(
        """
        import random
        random.seed(5)
        random.random()
        state = random.getstate()
        ---
        result = round(random.random(), 12)
        """,
        live=False,  # Python seeds it anew in a forked child
        asked=[({}, 0.741786989261)],
        options={"random_state": "checkpoint"},
    ),
    "numpy's random state": Case(
        """
        import numpy as np, random
        np.random.seed(1)
        a = np.random.rand()
        own = np.random.default_rng(3)
        own.random()
        legacy = np.random.RandomState(4)
        mine = random.Random(7)
        mine.random()
        ---
        result = [round(x, 9) for x in
                  (np.random.rand(), own.random(), legacy.rand(), mine.random())]
        """,
        needs=("numpy",),
        options={"random_state": "checkpoint"},
        asked=[({}, "as live")],
    ),
    "the last result": Case(
        """
        [1, 2, 3]
        ---
        kept = _
        ---
        result = [kept, n]
        """,
        [({"n": 1}, [[1, 2, 3], 1])],
    ),
    "output history in the service cell": Case(
        """
        [1, 2, 3]
        ---
        result = Out[1]
        """,
        refused="Out (IPython's history",
    ),
    "the last result in the service cell": Case(
        """
        41 + 1
        ---
        result = _ + 1
        """,
        refused="_ (IPython's history",
    ),
    "underscored names": Case(
        """
        _private, __dunder, _9, __ = 1, 2, 3, 4
        def _helper(): return _private
        _ = 6
        ---
        for _ in range(2):
            pass
        result = [_private, __dunder, _helper()]
        """,
        [({}, [1, 2, 1])],
    ),
    "builtins shadowed": Case(
        """
        list = [1, 2]
        def sum(x): return 'mine'
        open = 5
        id = 7
        ---
        result = [list, sum([1]), open, id + n]
        """,
        [({"n": 1}, [[1, 2], "mine", 5, 8])],
    ),
    "builtins shadowed and given back": Case(
        """
        list = [1, 2]
        max = 3
        ---
        del list, max
        ---
        result = [list('ab'), max(n, 2)]
        """,
        [({"n": 1}, [["a", "b"], 2])],
    ),
    "builtins changed": Case(
        """
        import builtins
        builtins.helper = lambda x: x + 1
        ---
        result = helper(n)
        """,
        [({"n": 1}, 2)],
    ),
    "cells with magics": Case(
        """
        %config InlineBackend.figure_format = 'svg'
        x = 2
        ---
        files = !echo hello
        %time y = x + 1
        ---
        %%capture out
        print('x')
        z = y + 1
        ---
        result = [list(files), y, z, n]
        """,
        [({"n": 1}, [["hello"], 3, 4, 1])],
    ),
    "a service cell with magics": Case(
        """
        x = 2
        ---
        %matplotlib inline
        %time y = x + n
        if y:
            %timeit y + 1
        z = %time y * 2
        %pip --version
        y?
        result = [y, z]
        """,
        [({"n": 1}, [3, 6])],
        live=False,  # there may be no matplotlib
    ),
    "a service cell that is timed": Case(
        """
        import asyncio
        x = 2
        ---
        %%time
        await asyncio.sleep(0)
        y = x + n
        result = y
        """,
        [({"n": 1}, 3), ({"n": "a"}, {"error": "TypeError"})],
        live=False,
    ),
    "a service cell with a shell command": Case(
        """
        x = 2
        ---
        !echo shown
        found = !echo a; echo b
        result = list(found)
        """,
        [({}, ["a", "b"])],
    ),
    "a service cell with a value in a shell command": Case(
        """
        x = 2
        ---
        found = !echo {x}
        result = x
        """,
        [({}, {"error": "NotImplementedError"})],
        live=False,
    ),
    "a service cell with a magic of notebooks": Case(
        """
        x = 2
        ---
        %store x
        result = x
        """,
        [({}, {"error": "NotImplementedError"})],
        live=False,
    ),
    "globals by name": Case(
        """
        alpha, beta = [1], [2]
        handlers = {'one': lambda x: x + alpha[0]}
        ---
        result = [globals()[name], handlers['one'](1)]
        """,
        [({"name": "alpha"}, [[1], 2]), ({"name": "beta"}, [[2], 2])],
    ),
    "eval in a function": Case(
        """
        hidden = 5
        def look(text): return eval(text)
        ---
        result = look(text)
        """,
        [({"text": "hidden + 1"}, 6)],
    ),
    "reached through attributes and containers": Case(
        """
        unit = 3
        def convert(x): return x * unit
        class Pipe:
            steps = [convert]
            def run(self, x):
                for step in self.steps:
                    x = step(x)
                return x
        pipes = {'p': Pipe()}
        unused = list(range(1000))
        ---
        result = pipes[name].run(n)
        """,
        [({"name": "p", "n": 2, "unit": 4}, 8)],
    ),
    "a lazily used global of a method": Case(
        """
        table = {'a': 1}
        class Base:
            def look(self, k): return table[k]
        class Sub(Base):
            pass
        sub = Sub()
        ---
        result = sub.look(k)
        """,
        [({"k": "a"}, 1)],
    ),
    "a fork in the cell": Case(
        """
        import os
        x = [1]
        pid = os.fork()
        if pid == 0:
            x.append(2)
            os._exit(0)
        os.waitpid(pid, 0)
        ---
        result = x
        """,
        [({}, [1])],
    ),
    "a thread that runs on": Case(
        """
        import threading, time
        items = {}
        stop = []
        def work():
            n = 0
            while not stop:
                items[n] = n
                n += 1
                if n > 2000: items.clear()
                time.sleep(0)
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        ---
        result = type(items).__name__
        """,
        [({}, "dict")],
        reported={"thread": "a thread"},
        live=False,
    ),
    "a cell that failed": Case(
        """
        x = 1
        ---
        x = 2
        raise ValueError('stop')
        ---
        result = x + n
        """,
        [({"n": 1}, 3)],
    ),
    "logging, warnings and compiled patterns": Case(
        """
        import logging, re, datetime, decimal, fractions, uuid, pathlib
        log = logging.getLogger('mine')
        pattern = re.compile(r'(\\d+)', re.I)
        when = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
        price = decimal.Decimal('1.10')
        part = fractions.Fraction(1, 3)
        path = pathlib.Path('a') / 'b'
        which = uuid.UUID(int=5)
        span = range(1, 10, 2)
        cut = slice(1, 3)
        ---
        log.info('x')
        result = [pattern.findall(text), when.isoformat(), str(price * 2), str(part), path.name,
                  which.int, list(span), [1, 2, 3, 4][cut], log is logging.getLogger('mine')]
        """,
        [
            (
                {"text": "a12"},
                [
                    ["12"],
                    "2024-01-02T00:00:00+00:00",
                    "2.20",
                    "1/3",
                    "b",
                    5,
                    [1, 3, 5, 7, 9],
                    [2, 3],
                    True,
                ],
            )
        ],
    ),
    "a trained model": Case(
        """
        import numpy as np
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer
        def square(X): return X ** power
        power = 2
        model = make_pipeline(FunctionTransformer(square), LinearRegression())
        model.fit(np.arange(10.0).reshape(-1, 1), np.arange(10.0) ** 2)
        ---
        result = [round(float(y), 6) for y in model.predict(np.array([[x]]))]
        """,
        [({"x": 4.0}, [16.0])],
        needs=("sklearn",),
    ),
    "contextvars and an open StringIO": Case(
        """
        import io, contextvars
        current = contextvars.ContextVar('current', default=3)
        text = io.StringIO('abc')
        text.read(1)
        raw = io.BytesIO(b'xyz')
        raw.read(2)
        ---
        result = [text.read(), raw.read().decode(), current.get()]
        """,
        [({}, ["bc", "z", 3])],
    ),
    "an object that hides behind getattr": Case(
        """
        class Mock:
            def __getattr__(self, name): return Mock()
            def __call__(self, *a, **k): return self
        mock = Mock()
        from unittest import mock as mocks
        other = mocks.MagicMock(return_value=3)
        ---
        result = n
        """,
        [({"n": 1}, 1)],
        reported={},
    ),
}
