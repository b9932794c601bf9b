"""Keeping what is wrong, and what hangs on it, out of the plan.

A row with a fault is not used. What would be planned wrongly without that row is not used either: the lines of a
refused order, the production of an item whose bill of material has a hole, a machine whose calendar is in doubt.
Each of these rows is told with its cause (code ``WITHHELD``), so that nothing disappears in silence.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orderopt.models.consistency import derive_customers, find_cycles, find_inconsistencies, known_keys
from orderopt.models.finding import Finding
from orderopt.models.snapshot import Snapshot, record_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orderopt.models.policy import Policy
    from orderopt.models.record import Record
    from orderopt.tables.records import Reading


@dataclass(frozen=True)
class Hinge:
    """A refused row of `cause` withholds the rows of `target` that agree with it in `columns`."""

    cause: str
    columns: tuple[str, ...]
    target: str
    why: str


HINGES = (
    Hinge("bom", ("item_id",), "operations", "what goes into {0} is in doubt"),
    Hinge("operations", ("item_id", "unit_id"), "operations", "how {0} is made at {1} is in doubt"),
    Hinge("offers", ("supplier_id", "item_id"), "offers", "what {0} asks for {1} is in doubt"),
    Hinge("calendars", ("calendar_id",), "resources", "when calendar {0} is open is in doubt"),
    Hinge("calendars", ("calendar_id",), "suppliers", "when calendar {0} is open is in doubt"),
    Hinge("calendar_exceptions", ("calendar_id",), "resources", "when calendar {0} is open is in doubt"),
    Hinge("calendar_exceptions", ("calendar_id",), "suppliers", "when calendar {0} is open is in doubt"),
    Hinge("setups", ("resource_id",), "resources", "the changeovers of {0} are in doubt"),
    Hinge("fixed_tasks", ("resource_id",), "resources", "when {0} is busy is in doubt"),
)
"""What hangs on what, beyond plain references."""


class _Ward:
    """Readings on their way to a snapshot; `refused` maps what is out to the reason, by table and key."""

    def __init__(self, policy: Policy, readings: Mapping[str, Reading], lost: set[str]) -> None:
        self.policy = policy
        self.readings = readings
        self.lost = set(lost)
        self.findings: list[Finding] = []
        self.refused: dict[str, dict[tuple[str, ...], dict[tuple[Any, ...], str]]] = defaultdict(dict)
        self.open_steps: dict[tuple[str, str, int], str] = {}
        customers = readings["customers"]
        if customers.refusals and not customers.records:
            self.lost.add("customers")
        for reading in readings.values():
            for refusal in reading.refusals:
                self._remember(refusal.table, refusal.row, refusal.cells)

    def _remember(self, table: str, row: int, cells: Mapping[str, Any], *, is_content_known: bool = False) -> None:
        hinges = {hinge.columns for hinge in HINGES if hinge.cause == table and not is_content_known}
        for columns in {*hinges, record_types()[table].KEY[:1]}:
            key = tuple(cells.get(column) for column in columns)
            if key and None not in key:
                self.refused[table].setdefault(columns, {}).setdefault(key, f"row {row} of {table} is not used")

    def snapshot(self) -> Snapshot:
        """Return what is left as a snapshot."""
        tables = {name: tuple(reading.records) for name, reading in self.readings.items()}
        return Snapshot.model_construct(None, settings=self.policy, findings=(), **tables)

    def rows(self) -> dict[str, list[int]]:
        """Return the row numbers of what is left."""
        return {name: reading.rows for name, reading in self.readings.items()}

    def refuse(self, table: str, gone: Mapping[int, list[Finding]], *, is_content_known: bool = False) -> None:
        """Take rows out of a table, by row number, each with what is said about it."""
        reading = self.readings[table]
        kept: list[tuple[int, Record]] = []
        for row, record in zip(reading.rows, reading.records, strict=True):
            if row not in gone:
                kept.append((row, record))
                continue
            self.findings += gone[row]
            self._remember(table, row, dict(record), is_content_known=is_content_known)
            if table == "operations" and is_content_known:
                self.open_steps[record.item_id, record.unit_id, record.op_no] = f"row {row} of {table} is not used"
        reading.rows = [row for row, _ in kept]
        reading.records = [record for _, record in kept]

    def withhold(self, table: str, reasons: Mapping[int, str], *, is_content_known: bool = False) -> bool:
        """Take rows out because of others; tell whether there were any."""
        subjects = {row: record for row, record in zip(*self.both(table), strict=True) if row in reasons}
        gone = {row: [_withheld(table, row, subjects[row], reason)] for row, reason in reasons.items()}
        if gone:
            self.refuse(table, gone, is_content_known=is_content_known)
        return bool(gone)

    def both(self, table: str) -> tuple[list[int], list[Any]]:
        """Return the row numbers and the records that are left of a table."""
        return self.readings[table].rows, self.readings[table].records


def _withheld(table: str, row: int, record: Record, reason: str) -> Finding:
    cause = reason.rsplit(": ", 1)[-1].removesuffix(" is not used")
    return Finding(
        code="WITHHELD",
        table=table,
        row=row,
        subject="/".join(map(str, filter(None, record.key))) or None,
        says=f"is not planned with, because {reason}",
        mend=f"mend {cause}",
    )


def build_snapshot(policy: Policy, readings: Mapping[str, Reading], lost: set[str]) -> tuple[Snapshot, list[Finding]]:
    """Return the snapshot of all rows that can be planned with, and what is said about the others.

    Parameters
    ----------
    policy
        The settings.
    readings
        What came of each input table; rows are taken out of them in place.
    lost
        Tables that are there but could not be read (or not whole).
    """
    ward = _Ward(policy, readings, lost)
    while True:
        while _withhold_references(ward) or _withhold_groups(ward) or _withhold_open_routings(ward):
            pass
        snapshot = ward.snapshot()
        found = find_inconsistencies(snapshot, ward.rows())
        errors = [finding for finding in found if finding.is_error]
        if not errors:
            return derive_customers(snapshot), [*ward.findings, *found]
        _refuse_errors(ward, snapshot, errors)


def _refuse_errors(ward: _Ward, snapshot: Snapshot, errors: list[Finding]) -> None:
    by_row: dict[tuple[str, bool], dict[int, list[Finding]]] = defaultdict(dict)
    repeated = _plain_repetitions(ward, {finding.table or "" for finding in errors if finding.code == "DUPLICATE_KEY"})
    for finding in errors:
        table, row = finding.table or "", finding.row or 0
        if table == "fixed_tasks" and finding.column in {"order_id", "line_no"}:
            _free_task(ward, row, finding)
            continue
        # Without its resource an alternative of a step is only one alternative less; the rest of the row is known.
        is_lost_alternative = (
            table == "operations" and finding.column == "resource_id" and finding.code != "DUPLICATE_KEY"
        )
        is_known = is_lost_alternative or (table, row) in repeated
        by_row[table, is_known].setdefault(row, []).append(finding)
    for _, positions in find_cycles(snapshot.bom):
        rows = [ward.readings["bom"].rows[position] for position in positions]
        gone = by_row["bom", False]
        said = next(finding.says for finding in gone[rows[0]] if finding.code == "BOM_CYCLE")
        for row, position in zip(rows[1:], positions[1:], strict=True):
            if row not in gone:
                reason = f"{said}: row {rows[0]} of bom is not used"
                gone[row] = [_withheld("bom", row, snapshot.bom[position], reason)]
    for (table, is_known), gone in by_row.items():
        ward.refuse(table, gone, is_content_known=is_known)


def _plain_repetitions(ward: _Ward, tables: set[str]) -> set[tuple[str, int]]:
    """Return the rows that only repeat another one, word for word: without them nothing is in doubt."""
    found = set()
    for table in tables:
        first: dict[tuple[Any, ...], Record] = {}
        for row, record in zip(*ward.both(table), strict=True):
            if first.setdefault(record.key, record) is not record and first[record.key] == record:
                found.add((table, row))
    return found


def _free_task(ward: _Ward, row: int, finding: Finding) -> None:
    """Keep a fixed task whose order is not known: its resource is busy all the same."""
    reading = ward.readings["fixed_tasks"]
    position = reading.rows.index(row)
    task = reading.records[position]
    reading.records[position] = task.model_copy(update={"order_id": None, "line_no": None})
    refused = ward.refused.get("orders", {}).get(("order_id",), {})
    is_withheld = (task.order_id,) in refused or finding.column == "line_no"
    says = f"{finding.says}; the task stays and keeps its resource busy, for no order"
    ward.findings.append(
        finding.model_copy(update={"says": says, "code": "WITHHELD"} if is_withheld and refused else {"says": says})
    )


def _withhold_references(ward: _Ward) -> bool:
    """Withhold rows that point at a row (or a table) that is not used."""
    known = known_keys(ward.snapshot())
    if "customers" in ward.lost:
        known["customers"] = set()
    done = False
    if not ward.refused and not ward.lost:
        return done
    for table, record_type in record_types().items():
        for column, target in record_type.references().items():
            tables = ("calendars", "calendar_exceptions") if target == "calendars" else (target,)
            out = {
                key[0]: reason
                for name in tables
                for columns, keys in ward.refused.get(name, {}).items()
                if columns == record_types()[name].KEY[:1]
                for key, reason in keys.items()
            }
            lost = next((f"{name} could not be read whole" for name in tables if name in ward.lost), None)
            if not out and lost is None:
                continue
            reasons = {}
            for row, record in zip(*ward.both(table), strict=True):
                name = getattr(record, column)
                reason = out.get(name, lost) if name is not None and name not in known[target] else None
                if reason is not None:
                    reasons[row] = f"its {column} {name} cannot be used: {reason}"
            done |= ward.withhold(table, reasons, is_content_known=column == "resource_id")
    return done


def _withhold_groups(ward: _Ward) -> bool:
    """Withhold what would be planned wrongly without a row that is not used."""
    done = False
    for hinge in HINGES:
        out = ward.refused.get(hinge.cause, {}).get(hinge.columns, {})
        is_lost = hinge.cause in ward.lost
        reasons: dict[int, str] = {}
        for row, record in zip(*ward.both(hinge.target), strict=True) if out or is_lost else _NOTHING:
            key = tuple(getattr(record, column) for column in hinge.columns)
            reason = f"{hinge.cause} could not be read whole" if is_lost and None not in key else out.get(key)
            if reason is not None:
                reasons[row] = f"{hinge.why.format(*key)}: {reason}"
        done |= ward.withhold(hinge.target, reasons)
    return done


def _withhold_open_routings(ward: _Ward) -> bool:
    """Withhold routings of which a step has lost all its resources."""
    operations = ward.readings["operations"]
    left = {(row.item_id, row.unit_id, row.op_no) for row in operations.records}
    open_routings = {step[:2]: (step, reason) for step, reason in ward.open_steps.items() if step not in left}
    reasons = {}
    for row, operation in zip(operations.rows, operations.records, strict=True):
        if (operation.item_id, operation.unit_id) in open_routings:
            step, reason = open_routings[operation.item_id, operation.unit_id]
            reasons[row] = f"no resource is left for step {step[2]} of {step[0]} at {step[1]}: {reason}"
    return ward.withhold("operations", reasons)


_NOTHING: Iterator[tuple[int, Any]] = iter(())
