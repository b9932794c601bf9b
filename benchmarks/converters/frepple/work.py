"""A conversion under way: the model by name, and what has been found out about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from benchmarks.converters.frepple.source import Row, Source

UNLIMITED = 1000
"""Tasks at once on a resource that stands for none."""

ENDLESS = Decimal(10) ** 9
"""On hand where frePPLe has an infinite buffer."""

AFTER_DUE = timedelta(days=2 * 365)
"""Calendars are kept until so long after the last due date; later changes are left out."""

SHOWN = 8
"""Reasons that the report prints for a model; the conversion has them all."""

PLANT = "plant"
"""The unit of operations without location."""


@dataclass(frozen=True)
class Step:
    """One operation of a routing on the resources that can do it."""

    operation: Row
    op_no: int
    resources: tuple[str, ...]
    family: str | None


@dataclass(frozen=True)
class Way:
    """One way of making an item: its steps, what they draw, and how much one run makes."""

    unit: str
    steps: tuple[Step, ...]
    draws: tuple[tuple[str, Decimal, int], ...]
    makes: Decimal


@dataclass
class Work:
    """A conversion under way."""

    source: Source
    start: datetime
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    calendars: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Calendars whose common open time is that of a resource, by resource."""

    def __post_init__(self) -> None:
        self.operation = self.index("operation")
        self.item = self.index("item")
        self.resource = self.index("resource")
        self.location = self.index("location")
        self.buffer = self.index("buffer")
        self.loads: dict[str, list[Row]] = defaultdict(list)
        for row in self.source.tables["load"]:
            self.loads[row.get("operation", "")].append(row)
        self.flows: dict[str, list[Row]] = defaultdict(list)
        for row in self.source.tables["flow"]:
            self.flows[row.get("operation", "")].append(row)
        self.parts: dict[str, list[Row]] = defaultdict(list)
        for row in self.source.tables["suboperation"]:
            self.parts[row["suboperationof"]].append(row)

    def index(self, table: str) -> dict[str, Row]:
        """Return the rows of a table by name."""
        return {row["name"]: row for row in self.source.tables[table] if "name" in row}

    def flow_item(self, flow: Row) -> str:
        """Return the item that a flow moves."""
        return flow.get("item") or self.buffer.get(flow.get("buffer", ""), {}).get("item") or flow.get("buffer", "")
