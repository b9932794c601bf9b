"""Scenarios at the level where a user meets them: tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orderopt.models.summary import Status
from orderopt.rules.judge import judge_plan
from orderopt.stages.plan import plan
from orderopt.tables.read import read_snapshot

if TYPE_CHECKING:
    import pandas as pd

    from orderopt.models.plan import Plan

ALL_WEEK = [{"calendar_id": "DAY", "weekday": day, "opens": "08:00", "closes": "16:00"} for day in range(7)]
"""Eight hours, every day."""


def plan_tables(tables: dict[str, Any]) -> Plan:
    """Plan tables; the plan is correct and proven to be the best.

    The strategy that plans step by step is asked too: its plan need not be the best, but has to be correct.
    """
    snapshot = read_snapshot(tables)
    quick = plan(snapshot, strategy="dispatch", time_limit=5.0, workers=1)
    made = plan(snapshot, time_limit=20.0, workers=1)
    for each in (quick, made):
        assert judge_plan(snapshot, each.to_frames()).violations == ()
    assert made.summary.status is Status.OPTIMAL
    assert made.summary.objective <= quick.summary.objective
    return made


def text(table: pd.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    """Return some columns of a table as people read them: whole numbers plain, moments without the zone."""
    return [tuple(_word(cell) for cell in row) for row in table[list(columns)].astype(object).itertuples(index=False)]


def _word(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if hasattr(cell, "strftime"):
        return f"{cell:%Y-%m-%d %H:%M}"
    return f"{cell.normalize():f}" if hasattr(cell, "normalize") else str(cell)
