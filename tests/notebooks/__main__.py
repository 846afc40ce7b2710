"""``python -m tests.notebooks``: whether nodes answer as the kernel does; see README.md."""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from . import report
from .bench import Bench
from .fragment import Fragment, fragments
from .generator import Generator, compose
from .notebook import Notebook, read
from .verdict import Verdict

_COUNT = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 1 if a difference was silent."""
    args = _arguments(argv)
    if args.command == "right":
        print(*report.right(report.read(args.report)), sep="\n")
        return 0
    for way in (signal.SIGINT, signal.SIGTERM):  # also where a shell has it ignored
        signal.signal(way, signal.default_int_handler)
    pool = [
        one
        for one in fragments()
        if (not args.kind or one.kind in args.kind) and args.only.lower() in one.name.lower()
    ]
    missing = {one.name: one.missing for one in pool if one.missing}
    pool = [one for one in pool if not one.missing]
    if args.command == "fragments":
        _list(pool, missing)
        return 0
    generator = Generator(pool, args.seed)
    numbers = range(args.first, args.first + (args.count or _COUNT))
    if args.command == "generate":
        args.directory.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            notebook = generator.notebook(number)
            notebook.write(args.directory / f"{notebook.name}.ipynb")
        return 0
    if args.files:
        notebooks = [*_read(args)][: args.count]
    elif args.singly:
        notebooks = [
            compose(one.name.split(":")[0] + f"-{number}", [one], random.Random(number))
            for number, one in enumerate(pool)
        ]
    else:
        notebooks = [generator.notebook(number) for number in numbers]
    packages = {name for one in pool for name in one.packages} if not args.files else set()
    lines = _run(args, notebooks, sorted(packages))
    for verdict in (Verdict.INVALID, Verdict.HANG, Verdict.ERROR, Verdict.FAULT, Verdict.SILENT):
        if text := report.bad(lines, verdict):
            print(f"== {verdict.value}\n{text}\n")
    print(report.table(lines, missing))
    return int(any(line["verdict"] == Verdict.SILENT.value for line in lines))


def _list(pool: Sequence[Fragment], missing: dict[str, list[str]]) -> None:
    for one in pool:
        print(one.name, *(f"[{name}]" for name in sorted(one.packages)))
    for name, packages in missing.items():
        print(f"{name}: left out for want of {', '.join(packages)}")
    print(f"{len(pool)} fragments, {len(missing)} left out")


def _read(args: argparse.Namespace) -> Iterator[Notebook]:
    for given in args.files:
        for path in [given] if given.is_file() else sorted(given.rglob("*.ipynb")):
            yield from read(path, args.every_cell)


def _run(
    args: argparse.Namespace, notebooks: Sequence[Notebook], packages: Sequence[str]
) -> list[report.Line]:
    names = {one.name for one in notebooks}
    lines = [one for one in report.read(args.report) if one["name"] in names] if args.report else []
    done = {one["name"] for one in lines}
    left = [one for one in notebooks if one.name not in done]
    with tempfile.TemporaryDirectory(prefix="notebooks-", ignore_cleanup_errors=True) as directory:
        bench = Bench(Path(directory), packages, args.seconds)

        def one(notebook: Notebook) -> report.Line:
            judgement = bench.examine(notebook)
            smaller = [] if args.whole else bench.smaller(notebook, judgement)
            return report.line(notebook, judgement, smaller)

        workers = ThreadPoolExecutor(args.workers)
        try:
            for future in as_completed([workers.submit(one, notebook) for notebook in left]):
                lines.append(line := future.result())
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
    drawn.add_argument("--count", type=int, help=f"so many notebooks (default: {_COUNT})")
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
    names = commands.add_parser("right", help="list the fragments that were right in a run")
    names.add_argument("report", type=Path)
    return parser.parse_args(argv)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("broken off; with --report the next run goes on from here")
