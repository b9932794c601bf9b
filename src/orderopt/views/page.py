"""The plan as one HTML page that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from orderopt.views.charts import draw_lateness, draw_load
from orderopt.views.clock import format_moments
from orderopt.views.embed import OFFLINE_POLICY, bokeh_script, chart_json, template_text
from orderopt.views.figures import load_figure
from orderopt.views.gantt import MOST_BARS, draw_gantt
from orderopt.views.kpis import STATUS_MEANING, plan_kpis, term_rows
from orderopt.views.lines import LineState, format_quantity, line_table, unserved_parts

if TYPE_CHECKING:
    from jinja2 import Environment

    from orderopt.models.plan import Plan

MOST_ROWS = 3000
"""A table of the page shows at most so many rows; the complete tables are in the plan's CSV files."""


@cache
def html_environment() -> Environment:
    """Return the jinja2 environment of all views: everything is escaped unless a template says otherwise."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        autoescape=True,
        loader=FunctionLoader(template_text),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_page(plan: Plan, path: str | Path, *, max_rows: int = MOST_ROWS, max_bars: int = MOST_BARS) -> None:
    """Write one self-contained HTML page of a plan: figures, Gantt chart, promises, purchases and warnings.

    The same plan gives the same bytes. The file appears whole or not at all.

    Parameters
    ----------
    plan
        The plan to show.
    path
        The file to write; folders are made as needed, an existing file is replaced.
    max_rows
        Rows that each table shows at most; late and unserved lines come first.
    max_bars
        Tasks that the Gantt chart shows at most.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(build_page(plan, max_rows=max_rows, max_bars=max_bars), encoding="utf-8", newline="\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def build_page(plan: Plan, *, max_rows: int = MOST_ROWS, max_bars: int = MOST_BARS) -> str:
    """Return the text of the page that :func:`write_page` writes."""
    gantt = draw_gantt(plan, max_bars=max_bars)
    charts = {"gantt": gantt.layout, "load": draw_load(plan), "lateness": draw_lateness(plan)}
    settings, summary = plan.snapshot.settings, plan.summary
    lines = line_table(plan)
    purchases, unserved = _purchase_rows(plan), _unserved_rows(plan)
    return (
        html_environment()
        .get_template("page.html")
        .render(
            policy=OFFLINE_POLICY,
            css=template_text("page.css"),
            script=template_text("page.js"),
            bokeh=bokeh_script(),
            charts={name: chart_json(chart, f"chart-{name}") for name, chart in charts.items()},
            summary=summary,
            settings=settings,
            window=_window(plan),
            status_meaning=STATUS_MEANING[summary.status],
            kpis=plan_kpis(plan),
            terms=term_rows(summary),
            gantt=gantt,
            bucket=load_figure(plan).bucket,
            states=[state.value for state in LineState],
            lines=lines[:max_rows].to_dict("records"),
            num_lines=len(lines),
            purchases=purchases[:max_rows],
            num_purchases=len(purchases),
            unserved=unserved[:max_rows],
            num_unserved=len(unserved),
        )
    )


def _window(plan: Plan) -> tuple[str, str]:
    settings, schedule = plan.snapshot.settings, plan.schedule
    last = settings.horizon_end if schedule.empty else schedule["end"].max()
    first, until = format_moments([settings.horizon_start, last or pd.NaT], settings.timezone)
    return first, until


def _purchase_rows(plan: Plan) -> list[dict[str, Any]]:
    snapshot, purchases = plan.snapshot, plan.purchases
    zone = snapshot.settings.timezone
    purchases = purchases.assign(
        order_text=format_moments(purchases["order_at"], zone),
        receive_text=format_moments(purchases["receive_at"], zone),
    ).sort_values(["order_text", "purchase_id"], kind="stable")
    suppliers = {supplier.supplier_id: supplier.name or supplier.supplier_id for supplier in snapshot.suppliers}
    items = {item.item_id: item for item in snapshot.items}
    rows = []
    for row in purchases.to_dict("records"):
        item = items.get(row["item_id"])
        rows.append(
            {
                "purchase_id": row["purchase_id"],
                "supplier": suppliers.get(row["supplier_id"], row["supplier_id"]),
                "item_id": row["item_id"],
                "item": (item and item.name) or "",
                "quantity": f"{format_quantity(row['quantity'])} {(item and item.uom) or ''}".strip(),
                "order_at": row["order_text"],
                "receive_at": row["receive_text"],
                "total": f"{row['total']:,.2f}",
                "for": str(row["for"]),
            }
        )
    return rows


def _unserved_rows(plan: Plan) -> list[dict[str, str]]:
    table = line_table(plan)
    facts = {(row["order_id"], row["line_no"]): row for row in table.to_dict("records")}
    rows = []
    for part in unserved_parts(plan).to_dict("records"):
        known = facts.get((part["order_id"], part["line_no"]), {})
        rows.append(
            {
                "order": f"{part['order_id']}/{part['line_no']}",
                "customer": known.get("customer", ""),
                "item": known.get("item", ""),
                "quantity": format_quantity(part["quantity"]),
                "asked": known.get("asked", ""),
                "due": known.get("due", ""),
                "reason": str(part["reason"]),
            }
        )
    return sorted(rows, key=lambda row: (row["due"], row["order"]))
