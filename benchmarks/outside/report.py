"""Tables of the comparisons, for the screen and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from benchmarks.outside.brunel import DaysComparison
from benchmarks.outside.frepple import Comparison

Row = dict[str, str]


def build_frepple_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    """Return a row for each case: theirs beside ours."""
    rows = []
    for each in comparisons:
        theirs = each.theirs
        row = {"case": each.name, "lines": str(each.lines), "compared": each.word}
        for column in ("on_time", "late", "short", "late_days"):
            row[column] = _number(getattr(each.ours, column))
            row[f"{column}_theirs"] = "" if theirs is None else _number(getattr(theirs, column))
        row |= {"setup_days": f"{each.setup_days:g}", "status": each.status, "stopped": each.stop_reason}
        rows.append({**row, "seconds": f"{each.seconds:.1f}"})
    return rows


def build_brunel_rows(comparisons: Sequence[DaysComparison]) -> list[Row]:
    """Return a row for each window."""
    return [
        {
            "case": each.name,
            "rest": each.rest,
            "days": str(each.days),
            "orders": str(each.orders),
            "served": str(each.served),
            "served_reference": str(each.reference_served),
            "cost": f"{each.cost:.2f}",
            "cost_reference": f"{each.reference_cost:.2f}",
            "status": each.status,
            "gap": "" if each.gap is None else f"{each.gap:.4f}",
            "seconds": f"{each.seconds:.1f}",
        }
        for each in comparisons
    ]


def _number(value: object) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def draw_table(rows: Sequence[Row]) -> str:
    """Return rows as text in aligned columns."""
    columns = list(rows[0])
    widths = [max(len(column), *(len(row[column]) for row in rows)) for column in columns]
    lines = [columns, *([row[column] for column in columns] for row in rows)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
