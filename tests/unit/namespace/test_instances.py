"""Instances of built-in and standard types, and of classes derived from them, come back whole.

All are made in one session and looked at in one fresh interpreter.
"""

from __future__ import annotations

import dis
import json
import sys
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from jupyter_node_deploy.namespace.reducers.attributes import Owner

from .conftest import Notebook

IMPORTS = """
import argparse, array, ast, collections, configparser, contextlib, datetime, decimal
import email.message, fractions, functools, io, ipaddress, logging, pathlib, random, statistics
import string, types, weakref, xml.etree.ElementTree, zoneinfo
"""

#: By the type what makes an instance, and the methods that put something into it.
TYPES = {
    "object": ("", ""),
    "dict": ("{'a': 1, 'b': 2}", "__setitem__ update items __iter__"),
    "collections.OrderedDict": ("{'b': 1, 'a': 2}", "__setitem__ update items"),
    "collections.Counter": ("'aab'", "__setitem__ update items"),
    "collections.defaultdict": ("list, {'a': 1}", "__setitem__ update items"),
    "list": ("[1, 2]", "append extend __setitem__ __iter__"),
    "collections.deque": ("[1, 2], 5", "append extend __iter__"),
    "set": ("{1, 2}", "add update __iter__"),
    "frozenset": ("{1, 2}", "__iter__"),
    "tuple": ("(1, 2)", "__iter__"),
    "collections.namedtuple('N', 'x y')": ("1, 2", ""),
    "str": ("'abc'", ""),
    "bytes": ("b'abc'", ""),
    "bytearray": ("b'abc'", "append extend"),
    "int": ("7", ""),
    "float": ("7.5", ""),
    "complex": ("7j", ""),
    "datetime.date": ("2020, 1, 2", ""),
    "datetime.datetime": ("2020, 1, 2, 3, fold=1", ""),
    "datetime.time": ("1, 2", ""),
    "datetime.timedelta": ("1, 2", ""),
    "datetime.tzinfo": ("", ""),
    "decimal.Decimal": ("'1.50'", ""),
    "fractions.Fraction": ("1, 2", ""),
    "pathlib.PurePosixPath": ("'/a/b'", ""),
    "type(pathlib.Path())": ("'/a/b'", ""),
    "functools.partial": ("max, 1", ""),
    "types.SimpleNamespace": ("", ""),
    "argparse.Namespace": ("", ""),
    "array.array": ("'i', [1, 2]", "append extend"),
    "io.StringIO": ("'abc'", "write"),
    "io.BytesIO": ("b'abc'", "write"),
    "random.Random": ("3", ""),
    "collections.UserDict": ("{'a': 1}", "__setitem__ update"),
    "collections.UserList": ("[1]", "append extend"),
    "collections.UserString": ("'abc'", ""),
    "collections.ChainMap": ("{'a': 1}, {'b': 2}", "__setitem__"),
    "Exception": ("'bad', 3", ""),
    "KeyError": ("'bad'", ""),
    "OSError": ("2, 'bad', 'file'", ""),
    "ImportError": ("'bad'", ""),
    "AttributeError": ("'bad'", ""),
    "NameError": ("'bad'", ""),
    "StopIteration": ("3", ""),
    "SystemExit": ("3", ""),
    "SyntaxError": ("'bad', ('f', 1, 2, 'text')", ""),
    "UnicodeDecodeError": ("'utf8', b'x', 0, 1, 'bad'", ""),
    **({"ExceptionGroup": ("'bad', [ValueError(1)]", "")} if sys.version_info >= (3, 11) else {}),
    "weakref.WeakValueDictionary": ("{'a': kept}", "__setitem__ update"),
    "weakref.WeakKeyDictionary": ("{kept: 1}", "__setitem__ update"),
    "weakref.WeakSet": ("[kept]", "add update"),
    "ipaddress.IPv4Address": ("'10.0.0.1'", ""),
    "zoneinfo.ZoneInfo": ("'UTC'", ""),
    "xml.etree.ElementTree.Element": ("'a', {'k': 'v'}", "append"),
    "email.message.Message": ("", ""),
    "string.Template": ("'$a'", ""),
    "statistics.NormalDist": ("0, 1", ""),
    "logging.Formatter": ("'%(message)s'", ""),
    "configparser.ConfigParser": ("", ""),
    "ast.Name": ("'x'", ""),
}

#: By what is done with the type; ``MAKE`` stands for what makes an instance.
FORMS = {
    "an attribute set from outside": """
        x = BASE(MAKE)
        with contextlib.suppress(AttributeError, TypeError):
            x.note = ['n']
    """,
    "a derived class": """
        class D(BASE): pass
        x = D(MAKE)
        x.note = ['n']
        x.own = x
    """,
    "constructors of its own": """
        class D(BASE):
            def __new__(cls, tag):
                return super().__new__(cls, MAKE) if TAKES else super().__new__(cls)
            def __init__(self, tag):
                super().__init__(MAKE) if INIT else super().__init__()
                self.note = [tag]
                made.append(tag)
        made = []
        x = D('t')
        x.note.append(len(made))
    """,
    "methods of its own": """
        class D(BASE):
            note = ()
            METHODS
        x = D(MAKE)
        x.note = x.note[:1]
    """,
    "a slot that the class hides": """
        class Parent(BASE):
            __slots__ = ('note', 'hidden')
            def __setattr__(self, name, value): raise AttributeError(name)
        class D(Parent):
            __slots__ = ()
            hidden = 1
        x = D(MAKE)
        object.__setattr__(x, 'note', ['n'])
    """,
    "slots": """
        class D(BASE):
            __slots__ = ('note', 'unset')
            def __setattr__(self, name, value): raise AttributeError(name)
        x = D(MAKE)
        object.__setattr__(x, 'note', ['n'])
    """,
}
METHOD = """
def {name}(self, *a):
    with contextlib.suppress(AttributeError): object.__setattr__(self, 'note', (*self.note, 1))
    return super().{name}(*a)
"""

SHOW = """
def content(x):
    for base, read in (
        (collections.OrderedDict, lambda: list(collections.OrderedDict.items(x))),
        (collections.defaultdict, lambda: [x.default_factory is list, *dict.items(x)]),
        (dict, lambda: list(dict.items(x))), (list, lambda: list(list.__iter__(x))),
        (set, lambda: sorted(set.__iter__(x))), (frozenset, lambda: sorted(frozenset.__iter__(x))),
        (tuple, lambda: list(tuple.__iter__(x))), (array.array, lambda: x.tolist()),
        (collections.deque, lambda: [x.maxlen, *collections.deque.__iter__(x)]),
        (str, lambda: str.__str__(x)), (int, lambda: int.__pos__(x)),
        (float, lambda: float.__pos__(x)),
        (bytes, lambda: bytes.__repr__(x)), (bytearray, lambda: bytes(x)),
        (datetime.datetime, lambda: [x.isoformat(), x.fold]),
        (datetime.date, lambda: x.isoformat()),
        (functools.partial, lambda: [x.func is max, x.args, x.keywords]),
        (random.Random, lambda: x.getstate()[1][:9]),
        ((io.StringIO, io.BytesIO), lambda: [x.getvalue(), x.tell()]),
        (OSError, lambda: [x.args, x.errno, x.strerror, x.filename]),
        (StopIteration, lambda: [x.args, x.value]), (SystemExit, lambda: [x.args, x.code]),
        (SyntaxError, lambda: [x.args, x.filename, x.lineno]),
        (UnicodeError, lambda: [x.args, x.reason, x.start]),
        (BaseException, lambda: repr(x.args)),
        (weakref.WeakKeyDictionary, lambda: [key is kept for key in x]),
        (weakref.WeakValueDictionary, lambda: [value is kept for value in x.values()]),
        (weakref.WeakSet, lambda: [one is kept for one in x]),
        (argparse.Namespace, lambda: None),
        (xml.etree.ElementTree.Element, lambda: [x.tag, x.attrib]),
    ):
        if isinstance(x, base):
            return read()
    text = object.__repr__(x) if type(x).__repr__ is object.__repr__ else repr(x)
    return None if ' at 0x' in text else text
def show(x):
    attributes = getattr(x, '__dict__', {})
    note = getattr(x, 'note', None)
    own = attributes.get('own') is x
    return repr([type(x).__name__, content(x), note, own, sorted(attributes)])
class Kept: pass
kept = Kept()
"""


def _cell(number: int, kind: str, form: str) -> str:
    make, methods = TYPES[kind]
    text = FORMS[form].replace("BASE", kind).replace("MAKE", make)
    bodies = "".join(METHOD.format(name=name) for name in methods.split()) or "\npass\n"
    text = text.replace("            METHODS\n", indent(bodies, " " * 12))
    takes, init = f"{kind}.__new__ is not object.__new__", f"{kind}.__init__ is not object.__init__"
    text = text.replace("TAKES", takes).replace("INIT", init)
    return f"def build():\n{text}\n        return x\nx{number} = build()\n"


CASES = [(kind, form) for kind in TYPES for form in FORMS]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    directory: Path = tmp_path_factory.mktemp("instances")
    notebook = Notebook(directory)
    cells = "".join(
        f"try:\n{indent(_cell(number, *case), '    ')}\n"
        f"except Exception as error: not_made[{number}] = str(error)\n"
        for number, case in enumerate(CASES)
    )
    made = "name[:1] == 'x' and name[1:].isdigit()"
    show = f"{{name: show(x) for name, x in list(globals().items()) if {made}}}"
    saved = notebook.save(IMPORTS, SHOW, f"not_made = {{}}\n{cells}", f"live = {show}")
    told = f"json.dumps([live, {show}, not_made])"
    check = f"import json\nopen({str(directory / 'shown')!r}, 'w').write({told})"
    # A group whose ``args`` were set is made of these.
    failures = notebook.restore(check, differing=".exceptions[0]")
    live, restored, not_made = json.loads((directory / "shown").read_text())
    return {
        "unsaved": saved["unsaved"],
        "failures": {name: one["reason"] for one in failures for name in one["names"]},
        "live": live,
        "restored": restored,
        "not made": not_made,
    }


@pytest.mark.parametrize(("number", "case"), [*enumerate(CASES)], ids=map(" ".join, CASES))
def test_it_comes_back_whole(shown: dict[str, Any], number: int, case: tuple[str, str]) -> None:
    name = f"x{number}"
    if str(number) in shown["not made"]:
        pytest.skip(f"Python does not make it: {shown['not made'][str(number)]}")
    assert name not in shown["unsaved"], shown["unsaved"][name]
    assert name not in shown["failures"], shown["failures"][name]
    assert shown["restored"][name] == shown["live"][name]


def test_code_is_read_once_however_many_names_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Registry:
        def __reduce__(self) -> Any:
            return Registry, ()

        def note(self, unit: Any) -> Any:
            unit.n0 = unit.n1 = 1
            return unit.n2

    read: list[Any] = []
    plain = dis.get_instructions

    def counted(code: Any) -> Any:
        read.append(code)
        return plain(code)

    monkeypatch.setattr(dis, "get_instructions", counted)
    owner = Owner(Registry)

    found = [owner.strange({f"n{number}"}) for number in range(1000)]

    assert [one for one in found if not one] == [set(), set()]
    assert len(read) == 1
