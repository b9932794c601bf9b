"""Run one strategy on one instance and say what came of it.

``python -m benchmarks.run FILE --family jsp --strategy auto --seconds 60 --seed 1 --workers 2 [--json]``
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.best_known import BESIDE, find_entry, read_best_known
from benchmarks.families import FAMILIES, load
from benchmarks.result import ReadOptions, RefusedError, Result, compare_to_best

REFUSED = 3
"""Exit code where the family cannot be said; 1 stands for an answer that the checker rejects."""

VERSIONED = ("orderopt", "ortools", "numba", "numpy", "highspy", "pulp", "pyjobshop", "simpy")


def main(arguments: list[str] | None = None) -> int:
    """Read, solve, check, print; the exit code is 0 unless the answer is wrong or the instance refused."""
    given = _parse(arguments)
    family = FAMILIES[given.family]
    options = ReadOptions(factor=given.factor, index=given.index)
    name, path = given.file.stem, given.file
    try:
        instance = load(family.reader)(path, options)
        name = instance.name
        result: Result = load(family.solver)(
            instance, given.strategy, seconds=given.seconds, seed=given.seed, workers=given.workers
        )
    except RefusedError as refusal:
        result = Result("REFUSED", note=str(refusal))
    row = {
        "instance": name,
        "family": given.family,
        "strategy": given.strategy,
        "seed": given.seed,
        "seconds_allowed": given.seconds,
        "workers": given.workers,
        **build_row(result),
        **_compare(result, given, name),
        "versions": result.versions or find_versions(),
    }
    print(json.dumps(row) if given.json else draw_row(row))
    if result.status == "REFUSED":
        return REFUSED
    return 1 if result.accepted is False else 0


def build_row(result: Result) -> dict[str, Any]:
    """Return the fields of a result, the gap added."""
    fields = asdict(result)
    del fields["versions"]
    return {**fields, "complaints": list(result.complaints), "gap": result.gap}


def draw_row(row: dict[str, Any]) -> str:
    """Return what is known as lines of name and value."""
    shown = {name: value for name, value in row.items() if value not in (None, "", [], {})}
    shown["versions"] = ", ".join(f"{name} {number}" for name, number in row["versions"].items())
    width = max(len(name) for name in shown)
    return "\n".join(f"{name.ljust(width)}  {_format(value)}" for name, value in shown.items())


def _format(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.1f}"
    return "; ".join(value) if isinstance(value, list) else str(value)


def _compare(result: Result, given: argparse.Namespace, name: str) -> dict[str, float | None]:
    entry = None
    if given.best_known is not None and given.best_known.exists():
        entry = find_entry(read_best_known(given.best_known), given.family, name, given.file)
    best = None if entry is None else entry.best_known
    return {
        "best_known": best,
        "best_bound": None if entry is None else entry.lower_bound,
        "ratio": compare_to_best(result, best),
    }


def find_versions() -> dict[str, str]:
    """Return the versions of what may take part and is installed."""
    found = {}
    for package in VERSIONED:
        try:
            found[package] = version(package)
        except ModuleNotFoundError:
            continue  # an optional peer that is not installed has no version to tell
    return found


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("file", type=Path, help="instance file (fjsp_generated: a name such as 1000x20_setups_7)")
    parser.add_argument("--family", required=True, choices=sorted(FAMILIES), help="which format the file has")
    parser.add_argument("--strategy", default="auto", help="a strategy of orderopt or a peer (default auto)")
    parser.add_argument("--seconds", type=float, default=60.0, help="time of the run, compiling apart (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="where all chance comes from (default 0)")
    parser.add_argument("--workers", type=int, default=2, help="parallel workers; 1 is reproducible (default 2)")
    parser.add_argument("--factor", type=float, help="due-date factor, family jstwt")
    parser.add_argument("--index", type=int, help="which instance of a file with several, from 1")
    parser.add_argument("--best-known", type=Path, default=BESIDE, help="table of best known values")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
