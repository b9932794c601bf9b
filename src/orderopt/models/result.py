"""What is decided: one record for each row of a plan's tables."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.models.measure import Minutes, Money, PositiveQuantity, Quantity
from orderopt.models.moment import Earliest, Latest, Moment
from orderopt.models.record import Id, Record, Ref


class SourceType(StrEnum):
    """What serves a part of an order line."""

    STOCK = "stock"
    RECEIPT = "receipt"
    UNIT = "unit"
    SUPPLIER = "supplier"
    UNSERVED = "unserved"


class ParentType(StrEnum):
    """What a job is made for."""

    LINE = "line"
    JOB = "job"
    STOCK = "stock"


class SupplyType(StrEnum):
    """What kind of supply a peg draws from."""

    STOCK = "stock"
    RECEIPT = "receipt"
    JOB = "job"
    PURCHASE = "purchase"


class DemandType(StrEnum):
    """What kind of demand a peg serves."""

    LINE = "line"
    JOB = "job"


class AllocationPart(Record):
    """A part of an order line and the source that serves it."""

    TABLE = "allocation"
    KEY = ("order_id", "line_no", "part_no")

    order_id: Id = Field(description="The order.")
    line_no: Id = Field(description="The line.")
    part_no: int = Field(description="Counts the parts of the line from 1.")
    source_type: SourceType = Field(description="stock, receipt, unit, supplier or unserved.")
    source_id: str | None = Field(
        default=None,
        description="Site of the stock (its id where it has no site), receipt_id, unit_id or supplier_id; "
        "empty for unserved.",
    )
    supply_id: str | None = Field(
        default=None, description="The supply: job_id, purchase_id, receipt_id or item_id@site."
    )
    quantity: PositiveQuantity = Field(description="Delivered quantity (unserved: what is not).")
    cost: Money = Field(description="Cost of making or buying, and shipping, the part.")
    reason: str = Field(description="Why this source.")


class Job(Record):
    """The making of a quantity of one item at one unit."""

    TABLE = "jobs"
    KEY = ("job_id",)

    job_id: Id = Field(description="Name of the job.")
    item_id: Id = Field(description="What is made.")
    unit_id: Id = Field(description="Where.")
    quantity: PositiveQuantity = Field(description="Started quantity.")
    good_quantity: Quantity = Field(description="What comes out well: started times quality.")
    parent_type: ParentType = Field(description="line, job or stock: the main demand.")
    parent_id: str | None = Field(default=None, description="order_id/line_no or job_id.")
    available_at: Moment = Field(description="End of its last task.")


class Task(Record):
    """An operation of a job, placed on a resource in time."""

    TABLE = "schedule"
    KEY = ("task_id",)

    task_id: Id = Field(description="Name of the task.")
    job_id: Id = Field(description="The job it belongs to.")
    order_id: str | None = Field(default=None, description="Order that the job ends up in.")
    line_no: str | None = Field(default=None, description="Line that the job ends up in.")
    item_id: Id = Field(description="What is made.")
    unit_id: Id = Field(description="Where.")
    op_no: int = Field(description="Step of the routing.")
    resource_id: Id = Field(description="Who does it.")
    setup_minutes: Minutes = Field(description="Open minutes of changeover at the begin.")
    start: Moment = Field(description="Begin of the setup.")
    end: Moment = Field(description="End of the work.")
    quantity: PositiveQuantity = Field(description="Started quantity of the job.")
    frozen: bool = Field(description="1: given, not planned.")


class FixedTask(Task):
    """A task that is running already, or that may not move (an input table)."""

    TABLE = "fixed_tasks"

    item_id: Annotated[Id, Ref("items")] = Field(description="What is made.")
    unit_id: Annotated[Id, Ref("production_units")] = Field(description="Where.")
    resource_id: Annotated[Id, Ref("resources")] = Field(description="Who does it.")
    setup_minutes: Minutes = Field(default=Decimal(0), description="Open minutes of changeover at the begin.")
    start: Latest = Field(description="Begin of the setup.")
    end: Earliest = Field(description="End of the work.")
    frozen: bool = Field(default=True, description="1: given, not planned.")


class Purchase(Record):
    """A quantity bought from a supplier."""

    TABLE = "purchases"
    KEY = ("purchase_id",)

    purchase_id: Id = Field(description="Name of the purchase.")
    supplier_id: Id = Field(description="Who sells.")
    item_id: Id = Field(description="What is bought.")
    quantity: PositiveQuantity = Field(description="How much is bought.")
    order_at: Moment = Field(description="When it is ordered.")
    receive_at: Moment = Field(description="When it is here.")
    unit_price: Money = Field(description="Price of the break that the quantity reaches.")
    total: Money = Field(description="quantity times unit_price.")
    for_: str = Field(alias="for", description="Jobs and lines it is pegged to, separated by blanks.")


class Shipment(Record):
    """Goods that travel a lane together."""

    TABLE = "shipments"
    KEY = ("shipment_id",)

    shipment_id: Id = Field(description="Name of the shipment.")
    origin: Id = Field(description="Where it leaves.")
    destination: Id = Field(description="Where it goes.")
    mode: str | None = Field(default=None, description="Mode of the lane.")
    depart_at: Moment = Field(description="When it leaves.")
    arrive_at: Moment = Field(description="When it arrives.")
    quantity: PositiveQuantity = Field(description="Units on board.")
    cost: Money = Field(description="Fixed cost of the lane and its cost a unit.")
    lines: str = Field(description="Parts on board as order_id/line_no/part_no, separated by blanks.")


class Peg(Record):
    """A quantity of one supply that serves one demand."""

    TABLE = "pegging"
    KEY = ("supply_type", "supply_id", "demand_type", "demand_id")

    supply_type: SupplyType = Field(description="stock, receipt, job or purchase.")
    supply_id: Id = Field(description="item_id@site, receipt_id, job_id or purchase_id.")
    item_id: Id = Field(description="What is handed over.")
    quantity: PositiveQuantity = Field(description="How much.")
    demand_type: DemandType = Field(description="line or job.")
    demand_id: Id = Field(description="order_id/line_no or job_id.")
    available_at: Moment = Field(description="When the supply is there.")
    needed_at: Moment = Field(description="When the demand takes it.")


class Promise(Record):
    """What a customer can be told about a line."""

    TABLE = "promises"
    KEY = ("order_id", "line_no")

    order_id: Id = Field(description="The order.")
    line_no: Id = Field(description="The line.")
    due_at: Moment = Field(description="When it was wanted.")
    promised_at: Moment | None = Field(default=None, description="Latest arrival of the parts served.")
    quantity: Quantity = Field(description="Quantity promised (without what is unserved).")
    tardiness_minutes: int = Field(description="Minutes that promised_at is after due_at.")
    on_time: bool = Field(description="1: everything arrives by due_at.")
    bottleneck: str | None = Field(default=None, description="What binds: kind and name.")
    explanation: str = Field(description="Why then, in words.")
