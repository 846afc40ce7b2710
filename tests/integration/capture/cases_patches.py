"""What the notebook did to installed packages, Python's own modules and local ones."""

from .case import Case

CASES = {
    "an accessor of pandas": Case(
        """
        import pandas as pd

        @pd.api.extensions.register_dataframe_accessor("geo")
        class GeoAccessor:
            def __init__(self, frame):
                self._frame = frame
            def center(self):
                return float(self._frame["lat"].mean())
        ---
        points = [{"lat": 1.0}]
        ---
        result = pd.DataFrame(points).geo.center()
        """,
        [({"points": [{"lat": 2.0}, {"lat": 4.0}]}, 3.0)],
        needs=("pandas",),
    ),
    "methods given to classes of packages": Case(
        """
        import pandas as pd
        import json, collections
        factor = 2
        pd.DataFrame.doubled = lambda self: self * factor
        pd.Series.rate = 7
        setattr(pd.Series, 'tripled', property(lambda self: self * 3))
        class Encoder:
            def default(self, o): return sorted(o)
        json.JSONEncoder.default = Encoder.default
        def first(self): return next(iter(self))
        collections.UserDict.first = first
        ---
        frame = pd.DataFrame({'a': [1]})
        ---
        result = [frame.doubled()['a'].tolist(), frame['a'].tripled.tolist(), frame['a'].rate,
                  json.dumps({2, 1}), collections.UserDict(z=1, a=2).first()]
        """,
        [({}, [[2], [3], 7, "[1, 2]", "z"])],
        needs=("pandas",),
    ),
    "functions of modules replaced": Case(
        """
        import textwrap, string, warnings, logging
        import functools
        kept = textwrap.shorten
        calls = []
        def shorten(text, width):
            calls.append(text)
            return kept(text, width).upper()
        textwrap.shorten = shorten
        warnings.warn = lambda *a, **k: calls.append('warning')
        string.digits = '01'
        logging.NOTICE = 25
        def notice(self, text): return f'notice {text}'
        logging.Logger.notice = notice
        ---
        result = [textwrap.shorten('a  b', 9), string.digits, warnings.warn('x'), calls,
                  logging.NOTICE, logging.getLogger('q').notice('z')]
        """,
        [({}, ["A B", "01", None, ["a  b", "warning"], 25, "notice z"])],
    ),
    "registered with functions of packages": Case(
        """
        import copyreg, copy, collections.abc, functools, json
        from pkgutil import iter_importer_modules
        class Point:
            def __init__(self, x): self.x = x
        def remade(x): return ('remade', x)
        copyreg.pickle(Point, lambda p: (remade, (p.x,)))

        @collections.abc.Sequence.register
        class Row: pass

        @iter_importer_modules.register(Point)
        def _points(importer, prefix=''):
            return ['points']
        ---
        result = [copy.copy(Point(3)), isinstance(Row(), collections.abc.Sequence),
                  iter_importer_modules(Point(1))]
        """,
        [({}, [["remade", 3], True, ["points"]])],
    ),
    "a codec": Case(
        """
        import codecs
        def find(name):
            if name == 'shout':
                return codecs.CodecInfo(lambda s, errors='strict': (s.upper().encode(), len(s)),
                                        None, name='shout')
        codecs.register(find)
        ---
        result = 'abc'.encode('shout').decode()
        """,
        [({}, "ABC")],
    ),
    "functions of builtins": Case(
        """
        import builtins
        builtins.shout = lambda text: text.upper()
        def said(x): return shout(x)
        ---
        result = [said(x), shout('b')]
        """,
        [({"x": "a"}, ["A", "B"])],
    ),
    "a function that changes a package is called in a later cell": Case(
        """
        import textwrap
        def prepare():
            import string
            textwrap.mark = lambda: 'marked'
            string.letters = 'abc'
        ---
        prepare()
        ---
        x = 1
        ---
        import string
        result = [textwrap.mark(), string.letters, x]
        """,
        [({}, ["marked", "abc", 1])],
    ),
    "settings of a package": Case(
        """
        import calendar, mimetypes
        calendar.answer = {'k': 1}
        calendar.answer['k'] = 5
        mimetypes.knownfiles.append('/nonexistent')
        from calendar import answer
        answer['j'] = [6]
        ---
        result = [calendar.answer, mimetypes.knownfiles[-1], calendar.answer is answer]
        """,
        [({}, [{"k": 5, "j": [6]}, "/nonexistent", True])],
    ),
    "methods that one package gives to another": Case(
        """
        from tqdm import tqdm
        import pandas as pd
        tqdm.pandas(disable=True)
        ---
        values = [1, 2]
        ---
        result = pd.Series(values).progress_apply(lambda v: v * 2).tolist()
        """,
        [({"values": [3]}, [6])],
        needs=("pandas", "tqdm"),
    ),
    "what a package has done to Python's own is done again": Case(
        """
        import nest_asyncio
        nest_asyncio.apply()
        ---
        import asyncio
        async def one(): return 1
        async def two(): return asyncio.run(one())
        result = asyncio.get_event_loop().run_until_complete(two())
        """,
        [({}, 1), ({}, 1)],
        needs=("nest_asyncio",),
    ),
    "what is entered where nothing shows that it is the notebook's": Case(
        """
        import codecs, mimetypes, shutil
        codecs.register_error("question", lambda error: ("?", error.end))
        mimetypes.add_type("application/x-model", ".model")
        shutil.register_archive_format("listing", lambda base, folder, **more: base)
        ---
        result = [
            "a\u4e16".encode("ascii", "question").decode(),
            mimetypes.guess_type("best.model")[0],
            "listing" in dict(shutil.get_archive_formats()),
        ]
        """,
        [({}, ["a?", "application/x-model", True])],
    ),
    "a colormap": Case(
        """
        import matplotlib as mpl
        from matplotlib.colors import ListedColormap
        mpl.colormaps.register(ListedColormap(["#000000", "#ffffff"], name="night"))
        ---
        result = list(mpl.colormaps["night"](0.9))
        """,
        [({}, [1.0, 1.0, 1.0, 1.0])],
        needs=("matplotlib",),
    ),
    "what a package has done to Python's own with arguments is told": Case(
        """
        import asyncio
        import nest_asyncio
        nest_asyncio.apply(asyncio.get_event_loop())
        ---
        async def one(): return 1
        result = asyncio.run(one())
        """,
        [({}, 1)],
        told=["nest_asyncio has replaced it"],
        needs=("nest_asyncio",),
    ),
    "accessors of other packages": Case(
        """
        import polars as pl
        import xarray as xr
        @pl.api.register_dataframe_namespace("top")
        class Top:
            def __init__(self, df): self._df = df
            def rows(self): return self._df.height
        @xr.register_dataset_accessor("geo")
        class Geo:
            def __init__(self, o): self._o = o
            def n(self): return len(self._o.dims)
        ---
        result = [pl.DataFrame({"a": [1, 2]}).top.rows(), xr.Dataset({"a": ("x", [1])}).geo.n()]
        """,
        [({}, [2, 1])],
        needs=("polars", "xarray"),
    ),
    "finders of the importer, and what else of sys": Case(
        """
        import sys, importlib.abc, importlib.machinery
        class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
            def find_spec(self, name, path, target=None):
                if name in ('virtual', 'sndhdr'):
                    return importlib.machinery.ModuleSpec(name, self)
            def create_module(self, spec): return None
            def exec_module(self, module): module.VALUE = 11
        sys.meta_path.insert(0, Finder())
        sys.tracebacklimit = 3
        sys.exit = lambda *a: 'stays'
        ---
        def value(name):
            try: return __import__(name).VALUE
            except ImportError: return 'missing'
        result = [value('virtual'), sys.tracebacklimit, sys.exit(1)]
        """,
        [({}, [11, 3, "stays"])],
    ),
    "a dict of a package's own kind": Case(
        """
        import fractions
        import matplotlib.units as units
        class Half(units.ConversionInterface):
            @staticmethod
            def convert(value, unit, axis): return 42.0
        units.registry[fractions.Fraction] = Half()
        ---
        result = units.registry[fractions.Fraction].convert(1, 2, 3)
        """,
        [({}, 42.0)],
        needs=("matplotlib",),
    ),
    "what was replaced, kept under another name": Case(
        """
        import math, datetime, textwrap, json, builtins
        floor, dedent, encode, binary = math.floor, textwrap.dedent, json.JSONEncoder.default, bin
        def default(self, o):
            return 'set' if isinstance(o, set) else encode(self, o)
        json.JSONEncoder.default = default
        math.floor = lambda v: floor(v) + 1
        textwrap.dedent = lambda text: dedent(text).upper()
        builtins.bin = lambda one: binary(one).upper()
        class Fake(datetime.datetime):
            @classmethod
            def now(cls, tz=None): return cls(2020, 1, 1)
        datetime.datetime = Fake
        ---
        result = [math.floor(2.5), textwrap.dedent(' a'), json.dumps({1}), bin(2),
                  datetime.datetime.now().year, floor(2.5)]
        """,
        [({}, [3, "A", '"set"', "0B10", 2020, 2])],
    ),
    "patched by unittest.mock": Case(
        """
        from unittest import mock
        patch = mock.patch("textwrap.dedent", lambda s: "patched")
        patch.start()
        ---
        import textwrap
        result = textwrap.dedent(" a")
        """,
        [({}, "patched")],
    ),
    "a change that can't be saved is told": Case(
        """
        import textwrap, threading
        lock = threading.local()
        textwrap.guard = lambda text, lock=threading.local(): text
        x = 1
        ---
        result = x
        """,
        [({"x": 2}, 2)],
        reported={"lock": "a thread's own data"},
        told=["'textwrap.guard' of an installed package", "a thread's own data"],
    ),
    "a change of a package that the cell does not use stays behind": Case(
        """
        import pandas as pd
        import threading
        lock = threading.local()
        pd.DataFrame.guarded = lambda self: lock
        x = 1
        ---
        result = x
        """,
        [({"x": 2}, 2)],
        reported={"lock": "a thread's own data"},
        needs=("pandas",),
    ),
    "a local module is imported and changed in one cell": Case(
        """
        import helper; helper.CONFIG['k'] = 5
        from helper import names
        names.append('b')
        helper.setup(3)
        ---
        result = [helper.CONFIG, helper.names, helper.level, helper.names is names]
        """,
        [({}, [{"k": 5}, ["a", "b"], 3, True])],
        files={
            "helper.py": "CONFIG = dict(k=1)\nnames = list('a')\nlevel = 0\n"
            "def setup(n):\n    global level\n    level = n\n"
        },
    ),
    "a local module is imported and changed in one statement": Case(
        """
        try:
            import helper
            helper.CONFIG['k'] = 5
            helper.names.append('b')
            helper.Thing.size = 4
            from helper import TABLE
            TABLE.update(a=2)
        except ImportError:
            raise
        ---
        result = [helper.CONFIG, helper.names, helper.Thing.size, helper.TABLE]
        """,
        [({}, [{"k": 5}, ["a", "b"], 4, {"a": 2}])],
        files={
            "helper.py": "CONFIG = dict(k=1)\nnames = list('a')\nTABLE = dict(a=1)\n"
            "class Thing:\n    size = 1\n"
        },
    ),
    "what a local module computes where it is stays so": Case(
        """
        import helper
        helper.CONFIG['k'] = 5
        ---
        result = [helper.CONFIG, helper.PLACE == helper.place()]
        """,
        [({}, [{"k": 5}, True])],
        files={
            "helper.py": "import os\nCONFIG = dict(k=1)\nPLACE = os.path.abspath(__file__)\n"
            "def place(): return os.path.abspath(__file__)\n"
        },
    ),
}
