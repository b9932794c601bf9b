"""The plan at a glance: a small table for notebooks, and the Gantt chart below it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orderopt.views.gantt import draw_gantt
from orderopt.views.kpis import STATUS_MEANING, count_lines, format_money, term_rows
from orderopt.views.page import html_environment

if TYPE_CHECKING:
    from orderopt.models.plan import Plan


def card_html(plan: Plan) -> str:
    """Return a small table of a plan: lines on time, late and unserved, status, bound, gap, terms of the cost."""
    summary = plan.summary
    return (
        html_environment()
        .get_template("card.html")
        .render(
            summary=summary,
            counts=count_lines(plan),
            status_meaning=STATUS_MEANING[summary.status],
            objective=format_money(summary.objective, summary.currency),
            bound=format_money(summary.bound, summary.currency),
            terms=[term for term in term_rows(summary) if term.weighted],
        )
    )


def display_plan(plan: Plan) -> None:
    """Show the card and the Gantt chart of a plan in IPython; elsewhere, write its one line."""
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import display
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        sys.stdout.write(f"{plan!r}\n")
        return
    display({"text/plain": repr(plan), "text/html": card_html(plan)}, raw=True)  # type: ignore[no-untyped-call]
    if not plan.schedule.empty:
        display(draw_gantt(plan))  # type: ignore[no-untyped-call]
