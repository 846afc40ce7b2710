"""A small sample of the generated notebooks, with the packages that the other tests need, too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from . import report
from .bench import Bench
from .fragment import Fragment, fragments, right
from .generator import Generator
from .verdict import Verdict

pytestmark = pytest.mark.timeout(400)

PACKAGES = {"numpy", "pandas", "pyarrow", "pydantic", "requests", "sqlalchemy"}
COUNT = 10
SEED = 18


@pytest.fixture(scope="module")
def pool() -> list[Fragment]:
    able = [one for one in fragments() if one.packages <= PACKAGES and not one.missing]
    return [one for one in able if one.name in right()]


@pytest.fixture(scope="module")
def bench(pool: list[Fragment], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    packages = {package for one in pool for package in one.packages}
    bench = Bench(tmp_path_factory.mktemp("notebooks"), sorted(packages))
    yield bench
    bench.stop()


def test_nodes_answer_as_the_kernel_does(bench: Bench, pool: list[Fragment]) -> None:
    generator = Generator(pool, SEED)
    notebooks = [generator.notebook(number) for number in range(COUNT)]
    with ThreadPoolExecutor(2) as workers:
        found = [*zip(notebooks, workers.map(bench.examine, notebooks), strict=True)]
    lines = [report.line(notebook, judgement, []) for notebook, judgement in found]
    bad = {Verdict.SILENT, Verdict.FAULT, Verdict.ERROR, Verdict.HANG, Verdict.INVALID}
    assert not bad & {judgement.verdict for _, judgement in found}, "\n\n".join(
        report.bad(lines, verdict) for verdict in bad
    )
    assert sum(one.verdict is Verdict.RIGHT for _, one in found) > COUNT / 2


def test_what_is_right_are_fragments(pool: list[Fragment]) -> None:
    assert right() <= {one.name for one in fragments()}
    assert len(pool) > 2 * COUNT
