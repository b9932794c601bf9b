"""What is drawn on the canvas of the Gantt chart: bars, closed hours, marks, headings and their legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orderopt.views.gantt_canvas import FONT, milliseconds, shorten
from orderopt.views.rows import CLOSED_COLOUR, FIXED_COLOUR, LATE_COLOUR, TEXT_COLOUR, bar_places

if TYPE_CHECKING:
    from bokeh.models import ColumnDataSource, GlyphRenderer, Legend
    from bokeh.plotting import figure as BokehFigure  # noqa: N812

    from orderopt.views.figures import ScheduleFigure
    from orderopt.views.rows import Colouring, RowLayout


def closed_columns(shown: ScheduleFigure, layout: RowLayout) -> dict[str, Any]:
    """Return closed spans as rectangles; rows of one unit that share a calendar share theirs."""
    spans, tops, bottoms = [], [], []
    place = 0
    while place < len(shown.rows):
        last, row = place, shown.rows[place]
        while last + 1 < len(shown.rows) and (
            (after := shown.rows[last + 1]).unit_id == row.unit_id and after.calendar_id == row.calendar_id
        ):
            last += 1
        spans.append(shown.closed[place])
        tops += [layout.top[place]] * len(shown.closed[place])
        bottoms += [layout.bottom[last]] * len(shown.closed[place])
        place = last + 1
    edges = milliseconds(np.concatenate(spans)) if spans else np.empty((0, 2))
    return {"left": edges[:, 0], "right": edges[:, 1], "top": np.array(tops), "bottom": np.array(bottoms)}


def draw_bars(
    chart: BokehFigure, shown: ScheduleFigure, source: ColumnDataSource, layout: RowLayout
) -> dict[str, GlyphRenderer[Any]]:
    """Draw tasks, setups, closed hours, fixed feet and red outlines, in this order from below."""
    from bokeh.models import CDSView, IndexFilter

    bars = shown.bars
    has_setup, is_fixed = bars.setup_end > bars.start, bars.is_frozen
    place: dict[str, Any] = {"left": "left", "right": "right", "top": "top", "bottom": "bottom"}

    def chosen(flags: Any) -> CDSView:
        return CDSView(filter=IndexFilter(indices=np.flatnonzero(flags).tolist()))

    tasks = chart.quad(
        **place,
        source=source,
        fill_color="fill",
        line_color="#5B6675",
        line_width=0.4,
        nonselection_fill_alpha=0.18,
        nonselection_line_alpha=0.18,
        selection_line_color=TEXT_COLOUR,
        selection_line_width=1.6,
    )
    setups = chart.quad(
        **{**place, "right": "middle"},
        source=source,
        view=chosen(has_setup),
        fill_color="white",
        fill_alpha=0.6,
        line_color=None,
        hatch_pattern="/",
        hatch_color="#4A5360",
        hatch_alpha=0.75,
        hatch_scale=6,
        hatch_weight=1,
        nonselection_fill_alpha=0.3,
        nonselection_hatch_alpha=0.1,
    )
    closed = chart.quad(
        **place, source=closed_columns(shown, layout), fill_color=CLOSED_COLOUR, fill_alpha=0.82, line_color=None
    )
    top, bottom = bar_places(shown, layout)
    fixed = chart.quad(
        left=milliseconds(bars.start[is_fixed]),
        right=milliseconds(bars.end[is_fixed]),
        top=(bottom - 0.2 * (bottom - top))[is_fixed],
        bottom=bottom[is_fixed],
        fill_color=FIXED_COLOUR,
        line_color=None,
    )
    late = chart.quad(
        **place,
        source=source,
        view=chosen(bars.is_late),
        fill_color=None,
        line_color=LATE_COLOUR,
        line_width=2,
        nonselection_line_alpha=0.12,
    )
    begin = chart.vspan(
        x=[float(milliseconds(shown.planning_start))], line_color="#3D5A80", line_dash="dashed", line_width=1.5
    )
    drawn = {"bars": tasks, "setup": setups, "closed": closed, "fixed": fixed, "late": late, "begin": begin}
    is_there = {"setup": has_setup.any(), "fixed": is_fixed.any(), "late": bars.is_late.any()}
    return {name: renderer for name, renderer in drawn.items() if is_there.get(name, True)}


def draw_legend(chart: BokehFigure, colours: Colouring, renderers: dict[str, GlyphRenderer[Any]]) -> Legend:
    """Explain colours and marks above the chart."""
    from bokeh.core.properties import value
    from bokeh.models import Legend, LegendItem

    def swatch(**looks: Any) -> GlyphRenderer[Any]:
        nowhere: dict[str, Any] = {"left": [np.nan], "right": [np.nan], "top": [np.nan], "bottom": [np.nan]}
        return chart.quad(**nowhere, **looks)

    entries = [
        (shorten(name, 20), swatch(fill_color=colour, line_color="#5B6675", line_width=0.4))
        for name, colour in colours.meaning.items()
    ]
    marks = {
        "setup": "setup",
        "late": "late order",
        "fixed": "fixed task",
        "closed": "closed",
        "begin": "planning start",
    }
    entries += [(text, renderers[name]) for name, text in marks.items() if name in renderers]
    legend = Legend(
        items=[LegendItem(label=value(text), renderers=[renderer]) for text, renderer in entries],
        orientation="horizontal",
        location="left",
        ncols=8,
        border_line_color=None,
        label_text_font=FONT,
        label_text_font_size="12px",
        label_text_color=TEXT_COLOUR,
        glyph_height=16,
        glyph_width=22,
        spacing=10,
        padding=4,
        margin=4,
    )
    chart.add_layout(legend, "above")
    return legend


def draw_headings(chart: BokehFigure, layout: RowLayout) -> None:
    """Draw the names of units, and lines between rows."""
    from bokeh.models import Label, PlainText

    for band in layout.bands:
        chart.hspan(y=[band.bottom], line_color="#B8C0CA", line_width=1)
        chart.add_layout(
            Label(
                x=6,
                x_units="screen",
                y=band.top + 0.45,
                text=PlainText(text=band.unit_name),
                text_font=FONT,
                text_font_size="12px",
                text_font_style="bold",
                text_color=TEXT_COLOUR,
                text_baseline="middle",
            )
        )
    if len(layout.bottom):
        chart.hspan(y=layout.bottom.tolist(), line_color="#E3E7EC", line_width=1, level="underlay")
