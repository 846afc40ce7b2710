"""Changes of packages: no false alarms, and what is found without the notebook's help."""

from __future__ import annotations

import importlib
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.agent.patches.lent import Lent, absent, candidates

_USES = """
        import pandas as pd, numpy as np
        import json, logging, warnings, threading, functools, collections, abc, enum, copy, pickle
        from dataclasses import dataclass
        frame = pd.DataFrame(np.ones((4, 2)), columns=list('ab'))
        ---
        frame.columns = ['x', 'y']
        frame.loc[0, 'x'] = 3
        frame.index.name = 'i'
        result = frame.groupby('y').agg(lambda s: s.max())
        frame.attrs['unit'] = 'm'
        ---
        class Handler(logging.Handler):
            def emit(self, record): pass
        logging.getLogger('mine').addHandler(Handler())
        warnings.filterwarnings('ignore')
        thread = threading.Thread(target=print)
        thread.start()
        thread.join()
        del thread
        ---
        class Base(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class Made(Base):
            def f(self): return 1
        class Kind(enum.Enum): A = 1
        @dataclass
        class Point: x: int
        @functools.singledispatch
        def size(x): return 0
        @size.register
        def _(x: int): return x
        Pair = collections.namedtuple('Pair', 'a b')
        copy.deepcopy(Made()), pickle.dumps(Point(1)), json.dumps({'a': 1}), size(3)
"""
_MORE = {
    "sklearn": """
        from sklearn.base import BaseEstimator, TransformerMixin
        from sklearn.pipeline import make_pipeline
        from sklearn.linear_model import LinearRegression
        class Add(TransformerMixin, BaseEstimator):
            def fit(self, X, y=None): return self
            def transform(self, X): return X + 1
        model = make_pipeline(Add(), LinearRegression()).fit(np.ones((3, 1)), [1, 2, 3])
        model.note = 'mine'
""",
    "matplotlib": """
        import matplotlib
        matplotlib.use('agg')
        import matplotlib.pyplot as plt
        figure, axes = plt.subplots()
        axes.set_title('t')
        figure.canvas.mpl_connect('close_event', lambda event: None)
        plt.close('all')
        del figure, axes
""",
    "pydantic": """
        from pydantic import BaseModel, field_validator
        class Model(BaseModel):
            a: int
            @field_validator('a')
            @classmethod
            def check(cls, value): return value
        Model(a=1)
""",
}


@pytest.mark.parametrize("module", [None, *_MORE])
def test_using_packages_is_no_change_of_them(
    module: str | None, capture: Any, tmp_path: Path
) -> None:
    pytest.importorskip("pandas")
    text = _USES
    if module is not None:
        pytest.importorskip(module)
        text += "        ---\n" + _MORE[module]
    cells = [part.replace("\n        ", "\n").strip() for part in text.split("---\n")]

    outcome = capture.run(tmp_path / "notebook", [*cells, "result = 1"], [{}])

    assert outcome.ran == [None] * len(outcome.ran)
    assert [one for one in outcome.manifest.differences if one.kind == "patch"] == []
    assert [group.names for group in outcome.manifest.groups if group.concerns] == []
    assert outcome.served == [{"result": 1}]


@pytest.mark.parametrize(
    ("code", "subject"),
    [
        ("codecs.register_error('q', lambda e: ('?', e.end))", ""),
        ("mimetypes.add_type('application/x-m', '.mm')", ""),
        ("logging.addLevelName(25, 'NOTICE')", "logging.addLevelName()"),
        ("logging.setLoggerClass(type('L', (logging.Logger,), {}))", ""),
        ("sqlite3.register_adapter(decimal.Decimal, str)", "sqlite3.register_adapter()"),
        ("shutil.unregister_archive_format('zip')", "shutil.unregister_archive_format()"),
        ("ElementTree.register_namespace('g', 'urn:g')", "ElementTree.register_namespace()"),
        ("email.charset.add_alias('mine', 'utf-8')", "email.charset.add_alias()"),
        ("tracemalloc.start()", "tracemalloc.start()"),
        ("atexit.register([].append, 1)", "atexit.register([].append)"),
        ("said = []; atexit.register(said.append, 'bye')", "atexit.register(said.append)"),
        ("atexit.register(lambda: None)", "atexit.register(lambda: None)"),
        ("from atexit import register; kept = register(print)", "atexit.register(print)"),
        ("codecs.register(lambda name: None)", "codecs.register(lambda name: None)"),
        ("finders = {}; codecs.register(finders.get)", ""),
        ("signal.signal(signal.SIGUSR2, signal.SIG_IGN)", "signal.signal()"),
        ("sys.setprofile(lambda *_: None)", "sys.setprofile()"),
        (
            "def f(): mimetypes.add_type('a/b', '.b')\n        ---\n        f()",
            "",
        ),
        ("from mimetypes import add_type as a\n        a('a/b', '.b')", "mimetypes.add_type()"),
        ("sched.scheduler.known = mimetypes.MimeTypes()", ""),
        ("mimetypes.made = {}; mimetypes.made[1] = [mimetypes]", "mimetypes.made"),
        ("def f(): mimetypes.add_type('a/b', '.b')", ""),
        ("warnings.simplefilter('ignore'); random.seed(1); gc.disable()", ""),
    ],
)
def test_what_leaves_no_trace_is_told_by_its_name(
    code: str, subject: str, capture: Any, tmp_path: Path
) -> None:
    imports = """
        import atexit, codecs, decimal, email.charset, gc, logging, mimetypes, random, sched, shutil
        import signal, sqlite3, sys, tracemalloc, warnings
        from xml.etree import ElementTree
        ---
        """
    text = f"{imports}{code}\n        ---\n        result = 1"
    cells = [part.replace("\n        ", "\n").strip() for part in text.split("---\n")]

    outcome = capture.run(tmp_path / "notebook", cells, [{}])

    assert outcome.ran == [None] * len(outcome.ran)
    told = [one.subject for one in outcome.manifest.differences if one.kind != "value"]
    assert [one for one in told if one.endswith(subject)] == told
    assert len(told) == bool(subject)
    assert outcome.served == [{"result": 1}]


def test_a_fresh_interpreter_tells_what_a_package_has_by_itself() -> None:
    there = Lent("json.decoder.JSONDecoder.decode", "json.decoder", "json")
    set_by_another = Lent("json.decoder.JSONDecoder.shout", "json.decoder", "pandas")
    made_by_another = Lent("json.decoder.JSONDecoder.decode", "json.decoder", "pandas")

    assert absent([there, set_by_another]) == [set_by_another]
    assert absent([made_by_another]) == [made_by_another]
    assert absent([]) == []


def test_what_no_interpreter_can_tell_counts_as_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Lent("json.decoder.JSONDecoder.decode", "json.decoder", "json")
    monkeypatch.setattr(sys, "executable", "/nonexistent")

    assert absent([one]) == [one]


def test_what_a_package_replaces_as_it_is_imported_is_not_told() -> None:
    """Torch does so with ``inspect.getfile``; its users have that in the node, too."""
    pytest.importorskip("torch")
    importlib.import_module("torch")
    assert "inspect.getfile" not in {one.path for one in candidates({"torch"}, set())}


def test_what_a_function_of_a_package_replaces_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import stat\ndef filemode(mode): return ''\n"
    (tmp_path / "replaces.py").write_text(f"{text}if True:\n    stat.filemode = filemode\n")
    (tmp_path / "waits.py").write_text(f"{text}def apply():\n    stat.filemode = filemode\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(stat, "filemode", stat.filemode)

    importlib.import_module("replaces")
    assert [one.path for one in candidates({"replaces"}, set())] == []

    importlib.import_module("waits").apply()
    assert [one.path for one in candidates({"waits"}, set())] == ["stat.filemode"]
