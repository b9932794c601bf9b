"""What scheduling has after one second at 20,000 tasks: ``python -m benchmarks.scale.one_second``.

Each strategy schedules the same jobs within the limit; every schedule is made into a plan that the judge checks.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.outside.report import draw_table
from orderopt.models.consistency import derive_customers
from orderopt.rules.judge import judge_plan
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.registry import scheduling
from orderopt.stages.allocate import allocate
from orderopt.stages.decisions import complete
from orderopt.stages.net import net
from orderopt.stages.publish import publish
from orderopt.stages.realise import realise
from orderopt.stages.schedule import ask
from orderopt.stages.supply import Ledger
from orderopt.stages.warm import compile_kernels
from orderopt.testing.generate import generate_snapshot


def main(arguments: list[str] | None = None) -> int:
    """Measure each strategy; the exit code is 1 if a plan is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.one_second", description=__doc__)
    parser.add_argument("--lines", type=int, default=3_300, help="order lines; each takes about six tasks")
    parser.add_argument("--seconds", type=float, default=1.0, help="time limit of scheduling")
    parser.add_argument("--strategies", nargs="*", default=["dispatch", "local_search", "auto"])
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    compile_kernels(lambda: print("compiling", flush=True))
    snapshot = derive_customers(generate_snapshot(given.lines, seed=0))
    plant = Plant(snapshot)
    ledger = Ledger(plant)
    netting = net(plant, ledger)
    parts, _, sourcing = allocate(plant, ledger, netting.rest, Budget(10.0), "greedy")
    rows = []
    for name in given.strategies:
        draft = realise(plant, parts, sourcing)
        question = ask(plant, draft.ledger.jobs, draft.parts)
        strategy = scheduling.find(name)
        began = time.monotonic()
        outcome = strategy.schedule(question.problem, Budget(given.seconds, workers=given.workers))
        took = time.monotonic() - began
        verdict = judge_plan(snapshot, publish(complete(plant, draft, question, outcome.require())))
        rows.append(
            {
                "strategy": name,
                "tasks": str(len(question.tasks)),
                "limit": f"{given.seconds:g}",
                "seconds": f"{took:.2f}",
                "cost": f"{outcome.objective or 0:,.0f}",
                "violations": str(len(verdict.violations)),
            }
        )
    print(draw_table(rows))
    return int(any(row["violations"] != "0" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
