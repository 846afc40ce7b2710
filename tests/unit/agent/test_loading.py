"""What is told when the code of a module was run, and that nobody sees that it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys, traceback
sys.path.insert(0, ".")
if sys.argv[1:]:
    from jupyter_node_deploy.agent.local_modules.loading import around_each
    def fail(module):
        raise ValueError("ours")
    around_each(lambda module: told.append(["begins", module.__name__]), fail)
    around_each(fail, lambda module: told.append(["ended", module.__name__]))
told = []
import ast, linecache, traceback
for name in ("good", "bad", "broken"):
    try:
        __import__(name)
    except Exception:
        traceback.print_exc(file=sys.stdout)
found = {(how, name) for how, name in told if not hasattr(sys.modules.get(name), 'parse')}
print(sorted(found), file=sys.stderr)
"""


def test_tracebacks_are_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("import inner")
    (tmp_path / "inner.py").write_text("value = 1")
    (tmp_path / "bad.py").write_text("def f():\n    raise ValueError('theirs')\nf()")
    (tmp_path / "broken.py").write_text("import nothing_such")

    def run(*arguments: str) -> tuple[str, str]:
        path = str(Path(__file__).parents[3])
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout, done.stderr

    plain, _ = run()
    watched, told = run("watched")

    assert watched == plain
    assert "theirs" in plain
    assert "nothing_such" in plain
    names = ("bad", "broken", "good", "inner")
    assert told.strip() == repr([(how, name) for how in ("begins", "ended") for name in names])
