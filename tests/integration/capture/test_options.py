"""Options of the process and of packages: a fresh process has what the session had."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.namespace.options.table import TABLE


@dataclass
class Case:
    """An option: code that sets it, and what tells that it is set.

    Attributes:
        set: code of an earlier cell.
        get: an expression; the service's result.
        shown: the module, and an option of it, that people are shown; empty: none is.
        imports: of both cells.
    """

    set: str
    get: str
    shown: tuple[str, str] = ("", "")
    imports: str = "import sys"


CASES: dict[str, list[Case]] = {
    "sys": [
        Case(
            "sys.setrecursionlimit(77_000)",
            "[sys.getrecursionlimit(), (lambda f: f(f, 60_000))(lambda f, n: n and f(f, n - 1))]",
            ("sys", "recursionlimit"),
        ),
        Case("sys.set_int_max_str_digits(0)", "len(str(10 ** 5000))"),
        Case("sys.setswitchinterval(0.25)", "sys.getswitchinterval()"),
    ],
    "resource": [
        Case(
            "resource.setrlimit(resource.RLIMIT_STACK, (7 << 20, -1))",
            "resource.getrlimit(resource.RLIMIT_STACK)[0]",
            imports="import resource",
        )
    ],
    "threading": [
        Case(
            "threading.stack_size(16 << 20)",
            "threading.stack_size()",
            ("threading", "stack_size"),
            imports="import threading",
        )
    ],
    "locale": [
        Case(
            "locale.setlocale(locale.LC_NUMERIC, 'C.UTF-8')",
            "locale.setlocale(locale.LC_NUMERIC)",
            ("locale", "LC_NUMERIC"),
            imports="import locale",
        )
    ],
    "time": [
        Case(
            "import os; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()",
            "time.strftime('%H %Z', time.localtime(0))",
            ("time", "zone"),
            imports="import time",
        )
    ],
    "os": [
        Case(
            "os.umask(0o137)",
            "[os.umask(0o137), os.umask(0o137)]",
            ("os", "umask"),
            imports="import os",
        )
    ],
    "gc": [
        Case("gc.disable()", "gc.isenabled()", ("gc", "enabled"), "import gc"),
        Case(
            "gc.set_threshold(123, 4, 5)", "gc.get_threshold()[0]", ("gc", "threshold"), "import gc"
        ),
    ],
    "socket": [
        Case(
            "socket.setdefaulttimeout(2.5)",
            "socket.getdefaulttimeout()",
            ("socket", "defaulttimeout"),
            "import socket",
        )
    ],
    "csv": [
        Case("csv.field_size_limit(1 << 30)", "csv.field_size_limit()", imports="import csv"),
        Case(
            "csv.register_dialect('shop', delimiter=';', quoting=csv.QUOTE_ALL)",
            "[next(csv.reader(['1;2'], 'shop')), csv.get_dialect('shop').quoting]",
            ("csv", "dialects"),
            "import csv",
        ),
    ],
    "calendar": [
        Case(
            "calendar.setfirstweekday(6)",
            "calendar.month(2024, 1)",
            ("calendar", "firstweekday"),
            "import calendar",
        )
    ],
    "multiprocessing": [
        Case(
            "multiprocessing.set_start_method('spawn')",
            "multiprocessing.get_start_method()",
            imports="import multiprocessing",
        )
    ],
    "decimal": [
        Case(
            "decimal.getcontext().prec = 5; decimal.getcontext().traps[decimal.Inexact] = False\n"
            "decimal.getcontext().traps[decimal.DivisionByZero] = False",
            "[str(decimal.Decimal(1) / 3), str(decimal.Decimal(1) / 0)]",
            ("decimal", "context"),
            "import decimal",
        ),
        Case(
            "decimal.DefaultContext.rounding = decimal.ROUND_UP",
            "decimal.Context().rounding",
            ("decimal", "DefaultContext"),
            "import decimal",
        ),
    ],
    "logging": [
        Case(
            "logging.getLogger().setLevel('INFO')",
            "logging.root.level",
            ("logging", "root"),
            "import logging",
        ),
        Case(
            "logging.getLogger('shop.orders').setLevel(7)\nlogging.disable(5)",
            "[logging.getLogger('shop.orders').level, logging.root.manager.disable]",
            ("logging", "logger shop.orders"),
            "import logging",
        ),
        Case(
            "logging.basicConfig(level='INFO', format='%(levelname)s: %(message)s')",
            "[(h.level, h.formatter._fmt, isinstance(h, logging.StreamHandler), h.stream is "
            "sys.stderr) for h in logging.root.handlers]",
            ("logging", "handlers root"),
            "import logging, sys",
        ),
        Case(
            "log = logging.getLogger('shop')\n"
            "log.addHandler(logging.StreamHandler(sys.stdout))\n"
            "log.handlers[0].setFormatter(logging.Formatter('{message}', style='{'))",
            "[(h.level, h.formatter._fmt, h.stream is sys.stdout) for h in "
            "logging.getLogger('shop').handlers]",
            ("logging", "handlers shop"),
            "import logging, sys",
        ),
    ],
    "warnings": [
        Case(
            "warnings.simplefilter('error', UserWarning)",
            "warned()",
            ("warnings", "filters"),
            "import warnings\n"
            "def warned():\n"
            "    try:\n        warnings.warn('x', UserWarning)\n"
            "    except UserWarning:\n        return 'raised'\n",
        ),
        Case(
            "warnings.filterwarnings('error', category=np.exceptions.RankWarning)",
            "[(f[0], f[2].__name__) for f in warnings.filters][0]",
            imports="import warnings\nimport numpy as np",
        ),
    ],
    "numpy": [
        Case(
            "np.set_printoptions(precision=3, threshold=np.inf, suppress=True)",
            "str(np.arange(1100) / 7)",
            ("numpy", "printoptions.precision"),
            "import numpy as np",
        ),
        Case(
            "np.set_printoptions(formatter={'float': lambda x: f'<{x * factor}>'})\nfactor = 2",
            "str(np.array([1.5]))",
            ("numpy", "printoptions.formatter"),
            "import numpy as np",
        ),
        Case("np.seterr(over='raise')", "np.geterr()", ("numpy", "err.over"), "import numpy as np"),
    ],
    "pandas": [
        Case(
            "pd.set_option('display.precision', 2); pd.options.display.max_rows = 5",
            "repr(pd.DataFrame({'a': [1 / 3] * 9}))",
            ("pandas", "display.precision"),
            "import pandas as pd",
        ),
        Case(
            "def money(x):\n    return f'{x:.1f} {unit}'\nunit = 'EUR'\n"
            "pd.options.display.float_format = money",
            "repr(pd.Series([1.0]))",
            ("pandas", "display.float_format"),
            "import pandas as pd",
        ),
    ],
    "matplotlib": [
        Case(
            "plt.style.use('ggplot'); plt.rcParams['figure.figsize'] = (3, 2)",
            "[list(plt.rcParams['figure.figsize']), str(plt.rcParams['axes.prop_cycle'])]",
            ("matplotlib", "figure.figsize"),
            "import matplotlib.pyplot as plt",
        )
    ],
    "matplotlib.colors": [
        Case(
            "import seaborn; seaborn.set_theme(palette='deep')",
            "[matplotlib.colors.to_hex('b'), matplotlib.rcParams['axes.grid']]",
            ("matplotlib.colors", "letters"),
            "import matplotlib.colors",
        )
    ],
    "sklearn": [
        Case(
            "sklearn.set_config(transform_output='pandas', assume_finite=True)",
            "[sklearn.get_config()[name] for name in ('transform_output', 'assume_finite')]",
            ("sklearn", "transform_output"),
            "import sklearn",
        )
    ],
    "torch": [
        Case(
            "torch.set_default_dtype(torch.float64); torch.set_printoptions(precision=2)",
            "repr(torch.tensor([1 / 3]))",
            ("torch", "printoptions"),
            "import torch",
        ),
        Case(
            "torch.use_deterministic_algorithms(True, warn_only=True)\n"
            "torch.set_grad_enabled(False); torch.set_num_threads(13)\n"
            "torch.backends.cudnn.benchmark = True; torch.set_float32_matmul_precision('high')\n"
            "torch.set_default_device('meta')",
            "[torch.are_deterministic_algorithms_enabled(), torch.is_grad_enabled(),"
            " torch.get_num_threads(), torch.backends.cudnn.benchmark,"
            " torch.get_float32_matmul_precision(), str(torch.empty(1).device)]",
            ("torch", "grad_enabled"),
            "import torch",
        ),
    ],
    "polars": [
        Case(
            "pl.Config.set_tbl_rows(3); pl.Config.set_fmt_float('full')\n"
            "pl.Config.set_float_precision(1)",
            "str(pl.DataFrame({'a': [1234567.891] * 9}))",
            ("polars", "POLARS_FMT_MAX_ROWS"),
            "import polars as pl",
        )
    ],
    "xarray": [
        Case(
            "xr.set_options(keep_attrs=True, display_width=40)",
            "[xr.get_options()[name] for name in ('keep_attrs', 'display_width')]",
            ("xarray", "keep_attrs"),
            "import xarray as xr",
        )
    ],
    "scipy.special": [
        Case(
            "scipy.special.seterr(singular='raise')",
            "scipy.special.geterr()['singular']",
            ("scipy.special", "singular"),
            "import scipy.special",
        )
    ],
    "xgboost": [
        Case(
            "xgboost.set_config(verbosity=0)",
            "xgboost.get_config()['verbosity']",
            ("xgboost", "verbosity"),
            "import xgboost",
        )
    ],
    "mpmath": [
        Case("mpmath.mp.dps = 40", "str(mpmath.pi)", ("mpmath", "mp.prec"), "import mpmath")
    ],
    "sympy.core.parameters": [
        Case(
            "sympy.core.parameters.global_parameters.evaluate = False",
            "str(sympy.Integer(1) + 2)",
            ("sympy.core.parameters", "global_parameters.evaluate"),
            "import sympy",
        )
    ],
    "sympy.printing.printer": [
        Case(
            "sympy.init_printing(order='rev-lex', use_unicode=False)",
            "[str(sympy.Symbol('x') ** 2 + 1), sympy.pretty(sympy.pi)]",
            ("sympy.printing.printer", "order"),
            "import sympy",
        )
    ],
    "sympy.printing.pretty.pretty_symbology": [
        Case(
            "sympy.pprint_use_unicode(False)",
            "sympy.pretty(sympy.pi)",
            ("sympy.printing.pretty.pretty_symbology", "use_unicode"),
            "import sympy",
        ),
        Case("", "sympy.pretty(sympy.pi)", imports="import sympy"),
    ],
    "joblib.parallel": [
        Case(
            "joblib.parallel_config('threading', n_jobs=2)",
            "[type(joblib.parallel.get_active_backend()[0]).__name__,"
            " joblib.parallel.get_active_backend()[1]]",
            ("joblib.parallel", "parallel_config"),
            "import joblib.parallel",
        )
    ],
    "loguru": [],  # told of, not set
}
EACH = [
    pytest.param(module, case, imported, id=f"{module}-{number}-{'cell' if imported else 'state'}")
    for module, cases in CASES.items()
    for number, case in enumerate(cases)
    for imported in (False, True)
]


def test_each_entry_of_the_table_has_a_case() -> None:
    assert CASES.keys() == TABLE.keys()


@pytest.mark.parametrize(("module", "case", "imported"), EACH)
def test_option(module: str, case: Case, imported: bool, capture: Any, tmp_path: Path) -> None:
    """Where the restored state imports the package, and where only the cell does."""
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"without {module}")
    if "seaborn" in case.set:
        pytest.importorskip("seaborn")
    imports = case.imports
    first = f"{imports}\n{case.set}"
    if imported:  # no variable of the session may import it in the node
        names = "[n for n in dir() if type(globals()[n]).__name__ == 'module' and n[0] != '_']"
        first += f"\nfor _n in {names}: del globals()[_n]"
    service = f"{imports}\nresult = {case.get}"

    outcome = capture.run(tmp_path / "notebook", [first, service], [{}])

    assert outcome.ran[0] is None
    assert outcome.refusal == ""
    assert outcome.served == outcome.live, outcome.output
    assert "error" not in outcome.live[0]
    shown, option = case.shown
    if shown:
        assert option in outcome.manifest.options.values[shown]
        assert option in outcome.suggestion().options[shown]


def test_where_none_is_set_none_is_carried(capture: Any, tmp_path: Path) -> None:
    cells = ["import json, decimal, csv, logging\nimport numpy as np\nx = 1", "result = x"]
    outcome = capture.run(tmp_path / "notebook", cells, [{}])
    assert outcome.suggestion().options == {}  # NumPy has filters for warnings of its own
