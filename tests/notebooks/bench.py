"""One notebook after another through the product and through plain IPython."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

from .fragment import Fragment, fragments
from .generator import compose
from .notebook import Notebook
from .oracles import Expected, Oracles
from .product import Outcome, Product
from .verdict import Judgement, Verdict, judge

#: What is made smaller.
_BAD = {Verdict.SILENT, Verdict.FAULT, Verdict.ERROR, Verdict.HANG}


class Bench:
    """A server and two oracles; several threads may use it.

    Args:
        directory: for all that they write.
        packages: that notebooks import.
        seconds: that a notebook may take in the product, and again in plain IPython.
    """

    def __init__(self, directory: Path, packages: Iterable[str], seconds: float = 60.0) -> None:
        self.seconds = seconds
        self._copies = directory / "copies"
        self._copies.mkdir(parents=True)
        self._oracles = Oracles(packages)
        self._alone: dict[str, Judgement] = {}
        try:
            self._product = Product(directory / "user")
        except BaseException:
            self._oracles.stop()
            raise

    def stop(self) -> None:
        """End all that it started."""
        try:
            self._product.stop()
        finally:
            self._oracles.stop()

    def examine(self, notebook: Notebook) -> Judgement:
        """Run a notebook and its node, and compare."""
        folders = [self._copy(notebook, number) for number in range(3)]
        folder = self._product.root / notebook.name
        try:
            _fill(notebook, folder)
            notebook.write(folder / "notebook.ipynb")
            try:
                outcome = self._product.deploy(notebook, folder, self.seconds)
            except (RuntimeError, OSError, KeyError, ValueError) as error:
                outcome = Outcome(refusal=f"the harness: {error!r}"[:2000])
            return judge(notebook, outcome, self._expected(notebook, folders))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(self._copies / notebook.name, ignore_errors=True)

    def smaller(self, notebook: Notebook, judgement: Judgement) -> list[tuple[Notebook, Judgement]]:
        """Return smaller notebooks that are judged alike: each guilty fragment alone, if it is.

        Where none is alone, those of the fragments without which it is judged otherwise.
        """
        verdict = judgement.verdict
        if verdict not in _BAD or len(notebook.parts) < 2:
            return []
        suspects = [number for number, one in judgement.parts.items() if one is verdict]
        found = []
        for number in suspects or range(1, len(notebook.parts) + 1):
            alone = self._compose(f"{notebook.name}-{number}", [notebook.parts[number - 1]])
            if (its := self._of(alone)).verdict is verdict:
                found.append((alone, its))
        return found or self._without(notebook, judgement)

    def _without(
        self, notebook: Notebook, judgement: Judgement
    ) -> list[tuple[Notebook, Judgement]]:
        found = []
        left = list(notebook.parts)
        for part in notebook.parts:
            fewer = [one for one in left if one is not part]
            if len(fewer) > 1:
                attempt = self._compose(f"{notebook.name}-fewer", fewer)
                if (its := self.examine(attempt)).verdict is judgement.verdict:
                    left, found = fewer, [(attempt, its)]
        return found

    def _of(self, alone: Notebook) -> Judgement:
        """The judgement of a fragment alone, which is made once."""
        (part,) = alone.parts
        if part.name not in self._alone:
            self._alone[part.name] = self.examine(alone)
        return self._alone[part.name]

    def _compose(self, name: str, parts: list[Fragment]) -> Notebook:
        originals = {one.name: one for one in fragments()}
        return compose(name, [originals[part.name] for part in parts], random.Random(name))

    def _expected(self, notebook: Notebook, folders: list[Path]) -> Expected | None:
        requests = [notebook.given, notebook.other] if notebook.other else [notebook.given]
        names = notebook.names
        try:
            return self._oracles.ask(folders, notebook.cells, requests, names, self.seconds)
        except TimeoutError:
            return None

    def _copy(self, notebook: Notebook, number: int) -> Path:
        folder = self._copies / notebook.name / str(number) / notebook.name
        _fill(notebook, folder)
        return folder


def _fill(notebook: Notebook, folder: Path) -> None:
    if notebook.folder is None:
        folder.mkdir(parents=True)
    else:
        shutil.copytree(notebook.folder, folder, symlinks=True)
