"""Modules that a fresh interpreter does not find, or finds otherwise."""

from .case import Case

_RULES = """
        import types, sys
        m = types.ModuleType('rules')
        exec('''
        LEVEL = 3
        seen = []
        def level(x):
            seen.append(x)
            return LEVEL + x
        class Rule:
            k = LEVEL
            def __init__(self, v): self.v = v
            def level(self): return level(self.v)
        '''.replace('\\n        ', '\\n'), m.__dict__)
        r = m.Rule(2)
        f = m.level
"""
_ASKED = """
        ---
        result = [m.level(n), r.level(), m.seen, f(4), len(m.seen), isinstance(r, m.Rule),
                  f is m.level]
"""
_ANSWER = [({"n": 1}, [4, 5, [1, 2, 4], 7, 3, True, True])]

CASES = {
    "a module made by hand": Case(_RULES + _ASKED, _ANSWER),
    "a module made by hand that import finds": Case(
        _RULES + "        sys.modules['rules'] = m\n" + _ASKED, _ANSWER
    ),
    "a module made by hand that only the cell imports": Case(
        """
        import types, sys
        made = types.ModuleType('handmade')
        made.level = lambda x: x + 1
        made.limit = 5
        sys.modules['handmade'] = made
        del made
        ---
        sys.modules['handmade'].limit = 6
        ---
        import handmade
        from handmade import level
        result = [level(n), handmade.limit]
        """,
        [({"n": 1}, [2, 6])],
    ),
    "a module loaded from a file that is on no path": Case(
        """
        import importlib.util, sys
        spec = importlib.util.spec_from_file_location('lib', 'plugins/lib-1.py')
        lib = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(lib)
        o = lib.Thing(3)
        ---
        result = [lib.f(n), o.g(), isinstance(o, lib.Thing)]
        """,
        [({"n": 1}, [4, 6, True])],
        files={
            "plugins/lib-1.py": "import math\nK = 2\ndef f(x): return x + K + math.floor(1.5)\n"
            "class Thing:\n    def __init__(self, a): self.a = a\n"
            "    def g(self): return f(self.a)\n"
        },
    ),
    "a class that autoreload has patched": Case(
        """
        %load_ext autoreload
        %autoreload 2
        import os, pathlib, time
        ---
        __write__ shapes.py class Box:
            def __init__(self, w): self.w = w
            def area(self): return self.w
        ---
        from shapes import Box
        box = Box(3)
        before = box.area()
        time.sleep(0.01)
        os.utime('shapes.py', (1, 1))
        ---
        __write__ shapes.py class Box:
            def __init__(self, w): self.w = w
            def area(self): return self.w * self.w
            def scaled(self, k): return self.area() * k
        ---
        def probe(k):
            return [box.area(), box.scaled(k), Box(2).scaled(k), isinstance(box, Box)]
        ---
        k = 1
        ---
        result = probe(k)
        """,
        [({"k": 2}, "as live")],
    ),
    "functions that were given other code": Case(
        """
        import shapes
        from shapes import Box
        def twice(self, v=4): return [v, v]
        def tag(v): return 'new', v
        Box.area.__code__, Box.area.__defaults__ = twice.__code__, (4,)
        vars(Box)['tag'].__func__.__code__ = tag.__code__
        vars(Box)['size'].fget.__code__ = (lambda self: 9).__code__
        shapes.Box.Inner.f.__code__ = twice.__code__
        shapes.plain.__kwdefaults__ = {'k': 7}
        box = Box()
        ---
        result = [box.area(), box.area(1), Box.tag(2), box.size, Box.Inner.f(0, 1), shapes.plain()]
        """,
        [({}, [[4, 4], [1, 1], ["new", 2], 9, [1, 1], 7])],
        files={
            "shapes.py": "class Box:\n    def area(self, v=1): return v\n"
            "    @staticmethod\n    def tag(v): return 'old'\n"
            "    @property\n    def size(self): return 1\n"
            "    class Inner:\n        def f(self, v=0): return v\n"
            "def plain(*, k=1): return k\n"
        },
    ),
    "imported and changed inside of one statement": Case(
        """
        import importlib, contextlib
        def prepare():
            import first
            first.note(1)
            return first
        got = prepare()
        ---
        with contextlib.nullcontext():
            from second import STATE as other
            for v in range(3):
                other.append(v)
        ---
        importlib.import_module("third").note("t")
        ---
        exec("import fourth\\nfourth.note('e'); fourth.level = 4")
        ---
        try:
            import nothing_such
        except ImportError:
            import fifth
            fifth.note([5])
        ---
        import second, third, fourth, fifth
        modules = (got, second, third, fourth, fifth)
        result = [one.STATE for one in modules], fourth.level
        """,
        [({}, [[[1], [0, 1, 2], ["t"], ["e"], [[5]]], 4])],
        files={
            f"{name}.py": "STATE = []\nlevel = 0\ndef note(v): STATE.append(v)\n"
            for name in ("first", "second", "third", "fourth", "fifth")
        },
    ),
    "changed by the import of another one": Case(
        """
        import outer
        ---
        import registry
        registry.names.append('mine')
        ---
        import registry
        result = registry.names, registry.found['outer'](2), registry.level
        """,
        [({}, [["inner", "outer", "mine"], 4, 3])],
        files={
            "registry.py": "names, found = ['inner'], {}\nlevel = 0\n",
            "outer.py": "import registry\nregistry.names.append('outer')\n"
            "registry.level = 3\ndef twice(v): return v * 2\nregistry.found['outer'] = twice\n",
        },
    ),
    "changed by a later import, and not once more by the cell's": Case(
        """
        import registry
        ---
        import plugin
        ---
        import plugin
        result = registry.names
        """,
        [({}, ["inner", "plugin"])],
        files={
            "registry.py": "names = ['inner']\n",
            "plugin.py": "import registry\nregistry.names.append('plugin')\n",
        },
    ),
}
