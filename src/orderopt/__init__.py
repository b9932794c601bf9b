"""orderopt: plan customer orders end to end.

Everything below is loaded when it is first used, so that ``import orderopt`` takes no time.

Examples
--------
>>> import orderopt
>>> snapshot = orderopt.read_snapshot("examples/small")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orderopt.desk.desk import OrderDesk
    from orderopt.errors import (
        CancelledError,
        IncorrectPlanError,
        InputError,
        NoAnswerError,
        OrderOptError,
        SolverError,
        UnknownStrategyError,
    )
    from orderopt.models.calendar import CalendarException, Shift
    from orderopt.models.consistency import find_inconsistencies
    from orderopt.models.customer import Customer
    from orderopt.models.finding import Finding, Severity
    from orderopt.models.history import HistoryRecord
    from orderopt.models.item import BomLine, Item, Operation, Setup, UnitConversion
    from orderopt.models.life.desk_policy import DeskPolicy
    from orderopt.models.life.roles import Actor, Role
    from orderopt.models.network import (
        CapacityChange,
        Lane,
        Offer,
        ProductionUnit,
        Quota,
        Receipt,
        Resource,
        Stock,
        Supplier,
    )
    from orderopt.models.order import Order, OrderLine
    from orderopt.models.plan import Plan
    from orderopt.models.policy import Policy
    from orderopt.models.result import (
        AllocationPart,
        FixedTask,
        Job,
        Peg,
        Promise,
        Purchase,
        Shipment,
        Task,
    )
    from orderopt.models.scorecard import Scorecard, Verdict
    from orderopt.models.snapshot import Snapshot
    from orderopt.models.summary import Status, Summary
    from orderopt.rules.judge import judge_plan
    from orderopt.stages.plan import plan
    from orderopt.storage.opening import open_store
    from orderopt.tables.frames import snapshot_to_frames
    from orderopt.tables.read import read_snapshot
    from orderopt.tables.write import write_plan, write_snapshot

__version__ = "0.1.0"

_ROOMS = {
    "desk.desk": ("OrderDesk",),
    "errors": (
        "CancelledError",
        "IncorrectPlanError",
        "InputError",
        "NoAnswerError",
        "OrderOptError",
        "SolverError",
        "UnknownStrategyError",
    ),
    "models.calendar": ("CalendarException", "Shift"),
    "models.consistency": ("find_inconsistencies",),
    "models.customer": ("Customer",),
    "models.finding": ("Finding", "Severity"),
    "models.history": ("HistoryRecord",),
    "models.item": ("BomLine", "Item", "Operation", "Setup", "UnitConversion"),
    "models.life.desk_policy": ("DeskPolicy",),
    "models.life.roles": ("Actor", "Role"),
    "models.network": (
        "CapacityChange",
        "Lane",
        "Offer",
        "ProductionUnit",
        "Quota",
        "Quota",
        "Receipt",
        "Resource",
        "Stock",
        "Supplier",
    ),
    "models.order": ("Order", "OrderLine"),
    "models.plan": ("Plan",),
    "models.policy": ("Policy",),
    "models.result": ("AllocationPart", "FixedTask", "Job", "Peg", "Promise", "Purchase", "Shipment", "Task"),
    "models.scorecard": ("Scorecard", "Verdict"),
    "models.snapshot": ("Snapshot",),
    "models.summary": ("Status", "Summary"),
    "rules.judge": ("judge_plan",),
    "stages.plan": ("plan",),
    "storage.opening": ("open_store",),
    "tables.frames": ("snapshot_to_frames",),
    "tables.read": ("read_snapshot",),
    "tables.write": ("write_plan", "write_snapshot"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [  # the same names as above, for those who read the code and for those who complete it
    "Actor",
    "AllocationPart",
    "BomLine",
    "CalendarException",
    "CancelledError",
    "CapacityChange",
    "Customer",
    "DeskPolicy",
    "Finding",
    "FixedTask",
    "HistoryRecord",
    "IncorrectPlanError",
    "InputError",
    "Item",
    "Job",
    "Lane",
    "NoAnswerError",
    "Offer",
    "Operation",
    "Order",
    "OrderDesk",
    "OrderLine",
    "OrderOptError",
    "Peg",
    "Plan",
    "Policy",
    "ProductionUnit",
    "Promise",
    "Purchase",
    "Quota",
    "Receipt",
    "Resource",
    "Role",
    "Scorecard",
    "Setup",
    "Severity",
    "Shift",
    "Shipment",
    "Snapshot",
    "SolverError",
    "Status",
    "Stock",
    "Summary",
    "Supplier",
    "Task",
    "UnitConversion",
    "UnknownStrategyError",
    "Verdict",
    "__version__",
    "find_inconsistencies",
    "judge_plan",
    "open_store",
    "plan",
    "read_snapshot",
    "snapshot_to_frames",
    "write_plan",
    "write_snapshot",
]


def __getattr__(name: str) -> Any:
    """Load a name of the front door when it is first asked for."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
