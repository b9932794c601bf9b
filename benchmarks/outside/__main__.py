"""Plan the outside data and compare: ``python -m benchmarks.outside SHARED_DATA --time-limit 60``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.outside.brunel import DaysComparison, Rest, plan_days
from benchmarks.outside.frepple import Comparison, find_cases, plan_case, plan_jobshop, sum_up
from benchmarks.outside.report import build_brunel_rows, build_frepple_rows, draw_table, write_rows


def main(arguments: list[str] | None = None) -> int:
    """Plan everything, print the tables, write them as CSV."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outside", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with brunel_supply_chain and frepple")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each plan (default 60)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the CSV files (default out)")
    parser.add_argument("--only", choices=("brunel", "frepple"), help="one of the two data sets")
    parser.add_argument("--match", default="", help="only frePPLe cases whose name contains this")
    given = parser.parse_args(arguments)
    if given.only != "frepple":
        rows = build_brunel_rows(_plan_brunel(given.data / "brunel_supply_chain", given.time_limit))
        write_rows(given.out / "outside_brunel.csv", rows)
        print(draw_table(rows), end="\n\n")
    if given.only != "brunel":
        comparisons = _plan_frepple(given.data / "frepple", given.match, given.time_limit)
        rows = build_frepple_rows(comparisons)
        write_rows(given.out / "outside_frepple.csv", rows)
        print(draw_table(rows))
        ours, theirs = sum_up(comparisons)
        words = [comparison.word for comparison in comparisons]
        print(
            f"\n{len(comparisons)} cases, {len(words) - words.count('-')} compared: {words.count('better')} better, "
            f"{words.count('equal')} equal, {words.count('worse')} worse; late quantity-days "
            f"{ours.late_days:f} here, {theirs.late_days:f} there; short {ours.short:f} here, {theirs.short:f} there"
        )
    return 0


def _plan_brunel(folder: Path, time_limit: float) -> list[DaysComparison]:
    windows = (("L1", 1, Rest.UNSERVED), ("L1", 1, Rest.LATE), ("L2", 4, Rest.UNSERVED))
    return [
        plan_days(folder, name=name, days=days, rest=rest, time_limit=time_limit)[1] for name, days, rest in windows
    ]


def _plan_frepple(folder: Path, match: str, time_limit: float) -> list[Comparison]:
    found = [plan_case(case, time_limit=time_limit)[1] for case in find_cases(folder, match=match)]
    if match in "jobshop_ft10":
        path = folder / "fixtures" / "jobshop_ft10.jsp"
        found += [plan_jobshop(path, due_hours=due, time_limit=time_limit)[1] for due in (930, 929)]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
