"""The loop between allocation and scheduling against one pass and against the one model: ``python -m benchmarks.loop``.

Small plants are planned by one pass through the stages, by the loop and by the one model of everything; larger ones,
for which that model is too large, by the first two. All have the same time, workers and seed; the judge checks each
plan. Rows go to ``loop.csv`` as they end; the table gives what each strategy costs beside one pass.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.outside.report import draw_table
from orderopt.models.consistency import derive_customers
from orderopt.stages.plan import plan
from orderopt.tables.read import read_snapshot
from orderopt.testing.generate import generate_snapshot

if TYPE_CHECKING:
    from orderopt.models.snapshot import Snapshot

ONE_PASS = "auto+auto"
"""The stages one after the other, each with its best strategies, as the loop and the one model start."""

SMALL_STRATEGIES = (ONE_PASS, "loop", "integrated", "auto")
LARGE_STRATEGIES = (ONE_PASS, "loop")

COLUMNS = (
    *("plant", "lines", "seed", "strategy", "time_limit", "seconds", "objective", "bound", "tardiness", "on_time"),
    *("unserved", "rounds", "first_round", "best_round", "status"),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure all plants with all strategies."""
    given = _parse(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    rows = []
    with (given.out / "loop.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for name, seed, snapshot, strategies in _plants(given):
            for strategy in strategies:
                row = measure(name, seed, snapshot, strategy, given)
                writer.writerow(row)
                file.flush()
                rows.append(row)
                print(f"{name} seed {seed}: {strategy} {row['objective']:,.0f}", file=sys.stderr, flush=True)
    print(draw_table(compare(rows)))
    return 0


def measure(name: str, seed: int, snapshot: Snapshot, strategy: str, given: argparse.Namespace) -> dict[str, Any]:
    """Return one row."""
    began = time.monotonic()
    made = plan(
        snapshot, strategy=strategy, time_limit=given.time_limit, seed=seed, workers=given.workers, started=began
    )
    summary = made.summary
    rounds = [row for row in summary.trace if row["stage"] == "loop"]
    return {
        "plant": name,
        "lines": summary.counts["lines"],
        "seed": seed,
        "strategy": strategy,
        "time_limit": given.time_limit,
        "seconds": round(time.monotonic() - began, 1),
        "objective": round(summary.objective, 2),
        "bound": None if summary.bound is None else round(summary.bound, 2),
        "tardiness": round(summary.terms["tardiness"], 2),
        "on_time": summary.counts["lines_on_time"],
        "unserved": summary.counts["lines_unserved"],
        "rounds": len(rounds),
        "first_round": rounds[0]["objective"] if rounds else None,
        "best_round": rounds[-1]["best"] if rounds else None,
        "status": summary.status.value,
    }


def compare(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return a row for each plant and strategy: means over the seeds, and the cost beside that of one pass."""
    base = {(row["plant"], row["seed"]): row for row in rows if row["strategy"] == ONE_PASS}
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["plant"], row["strategy"]].append(row)
    table = []
    for (name, strategy), each in found.items():
        ratios = [row["objective"] / base[row["plant"], row["seed"]]["objective"] for row in each]
        table.append(
            {
                "plant": name,
                "strategy": strategy,
                "seeds": str(len(each)),
                "cost": f"{statistics.fmean(row['objective'] for row in each):,.0f}",
                "beside one pass": f"{statistics.fmean(ratios) - 1:+.2%}",
                "better, worse": f"{sum(r < 0.9999 for r in ratios)}, {sum(r > 1.0001 for r in ratios)}",
                "tardiness": f"{statistics.fmean(row['tardiness'] for row in each):,.0f}",
                "on time": f"{statistics.fmean(row['on_time'] for row in each):.1f}",
                "proven": str(sum(row["status"] == "OPTIMAL" for row in each)),
                "rounds": f"{statistics.fmean(row['rounds'] for row in each):.1f}",
                "seconds": f"{statistics.fmean(row['seconds'] for row in each):.1f}",
            }
        )
    return table


def _plants(given: argparse.Namespace) -> Any:
    """Yield (name, seed, snapshot, strategies) of every plant."""
    for sizes, strategies in ((given.small, SMALL_STRATEGIES), (given.large, LARGE_STRATEGIES)):
        for size in sizes:
            for seed in range(1, given.seeds + 1):
                yield f"{size} lines", seed, generate_snapshot(size, seed=seed, load=given.load), strategies
    for folder in given.data:
        yield folder.name, 0, derive_customers(read_snapshot(folder)), LARGE_STRATEGIES


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__)
    parser.add_argument("--small", type=_sizes, default=[20, 30, 40], help="order lines of small plants")
    parser.add_argument("--large", type=_sizes, default=[200], help="order lines of larger plants")
    parser.add_argument(
        "--data", type=Path, nargs="*", default=[], help="folders of tables, for example examples/realistic"
    )
    parser.add_argument("--seeds", type=int, default=3, help="plants of each size, generated with seeds from 1 on")
    parser.add_argument("--load", type=float, default=0.85, help="load of the generated plants")
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
