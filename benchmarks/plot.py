"""One picture of a measurement: for each family, how far each strategy is from what answers are measured from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.result import RefusedError


def draw_figure(
    figure: Mapping[str, Mapping[str, float]], groups: Sequence[str], label: str, path: Path, *, least: float = 0.0
) -> None:
    """Write the picture.

    Parameters
    ----------
    figure
        A number for each strategy and family.
    groups
        All families, those without numbers too.
    label
        What the numbers are.
    least
        Drawn for smaller numbers; a logarithmic axis has no zero.

    Raises
    ------
    RefusedError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise RefusedError("the plot needs matplotlib: pip install orderopt[benchmark]") from None
    drawn = Figure(figsize=(9, 1.5 + 0.45 * len(groups)), layout="constrained")
    axes = drawn.subplots()
    for strategy, numbers in figure.items():
        places = [groups.index(group) for group in numbers]
        axes.plot([max(least, each) for each in numbers.values()], places, "o", label=strategy, alpha=0.75)
    axes.set_xscale("log")
    axes.set_yticks(range(len(groups)), groups)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.grid(visible=True, which="both", axis="x", alpha=0.3)
    axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(path, dpi=130)
