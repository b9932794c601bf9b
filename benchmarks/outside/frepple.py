"""frePPLe's models: every case that converts is planned, and its deliveries are compared with theirs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.converters.frepple.cases import split_source
from benchmarks.converters.frepple.convert import convert
from benchmarks.converters.frepple.jobshop import build_jobshop
from benchmarks.converters.frepple.source import Source, read_csv_folder, read_xml
from benchmarks.converters.frepple.trade import Priorities
from benchmarks.outside.delivery import NOTHING, Kpis, judge_deliveries, read_deliveries
from benchmarks.outside.reference import read_reference
from orderopt.models.plan import Plan
from orderopt.models.snapshot import Snapshot
from orderopt.stages.plan import plan

SERVED_FIRST = Decimal(1000)
"""Weight of what is unserved: lines are left out only where nothing serves them."""

MONEY_LAST = Decimal("0.00001")
"""Weight of money: it decides between plans that deliver alike."""


@dataclass(frozen=True)
class Case:
    """A case that converts, with the folder it stands in."""

    name: str
    folder: Path
    snapshot: Snapshot


@dataclass(frozen=True)
class Comparison:
    """What became of a case, beside what frePPLe made of it (None: it left no comparable plan)."""

    name: str
    lines: int
    ours: Kpis
    theirs: Kpis | None
    status: str
    stop_reason: str
    setup_days: float
    seconds: float

    @property
    def word(self) -> str:
        """How ours compares: better, equal, worse, or - where there is nothing to compare."""
        if self.theirs is None:
            return "-"
        ours, theirs = (self.ours.short, self.ours.late_days), (self.theirs.short, self.theirs.late_days)
        return "equal" if ours == theirs else "better" if ours < theirs else "worse"


def find_sources(folder: Path) -> Iterator[tuple[Path, Source]]:
    """Yield every model below a folder with the folder it stands in."""
    for path in sorted(folder.rglob("model.xml")):
        yield path.parent, read_xml(path)
    for parent in sorted({path.parent for path in folder.rglob("item.csv")}):
        yield parent, read_csv_folder(parent)


def find_cases(folder: Path, *, match: str = "", priorities: Priorities = Priorities.EQUAL) -> Iterator[Case]:
    """Yield every case below a folder that converts; equal priorities, for that is how theirs are summed up.

    Parameters
    ----------
    match
        Only cases whose name contains this.
    """
    for parent, source in find_sources(folder):
        for part in split_source(source):
            snapshot = convert(part, priorities=priorities).snapshot if match in part.name else None
            if snapshot is not None:
                yield Case(part.name, parent, snapshot)


def find_case(folder: Path, name: str, *, priorities: Priorities = Priorities.EQUAL) -> Case:
    """Return one case by its name."""
    found = (
        case
        for parent in sorted(folder.rglob(name.split("--", maxsplit=1)[0]))
        if parent.is_dir()
        for case in find_cases(parent, match=name, priorities=priorities)
    )
    return next(case for case in found if case.name == name)


def deliveries_first(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with their order of wishes: deliver, deliver in time, and only then save money."""
    money = {f"weight_{term}": MONEY_LAST for term in ("production", "setup", "purchase", "transport")}
    settings = snapshot.settings.model_copy(update={"weight_unserved": SERVED_FIRST, **money})
    return snapshot.replace(settings=settings)


def plan_case(case: Case, *, time_limit: float, seed: int = 0, workers: int | None = None) -> tuple[Plan, Comparison]:
    """Plan a case and compare its deliveries with frePPLe's."""
    began = time.monotonic()
    made = plan(deliveries_first(case.snapshot), time_limit=time_limit, seed=seed, workers=workers)
    seconds = time.monotonic() - began
    reference = read_reference(case.folder, case.snapshot)
    return made, Comparison(
        case.name,
        len(case.snapshot.planned_lines),
        judge_deliveries(case.snapshot, read_deliveries(made)),
        None if reference is None else judge_deliveries(case.snapshot, reference),
        str(made.summary.status),
        made.summary.stop_reason,
        float(sum(made.schedule.setup_minutes)) / 1440,
        seconds,
    )


def plan_jobshop(
    path: Path, *, due_hours: int, time_limit: float, seed: int = 0, workers: int | None = None
) -> tuple[Plan, Comparison]:
    """Plan the job shop with every job due after so many hours; theirs is unknown, zero can be reached at 930."""
    snapshot = build_jobshop(path, due_hours=due_hours)
    began = time.monotonic()
    made = plan(snapshot, time_limit=time_limit, seed=seed, workers=workers)
    seconds = time.monotonic() - began
    return made, Comparison(
        f"jobshop_ft10 due at {due_hours} h",
        len(snapshot.planned_lines),
        judge_deliveries(snapshot, read_deliveries(made)),
        None,
        str(made.summary.status),
        made.summary.stop_reason,
        0.0,
        seconds,
    )


def sum_up(comparisons: list[Comparison]) -> tuple[Kpis, Kpis]:
    """Return our and their sums over the cases that can be compared."""
    ours, theirs = NOTHING, NOTHING
    for comparison in comparisons:
        if comparison.theirs is not None:
            ours, theirs = ours + comparison.ours, theirs + comparison.theirs
    return ours, theirs
