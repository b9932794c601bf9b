"""The same pictures for paper: static plots by matplotlib (the extra ``plot``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orderopt.errors import OrderOptError
from orderopt.views.charts import bucket_names
from orderopt.views.figures import lateness_figure, load_figure, schedule_figure
from orderopt.views.rows import (
    CLOSED_COLOUR,
    FIXED_COLOUR,
    FULL_COLOUR,
    FULL_LOAD,
    LATE_COLOUR,
    LOAD_COLOUR,
    OPEN_COLOUR,
    TEXT_COLOUR,
    bar_places,
    colouring,
    row_layout,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from orderopt.models.plan import Plan
    from orderopt.views.figures import ScheduleFigure
    from orderopt.views.rows import Colouring, RowLayout

SANS = ["DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Microsoft YaHei", "SimHei"]
ROW_INCHES = 0.3
MOST_TEXTS = 16


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the given axes, or new ones of that size in inches."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise OrderOptError('Static plots need matplotlib; next: pip install "orderopt[plot]"') from error
    return ax if ax is not None else plt.subplots(figsize=(width, height), layout="constrained")[1]


def plot_gantt(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the schedule: one row a resource, grouped by unit, on the plan's wall clock.

    Parameters
    ----------
    plan
        The plan to show.
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    OrderOptError
        If matplotlib is not installed.
    """
    shown = schedule_figure(plan)
    layout = row_layout(shown.rows)
    ax = _axes(ax, 12, 1.3 + ROW_INCHES * layout.height)
    colours = colouring(shown, {item.item_id: item.name or item.item_id for item in plan.snapshot.items})
    _plot_bars(ax, shown, layout, colours)
    for band in layout.bands:
        ax.axhline(band.bottom, color="#B8C0CA", linewidth=0.8)
        ax.text(
            0.005,
            band.top + 0.45,
            _plain(band.unit_name),
            transform=ax.get_yaxis_transform(),
            fontweight="bold",
            fontsize=9,
            va="center",
            color=TEXT_COLOUR,
            fontfamily=_family(),
        )
    ax.axvline(_days(shown.planning_start), color="#3D5A80", linestyle="--", linewidth=1)
    _plot_legend(ax, colours)
    centres = (layout.top + layout.bottom) / 2
    ax.set_yticks(centres, [_plain(row.resource_id) for row in shown.rows], fontsize=8, fontfamily=_family())
    ax.set_ylim(layout.height, 0)
    _plot_time(ax, shown)
    return ax


def _family() -> list[str]:
    """Return installed fonts that between them have Latin and Chinese letters."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return [name for name in SANS if name in installed] or ["sans-serif"]


def _plain(text: str) -> str:
    """Return text that matplotlib does not take for a formula."""
    return text.replace("$", r"\$")


def _days(times: Any) -> Any:
    """Return wall times as matplotlib counts them: days since 1970."""
    return np.asarray(times).astype("datetime64[m]").astype(np.int64) / 1440


def _boxes(left: Any, right: Any, top: Any, bottom: Any) -> Any:
    """Return rectangles as an array of corners, shape (n, 4, 2)."""
    corners = [np.stack([x, y], -1) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    return np.stack(corners, axis=1)


def _plot_bars(ax: Axes, shown: ScheduleFigure, layout: RowLayout, colours: Colouring) -> None:
    from matplotlib.collections import PolyCollection

    bars = shown.bars
    top, bottom = bar_places(shown, layout)
    start, setup_end, end = _days(bars.start), _days(bars.setup_end), _days(bars.end)
    whole = _boxes(start, end, top, bottom)
    setup = _boxes(start, setup_end, top, bottom)[bars.setup_end > bars.start]
    feet = _boxes(start, end, bottom - 0.2 * (bottom - top), bottom)[bars.is_frozen]
    closed = [
        _boxes(_days(spans[:, 0]), _days(spans[:, 1]), layout.top[place], layout.bottom[place])
        for row, spans in enumerate(shown.closed)
        if len(place := [row] * len(spans))
    ]
    ax.add_collection(PolyCollection(whole, facecolors=colours.fills, edgecolors="#5B6675", linewidths=0.3))
    ax.add_collection(PolyCollection(setup, facecolors="#FFFFFF99", edgecolors="#4A5360", hatch="//////", linewidths=0))
    if closed:
        shut = list(np.concatenate(closed))
        ax.add_collection(PolyCollection(shut, facecolors=CLOSED_COLOUR, alpha=0.8, linewidths=0))
    ax.add_collection(PolyCollection(feet, facecolors=FIXED_COLOUR))
    ax.add_collection(PolyCollection(whole[bars.is_late], facecolors="none", edgecolors=LATE_COLOUR, linewidths=1.5))


def _plot_legend(ax: Axes, colours: Colouring) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Artist] = [Patch(facecolor=colour, label=_plain(name)) for name, colour in colours.meaning.items()]
    handles += [
        Patch(facecolor="white", edgecolor="#4A5360", hatch="//////", label="setup"),
        Patch(facecolor="none", edgecolor=LATE_COLOUR, linewidth=1.5, label="late order"),
        Patch(facecolor=FIXED_COLOUR, label="fixed task"),
        Patch(facecolor=CLOSED_COLOUR, label="closed"),
        Line2D([], [], color="#3D5A80", linestyle="--", linewidth=1, label="planning start"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=9,
        frameon=False,
        prop={"size": 8, "family": _family()},
        handlelength=1.6,
        columnspacing=1.4,
    )


def _plot_time(ax: Axes, shown: ScheduleFigure) -> None:
    from matplotlib import dates

    since, until = _days(shown.since), _days(shown.until)
    pad = (until - since) * 0.01
    ax.set_xlim(since - pad, until + pad)
    locator = dates.AutoDateLocator(minticks=6, maxticks=14)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    day = "%a %d %b"
    ax.xaxis.set_major_formatter(
        dates.ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator,
            formats=["%Y", "%b", day, "%H:%M", "%H:%M", "%S"],
            zero_formats=["", "%Y", day, day, "%H:%M", ""],
            show_offset=False,
        )
    )
    ax.tick_params(axis="x", labelsize=8)
    ax.grid(axis="x", color="#E3E7EC", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel(f"wall clock of {shown.window.zone}", fontsize=8, color="#566072")


def plot_load(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the share of open time that tasks take, a row of columns for each unit.

    Parameters and errors are those of :func:`plot_gantt`.
    """
    shown = load_figure(plan)
    units, buckets = shown.share.shape
    ax = _axes(ax, max(6, 1.5 + 0.65 * buckets), 0.8 + 0.55 * units)
    place = np.arange(buckets) + 0.5
    for row, share in enumerate(shown.share):
        filled = 0.82 * np.minimum(share, 1.0)
        fills = np.where(share >= FULL_LOAD, FULL_COLOUR, LOAD_COLOUR).tolist()
        ax.bar(place, 0.82, 0.92, bottom=row + 0.1, color=OPEN_COLOUR)
        ax.bar(place, filled, 0.92, bottom=row + 0.92 - filled, color=fills)
        for x, percent in zip(place, shown.percent[row], strict=True) if buckets <= MOST_TEXTS else ():
            ax.text(x, row + 0.88, percent, ha="center", va="bottom", fontsize=7, color=TEXT_COLOUR)
    step = max(1, -(-buckets // MOST_TEXTS))
    ax.set_xticks(place[::step], bucket_names(shown)[::step], fontsize=8)
    ax.set_yticks(np.arange(units) + 0.5, [_plain(name) for name in shown.unit_names], fontsize=8, fontfamily=_family())
    ax.set_xlim(0, max(buckets, 1))
    ax.set_ylim(max(units, 1), 0)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def plot_lateness(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw how many lines arrive how early or (in red) late.

    Parameters and errors are those of :func:`plot_gantt`.
    """
    shown = lateness_figure(plan)
    ax = _axes(ax, 7, 3)
    from matplotlib.ticker import MaxNLocator

    days = shown.edges / 1440
    fills = np.where(shown.edges[1:] > 0, LATE_COLOUR, LOAD_COLOUR).tolist()
    ax.bar(days[:-1], shown.num_lines, np.diff(days), align="edge", color=fills, edgecolor="white", linewidth=0.8)
    ax.axvline(0, color=TEXT_COLOUR, linewidth=1.2)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("days early (left of 0) or late")
    ax.set_ylabel("order lines")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
