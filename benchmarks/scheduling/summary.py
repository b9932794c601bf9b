"""What many runs say together: medians, geometric means of ratios, spread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import exp, log
from statistics import mean, median

from benchmarks.runs import Run, count_answers, names, split


def build_case_rows(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return a row for each case: best known, and the median objective of each strategy (value, where maximised)."""
    rows = []
    for (group, case), found in split(runs, lambda run: (run.group, run.case)).items():
        best = found[0].best_known
        row = {"family": group, "case": case, "best known": "" if best is None else _short(best)}
        for strategy in names(runs):
            row[strategy] = _draw_median([run for run in found if run.strategy == strategy])
        rows.append(row)
    return rows


def build_group_rows(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return a row for each family and strategy: how many answers, ratios, spread over seeds, gap, time."""
    here = find_best_here(runs)
    rows = []
    for (group, strategy), found in split(runs, lambda run: (run.group, run.strategy)).items():
        accepted = [run for run in found if run.result.accepted]
        ratios = [run.ratio for run in accepted if run.ratio is not None]
        relative = [_relate(run, here[run.group, run.case]) for run in accepted]
        firsts = [run.result.first_seconds for run in accepted if run.result.first_seconds is not None]
        gaps = [run.result.gap for run in accepted if run.result.gap is not None]
        rows.append(
            {
                **count_answers(group, strategy, found),
                "over best known": _short(mean(ratios)) if ratios else "",
                "over best here": _short(geometric_mean([each for each in relative if each is not None])),
                "spread": _draw_spread(accepted),
                "gap": _short(mean(gaps)) if gaps else "",
                "first s": _short(median(firsts)) if firsts else "",
                "total s": _short(median(run.result.seconds for run in found)),
            }
        )
    return rows


def find_best_here(runs: Iterable[Run]) -> dict[tuple[str, str], float]:
    """Return the smallest accepted objective of each case in these runs."""
    best: dict[tuple[str, str], float] = defaultdict(lambda: float("inf"))
    for run in runs:
        if run.result.accepted and run.result.objective is not None:
            key = (run.group, run.case)
            best[key] = min(best[key], run.result.objective)
    return best


def geometric_mean(values: Sequence[float]) -> float | None:
    """Return the geometric mean, None of nothing."""
    return exp(sum(log(value) for value in values) / len(values)) if values else None


def build_figure(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """Return, by strategy and family, the geometric mean of objective over the best of the same runs."""
    here = find_best_here(runs)
    figure: dict[str, dict[str, float]] = {strategy: {} for strategy in names(runs)}
    for (group, strategy), found in split(runs, lambda run: (run.group, run.strategy)).items():
        ratios = [
            run.result.objective / here[run.group, run.case]
            for run in found
            if run.result.accepted and run.result.objective is not None and here[run.group, run.case] > 0
        ]
        mean = geometric_mean(ratios)
        if mean is not None:
            figure[strategy][group] = mean
    return figure


def _relate(run: Run, best: float) -> float | None:
    """Return objective over the best of this run; None where that best is 0 and a ratio says nothing."""
    assert run.result.objective is not None
    return run.result.objective / best if best > 0 else None


def _draw_spread(runs: Sequence[Run]) -> str:
    """Return the mean over cases of (largest - smallest) / median over seeds, in percent."""
    spreads = []
    for found in split(runs, lambda run: (run.group, run.case)).values():
        values = [run.result.objective for run in found if run.result.objective is not None]
        if len(values) > 1 and median(values) > 0:
            spreads.append((max(values) - min(values)) / median(values))
    return f"{100 * mean(spreads):.1f}%" if spreads else ""


def _draw_median(runs: Sequence[Run]) -> str:
    if not runs:
        return ""
    values = []
    for run in runs:
        shown = run.result.objective if run.result.value is None else run.result.value
        if run.result.accepted and shown is not None:
            values.append(shown)
    if values:
        return _short(median(values))
    return "wrong" if any(run.result.accepted is False for run in runs) else runs[0].result.status.lower()


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
