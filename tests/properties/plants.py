"""Random plants: small, consistent snapshots with any mixture of features, made to shrink well."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from exhaustive.clock import Clock, find_first_fit
from hypothesis import strategies as st

from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.customer import Customer
from orderopt.models.item import BomLine, Item, Operation, Setup
from orderopt.models.network import (
    CapacityChange,
    Lane,
    Offer,
    ProductionUnit,
    Quota,
    Receipt,
    ReceiptKind,
    Resource,
    Stock,
    Supplier,
)
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.result import FixedTask
from orderopt.models.snapshot import Snapshot, record_types

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
Size = Literal["tiny", "small"]

SHORTEST_SHIFT = 240
"""Open minutes that every calendar offers in one piece again and again."""


@dataclass(frozen=True)
class Features:
    """What a plant has beside orders that are made on one machine.

    Every feature is off unless switched on; :meth:`only` switches on what a feature makes no sense without.
    """

    calendars: bool = False
    unbreakable: bool = False
    setups: bool = False
    forbidden: bool = False
    parallel: bool = False
    windows: bool = False
    alternatives: bool = False
    units: bool = False
    transfer: bool = False
    waits: bool = False
    overlaps: bool = False
    crews: bool = False
    bom: bool = False
    made_components: bool = False
    stock: bool = False
    receipts: bool = False
    suppliers: bool = False
    lanes: bool = False
    split: bool = False
    fixed_tasks: bool = False
    release: bool = False
    priorities: bool = False
    fairness: bool = False
    objectives: bool = False
    earliness: bool = False
    max_share: bool = False
    floors: bool = False
    preference: bool = False
    quotas: bool = False
    dst: bool = False
    ended: bool = False

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all features."""
        return tuple(feature.name for feature in fields(cls))

    @classmethod
    def only(cls, *names: str) -> Features:
        """Return these features alone, with those that they need."""
        return cls(**{name: True for asked in names for name in (asked, *_NEEDS.get(asked, ()))})

    @classmethod
    def all_on(cls, *, extras: bool = False) -> Features:
        """Return all features together; those that only some strategies know only if asked for."""
        return cls.only(*(name for name in cls.names() if extras or name not in EXTRAS))


EXTRAS = ("waits", "overlaps", "crews")
"""Features that only some strategies know, and the exhaustive planner does not."""

PACED = ("objectives", "earliness")
"""Features with which the exhaustive planner is slow, and so takes only the smallest of plants."""

_NEEDS = {
    "unbreakable": ("calendars",),
    "forbidden": ("setups",),
    "windows": ("parallel",),
    "crews": ("setups",),
    "dst": ("calendars",),
    "made_components": ("bom",),
    "fairness": ("units",),
    "max_share": ("units",),
    "floors": ("units", "suppliers"),
    "preference": ("units", "suppliers"),
    "quotas": ("units", "suppliers"),
}


def plants(features: Features | None = None, size: Size = "tiny") -> st.SearchStrategy[Snapshot]:
    """Return a strategy for consistent snapshots.

    Parameters
    ----------
    features
        What the plants have; None draws each feature on or off.
    size
        ``tiny``: mostly small enough for :func:`brute_force.plan_exhaustively`; ``small``: up to six lines.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(plants(Features.only("calendars")), lambda snapshot: True).planned_lines[0].quantity
    Decimal('1')
    """
    if features is not None:
        return _build_plant(features=features, size=size)
    flag = st.sampled_from((False, False, True)) if size == "tiny" else st.booleans()
    flags = {name: flag for name in Features.names() if size != "tiny" or name not in EXTRAS}
    if size == "tiny":
        flags.update(dict.fromkeys(PACED, st.sampled_from((False, False, False, False, False, True))))
    drawn = st.fixed_dictionaries(flags)
    return drawn.flatmap(lambda flags: plants(Features.only(*(name for name, is_on in flags.items() if is_on)), size))


@st.composite
def _build_plant(draw: st.DrawFn, *, features: Features, size: Size) -> Snapshot:
    return _PlantDraft(draw, features, size).build()


def describe(snapshot: Snapshot) -> str:
    """Return all rows of a snapshot as code, one a line, without what is by default."""
    rows = [snapshot.settings, *(row for name in record_types() for row in getattr(snapshot, name))]
    return "\n".join(
        f"{type(row).__name__}({', '.join(f'{name}={value}' for name, value in shown.items())})"
        for row in rows
        for shown in [{name: repr(str(value)) for name, value in row.model_dump(exclude_defaults=True).items()}]
    )


def decimal(text: str | int) -> Decimal:
    """Return an exact decimal."""
    return Decimal(text)


class _PlantDraft:
    """A plant while it is drawn: tables are filled in the order in which they depend on each other."""

    def __init__(self, draw: st.DrawFn, features: Features, size: Size) -> None:
        self.draw, self.on, self.is_small = draw, features, size == "small"
        self.tables: dict[str, list[Any]] = {
            name: [] for name in Snapshot.model_fields if name not in {"settings", "findings"}
        }

    # -- drawing ----------------------------------------------------------------------------------------------
    def pick(self, *values: T) -> T:
        """Draw one of the values; the first is the simplest."""
        return self.draw(st.sampled_from(values))

    def chance(self) -> bool:
        """Draw yes or no; no is simpler."""
        return self.draw(st.booleans())

    def count(self, least: int, most: int) -> int:
        """Draw a number."""
        return self.draw(st.integers(least, most))

    def number(self, *texts: str) -> Decimal:
        """Draw one of some decimals; the first is the simplest."""
        return decimal(self.pick(*texts))

    def after(self, *hours: float) -> datetime:
        """Draw a moment some hours after the horizon's start."""
        return self.settings.horizon_start + timedelta(hours=self.pick(*hours))

    def add(self, record: T) -> T:
        """Put a record into its table."""
        self.tables[record.TABLE].append(record)  # type: ignore[attr-defined]
        return record

    # -- building ---------------------------------------------------------------------------------------------
    def build(self) -> Snapshot:
        """Draw all tables."""
        self.settings = self.build_settings()
        self.calendar_ids = self.build_calendars() if self.on.calendars else []
        self.build_units()
        num_products = self.count(1, 3 if self.is_small else 2)
        self.products = [self.build_item(f"P{number}") for number in range(1, num_products + 1)]
        for item in self.products:
            self.build_routings(item, self.count(1, 3 if self.is_small else 2))
        self.components = self.build_bom() if self.on.bom else []
        if self.on.setups:
            self.build_setups()
        if self.on.windows:
            self.build_windows()
        self.build_orders()
        self.build_supplies()
        if self.on.lanes:
            self.build_lanes()
        if self.on.quotas:
            self.build_quotas()
        if self.on.fixed_tasks:
            self.build_fixed_tasks()
        return Snapshot(settings=self.settings, **{name: tuple(rows) for name, rows in self.tables.items()})

    def build_settings(self) -> Policy:
        """Draw the moment of planning and what costs weigh."""
        zone = "Europe/Berlin" if self.on.dst else "UTC"
        days = ((2026, 3, 28), (2026, 10, 24)) if self.on.dst else ((2026, 1, 5),)
        start = datetime(*self.pick(*days), 6, 0, tzinfo=ZoneInfo(zone))
        optional: dict[str, Any] = {}
        if self.on.fairness:
            optional["weight_fairness"] = self.number("10", "100", "1000")
            if self.chance():
                optional["horizon_end"] = start + timedelta(days=self.pick(1, 3))
        if self.on.preference:
            optional["weight_preference"] = self.number("20", "1", "300")
            optional["prefer_strong"] = self.number("1", "0", "3")
            optional["prefer_reliable"] = self.number("1", "0")
        if self.on.quotas:
            optional["weight_quota"] = self.number("10", "1", "200")
        if self.on.objectives:
            optional["weight_late"] = self.number("20", "0", "300")
            optional["weight_flow"] = self.number("5", "0", "40")
            optional["weight_makespan"] = self.number("0", "50", "500")
        if self.on.earliness and self.chance():
            optional["weight_earliness"] = self.number("1", "20", "300")
        if self.on.fixed_tasks and self.chance():
            optional["frozen_until"] = start + timedelta(hours=self.pick(1, 2.5, 5))
        if self.on.priorities and self.chance():
            optional["weight_tardiness"] = self.number("2", "0.5")
        return Policy(horizon_start=start, timezone=zone, **optional)

    def build_calendars(self) -> list[str]:
        """Draw calendars with a shift of at least four hours on every working day."""
        days = range(7) if self.on.dst or self.chance() else range(5)
        patterns = {
            "day": (("08:00", "16:00"),),
            "split": (("06:00", "11:00"), ("12:00", "17:00")),
            "night": (("00:00", "06:00"), ("22:00", "24:00")),
            "short": (("09:00", "13:00"),),
        }
        names = list(dict.fromkeys(self.pick(*patterns) for _ in range(self.count(1, 2))))
        for name in names:
            for day in days:
                for opens, closes in patterns[name]:
                    self.add(Shift(calendar_id=name, weekday=day, opens=opens, closes=closes))
        exceptions: dict[tuple[Any, ...], CalendarException] = {}
        for _ in range(self.count(0, 2)):
            starts_at = self.after(3, 0, 8, 20, 27)
            ends_at = starts_at + timedelta(minutes=self.pick(60, 30, 240, 1440))
            row = CalendarException(
                calendar_id=self.pick(*names), starts_at=starts_at, ends_at=ends_at, open=self.chance()
            )
            exceptions.setdefault(row.key, row)
        self.tables["calendar_exceptions"].extend(exceptions.values())
        return names

    def build_units(self) -> None:
        """Draw one or two units and their resources."""
        for number in range(1, 3 if self.on.units else 2):
            unit = self.add(
                ProductionUnit(
                    unit_id=f"U{number}",
                    quality=self.number("1", "0.9", "0.8", "0.5") if self.on.units else decimal(1),
                    site=f"S{number}" if self.chance() else None,
                    max_share=self.number("0.5", "0.75") if self.on.max_share and self.chance() else None,
                    quality_rating=self.draw_rating(),
                    **self.draw_marks(),
                )
            )
            for letter in "AB" if self.on.alternatives or self.is_small or self.chance() else "A":
                self.add(
                    Resource(
                        resource_id=f"{unit.unit_id}{letter}",
                        unit_id=unit.unit_id,
                        calendar_id=self.pick(None, *self.calendar_ids) if self.calendar_ids else None,
                        capacity=self.pick(2, 1, 3) if self.on.parallel else 1,
                        cost_per_hour=self.number("0", "6", "30", "45.5"),
                        efficiency=self.number("1", "2", "0.8") if self.on.alternatives else decimal(1),
                        initial_family=self.pick(None, "red", "blue") if self.on.setups else None,
                        setup_crew=self.pick("crew", None, "other") if self.on.crews else None,
                    )
                )

    def draw_marks(self) -> dict[str, Any]:
        """Draw what a unit's preference is told from, or the preference itself."""
        if not self.on.preference:
            return {}
        return {
            "on_time_rate": self.pick(None, decimal("0.8"), decimal("0.9")),
            "usual_lead_days": self.pick(decimal(1), None, decimal(2)),
            "usual_per_week": self.pick(None, decimal(4), decimal(9)),
            "preference": self.pick(None, None, decimal("0.25"), decimal(1)),
        }

    def build_windows(self) -> None:
        """Draw spans in which resources have fewer places."""
        found: dict[tuple[Any, ...], CapacityChange] = {}
        for resource in self.tables["resources"]:
            for _ in range(self.count(0, 2) if resource.capacity > 1 else 0):
                starts_at = self.after(0, 1, 3, 9, 26)
                ends_at = starts_at + timedelta(minutes=self.pick(60, 30, 240, 1440))
                capacity = self.count(0, resource.capacity - 1)
                row = CapacityChange(
                    resource_id=resource.resource_id, starts_at=starts_at, ends_at=ends_at, capacity=capacity
                )
                found.setdefault(row.key, row)
        self.tables["capacity_changes"].extend(found.values())

    def build_item(self, item_id: str) -> Item:
        """Draw an item."""
        step = self.number("1", "2", "0.5") if self.on.units else decimal(1)
        return self.add(Item(item_id=item_id, quantity_step=step, quality_floor=self.draw_floor()))

    def draw_floor(self) -> Decimal | None:
        """Draw the lowest rating that is good enough."""
        return self.pick(None, None, decimal("0.9"), decimal("0.7")) if self.on.floors else None

    def draw_rating(self) -> Decimal | None:
        """Draw how the quality of a unit or supplier is rated; None as its quality is."""
        return self.pick(decimal("0.8"), None, decimal("0.95")) if self.on.floors else None

    def build_routings(self, item: Item, num_steps: int) -> None:
        """Draw how an item is made: always at the first unit, perhaps at the second."""
        for unit in self.tables["production_units"]:
            if unit.unit_id == "U1" or self.chance():
                resources = [row.resource_id for row in self.tables["resources"] if row.unit_id == unit.unit_id]
                for step in range(1, num_steps + 1):
                    self.build_step(item, unit.unit_id, 10 * step, resources)

    def build_step(self, item: Item, unit_id: str, op_no: int, resources: Sequence[str]) -> None:
        """Draw a step with the resources that can do it."""
        chosen = [self.pick(*resources)]
        if self.on.alternatives and self.chance():
            chosen = list(resources)
        transfer = self.number("30", "90", "0.5") if self.on.transfer and self.chance() else None
        batch = self.number("1", "2", "0.5") if self.on.overlaps and self.chance() else None
        wait = self.number("90", "120", "600") if self.on.waits and self.chance() else None
        for resource_id in chosen:
            self.add(
                Operation(
                    item_id=item.item_id,
                    unit_id=unit_id,
                    op_no=op_no,
                    resource_id=resource_id,
                    fixed_minutes=self.number("0", "20", "45"),
                    minutes_per_unit=self.number("30", "10", "7.5", "60"),
                    family=self.pick("red", "blue", None) if self.on.setups else None,
                    breakable=not (self.on.unbreakable and self.chance()),
                    transfer_minutes=transfer,
                    transfer_batch=batch,
                    max_wait_minutes=wait,
                )
            )

    def build_bom(self) -> list[Item]:
        """Draw what goes into the products, one or two levels deep."""
        components = [self.build_item("C1")]
        if self.is_small and self.chance():
            components.append(self.build_item("C2"))
        for item in self.products:
            for component in components:
                if item.item_id == "P1" or self.chance():
                    self.build_bom_line(item, component)
        if self.on.made_components:
            self.build_routings(components[0], 1)
            if self.chance():
                material = self.build_item("M1")
                self.build_bom_line(components[0], material)
                components.append(material)
        return components

    def build_bom_line(self, item: Item, component: Item) -> None:
        """Draw how much of a component an item takes, and at which step."""
        op_nos = sorted({row.op_no for row in self.tables["operations"] if row.item_id == item.item_id})
        self.add(
            BomLine(
                item_id=item.item_id,
                component_id=component.item_id,
                quantity_per=self.number("1", "2", "0.5"),
                op_no=self.pick(None, *op_nos),
                scrap=self.pick(None, None, decimal("0.1")),
            )
        )

    def build_setups(self) -> None:
        """Draw changeovers: some pairs, some with ``*``, some at a cost."""
        for resource in self.tables["resources"]:
            for before in ("red", "blue", "*"):
                for after in ("red", "blue"):
                    if before != after and self.chance():
                        self.add(
                            Setup(
                                resource_id=resource.resource_id,
                                from_family=before,
                                to_family=after,
                                minutes=self.number("15", "0", "40"),
                                cost=self.number("0", "4", "25"),
                                forbidden=self.on.forbidden
                                and resource.capacity == 1
                                and self.pick(False, False, True),
                            )
                        )

    # -- demand -----------------------------------------------------------------------------------------------
    def build_orders(self) -> None:
        """Draw customers, orders and lines, and sometimes an order that has ended."""
        num_customers = self.count(1, 2)
        for number in range(1, num_customers + 1):
            self.add(Customer(customer_id=f"K{number}", priority=self.draw_priority(), quality_floor=self.draw_floor()))
        num_lines = self.count(1, 6 if self.is_small else 3)
        order: Order | None = None
        for number in range(1, num_lines + 1):
            if order is None or not self.chance():
                order = self.build_order(f"O{number}", self.count(1, num_customers), status=None)
            self.build_line(order, str(number), self.after(8, 2, 4, 24, 30, 54))
        if self.on.ended and self.chance():
            ended = self.build_order("E1", 1, status=self.pick("cancelled", "completed", "Closed"))
            self.build_line(ended, "1", self.after(8))

    def draw_priority(self) -> Decimal:
        """Draw a priority."""
        return self.number("1", "2", "0.5") if self.on.priorities else decimal(1)

    def build_order(self, order_id: str, customer: int, *, status: str | None) -> Order:
        """Draw an order."""
        order = Order(order_id=order_id, customer_id=f"K{customer}", priority=self.draw_priority(), status=status)
        return self.add(order)

    def build_line(self, order: Order, line_no: str, due_at: datetime) -> OrderLine:
        """Draw an order line."""
        quantity = decimal(self.count(1, 5 if self.is_small else 3))
        may_split = self.on.split and not self.chance()
        min_split = self.pick(None, None, decimal(1), decimal(2)) if may_split else None
        return self.add(
            OrderLine(
                order_id=order.order_id,
                line_no=line_no,
                item_id=self.pick(*self.products).item_id,
                quantity=quantity,
                due_at=due_at,
                release_at=self.after(1, 5, 26) if self.on.release and not self.chance() else None,
                unit_price=self.pick(None, decimal(10)),
                tardiness_cost=self.pick(None, decimal(24), decimal(200), decimal(0)),
                unserved_cost=self.pick(None, None, decimal(500), decimal(15)),
                late_cost=self.pick(None, decimal(0), decimal(3)) if self.on.objectives else None,
                earliness_cost=self.pick(None, decimal(0), decimal(9)) if self.on.earliness else None,
                may_split=may_split,
                min_split=None if min_split is None else min(min_split, quantity),
                destination="D1" if self.on.lanes and not self.chance() else None,
                quality_floor=self.draw_floor(),
            )
        )

    # -- supply -----------------------------------------------------------------------------------------------
    def build_supplies(self) -> None:
        """Draw stock, receipts and suppliers; a component always has at least one of them."""
        if self.on.suppliers:
            self.build_suppliers()
        sold = {row.item_id for row in self.tables["offers"]}
        for item in (*self.products, *self.components):
            is_component = item in self.components
            if self.on.stock and self.chance():
                self.build_stock(item)
            elif is_component and item.item_id not in sold:
                self.add(Stock(item_id=item.item_id, on_hand=self.number("20", "2", "4", "8")))
            if self.on.receipts and self.chance():
                self.add(
                    Receipt(
                        receipt_id=f"R{item.item_id}",
                        item_id=item.item_id,
                        quantity=self.number("1", "2", "4"),
                        available_at=self.after(2, 0, 9, 30),
                        site=self.pick(None, "S1", "S2"),
                        kind=self.pick(None, *ReceiptKind),
                    )
                )

    def build_stock(self, item: Item) -> None:
        """Draw one or two rows of stock at different sites."""
        for site in self.pick((None,), ("S1",), ("S1", "S2")):
            self.add(
                Stock(
                    item_id=item.item_id,
                    on_hand=self.number("1", "2", "3", "8"),
                    site=site,
                    safety_stock=self.number("0", "0", "1"),
                    available_at=self.after(1, 12) if self.chance() else None,
                )
            )

    def build_suppliers(self) -> None:
        """Draw suppliers and their offers."""
        for number in range(1, self.count(1, 2) + 1):
            supplier = self.add(
                Supplier(
                    supplier_id=f"V{number}",
                    quality=self.number("1", "1", "0.9", "0.5"),
                    calendar_id=self.pick(None, *self.calendar_ids),
                    quality_rating=self.draw_rating(),
                    on_time_rate=self.pick(None, decimal("0.9"), decimal("0.5")) if self.on.preference else None,
                )
            )
            for item in (*self.products, *self.components):
                if self.chance() or item in self.components:
                    self.build_offer(supplier, item)

    def build_offer(self, supplier: Supplier, item: Item) -> None:
        """Draw an offer, perhaps with a cheaper price from some quantity on."""
        least = self.pick(None, decimal(2), decimal(3))
        offer = self.add(
            Offer(
                supplier_id=supplier.supplier_id,
                item_id=item.item_id,
                lead_time_days=self.number("1", "0", "0.5", "2"),
                unit_price=self.number("2", "5", "9.99"),
                min_quantity=least,
                lot_multiple=self.pick(None, None, decimal(2)),
                max_per_week=self.pick(None, None, decimal(4)),
                preference=self.pick(None, None, decimal("0.5"), decimal(0)) if self.on.preference else None,
            )
        )
        if self.chance():
            changes: dict[str, Any] = {"unit_price": offer.unit_price - 1, "from_quantity": self.number("3", "4")}
            if self.is_small and self.chance():
                changes |= {"lead_time_days": decimal(3), "min_quantity": None, "lot_multiple": None}
            self.add(offer.model_copy(update=changes))

    def build_quotas(self) -> None:
        """Draw how the units and suppliers of an item share it, and what they have had so far."""
        for item in self.products:
            units = dict.fromkeys(row.unit_id for row in self.tables["operations"] if row.item_id == item.item_id)
            sellers = dict.fromkeys(row.supplier_id for row in self.tables["offers"] if row.item_id == item.item_id)
            sources = [*(("unit_id", name) for name in units), *(("supplier_id", name) for name in sellers)]
            if len(sources) < 2 or not self.chance():
                continue
            first = self.number("0.6", "0.25", "0.5")
            for (column, name), share in zip(sources[:2], (first, 1 - first), strict=True):
                so_far = self.number("0", "5", "2.5", "100")
                self.add(Quota(item_id=item.item_id, share=share, so_far=so_far, **{column: name}))

    def build_lanes(self) -> None:
        """Draw lanes to the customers' place from most origins."""
        places = [name for unit in self.tables["production_units"] for name in (unit.unit_id, unit.site) if name]
        sites = [row.site for row in (*self.tables["stock"], *self.tables["receipts"]) if row.site]
        suppliers = [row.supplier_id for row in self.tables["suppliers"]]
        for origin in dict.fromkeys((*places, *sites, *suppliers)):
            for mode in self.pick(("road",), ("road", "air"), (None,), ()):
                departs = self.pick(None, None, "0-4/16:00", "*/08:00; */20:30", "Mon,Thu,Sat/12:00")
                self.add(
                    Lane(
                        origin=origin,
                        destination="D1",
                        mode=mode,
                        lead_time_hours=self.number("2", "0", "0.5", "24"),
                        cost_fixed=self.number("0", "5") if departs is None or self.is_small else decimal(0),
                        cost_per_unit=self.number("0", "1.5"),
                        capacity=self.pick(None, decimal(2), decimal(4)),
                        departs=departs,
                    )
                )

    # -- what has begun ---------------------------------------------------------------------------------------
    def build_fixed_tasks(self) -> None:
        """Draw up to two jobs that have begun, for a line or for stock, lawful in every respect."""
        clock = Clock(
            Snapshot(
                settings=self.settings,
                **{name: tuple(self.tables[name]) for name in ("calendars", "calendar_exceptions")},
            )
        )
        for number in range(1, self.count(1, 2) + 1):
            job_id = f"begun-{number}"
            line = (
                None if self.on.forbidden or self.on.waits else self.pick(None, *self.tables["order_lines"])
            )  # it must be finished
            taken = {(task.order_id, task.line_no) for task in self.tables["fixed_tasks"]}
            if line is not None and (line.order_id, line.line_no) not in taken and line.order_id != "E1":
                self.build_fixed_task(clock, job_id, line)
            else:
                self.build_stock_job(clock, job_id)

    def build_stock_job(self, clock: Clock, job_id: str) -> None:
        """Draw a job for stock of an item that nobody has ordered."""
        if all(item.item_id != "X1" for item in self.tables["items"]):
            self.build_routings(self.add(Item(item_id="X1")), 1)
        rows = [row for row in self.tables["operations"] if row.item_id == "X1" and row.unit_id == "U1"]
        self.place(clock, job_id, self.pick(*rows), decimal(1), None)

    def build_fixed_task(self, clock: Clock, job_id: str, line: OrderLine) -> None:
        """Draw the task under way of a job for a line, if the job can be finished for sure."""
        rows = [row for row in self.tables["operations"] if row.item_id == line.item_id]
        row = self.pick(*rows)
        later = [other for other in rows if other.unit_id == row.unit_id and other.op_no > row.op_no]
        unit = next(unit for unit in self.tables["production_units"] if unit.unit_id == row.unit_id)
        item = next(item for item in self.products if item.item_id == line.item_id)
        needed = Fraction(line.quantity) / Fraction(unit.quality) / Fraction(item.quantity_step)
        quantity = math.ceil(needed) * item.quantity_step
        if all(self.fits(other, quantity) for other in later) and self.has_material(line.item_id, row.op_no):
            self.place(clock, job_id, row, quantity, line)

    def fits(self, row: Operation, quantity: Decimal) -> bool:
        """Whether a step fits into the shortest shift, with the longest setup."""
        return row.breakable or (row.fixed_minutes + quantity * row.minutes_per_unit) * 2 + 40 <= SHORTEST_SHIFT

    def has_material(self, item_id: str, op_no: int) -> bool:
        """Whether what later steps draw can be bought without limit."""
        suppliers = {row.supplier_id: row for row in self.tables["suppliers"]}
        floors = {row.item_id: row.quality_floor or 0 for row in self.tables["items"]}
        endless = {
            row.item_id
            for row in self.tables["offers"]
            if row.max_per_week is None and suppliers[row.supplier_id].rating >= floors[row.item_id]
        }
        return all(
            row.op_no is None or row.op_no <= op_no or row.component_id in endless
            for row in self.tables["bom"]
            if row.item_id == item_id
        )

    def place(self, clock: Clock, job_id: str, row: Operation, quantity: Decimal, line: OrderLine | None) -> None:
        """Put a fixed task behind those that stand on its resource, within one open span."""
        resource = next(found for found in self.tables["resources"] if found.resource_id == row.resource_id)
        ends = [clock.minute(task.end) for task in self.tables["fixed_tasks"] if task.resource_id == row.resource_id]
        ready = max([-60, *ends]) + self.pick(0, 60, 180, 420)
        span = find_first_fit(clock.open_spans(resource.calendar_id), ready, self.pick(60, 30, 150), breakable=False)
        assert span is not None
        self.add(
            FixedTask(
                task_id=f"{job_id}/{row.op_no}",
                job_id=job_id,
                order_id=None if line is None else line.order_id,
                line_no=None if line is None else line.line_no,
                item_id=row.item_id,
                unit_id=row.unit_id,
                op_no=row.op_no,
                resource_id=row.resource_id,
                setup_minutes=self.number("0", "10"),
                start=clock.moment(span[0]),
                end=clock.moment(span[1]),
                quantity=quantity,
            )
        )
