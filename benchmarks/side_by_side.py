"""What the measurements of whole sets share: options, runs told as they end, rows in files."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from benchmarks.best_known import BESIDE
from benchmarks.outside.report import draw_table, write_rows
from benchmarks.plot import draw_figure
from benchmarks.result import RefusedError, Result
from benchmarks.run import build_row, find_versions
from benchmarks.runs import Run

COLUMNS = (
    *("family", "case", "strategy", "seed", "seconds_allowed", "workers", "status"),
    *("objective", "value", "bound", "gap", "best_known", "ratio"),
    *("first_seconds", "seconds", "warm_seconds", "accepted", "complaints", "note"),
)


class Solve(Protocol):
    """How a competitor is run on an instance; the answer is checked then."""

    def __call__(self, instance: Any, strategy: str, *, seconds: float, seed: int, workers: int) -> Result:
        """Return what it gave."""
        ...


class Case(Protocol):
    """One instance of a set: read when its turn comes."""

    @property
    def group(self) -> str:
        """What figures are summed up by."""
        ...

    @property
    def name(self) -> str:
        """The name within the group."""
        ...

    @property
    def best_known(self) -> float | None:
        """The best value known from elsewhere."""
        ...

    @property
    def read(self) -> Any:
        """What returns the instance."""
        ...


class Options(NamedTuple):
    """What there is to choose from, and what is taken unless told otherwise."""

    sets: Sequence[str]
    default_sets: Sequence[str]
    strategies: Sequence[str]
    default_strategies: Sequence[str]


class Summary(NamedTuple):
    """How the runs of one kind of question are told."""

    cases: Callable[[Sequence[Run]], list[dict[str, str]]]
    families: Callable[[Sequence[Run]], list[dict[str, str]]]
    figure: Callable[[Sequence[Run]], Mapping[str, Mapping[str, float]]]
    label: str
    least: float = 0.0


def compare(
    kind: str,
    given: argparse.Namespace,
    find_cases: Callable[[str], Sequence[Case]],
    solve: Solve,
    summary: Summary,
    draw: Callable[[Run], str],
) -> int:
    """Run everything that is asked for and tell of it; returns an exit code, 1 if the checker rejects an answer.

    Parameters
    ----------
    kind
        First part of the names of all files.
    given
        What :func:`parse` returned.
    find_cases
        Returns the cases of a set, or raises RefusedError.
    draw
        Returns a run as one line for the screen.
    """
    print("versions:", ", ".join(f"{name} {number}" for name, number in find_versions().items()))
    print(f"{given.workers} workers, {given.seconds:g} s a run, compiling done before the clock starts", flush=True)
    runs: list[Run] = []
    for name in given.set:
        try:
            cases = [case for case in find_cases(name) if given.match in case.name]
        except RefusedError as refusal:
            print(f"left out: {refusal}")
            continue
        for run in measure(cases, given, solve):
            runs.append(run)
            write_run(given.out / f"{kind}_runs.csv", run, given, is_first=len(runs) == 1)
            print(draw(run), flush=True)
    if not runs:
        print("nothing to run")
        return 2
    for file, rows in (("cases", summary.cases(runs)), ("families", summary.families(runs))):
        print("\n" + draw_table(rows))
        write_rows(given.out / f"{kind}_{file}.csv", rows)
    try:
        groups = list(dict.fromkeys(run.group for run in runs))
        draw_figure(summary.figure(runs), groups, summary.label, given.out / f"{kind}.png", least=summary.least)
    except RefusedError as refusal:
        print(refusal)
    print(f"\nwritten to {given.out}")
    return 1 if any(run.result.accepted is False for run in runs) else 0


def measure(cases: Sequence[Case], given: argparse.Namespace, solve: Solve) -> Iterator[Run]:
    """Run every strategy on every case with every seed; yields what came of each."""
    for case in cases:
        instance = case.read()
        for strategy in given.strategies:
            for seed in range(1, given.repeats + 1):
                result = solve(instance, strategy, seconds=given.seconds, seed=seed, workers=given.workers)
                yield Run(case.group, case.name, strategy, seed, case.best_known, result)
                if result.status == "REFUSED":
                    break  # another seed would say the same


def draw_line(run: Run) -> str:
    """Return a run as one line for the screen."""
    result = run.result
    shown = "-" if result.objective is None else f"{result.objective:.10g}"
    ratio = "" if run.ratio is None else f" ratio {run.ratio:.4f}"
    first = "" if result.first_seconds is None else f" first {result.first_seconds:.2f} s"
    wrong = f" WRONG: {'; '.join(result.complaints)}" if result.complaints else ""
    why = f" ({result.note})" if result.objective is None and result.note else ""
    return (
        f"{run.group} {run.case} {run.strategy} seed {run.seed}: {result.status} {shown}{ratio}{first}, "
        f"{result.seconds:.1f} s{wrong}{why}"
    )


def write_run(path: Path, run: Run, given: argparse.Namespace, *, is_first: bool) -> None:
    """Add a run to a CSV file, which the first one begins anew."""
    row: dict[str, Any] = {
        **build_row(run.result),
        "family": run.group,
        "case": run.case,
        "strategy": run.strategy,
        "seed": run.seed,
        "seconds_allowed": given.seconds,
        "workers": given.workers,
        "best_known": run.best_known,
        "ratio": run.ratio,
        "complaints": "; ".join(run.result.complaints),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w" if is_first else "a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        if is_first:
            writer.writeheader()
        writer.writerow({column: row[column] for column in COLUMNS})


def build_parser(program: str, text: str | None, options: Options) -> argparse.ArgumentParser:
    """Return the parser of what all measurements of sets may be told."""
    parser = argparse.ArgumentParser(prog=program, description=text)
    parser.add_argument(
        "--set", type=split_words, default=list(options.default_sets), help=f"of {', '.join(options.sets)}"
    )
    parser.add_argument(
        "--strategies",
        type=split_words,
        default=list(options.default_strategies),
        help=f"of {', '.join(options.strategies)}",
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="time of a run (default 20)")
    parser.add_argument("--repeats", type=int, default=1, help="runs with seeds 1, 2, … (default 1)")
    parser.add_argument("--limit", type=int, help="cases of each set, evenly over the sizes")
    parser.add_argument("--match", default="", help="only cases whose name contains this")
    parser.add_argument("--workers", type=int, default=2, help="parallel workers (default 2)")
    parser.add_argument("--instance-seed", type=int, default=1, help="of drawn instances (default 1)")
    parser.add_argument(
        "--data", type=Path, default=BESIDE.parent if BESIDE.exists() else None, help="folder of the classical sets"
    )
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="folder for CSV and plot")
    return parser


def parse(parser: argparse.ArgumentParser, arguments: list[str] | None, options: Options) -> argparse.Namespace:
    """Return what is asked for; ends the program where a name is not known."""
    given = parser.parse_args(arguments)
    for kind, asked, there in (("set", given.set, options.sets), ("strategy", given.strategies, options.strategies)):
        unknown = set(asked) - set(there)
        if unknown:
            parser.error(f"no {kind} is called {', '.join(sorted(unknown))}; there are: {', '.join(there)}")
    return given


def split_words(text: str) -> list[str]:
    """Return what stands between commas."""
    return [part for part in text.split(",") if part]
