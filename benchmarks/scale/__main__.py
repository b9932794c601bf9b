"""Plan generated plants of growing size, each in a fresh process: ``python -m benchmarks.scale --sizes 1000,10000``.

Prints seconds by stage, peak memory, objective and gap, and the exponents with which time and memory grow; rows go
to ``scale_STRATEGY.csv`` as they end.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.outside.report import draw_table
from benchmarks.scale.growth import fit_exponent

STAGES = (
    *("import", "load", "compile", "bound", "net", "allocate", "explode", "loop", "schedule"),
    *("ship", "publish", "judge", "integrate", "write", "page"),
)
SEARCHES = ("bound", "allocate", "loop", "schedule", "integrate")
"""Stages that may search for as long as there is time; what grows without them is told apart."""

COLUMNS = (
    *("lines", "tasks", "strategy", "time_limit", "total", "processor", "peak_mb", "base_mb", "objective", "bound"),
    *("gap", "on_time", "late", "unserved", "stop_reason", *STAGES),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure all sizes; the exit code is 1 if one of them fails or breaks a limit."""
    given = _parse(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    target = given.out / f"scale_{given.strategy.replace('+', '_')}.csv"
    rows: list[dict[str, Any]] = []
    failed = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for size in given.sizes:
            row = measure(size, given)
            if row is None:
                failed += 1
                continue
            rows.append(row)
            writer.writerow({name: _short(row.get(name, "")) for name in COLUMNS})
            file.flush()
    if rows:
        print(draw_table(turn(rows)))
        for name, exponent in find_exponents(rows).items():
            print(f"{name} grows with lines to the power {'unknown' if exponent is None else f'{exponent:.2f}'}")
        print(f"rows are in {target}")
    return 1 if failed else 0


def measure(size: int, given: argparse.Namespace) -> dict[str, Any] | None:
    """Return one row; None (and why, on standard error) if the run fails or breaks a limit."""
    data = given.out / "data" / f"lines_{size}"
    _run(["-m", "orderopt", "generate", "--out", data, "--lines", size, "--seed", given.seed, "--quiet"], None)
    options = ["--strategy", given.strategy, "--time-limit", given.time_limit, "--workers", given.workers]
    options += ["--seed", given.seed, "--memory", given.memory, *(["--page"] if given.page else [])]
    try:
        told = _run(["-m", "benchmarks.scale.once", data, given.out / "plan", *options], given.stop)
    except subprocess.TimeoutExpired:
        print(f"{size} lines: stopped after {given.stop:g} s", file=sys.stderr)
        return None
    except subprocess.CalledProcessError as error:
        print(f"{size} lines: ended with code {error.returncode}\n{error.stderr[-2000:]}", file=sys.stderr)
        return None
    found = json.loads(told.splitlines()[-1])
    counts = found["counts"]
    row = {
        "lines": size,
        "tasks": counts["tasks"],
        "strategy": given.strategy,
        "time_limit": given.time_limit,
        "on_time": counts["lines_on_time"],
        "late": counts["lines_late"],
        "unserved": counts["lines_unserved"],
        **{name: found[name] for name in COLUMNS if name in found},
        **found["seconds"],
    }
    print(f"{size} lines: {found['total']:.1f} s, {found['peak_mb']:.0f} MiB, gap {_percent(found['gap'])}", flush=True)
    for warning in found["warnings"]:
        print(f"  {warning}")
    return row


def turn(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return a row for each column and a column for each size, to be read on a screen."""
    return [
        {"lines": name, **{str(row["lines"]): str(_short(row.get(name, ""))) for row in rows}}
        for name in COLUMNS
        if name != "lines"
    ]


def find_exponents(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """Return with which power of the lines time and memory grow."""

    def of(value: Any) -> float | None:
        return fit_exponent({row["lines"]: value(row) for row in rows})

    return {
        "seconds in all": of(lambda row: row["total"]),
        "seconds of all that does not search": of(
            lambda row: sum(row.get(stage, 0.0) for stage in STAGES if stage not in {*SEARCHES, "import", "page"})
        ),
        "memory beyond what imports hold": of(lambda row: row["peak_mb"] - row["base_mb"]),
    }


def _run(words: list[Any], stop: float | None) -> str:
    command = [sys.executable, *(str(word) for word in words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=stop)
    return done.stdout


def _short(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _percent(gap: float | None) -> str:
    return "unknown" if gap is None else f"{gap:.1%}"


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",")],
        default=[1_000, 10_000, 100_000],
        help="numbers of order lines (default 1000,10000,100000)",
    )
    parser.add_argument("--strategy", default="dispatch", help="a strategy of orderopt (default dispatch)")
    parser.add_argument("--time-limit", type=float, default=1500.0, help="seconds that planning is given")
    parser.add_argument("--stop", type=float, default=1800.0, help="seconds after which a run is stopped")
    parser.add_argument("--memory", type=int, default=24 << 10, help="MiB of address space; 0: no limit")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", action="store_true", help="make plan.html too")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="folder of rows, data and plans")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
