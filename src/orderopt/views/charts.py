"""Interactive charts beside the Gantt: load of the units, and how early or late lines arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.views.clock import format_minutes
from orderopt.views.figures import lateness_figure, load_figure
from orderopt.views.gantt_canvas import FONT
from orderopt.views.rows import FULL_COLOUR, FULL_LOAD, LATE_COLOUR, LOAD_COLOUR, OPEN_COLOUR, TEXT_COLOUR

if TYPE_CHECKING:
    from bokeh.plotting import figure as BokehFigure  # noqa: N812

    from orderopt.models.plan import Plan
    from orderopt.views.figures import LoadFigure

BAR_HEIGHT = 0.82
UNIT_PIXELS = 52
MOST_TEXTS = 26
"""Up to so many columns carry their percentage."""


def bucket_names(shown: LoadFigure) -> list[str]:
    """Return how each bucket is called: ``Mon 05 Jan``, or ``W02`` and its Monday."""
    days = [moment.item() for moment in shown.edges[:-1]]
    if shown.bucket == "day":
        return [f"{day:%a %d %b}" for day in days]
    return [f"W{day.isocalendar().week:02d} {day:%d %b}" for day in days]


def draw_load(plan: Plan) -> BokehFigure:
    """Draw one row of columns a unit: the filled part of each column is the share of open time that is used."""
    from bokeh.core.properties import value
    from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, PlainText
    from bokeh.plotting import figure

    shown = load_figure(plan)
    units, buckets = shown.share.shape
    row, column = (index.ravel() for index in np.indices((units, buckets)))
    share = shown.share.ravel()
    names = bucket_names(shown)
    source = ColumnDataSource(
        {
            "left": column + 0.04,
            "right": column + 0.96,
            "bottom": row + 0.92,
            "top": row + 0.92 - BAR_HEIGHT * np.minimum(share, 1.0),
            "ceiling": row + 0.92 - BAR_HEIGHT,
            "x": column + 0.5,
            "fill": np.where(share >= FULL_LOAD, FULL_COLOUR, LOAD_COLOUR).tolist(),
            "unit": [shown.unit_names[place] for place in row],
            "when": [names[place] for place in column],
            "percent": [text for texts in shown.percent for text in texts],
            "load": [format_minutes(minutes) for minutes in shown.load_minutes.ravel().tolist()],
            "open": [format_minutes(minutes) for minutes in shown.open_minutes.ravel().tolist()],
        }
    )
    chart = figure(
        height=UNIT_PIXELS * max(units, 1) + 70,
        sizing_mode="stretch_width",
        x_range=(0, max(buckets, 1)),
        y_range=(max(units, 1), 0),
        tools="",
        toolbar_location=None,
        outline_line_color=None,
        name="load",
    )
    chart.quad(
        left="left",
        right="right",
        top="ceiling",
        bottom="bottom",
        source=source,
        fill_color=OPEN_COLOUR,
        line_color=None,
    )
    bars = chart.quad(
        left="left", right="right", top="ceiling", bottom="bottom", source=source, fill_alpha=0, line_alpha=0
    )
    chart.quad(
        left="left", right="right", top="top", bottom="bottom", source=source, fill_color="fill", line_color=None
    )
    if buckets <= MOST_TEXTS:
        chart.text(
            x="x",
            y="bottom",
            text="percent",
            source=source,
            y_offset=-4,
            text_align="center",
            text_font=value(FONT),
            text_font_size="11px",
            text_color=TEXT_COLOUR,
        )
    chart.add_tools(
        HoverTool(
            renderers=[bars],
            tooltips=[("unit", "@unit"), (shown.bucket, "@when"), ("load", "@load (@percent)"), ("open", "@open")],
        )
    )
    ticks = [place + 0.5 for place in range(buckets)]
    chart.xaxis.ticker = FixedTicker(ticks=ticks)
    chart.xaxis.major_label_overrides = {tick: PlainText(text=names[int(tick)]) for tick in ticks}
    chart.yaxis.ticker = FixedTicker(ticks=[place + 0.5 for place in range(units)])
    chart.yaxis.major_label_overrides = {
        place + 0.5: PlainText(text=name if len(name) <= 22 else f"{name[:21]}…")
        for place, name in enumerate(shown.unit_names)
    }
    _dress(chart)
    return chart


def draw_lateness(plan: Plan) -> BokehFigure:
    """Draw how many lines arrive how early (blue) or late (red)."""
    from bokeh.models import ColumnDataSource, HoverTool
    from bokeh.plotting import figure

    shown = lateness_figure(plan)
    days = shown.edges / 1440
    is_late = shown.edges[1:] > 0
    source = ColumnDataSource(
        {
            "left": days[:-1],
            "right": days[1:],
            "top": shown.num_lines,
            "fill": np.where(is_late, LATE_COLOUR, LOAD_COLOUR).tolist(),
            "span": [
                f"{format_minutes(min(abs(low), abs(high)))} to {format_minutes(max(abs(low), abs(high)))} "
                f"{'late' if high > 0 else 'early'}"
                for low, high in zip(shown.edges[:-1].tolist(), shown.edges[1:].tolist(), strict=True)
            ],
        }
    )
    chart = figure(
        height=230,
        sizing_mode="stretch_width",
        tools="",
        toolbar_location=None,
        outline_line_color=None,
        x_axis_label="days early (left of 0) or late",
        y_axis_label="order lines",
        name="lateness",
    )
    bars = chart.quad(
        left="left",
        right="right",
        bottom=0,
        top="top",
        source=source,
        fill_color="fill",
        line_color="white",
        line_width=1,
    )
    chart.vspan(x=[0], line_color=TEXT_COLOUR, line_width=1.5)
    chart.add_tools(HoverTool(renderers=[bars], tooltips=[("arrive", "@span"), ("lines", "@top")]))
    chart.y_range.start = 0
    chart.yaxis.ticker.min_interval = 1
    chart.yaxis.minor_tick_line_color = None
    _dress(chart)
    chart.ygrid.grid_line_color = "#E3E7EC"
    return chart


def _dress(chart: BokehFigure) -> None:
    from bokeh.models import NoOverlap

    chart.axis.major_label_policy = NoOverlap(min_distance=8)
    chart.axis.major_label_text_font = FONT
    chart.axis.axis_label_text_font = FONT
    chart.axis.axis_label_text_font_style = "normal"
    chart.axis.major_label_text_color = TEXT_COLOUR
    chart.axis.major_label_text_font_size = "12px"
    chart.axis.axis_label_text_font_size = "12px"
    chart.axis.axis_line_color = None
    chart.axis.major_tick_line_color = None
    chart.axis.minor_tick_line_color = None
    chart.grid.grid_line_color = None
