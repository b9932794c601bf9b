"""The empty canvas of the Gantt chart: its size, its time axis on the wall clock, its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orderopt.views.rows import TEXT_COLOUR

if TYPE_CHECKING:
    from bokeh.plotting import figure as BokehFigure  # noqa: N812

    from orderopt.views.figures import ScheduleFigure
    from orderopt.views.rows import RowLayout

ROW_PIXELS = 27
TALLEST = 4000
"""Pixels; rows beyond that height are reached by dragging."""
BARS_PER_ROW = 70
"""The first view is cut so that a row shows about so many bars."""
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', 'Noto Sans CJK SC', sans-serif"


def milliseconds(times: Any) -> Any:
    """Return wall times as Bokeh counts them."""
    return np.asarray(times).astype("datetime64[ms]").astype(np.int64).astype(np.float64)


def time_axis_format() -> Any:
    """Return how moments on the time axis are written: the hour or day, and below it the day or year."""
    from bokeh.models import DatetimeTickFormatter

    day = "%a %d %b"
    context = DatetimeTickFormatter(
        minutes=day,
        hourmin=day,
        hours=day,
        days="%Y",
        months=" ",
        years=" ",
        microseconds=day,
        milliseconds=day,
        seconds=day,
        minsec=day,
    )
    return DatetimeTickFormatter(
        minutes="%H:%M",
        hourmin="%H:%M",
        hours="%H:%M",
        days=day,
        months="%b %Y",
        years="%Y",
        context=context,
        context_which="start",
        hide_repeats=True,
    )


def draw_canvas(shown: ScheduleFigure, layout: RowLayout) -> BokehFigure:
    """Return an empty chart with its axes: time above, resources on the left."""
    from bokeh.models import FixedTicker, NoOverlap, PlainText, Range1d
    from bokeh.plotting import figure

    since, until = first_view(shown)
    ends = [float(milliseconds(moment)) for moment in (shown.since, shown.until)]
    pad = (ends[1] - ends[0]) * 0.03
    pixels = layout.height * ROW_PIXELS
    chart = figure(
        frame_height=int(min(pixels, TALLEST)),
        sizing_mode="stretch_width",
        output_backend="webgl",
        x_range=Range1d(since, until, bounds=(ends[0] - pad, ends[1] + pad), min_interval=600_000.0),
        y_range=Range1d(min(layout.height, TALLEST / ROW_PIXELS), 0, bounds=(0, layout.height)),
        x_axis_type="datetime",
        x_axis_location="above",
        toolbar_location="right",
        tools="",
        name="gantt-chart",
        outline_line_color="#B8C0CA",
    )
    chart.toolbar.logo = None
    chart.xaxis.formatter = time_axis_format()
    centres = ((layout.top + layout.bottom) / 2).tolist()
    chart.yaxis.ticker = FixedTicker(ticks=centres, minor_ticks=[])
    chart.yaxis.major_label_overrides = {
        centre: PlainText(text=shorten(row.resource_id, 22)) for centre, row in zip(centres, shown.rows, strict=True)
    }
    chart.axis.major_label_policy = NoOverlap()
    chart.axis.major_label_text_font = FONT
    chart.axis.major_label_text_font_size = "12px"
    chart.axis.major_label_text_color = TEXT_COLOUR
    chart.axis.axis_line_color = "#B8C0CA"
    chart.axis.major_tick_line_color = "#B8C0CA"
    chart.axis.minor_tick_line_color = None
    chart.ygrid.grid_line_color = None
    chart.xgrid.grid_line_color = "#E3E7EC"
    return chart


def first_view(shown: ScheduleFigure) -> tuple[float, float]:
    """Return the stretch to show first: all of it, or whole days where rows would be too dense."""
    since, until = (float(milliseconds(moment)) for moment in (shown.since, shown.until))
    busiest = np.bincount(shown.bars.row, minlength=1).max()
    day = 86_400_000.0
    if busiest > BARS_PER_ROW:
        until = min(until, since + np.ceil((until - since) * BARS_PER_ROW / busiest / day) * day)
    pad = (until - since) * 0.01
    return since - pad, until + pad


def shorten(text: str, most: int) -> str:
    """Return the text, cut to so many letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
