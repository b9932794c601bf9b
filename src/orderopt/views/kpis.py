"""The figures that head a page or card: how many lines are served how well, and what the plan costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderopt.models.summary import Status
from orderopt.views.clock import format_minutes
from orderopt.views.lines import unserved_parts

if TYPE_CHECKING:
    from orderopt.models.plan import Plan
    from orderopt.models.summary import Summary

STATUS_MEANING = {
    Status.OPTIMAL: "proven: no plan costs less",
    Status.FEASIBLE: "keeps every rule; a cheaper plan may exist",
    Status.INFEASIBLE: "no plan keeps every rule",
    Status.UNKNOWN: "no answer within the time limit",
    Status.CANCELLED: "stopped early; the best plan so far",
}


@dataclass(frozen=True)
class Kpi:
    """One figure with its name, a remark, and whether it is good, bad or neither."""

    name: str
    figure: str
    remark: str
    mood: str = ""


@dataclass(frozen=True)
class TermRow:
    """One term of the objective: its amount before the weight, the weight, and what it adds."""

    name: str
    amount: float
    weight: float
    weighted: float
    share: float


@dataclass(frozen=True)
class LineCounts:
    """Lines of the plan; a line that is late and partly unserved counts in both."""

    lines: int
    on_time: int
    late: int
    unserved: int


def count_lines(plan: Plan) -> LineCounts:
    """Count lines on time, late, and with something unserved."""
    promises = plan.promises
    unserved = unserved_parts(plan)[["order_id", "line_no"]].drop_duplicates()
    return LineCounts(
        lines=len(promises),
        on_time=int(promises["on_time"].astype(bool).sum()),
        late=int((promises["tardiness_minutes"].astype("int64") > 0).sum()),
        unserved=len(unserved),
    )


def format_money(amount: float | None, currency: str) -> str:
    """Return an amount such as ``18,204.00 EUR``, or a dash."""
    return "–" if amount is None else f"{amount:,.2f} {currency}"


def plan_kpis(plan: Plan) -> list[Kpi]:
    """Return the figures that head the page."""
    counts, summary = count_lines(plan), plan.summary
    tardiness = plan.promises["tardiness_minutes"].astype("int64")
    worst = f"worst {format_minutes(int(tardiness.max()))}" if counts.late else "nothing is late"
    share = f"of {counts.lines:,} lines ({counts.on_time / counts.lines:.1%})" if counts.lines else "no lines"
    spoilt = "bad" if counts.unserved else "good"
    gap = "–" if summary.gap is None else f"{summary.gap:.1%}"
    proven = "nothing proven" if summary.bound is None else f"no plan costs less than {summary.bound:,.2f}"
    good = counts.lines == counts.on_time
    return [
        Kpi("Lines on time", f"{counts.on_time:,}", share, "good" if good else ""),
        Kpi("Late", f"{counts.late:,}", worst, "bad" if counts.late else "good"),
        Kpi("Unserved", f"{counts.unserved:,}", "lines, wholly or in part", spoilt),
        Kpi("Objective", f"{summary.objective:,.2f}", f"{summary.currency}, weighted sum of the terms"),
        Kpi("Gap to bound", gap, proven),
        Kpi("Status", summary.status.value, STATUS_MEANING[summary.status]),
    ]


def term_rows(summary: Summary) -> list[TermRow]:
    """Return the terms of the objective; `share` is each one's part of the sum."""
    whole = sum(amount * summary.weights.get(name, 1.0) for name, amount in summary.terms.items())
    rows = []
    for name, amount in summary.terms.items():
        weight = summary.weights.get(name, 1.0)
        weighted = amount * weight
        rows.append(TermRow(name, amount, weight, weighted, weighted / whole if whole else 0.0))
    return rows
