"""Measure strategies and peers side by side: ``python -m benchmarks.allocation --set drawn --sizes 1000x10``.

Every run is checked from the raw data. Runs are written to a CSV file as they end; tables and a plot follow. The last
line tells the most memory that this process took: with one size and one strategy that is what they need.
"""

from __future__ import annotations

import resource

from benchmarks.allocation import sets, strategies
from benchmarks.allocation.summary import build_case_rows, build_figure, build_group_rows
from benchmarks.runs import Run
from benchmarks.side_by_side import Options, Summary, build_parser, compare, draw_line, parse, split_words

NOTHING = 1e-4
"""Percent drawn where an answer is at the bound."""

SUMMARY = Summary(
    build_case_rows,
    build_group_rows,
    build_figure,
    f"percent above the bound or the best known value, median ({NOTHING:g} stands for nothing)",
    NOTHING,
)
DEFAULT_STRATEGIES = (
    *("greedy", "lagrangian", "highs", "milp", "milp_cbc", "cpsat", "auto"),
    *("plain_cpsat", "pulp_cbc", "pulp_highs", "plain_highs"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run everything that is asked for; the exit code is 1 if the checker rejects an answer."""
    options = Options(sets.NAMES, ("drawn",), strategies.names(), DEFAULT_STRATEGIES)
    parser = build_parser("python -m benchmarks.allocation", __doc__, options)
    parser.add_argument(
        "--sizes",
        type=split_words,
        default=["1000x10", "10000x20"],
        help=f"of drawn instances: {', '.join(sets.SIZES)}",
    )
    given = parse(parser, arguments, options)

    def find_cases(name: str) -> list[sets.Case]:
        return sets.build_set(name, given.data, sizes=given.sizes, seed=given.instance_seed, limit=given.limit)

    code = compare("allocation", given, find_cases, strategies.solve, SUMMARY, _draw)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")
    return code


def _draw(run: Run) -> str:
    gap = "" if run.result.gap is None else f", gap {100 * run.result.gap:.4f}%"
    return draw_line(run) + gap


if __name__ == "__main__":
    raise SystemExit(main())
