"""``python -m tests.notebooks``: whether nodes answer as the kernel does; see README.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from . import report
from .bench import Bench
from .fragment import Fragment, fragments
from .generator import Generator, compose
from .notebook import Notebook, read
from .verdict import Verdict


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 1 if a difference was silent."""
    args = _arguments(argv)
    pool = [
        one
        for one in fragments()
        if (not args.kind or one.kind in args.kind) and args.only.lower() in one.name.lower()
    ]
    missing = {one.name: one.missing for one in pool if one.missing}
    pool = [one for one in pool if one.name not in missing]
    if args.command == "fragments":
        for one in pool:
            print(f"{one.kind:14} {one.name}  [{' '.join(sorted(one.packages))}]")
        print(f"{len(pool)} fragments, {len(missing)} more need packages: {missing}")
        return 0
    notebooks = _notebooks(args, pool)
    if args.command == "generate":
        args.directory.mkdir(parents=True, exist_ok=True)
        for notebook in notebooks:
            notebook.write(args.directory / f"{notebook.name}.ipynb")
        return 0
    lines = _run(args, notebooks, pool)
    for verdict in (Verdict.INVALID, Verdict.HANG, Verdict.ERROR, Verdict.FAULT, Verdict.SILENT):
        if text := report.bad(lines, verdict):
            print(f"== {verdict.value}\n{text}\n")
    print(report.table(lines, missing))
    return int(any(line["verdict"] == Verdict.SILENT.value for line in lines))


def _notebooks(args: argparse.Namespace, pool: Sequence[Fragment]) -> list[Notebook]:
    if args.command == "run" and args.files:
        paths = [
            p
            for one in args.files
            for p in ([one] if one.is_file() else sorted(one.rglob("*.ipynb")))
        ]
        found = [one for path in paths for one in read(path, args.every_cell)]
        return found[: args.count] if args.count else found
    generator = Generator(pool, args.seed)
    if args.command == "run" and args.singly:
        import random

        return [compose(f"single-{n}", [one], random.Random(n)) for n, one in enumerate(pool)]
    return [
        generator.notebook(number) for number in range(args.first, args.first + (args.count or 200))
    ]


def _run(
    args: argparse.Namespace, notebooks: Sequence[Notebook], pool: Sequence[Fragment]
) -> list[report.Line]:
    lines = report.read(args.report) if args.report else []
    names = {one.name for one in notebooks}
    lines = [line for line in lines if line["name"] in names]
    done = {line["name"] for line in lines}
    left = [one for one in notebooks if one.name not in done]
    packages = {name for one in pool for name in one.packages} if not args.files else set()
    with tempfile.TemporaryDirectory(prefix="notebooks-", ignore_cleanup_errors=True) as directory:
        bench = Bench(Path(directory), sorted(packages), args.seconds)

        def one(notebook: Notebook) -> report.Line:
            judgement = bench.examine(notebook)
            smaller = bench.smaller(notebook, judgement) if not args.whole else []
            return report.line(notebook, judgement, smaller)

        workers = ThreadPoolExecutor(args.workers)
        try:
            for future in as_completed([workers.submit(one, notebook) for notebook in left]):
                line = future.result()
                lines.append(line)
                print(
                    f"{len(lines)}/{len(notebooks)} {line['name']}: {line['verdict']}", flush=True
                )
                if args.report:
                    with args.report.open("a") as file:
                        file.write(json.dumps(line) + "\n")
        finally:
            workers.shutdown(cancel_futures=True)
            bench.stop()
    return lines


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.notebooks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    some = argparse.ArgumentParser(add_help=False)
    some.add_argument("--kind", action="append", help="only fragments of this kind")
    some.add_argument("--only", default="", help="only fragments with this in their name")
    drawn = argparse.ArgumentParser(add_help=False)
    drawn.add_argument("--count", type=int, help="so many notebooks (default: 200)")
    drawn.add_argument("--seed", type=int, default=1)
    drawn.add_argument("--first", type=int, default=0, help="number of the first (default: 0)")
    commands.add_parser("fragments", parents=[some], help="list the fragments")
    generate = commands.add_parser("generate", parents=[some, drawn], help="write notebooks")
    generate.add_argument("directory", type=Path)
    run = commands.add_parser("run", parents=[some, drawn], help="run notebooks and their nodes")
    run.add_argument("files", type=Path, nargs="*", help="notebooks, or folders of them, instead")
    run.add_argument("--every-cell", action="store_true", help="of those: not only the last one")
    run.add_argument("--singly", action="store_true", help="each fragment once, alone")
    run.add_argument("--report", type=Path, help="a line of JSON each; what is in it is not run")
    run.add_argument("--workers", type=int, default=2)
    run.add_argument("--seconds", type=float, default=60.0, help="for a notebook (default: 60)")
    run.add_argument("--whole", action="store_true", help="make nothing smaller")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
