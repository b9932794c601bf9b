"""Plans of small plants, and their tables as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orderopt.models.summary import Status
from orderopt.rules.judge import judge_plan
from orderopt.stages.plan import plan

if TYPE_CHECKING:
    import pandas as pd

    from orderopt.models.plan import Plan
    from orderopt.models.snapshot import Snapshot


def plan_well(snapshot: Snapshot, strategy: str = "auto", time_limit: float = 20.0) -> Plan:
    """Return the plan of a plant that is small enough to be planned optimally."""
    made = plan(snapshot, strategy=strategy, time_limit=time_limit, workers=1)
    assert judge_plan(snapshot, made.to_frames()).violations == ()
    return made


def plan_best(snapshot: Snapshot) -> Plan:
    """Return a plan that is proven to be the best."""
    made = plan_well(snapshot)
    assert made.summary.status is Status.OPTIMAL
    return made


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of a table, row by row; missing cells as None."""
    return [
        tuple(None if cell is None or cell != cell else cell for cell in row)
        for row in table[list(columns)].astype(object).itertuples(index=False, name=None)
    ]
