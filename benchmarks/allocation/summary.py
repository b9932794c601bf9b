"""What many runs on allocation questions say together: how far answers are from the best bound.

The bound of a case is the highest that any run proved, or the best known value where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.runs import Run, count_answers, names, split


def find_floors(runs: Sequence[Run]) -> dict[tuple[str, str], float]:
    """Return what each case is measured from: its best known value, else the highest bound of an accepted answer."""
    floors = {}
    for key, found in split(runs, lambda run: (run.group, run.case)).items():
        bounds = [run.result.bound for run in found if run.result.accepted and run.result.bound is not None]
        floor = found[0].best_known if found[0].best_known is not None else max(bounds, default=None)
        if floor is not None and floor > 0:
            floors[key[0], key[1]] = floor
    return floors


def percent_above(run: Run, floors: dict[tuple[str, str], float]) -> float | None:
    """Return how far an accepted answer is above what its case is measured from, in percent."""
    floor = floors.get((run.group, run.case))
    if floor is None or not run.result.accepted or run.result.objective is None:
        return None
    return 100 * (run.result.objective / floor - 1)


def build_case_rows(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return a row for each case: what it is measured from, and the median percent above it of each strategy."""
    floors = find_floors(runs)
    rows = []
    for (group, case), found in split(runs, lambda run: (run.group, run.case)).items():
        floor = floors.get((group, case))
        kind = "best known" if found[0].best_known is not None else "bound"
        row = {"family": group, "case": case, "measured from": "" if floor is None else f"{kind} {floor:.10g}"}
        for strategy in names(runs):
            row[strategy] = _draw([run for run in found if run.strategy == strategy], floors)
        rows.append(row)
    return rows


def build_group_rows(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return a row for each family and strategy: how many answers, percent above, own gap, seconds."""
    floors = find_floors(runs)
    rows = []
    for (group, strategy), found in split(runs, lambda run: (run.group, run.strategy)).items():
        accepted = [run for run in found if run.result.accepted]
        above = [each for run in accepted if (each := percent_above(run, floors)) is not None]
        gaps = [100 * run.result.gap for run in accepted if run.result.gap is not None]
        firsts = [run.result.first_seconds for run in accepted if run.result.first_seconds is not None]
        rows.append(
            {
                **count_answers(group, strategy, found),
                "% above, median": f"{median(above):.4f}" if above else "",
                "% above, worst": f"{max(above):.4f}" if above else "",
                "% own gap": f"{median(gaps):.4f}" if gaps else "",
                "first s": f"{median(firsts):.2f}" if firsts else "",
                "total s": f"{median(run.result.seconds for run in found):.1f}",
            }
        )
    return rows


def _draw(runs: Sequence[Run], floors: dict[tuple[str, str], float]) -> str:
    above = [each for run in runs if (each := percent_above(run, floors)) is not None]
    if above:
        return f"{median(above):.4f}%"
    answered = [run.result.objective for run in runs if run.result.accepted and run.result.objective is not None]
    if answered:
        return f"{median(answered):.10g}"
    if any(run.result.accepted is False for run in runs):
        return "wrong"
    return runs[0].result.status.lower() if runs else ""


def build_figure(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """Return, by strategy and family, the median percent above what the cases are measured from."""
    floors = find_floors(runs)
    figure: dict[str, dict[str, float]] = {strategy: {} for strategy in names(runs)}
    for (group, strategy), found in split(runs, lambda run: (run.group, run.strategy)).items():
        above = [each for run in found if (each := percent_above(run, floors)) is not None]
        if above:
            figure[strategy][group] = median(above)
    return figure
