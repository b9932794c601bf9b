"""One run in a fresh process: load, plan (with the judge), write; prints one line of JSON with seconds and memory.

``python -m benchmarks.scale.once DATA OUT --strategy dispatch --time-limit 1500 --workers 2``
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    """Measure one run."""
    given = _parse()
    if given.memory:
        resource.setrlimit(resource.RLIMIT_AS, (given.memory << 20, given.memory << 20))
    began = time.monotonic()
    from orderopt.stages.plan import plan
    from orderopt.tables.read import read_snapshot
    from orderopt.tables.write import write_plan

    seconds, base = {"import": time.monotonic() - began}, peak_mb()
    mark = time.monotonic()
    snapshot = read_snapshot(given.data)
    seconds["load"] = time.monotonic() - mark
    made = plan(
        snapshot,
        strategy=given.strategy,
        time_limit=given.time_limit,
        seed=given.seed,
        workers=given.workers,
        started=began,
    )
    seconds |= made.summary.seconds
    mark = time.monotonic()
    write_plan(made, given.out, file_format="csv")
    seconds["write"] = time.monotonic() - mark
    total = time.monotonic() - began
    if given.page:  # the command line makes it too; it is told apart from the run
        mark = time.monotonic()
        made.report(given.out / "plan.html")
        seconds["page"] = time.monotonic() - mark
    summary = made.summary
    row = {
        "total": total,
        "processor": time.process_time(),
        "seconds": seconds,
        "base_mb": base,
        "peak_mb": peak_mb(),
        "objective": summary.objective,
        "bound": summary.bound,
        "gap": summary.gap,
        "stop_reason": summary.stop_reason,
        "counts": summary.counts,
        "warnings": list(summary.warnings),
    }
    sys.stdout.write(json.dumps(row) + "\n")


def peak_mb() -> float:
    """Return the most memory that this process has held, in MiB (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.once", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--strategy", default="dispatch")
    parser.add_argument("--time-limit", type=float, default=1500.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory", type=int, default=0, help="MiB of address space; 0: no limit")
    parser.add_argument("--page", action="store_true", help="make plan.html too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
