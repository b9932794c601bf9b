"""What a hand can do with the Gantt chart: zoom, pan, pick an order, read a tooltip, drag the overview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orderopt.views.embed import template_text
from orderopt.views.gantt_canvas import FONT, milliseconds, time_axis_format
from orderopt.views.rows import LATE_COLOUR, LOAD_COLOUR, TEXT_COLOUR

if TYPE_CHECKING:
    from bokeh.models import ColumnDataSource, GlyphRenderer
    from bokeh.plotting import figure as BokehFigure  # noqa: N812

    from orderopt.views.figures import ScheduleFigure

MOST_LABELS = 400
SCREEN_PIXELS = 900
OVERVIEW_PIXELS = 84
OVERVIEW_BINS = 180
TOOLTIPS = [
    ("task", "@task (step @op)"),
    ("job", "@job"),
    ("order", "@order"),
    ("customer", "@customer"),
    ("item", "@item"),
    ("quantity", "@quantity"),
    ("start", "@left{%a %F %H:%M}"),
    ("end", "@right{%a %F %H:%M}"),
    ("setup", "@setup"),
    ("due", "@due"),
    ("promised", "@promised"),
    ("late by", "@late_by"),
    ("fixed", "@fixed"),
]


def is_tall(chart: BokehFigure) -> bool:
    """Return whether a chart fills a screen, so that the bare wheel has to scroll past it."""
    return bool(chart.frame_height > SCREEN_PIXELS)


def add_tools(chart: BokehFigure, source: ColumnDataSource, bars: GlyphRenderer[Any]) -> None:
    """Add zoom, pan, reset, the tooltip, and the pick of an order line."""
    from bokeh.models import CustomJS, HoverTool, PanTool, ResetTool, SaveTool, Span, TapTool, WheelZoomTool

    is_cut = chart.y_range.start < chart.y_range.bounds[1]
    pan = PanTool(dimensions="both" if is_cut else "width")
    wheel = WheelZoomTool(dimensions="width", modifiers={"ctrl": True} if is_tall(chart) else {})
    tap = TapTool(renderers=[bars])
    hover = HoverTool(
        renderers=[bars],
        tooltips=TOOLTIPS,
        formatters={"@left": "datetime", "@right": "datetime"},
        limit=1,
        point_policy="follow_mouse",
        attachment="horizontal",
    )
    chart.add_tools(pan, wheel, tap, hover, ResetTool(), SaveTool(filename="gantt"))
    chart.toolbar.active_drag, chart.toolbar.active_scroll, chart.toolbar.active_tap = pan, wheel, tap
    due = Span(
        location=0,
        dimension="height",
        visible=False,
        line_color=LATE_COLOUR,
        line_width=2,
        line_dash="dotdash",
        name="due",
    )
    chart.add_layout(due)
    source.selected.js_on_change(
        "indices", CustomJS(args={"source": source, "due": due}, code=template_text("gantt_select.js"))
    )


def add_labels(chart: BokehFigure, source: ColumnDataSource, fitted: dict[str, Any]) -> None:
    """Write names on bars that have room for them, and fit legend and ticks to the width, whenever the view rests."""
    from bokeh.core.properties import value
    from bokeh.models import ColumnDataSource, CustomJS

    labels = ColumnDataSource({"x": [], "y": [], "text": []})
    chart.text(
        x="x",
        y="y",
        text="text",
        source=labels,
        x_offset=4,
        text_font=value(FONT),
        text_font_size="11px",
        text_baseline="middle",
        text_color=TEXT_COLOUR,
    )
    paint = CustomJS(
        args={"plot": chart, "source": source, "labels": labels, "most": MOST_LABELS, **fitted},
        code=template_text("gantt_labels.js"),
    )
    for name in ("start", "end"):
        chart.x_range.js_on_change(name, paint)
    chart.js_on_change("inner_width", paint)


def draw_overview(shown: ScheduleFigure, chart: BokehFigure) -> BokehFigure:
    """Draw how many tasks are under way over the whole window (late ones in red), with a window to drag."""
    from bokeh.models import NoOverlap, RangeTool
    from bokeh.plotting import figure

    since, until = (float(milliseconds(moment)) for moment in (shown.since, shown.until))
    edges = np.linspace(since, until, OVERVIEW_BINS + 1)
    start, end = milliseconds(shown.bars.start), milliseconds(shown.bars.end)
    strip = figure(
        height=OVERVIEW_PIXELS,
        sizing_mode="stretch_width",
        x_range=(since, until),
        x_axis_type="datetime",
        tools="",
        toolbar_location=None,
        outline_line_color="#B8C0CA",
        name="gantt-overview",
        min_border_right=30,
    )
    for flags, colour in ((np.ones(len(start), dtype=bool), LOAD_COLOUR), (shown.bars.is_late, LATE_COLOUR)):
        done = [
            np.clip(edge - start[flags], 0, None).sum() - np.clip(edge - end[flags], 0, None).sum() for edge in edges
        ]
        strip.quad(
            left=edges[:-1],
            right=edges[1:],
            bottom=0,
            top=np.diff(done) / np.diff(edges),
            fill_color=colour,
            line_color=None,
            fill_alpha=0.75,
        )
    strip.yaxis.visible = False
    strip.grid.grid_line_color = None
    strip.y_range.start = 0
    strip.xaxis.formatter = time_axis_format()
    strip.axis.major_label_policy = NoOverlap()
    strip.axis.major_label_text_font = FONT
    window = RangeTool(x_range=chart.x_range)
    window.overlay.fill_color, window.overlay.fill_alpha = "#3D5A80", 0.12
    window.overlay.line_color = "#3D5A80"
    strip.add_tools(window)
    return strip
