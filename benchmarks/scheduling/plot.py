"""One picture of a measurement: for each family, how far each strategy is from the best answer of the same runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.result import RefusedError
from benchmarks.scheduling.summary import Run, find_best_here, geometric_mean, names, split


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


def draw_figure(runs: Sequence[Run], path: Path) -> None:
    """Write the picture.

    Raises
    ------
    RefusedError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise RefusedError("the plot needs matplotlib: pip install orderopt[benchmark]") from None
    figure = build_figure(runs)
    groups = list(dict.fromkeys(run.group for run in runs))
    drawn = Figure(figsize=(9, 1.5 + 0.45 * len(groups)), layout="constrained")
    axes = drawn.subplots()
    for strategy, means in figure.items():
        places = [groups.index(group) for group in means]
        axes.plot(list(means.values()), places, "o", label=strategy, alpha=0.75)
    axes.set_xscale("log")
    axes.set_yticks(range(len(groups)), groups)
    axes.invert_yaxis()
    axes.set_xlabel("objective over the best of these runs, geometric mean (1 is best)")
    axes.grid(visible=True, which="both", axis="x", alpha=0.3)
    axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(path, dpi=130)
