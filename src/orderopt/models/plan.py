"""A plan: one version of what is decided, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from orderopt.models.result import (
    AllocationPart,
    Job,
    Peg,
    Promise,
    Purchase,
    Shipment,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from orderopt.models.record import Record
    from orderopt.models.snapshot import Snapshot
    from orderopt.models.summary import Summary

PLAN_TABLES: dict[str, type[Record]] = {
    record.TABLE: record for record in (AllocationPart, Job, Task, Purchase, Shipment, Peg, Promise)
}
"""The tables of a plan and the records they hold."""


def _door(place: str) -> Any:
    """Open a room above this one at the moment it is asked for (``module:function``)."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """One version of what is decided, with the snapshot it answers.

    Every table is a pandas DataFrame with the columns of the contract: ids are text, times are aware
    (in the plan's time zone), quantities and money are exact :class:`decimal.Decimal`. Each access returns a
    copy, so that a plan never changes.
    """

    snapshot: Snapshot
    summary: Summary
    _tables: Mapping[str, pd.DataFrame]

    @property
    def allocation(self) -> pd.DataFrame:
        """Who serves which part of which line."""
        return self._tables["allocation"].copy()

    @property
    def jobs(self) -> pd.DataFrame:
        """What is made where."""
        return self._tables["jobs"].copy()

    @property
    def schedule(self) -> pd.DataFrame:
        """Each task on its resource in time."""
        return self._tables["schedule"].copy()

    @property
    def purchases(self) -> pd.DataFrame:
        """What is bought, where and when."""
        return self._tables["purchases"].copy()

    @property
    def shipments(self) -> pd.DataFrame:
        """What travels when."""
        return self._tables["shipments"].copy()

    @property
    def pegging(self) -> pd.DataFrame:
        """Which supply serves which demand."""
        return self._tables["pegging"].copy()

    @property
    def promises(self) -> pd.DataFrame:
        """What each customer can be told, and why."""
        return self._tables["promises"].copy()

    def to_frames(self) -> dict[str, pd.DataFrame]:
        """Return all tables of the plan by name."""
        return {name: table.copy() for name, table in self._tables.items()}

    def to_csv(self, folder: str | Path) -> None:
        """Write the plan's tables as CSV files and the summary as ``summary.json`` into `folder`."""
        _door("orderopt.tables.write:write_plan")(self, folder, file_format="csv")

    def to_excel(self, path: str | Path) -> None:
        """Write the plan as one workbook, a sheet a table (needs the extra ``excel``)."""
        _door("orderopt.tables.write:write_plan")(self, path, file_format="xlsx")

    def gantt(self) -> Any:
        """Return an interactive Gantt chart that shows itself in a notebook."""
        return _door("orderopt.views.gantt:draw_gantt")(self)

    def report(self, path: str | Path) -> None:
        """Write one self-contained HTML page of the plan, usable offline."""
        _door("orderopt.views.page:write_page")(self, path)

    def __repr__(self) -> str:
        summary = self.summary
        counts = summary.counts
        gap = "no bound" if summary.gap is None else f"gap {summary.gap:.1%}"
        return (
            f"<Plan {counts.get('lines_on_time', 0)}/{counts.get('lines', 0)} lines on time, "
            f"cost {summary.objective:,.2f} {summary.currency}, {gap}, {summary.status}>"
        )

    def _repr_html_(self) -> str:
        return str(_door("orderopt.views.card:card_html")(self))

    def _ipython_display_(self) -> None:
        _door("orderopt.views.card:display_plan")(self)
