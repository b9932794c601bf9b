"""Measure strategies and peers side by side: ``python -m benchmarks.scheduling --set jsp --seconds 60 --limit 5``.

Every run is checked from the raw data. Runs are written to a CSV file as they end; tables and a plot follow.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.best_known import BESIDE
from benchmarks.outside.report import draw_table
from benchmarks.result import RefusedError
from benchmarks.run import build_row, find_versions
from benchmarks.scheduling import sets, strategies
from benchmarks.scheduling.plot import draw_figure
from benchmarks.scheduling.summary import Run, build_case_rows, build_group_rows

DEFAULT_STRATEGIES = (
    *("dispatch", "local_search", "lns", "cpsat", "auto"),
    *("plain_dispatch", "plain_annealing", "simpy_dispatch"),
    *("plain_cpsat", "plain_cpsat_warm", "pyjobshop", "pyjobshop_warm"),
)
SMALL_SETS = ("generated", "generated_setups", sets.PACKAGE)
COLUMNS = (
    *(
        "family",
        "case",
        "strategy",
        "seed",
        "seconds_allowed",
        "workers",
        "status",
        "objective",
        "value",
        "bound",
        "gap",
    ),
    *("best_known", "ratio", "first_seconds", "seconds", "warm_seconds", "accepted", "complaints", "note"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run everything that is asked for; the exit code is 1 if the checker rejects an answer."""
    given = _parse(arguments)
    print("versions:", ", ".join(f"{name} {number}" for name, number in find_versions().items()))
    print(f"{given.workers} workers, {given.seconds:g} s a run, compiling done before the clock starts", flush=True)
    runs = []
    for name in given.set:
        try:
            cases = sets.build_set(name, given.data, seed=given.instance_seed, limit=given.limit)
        except RefusedError as refusal:
            print(f"left out: {refusal}")
            continue
        cases = [case for case in cases if given.match in case.name and case.size <= given.largest]
        for run in _measure(cases, given):
            runs.append(run)
            _write_run(given.out / "scheduling_runs.csv", run, given, is_first=len(runs) == 1)
            print(_draw_line(run), flush=True)
    if not runs:
        print("nothing to run")
        return 2
    for file, rows in (("cases", build_case_rows(runs)), ("families", build_group_rows(runs))):
        print("\n" + draw_table(rows))
        _write_rows(given.out / f"scheduling_{file}.csv", rows)
    try:
        draw_figure(runs, given.out / "scheduling.png")
    except RefusedError as refusal:
        print(refusal)
    print(f"\nwritten to {given.out}")
    return 1 if any(run.result.accepted is False for run in runs) else 0


def _measure(cases: list[sets.Case], given: argparse.Namespace) -> Iterator[Run]:
    for case in cases:
        instance = case.read()
        for strategy in given.strategies:
            for seed in range(1, given.repeats + 1):
                result = strategies.solve(instance, strategy, seconds=given.seconds, seed=seed, workers=given.workers)
                yield Run(case.group, case.name, strategy, seed, case.best_known, result)
                if result.status == "REFUSED":
                    break  # another seed would say the same


def _draw_line(run: Run) -> str:
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


def _write_run(path: Path, run: Run, given: argparse.Namespace, *, is_first: bool) -> None:
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


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    known = strategies.names()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scheduling", description=__doc__)
    parser.add_argument("--set", type=_split, default=list(SMALL_SETS), help=f"of {', '.join(sets.NAMES)}")
    parser.add_argument("--strategies", type=_split, default=list(DEFAULT_STRATEGIES), help=f"of {', '.join(known)}")
    parser.add_argument("--seconds", type=float, default=20.0, help="time of a run (default 20)")
    parser.add_argument("--repeats", type=int, default=1, help="runs with seeds 1, 2, … (default 1)")
    parser.add_argument("--limit", type=int, help="cases of each set, evenly over the sizes")
    parser.add_argument("--largest", type=int, default=1 << 30, help="most operations of a case")
    parser.add_argument("--match", default="", help="only cases whose name contains this")
    parser.add_argument("--workers", type=int, default=2, help="parallel workers (default 2)")
    parser.add_argument("--instance-seed", type=int, default=1, help="of generated shops (default 1)")
    parser.add_argument(
        "--data", type=Path, default=BESIDE.parent if BESIDE.exists() else None, help="folder of the classical sets"
    )
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="folder for CSV and plot")
    given = parser.parse_args(arguments)
    for kind, asked, there in (("set", given.set, sets.NAMES), ("strategy", given.strategies, known)):
        unknown = set(asked) - set(there)
        if unknown:
            parser.error(f"no {kind} is called {', '.join(sorted(unknown))}; there are: {', '.join(there)}")
    return given


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


if __name__ == "__main__":
    raise SystemExit(main())
