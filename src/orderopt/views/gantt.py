"""The interactive Gantt chart: resources over time, with everything a planner asks of a bar."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from orderopt.views.clock import format_minutes
from orderopt.views.embed import OFFLINE_POLICY, bokeh_script, chart_json, template_text
from orderopt.views.figures import schedule_figure
from orderopt.views.gantt_canvas import draw_canvas, milliseconds
from orderopt.views.gantt_marks import draw_bars, draw_headings, draw_legend
from orderopt.views.gantt_tools import OVERVIEW_PIXELS, add_labels, add_tools, draw_overview, is_tall
from orderopt.views.lines import format_quantity, line_table
from orderopt.views.rows import bar_places, colouring, row_layout

if TYPE_CHECKING:
    from bokeh.models import Column, ColumnDataSource
    from bokeh.plotting import figure as BokehFigure  # noqa: N812

    from orderopt.models.plan import Plan
    from orderopt.views.figures import ScheduleFigure
    from orderopt.views.rows import Colouring, RowLayout

MOST_BARS = 20_000
"""A chart shows at most so many tasks; the complete schedule is in the plan's tables."""
FACTS = ["order_id", "line_no", "customer", "due", "promised", "late_by"]


@dataclass(frozen=True, eq=False, repr=False)
class Gantt:
    """An interactive Gantt chart that shows itself in a notebook, also offline.

    Attributes
    ----------
    figure
        The Bokeh figure with the bars.
    layout
        The figure with its overview strip: what to show or embed.
    num_bars, num_tasks
        Tasks shown, and tasks in the plan.
    """

    figure: BokehFigure
    layout: Column
    num_bars: int
    num_tasks: int

    @property
    def zoom_hint(self) -> str:
        """What a hand does to zoom: charts that fill the screen leave the bare wheel to the page."""
        return "Hold Ctrl and scroll" if is_tall(self.figure) else "Scroll"

    def to_html(self) -> str:
        """Return one self-contained HTML page of the chart."""
        return template_text("chart.html").format(
            policy=OFFLINE_POLICY, bokeh=bokeh_script(), chart=chart_json(self.layout, "gantt")
        )

    def _repr_html_(self) -> str:
        height = self.figure.frame_height + OVERVIEW_PIXELS + 170
        return (
            f'<iframe title="Gantt chart" style="width:100%;height:{height}px;border:0" '
            f'srcdoc="{escape(self.to_html())}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Gantt of {self.num_bars} of {self.num_tasks} tasks>"


def draw_gantt(plan: Plan, *, max_bars: int = MOST_BARS) -> Gantt:
    """Draw the schedule of a plan: one row a resource, grouped by unit, on the plan's wall clock.

    Bars are coloured by setup family (or item); their setup part is hatched, tasks of late lines have a red
    outline, fixed tasks a dark foot; closed hours are veiled. A click picks all tasks of an order line and shows
    its due date; the wheel zooms in time.

    Parameters
    ----------
    plan
        The plan to show.
    max_bars
        Show at most so many tasks, those that start first.
    """
    shown = schedule_figure(plan, max_bars=max_bars)
    layout = row_layout(shown.rows)
    colours = colouring(shown, {item.item_id: item.name or item.item_id for item in plan.snapshot.items})
    source = _source(plan, shown, layout, colours)
    chart = draw_canvas(shown, layout)
    bars = draw_bars(chart, shown, source, layout)
    legend = draw_legend(chart, colours, bars)
    draw_headings(chart, layout)
    add_tools(chart, source, bars["bars"])
    overview = draw_overview(shown, chart)
    add_labels(chart, source, {"legend": legend, "tickers": [chart.xaxis[0].ticker, overview.xaxis[0].ticker]})
    from bokeh.layouts import column

    stack = column(chart, overview, sizing_mode="stretch_width", name="gantt")
    return Gantt(chart, stack, len(shown.bars), shown.num_tasks)


def _source(plan: Plan, shown: ScheduleFigure, layout: RowLayout, colours: Colouring) -> ColumnDataSource:
    from bokeh.models import ColumnDataSource

    bars = shown.bars
    top, bottom = bar_places(shown, layout)
    table = line_table(plan)
    facts: dict[str, tuple[str, str, str, str]] = {
        f"{order_id}/{line_no}": (customer, due, promised or "nothing served", late_by or "–")
        for order_id, line_no, customer, due, promised, late_by in table[FACTS].itertuples(index=False, name=None)
    }
    nothing = ("–", "", "–", "–")
    found = [facts.get(name, nothing) for name in bars.order_name]
    names = {item.item_id: f"{item.item_id} {item.name or ''}".strip() for item in plan.snapshot.items}
    uoms = {item.item_id: item.uom or "" for item in plan.snapshot.items}
    due = np.array([fact[1].replace(" ", "T") or "NaT" for fact in found], dtype="datetime64[m]")
    return ColumnDataSource(
        name="tasks",
        data={
            "left": milliseconds(bars.start),
            "middle": milliseconds(bars.setup_end),
            "right": milliseconds(bars.end),
            "top": top,
            "bottom": bottom,
            "fill": colours.fills,
            "task": bars.task_id,
            "op": bars.op_no,
            "job": bars.job_id,
            "order": bars.order_name,
            "customer": [fact[0] for fact in found],
            "item": [names.get(item_id, item_id) for item_id in bars.item_id],
            "quantity": [
                f"{format_quantity(quantity)} {uoms.get(item_id, '')}".strip()  # type: ignore[arg-type]
                for quantity, item_id in zip(bars.quantity, bars.item_id, strict=True)
            ],
            "setup": [format_minutes(minutes) if minutes else "none" for minutes in bars.setup_minutes],
            "due": [fact[1] or "–" for fact in found],
            "due_ms": np.where(np.isnat(due), np.nan, milliseconds(due)),
            "promised": [fact[2] for fact in found],
            "late_by": [fact[3] for fact in found],
            "fixed": np.where(bars.is_frozen, "yes", "no").tolist(),
        },
    )
