"""Identity: what is one object in the session is one object in the node."""

from .case import Case

ARRAYS = ("numpy",)
FRAMES = ("numpy", "pandas")

CASES = {
    "two names of one list": Case(
        """
        a = [1]
        b = a
        ---
        a.append(n)
        result = b
        """,
        [({"n": 2}, [1, 2]), ({"n": 3}, [1, 3])],
    ),
    "an alias that was broken": Case(
        """
        a = [1]
        b = a
        ---
        b = list(a)
        ---
        a.append(n)
        result = b
        """,
        [({"n": 2}, [1])],
    ),
    "shared through containers": Case(
        """
        shared = []
        x = {'in': (shared,)}
        y = [{'deep': shared}]
        del shared
        ---
        x['in'][0].append(n)
        result = y[0]['deep']
        """,
        [({"n": 2}, [2])],
    ),
    "cycles over variables": Case(
        """
        class Node:
            pass
        a, b = Node(), Node()
        a.other, b.other = b, a
        ring = [a]
        ring.append(ring)
        ---
        result = [a.other is b, b.other is a, ring[1] is ring, ring[0] is a, a.other.other is a]
        """,
        [({}, [True] * 5)],
    ),
    "an instance's attributes held elsewhere": Case(
        """
        class Box:
            pass
        box = Box()
        box.x = 1
        inside = box.__dict__
        ---
        inside['x'] = n
        result = [box.x, inside is box.__dict__]
        """,
        [({"n": 5}, [5, True])],
    ),
    "attributes shared by two instances": Case(
        """
        class Borg:
            state = {}
            def __init__(self):
                self.__dict__ = self.state
        a, b = Borg(), Borg()
        a.x = 1
        ---
        a.x = n
        result = [b.x, Borg().x]
        """,
        [({"n": 5}, [5, 5])],
    ),
    "a bound method": Case(
        """
        class Counter:
            def __init__(self): self.n = 0
            def up(self, by=1):
                self.n += by
                return self.n
        counter = Counter()
        up = counter.up
        add = [].append
        ---
        up(k)
        result = [counter.n, up.__self__ is counter]
        """,
        [({"k": 4}, [4, True])],
    ),
    "windows over an array": Case(
        """
        import numpy as np
        from numpy.lib.stride_tricks import sliding_window_view
        values = np.arange(5.0)
        windows = sliding_window_view(values, 2)
        ---
        values[0] = n
        result = windows[0].tolist()
        """,
        [({"n": 5}, [5.0, 1.0])],
    ),
    "a bound method of a builtin": Case(
        """
        items = []
        add = items.append
        ---
        add(k)
        result = items
        """,
        [({"k": 4}, [4])],
    ),
    "closures that share a cell": Case(
        """
        def make():
            n = 0
            def up(by):
                nonlocal n
                n += by
            def get():
                return n
            return up, get
        up, get = make()
        ---
        up(k)
        result = get()
        """,
        [({"k": 4}, 4)],
    ),
    "a default value that is a variable": Case(
        """
        cache = {}
        def remember(key, cache=cache):
            cache[key] = len(cache)
            return cache
        ---
        remember(key)
        result = list(cache)
        """,
        [({"key": "a"}, ["a"])],
    ),
    "views of an array": Case(
        """
        import numpy as np
        a = np.zeros(10)
        b = a[2:4]
        c = a.reshape(2, 5)
        ---
        b[0] = n
        result = [a[2], c[0, 2], bool(np.shares_memory(a, c))]
        """,
        [({"n": 7.0}, [7.0, 7.0, True])],
        needs=ARRAYS,
    ),
    "large views of an array without a name": Case(
        """
        import numpy as np
        b = np.zeros(50_000)[10:]
        c = b[::2]
        ---
        b[0] = n
        result = [float(c[0]), bool(np.shares_memory(b, c)), len(b)]
        """,
        [({"n": 7.0}, [7.0, True, 49_990])],
        needs=ARRAYS,
    ),
    "two arrays over one bytearray": Case(
        """
        import numpy as np
        raw = bytearray(80)
        a = np.frombuffer(raw, dtype='f8')
        b = np.frombuffer(raw, dtype='f8')[5:]
        ---
        a[5] = n
        result = [b[0], len(raw), raw[47]]
        """,
        [({"n": 2.0}, [2.0, 80, 64])],
        needs=ARRAYS,
    ),
    "two arrays over a bytearray without a name": Case(
        """
        import numpy as np
        def make():
            raw = bytearray(80)
            return np.frombuffer(raw, dtype='f8'), np.frombuffer(raw, dtype='i8', offset=40)
        a, b = make()
        ---
        b[0] = n
        result = bool(a[5] != 0)
        """,
        [({"n": 4_611_686_018_427_387_904}, True), ({"n": 0}, False)],
        needs=ARRAYS,
    ),
    "an object array that holds shared objects": Case(
        """
        import numpy as np
        shared = [1]
        objects = np.array([shared, None, shared], dtype=object)
        part = objects[1:]
        ---
        objects[0].append(n)
        part[0] = 'x'
        result = [shared, objects[0] is objects[2], objects[1]]
        """,
        [({"n": 2}, [[1, 2], True, "x"])],
        needs=ARRAYS,
    ),
    "a masked array and a record array": Case(
        """
        import numpy as np
        masked = np.ma.array([1, 2, 3], mask=[0, 1, 0])
        records = np.rec.array([(1, 'a'), (2, 'b')], names='n,s')
        column = records.n
        ---
        records.n[0] = n
        result = [int(masked.sum()), int(column[0]), str(records[1].s)]
        """,
        [({"n": 9}, [4, 9, "b"])],
        needs=ARRAYS,
    ),
    "a memory-mapped array": Case(
        """
        import numpy as np
        np.arange(10.0).tofile('numbers.bin')
        mapped = np.memmap('numbers.bin', dtype='f8', mode='r')
        ---
        result = float(mapped[n])
        """,
        [({"n": 3}, 3.0)],
        needs=ARRAYS,
    ),
    "an object column": Case(
        """
        import pandas as pd
        tags = [['a'], ['b']]
        frame = pd.DataFrame({'n': [1, 2], 'tags': tags})
        ---
        frame.loc[0, 'tags'].append(tag)
        result = [tags[0], frame['tags'][0] is tags[0]]
        """,
        [({"tag": "x"}, [["a", "x"], True])],
        needs=FRAMES,
    ),
    "a frame and its slice": Case(
        """
        import pandas as pd
        frame = pd.DataFrame({'a': [1, 2, 3], 'b': list('xyz')})
        part = frame[frame.a > 1]
        column = frame['a']
        ---
        frame.loc[0, 'a'] = n
        result = [int(column[0]), part.b.tolist(), int(frame.a.sum())]
        """,
        [({"n": 10}, [1, ["y", "z"], 15])],
        needs=FRAMES,
    ),
    "categories, dates with zones, extension types": Case(
        """
        import pandas as pd
        frame = pd.DataFrame({
            'c': pd.Categorical(['x', 'y'], ordered=True),
            't': pd.to_datetime(['2024-01-01', '2024-07-01']).tz_localize('Europe/Berlin'),
            'i': pd.array([1, None], dtype='Int64'),
            's': pd.array(['q', None], dtype='string'),
        }).set_index('t')
        ---
        result = [str(frame.c.max()), int(frame.i.sum()), str(frame.index.tz), str(frame.s.dtype)]
        """,
        [({}, ["y", 1, "Europe/Berlin", "string"])],
        needs=FRAMES,
    ),
    "ordered, default and counting dicts": Case(
        """
        import collections
        groups = collections.defaultdict(list)
        groups['a'].append(1)
        order = collections.OrderedDict([('z', 1), ('a', 2)])
        count = collections.Counter('hello')
        recent = collections.deque([1, 2, 3], maxlen=3)
        chain = collections.ChainMap({}, order)
        ---
        groups[key].append(2)
        recent.append(4)
        order['z'] = 5
        result = [groups, list(order), count.most_common(1)[0][0], list(recent), chain['z']]
        """,
        [({"key": "b"}, [{"a": [1], "b": [2]}, ["z", "a"], "l", [2, 3, 4], 5])],
    ),
    "keys compared by identity": Case(
        """
        class Key:
            pass
        one = Key()
        table = {one: 'found'}
        ids = {id(one): 'x'}
        members = {one}
        ---
        result = [table[one], one in members]
        """,
        [({}, ["found", True])],
    ),
    "hash that needs attributes": Case(
        """
        class Point:
            def __init__(self, x):
                self.x = x
                self.seen = {self}
            def __hash__(self):
                return hash(self.x)
            def __eq__(self, other):
                return self.x == other.x
        p = Point(3)
        ---
        result = p in p.seen
        """,
        # The pickler's own limit: the set is filled before the point has its attributes.
        refused="p: it could not be loaded (AttributeError: 'Point' object has no attribute 'x')",
    ),
    "weak references": Case(
        """
        import weakref
        class Thing:
            pass
        thing = Thing()
        ref = weakref.ref(thing)
        registry = weakref.WeakValueDictionary(t=thing)
        notes = weakref.WeakKeyDictionary({thing: 'note'})
        group = weakref.WeakSet([thing])
        proxy = weakref.proxy(thing)
        thing.x = 4
        ---
        result = [ref() is thing, registry['t'] is thing, notes[thing], thing in group]
        """,
        [({}, [True, True, "note", True])],
        reported={"proxy": "a weak proxy"},
    ),
    "a linked list under a limit that the stack is too small for": Case(
        """
        import sys
        sys.setrecursionlimit(10**6)
        class Link:
            pass
        first = None
        for n in range(100_000):
            link = Link()
            link.next, first = first, link
        ---
        count, link = 0, first
        while link:
            count, link = count + 1, link.next
        result = count
        """,
        [({}, 100_000)],
    ),
    "a linked list of 100,000": Case(
        """
        class Link:
            def __init__(self, value, rest):
                self.value, self.rest = value, rest
        head = None
        for i in range(100_000):
            head = Link(i, head)
        third = head.rest.rest
        ---
        total, link = 0, head
        while link is not None:
            total, link = total + link.value, link.rest
        result = [total, head.rest.rest is third]
        """,
        [({}, [4999950000, True])],
    ),
    "deep trees of lists and dicts": Case(
        """
        deep = []
        for i in range(5_000):
            deep = [deep, {'d': i}]
        ---
        depth, at = 0, deep
        while at:
            depth, at = depth + 1, at[0]
        result = depth
        """,
        [({}, 5000)],
    ),
    "a slot object and a shared one": Case(
        """
        class Slim:
            __slots__ = ('a', 'b', '__weakref__')
        s = Slim()
        s.a = shared = [1]
        ---
        s.a.append(n)
        result = [shared, hasattr(s, 'b'), hasattr(s, '__dict__')]
        """,
        [({"n": 2}, [[1, 2], False, False])],
    ),
    "subclasses of builtins": Case(
        """
        class Table(dict):
            def __missing__(self, key): return key * 2
        class Row(list):
            pass
        class Word(str):
            pass
        table = Table(a=1)
        row = Row([table])
        row.note = table
        word = Word('w')
        word.lang = 'en'
        ---
        table[key] = 5
        result = [row[0][key], row.note is table, table['zz'], word + word.lang, len({word})]
        """,
        [({"key": "k"}, [5, True, "zzzz", "wen", 1])],
    ),
    "copies made by the library stay apart": Case(
        """
        import copy
        a = {'x': [1]}
        b = copy.deepcopy(a)
        c = copy.copy(a)
        ---
        a['x'].append(n)
        result = [b['x'], c['x']]
        """,
        [({"n": 2}, [[1], [1, 2]])],
    ),
    "a series over the very array": Case(
        """
        import numpy as np, pandas as pd
        base, alone = np.arange(3.0), np.arange(3.0)
        series = pd.Series(base, copy=False)
        other = pd.Series(alone)
        ---
        base[1], alone[1] = -5, -5
        result = [series.tolist(), other.tolist(), base.tolist()]
        """,
        [({}, [[0.0, -5.0, 2.0], [0.0, 1.0, 2.0], [0.0, -5.0, 2.0]])],
        needs=("pandas",),
    ),
}
