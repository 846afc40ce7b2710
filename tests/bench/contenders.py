"""What checkpoints cost with other tools: whole-namespace dumps, and Kishu.

Each tool lives in a virtual environment of its own (Kishu asks for another SQLAlchemy and numpy
than ours), beside the packages that the notebooks use, and runs in a real kernel there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

#: What the notebooks use, and a kernel.
NOTEBOOK = ["ipykernel", "numpy", "pandas", "scikit-learn"]
PACKAGES = {"cloudpickle": ["cloudpickle"], "dill": ["dill"], "kishu": ["kishu==0.3.4"]}

#: Defines ``_bench()``, which makes a checkpoint and returns the seconds and the bytes stored. All
#: checkpoints are kept, as ours are: whoever wants the state after some cell has it.
_DUMP = """
def _bench():
    import os, time
    import {module} as dumper
    ipython = ('In', 'Out', 'exit', 'quit', 'get_ipython', 'open')
    state = {{
        name: value for name, value in globals().items()
        if not name.startswith('_') and name not in ipython
    }}
    start = time.perf_counter()
    with open(os.path.join({directory!r}, str(time.time_ns())), 'wb') as file:
        dumper.dump(state, file, protocol=5)
        file.flush()
        return [time.perf_counter() - start, file.tell()]
"""

#: Kishu hooks into IPython itself; what its hooks take is added up around them.
_KISHU = """
def _start():
    import os, time
    os.environ['ENV_KISHU_TEST_MODE'] = '1'
    os.environ['KISHU_PATH_ROOT'] = {directory!r}
    from pathlib import Path
    from kishu.jupyterint import KishuForJupyter
    from kishu.notebook_id import NotebookId
    import nbformat
    notebook = Path({directory!r}) / 'bench.ipynb'
    nbformat.write(nbformat.v4.new_notebook(), notebook)
    shell = get_ipython()
    kishu = KishuForJupyter(
        NotebookId(key='bench', path=notebook, kernel_id='bench'), ip=shell
    )
    spent = [0.0]

    def timed(hook):
        def run(*arguments):
            start = time.perf_counter()
            try:
                return hook(*arguments)
            finally:
                spent[0] += time.perf_counter() - start
        return run

    shell.events.register('pre_run_cell', timed(kishu.pre_run_cell))
    shell.events.register('post_run_cell', timed(kishu.post_run_cell))

    def bench():
        seconds, spent[0] = spent[0], 0.0
        size = sum(p.stat().st_size for p in Path({directory!r}).rglob('*') if p.is_file())
        return [seconds, size]
    import builtins
    builtins._bench = bench  # Kishu takes the namespace's place
_start()
del _start
"""


def install(name: str, directory: Path) -> Path:
    """Make a virtual environment for a contender; return its Python.

    Args:
        name: of a key of ``PACKAGES``.
        directory: where to put it; one that is there already is used.
    """
    place = directory / name
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-q", *PACKAGES[name], *NOTEBOOK]
        subprocess.run(command, check=True)
    return python


def preparation(name: str, directory: Path) -> str:
    """Return the cell that defines ``_bench`` for a contender, which stores into a directory."""
    code = _KISHU if name == "kishu" else _DUMP
    return code.format(module=name, directory=os.fspath(directory))


def stores_the_sum(name: str) -> bool:
    """Tell whether what ``_bench`` returns as bytes is all that was stored so far."""
    return name == "kishu"


if __name__ == "__main__":
    for one in PACKAGES:
        print(install(one, Path(sys.argv[1])))
