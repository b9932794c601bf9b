"""What a reader asks about an order line: for whom, by when, what was promised, and what is the matter."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

from orderopt.models.result import SourceType
from orderopt.views.clock import format_minutes, format_moments

if TYPE_CHECKING:
    from decimal import Decimal

    from orderopt.models.plan import Plan


class LineState(StrEnum):
    """How a line fares, worst first."""

    UNSERVED = "unserved"
    SHORT = "partly served"
    LATE = "late"
    ON_TIME = "on time"


def format_quantity(quantity: Decimal) -> str:
    """Return an exact quantity without idle zeros, for example ``1,200`` or ``0.5``."""
    text = f"{quantity:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def state_of(*, is_promised: bool, is_whole: bool, tardiness_minutes: int) -> LineState:
    """Return how a line fares; what is not served weighs more than what is late."""
    if not is_promised:
        return LineState.UNSERVED
    if not is_whole:
        return LineState.SHORT
    return LineState.LATE if tardiness_minutes > 0 else LineState.ON_TIME


def unserved_parts(plan: Plan) -> pd.DataFrame:
    """Return the rows of the allocation that no source serves."""
    allocation = plan.allocation
    return allocation[allocation["source_type"].astype(str) == SourceType.UNSERVED.value]


def line_table(plan: Plan) -> pd.DataFrame:
    """Return one row of text for each promised line, the worst first.

    Returns
    -------
    pandas.DataFrame
        Columns `order_id`, `line_no`, `customer`, `item_id`, `item`, `asked`, `quantity` (promised), `due`,
        `promised`, `tardiness_minutes`, `late_by`, `state`, `bottleneck`, `explanation`. Moments are text on the
        plan's wall clock.
    """
    snapshot, promises = plan.snapshot, plan.promises
    zone = snapshot.settings.timezone
    lines = {(line.order_id, line.line_no): line for line in snapshot.order_lines}
    unserved = set(unserved_parts(plan)[["order_id", "line_no"]].itertuples(index=False, name=None))
    keys = list(zip(promises["order_id"], promises["line_no"], strict=True))
    customers = {
        order.order_id: (found.name or found.customer_id)
        if (found := snapshot.customer.get(order.customer_id))
        else order.customer_id
        for order in snapshot.orders
    }
    names = {item.item_id: item.name or item.item_id for item in snapshot.items}
    tardiness = [int(minutes) for minutes in promises["tardiness_minutes"]]
    items = [lines[key].item_id if key in lines else "" for key in keys]
    table = pd.DataFrame(
        {
            "order_id": [order_id for order_id, _ in keys],
            "line_no": [line_no for _, line_no in keys],
            "customer": [customers.get(order_id, "") for order_id, _ in keys],
            "item_id": items,
            "item": [names.get(item_id, item_id) for item_id in items],
            "asked": [format_quantity(lines[key].quantity) if key in lines else "" for key in keys],
            "quantity": [format_quantity(quantity) for quantity in promises["quantity"]],
            "due": format_moments(promises["due_at"], zone),
            "promised": format_moments(promises["promised_at"], zone),
            "tardiness_minutes": tardiness,
            "late_by": [format_minutes(minutes) if minutes > 0 else "" for minutes in tardiness],
            "state": [
                state_of(is_promised=promised, is_whole=key not in unserved, tardiness_minutes=minutes).value
                for key, promised, minutes in zip(keys, promises["promised_at"].notna(), tardiness, strict=True)
            ],
            "bottleneck": ["" if pd.isna(text) else str(text) for text in promises["bottleneck"]],
            "explanation": ["" if pd.isna(text) else str(text) for text in promises["explanation"]],
        }
    )
    rank = {state.value: place for place, state in enumerate(LineState)}
    order = pd.DataFrame(
        {
            "rank": [rank[state] for state in table["state"]],
            "ease": [-minutes for minutes in tardiness],
            "due": table["due"],
            "order_id": table["order_id"],
            "line_no": table["line_no"],
        }
    )
    by_need = order.sort_values(["rank", "ease", "due", "order_id", "line_no"], kind="stable").index
    return table.loc[by_need].reset_index(drop=True)
