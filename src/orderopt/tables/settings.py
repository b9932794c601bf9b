"""Reading the settings, which say how everything else is read: the time zone first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from orderopt.models.finding import Finding, Severity
from orderopt.models.policy import Policy
from orderopt.tables.cells import Fault, Noted, is_blank, read_cells, read_text, show
from orderopt.tables.columns import Column, Kind, columns_of
from orderopt.tables.records import explain_error

if TYPE_CHECKING:
    from orderopt.tables.sources import RawTable

VITAL = frozenset({"horizon_start", "timezone", "frozen_until"})
"""Settings that no default can stand in for: with one of them wrong, every time in the plan would be."""


@dataclass
class SettingsReading:
    """The settings and what is the matter with them.

    `policy` can be read the other tables with; where `is_usable` is False it must not be planned with.
    """

    policy: Policy
    is_usable: bool = True
    findings: list[Finding] = field(default_factory=list)

    def blame(self, fault: Fault, row: int | None, key: str, cell: Any, severity: Severity = Severity.ERROR) -> None:
        """Add a finding about one key."""
        value = None if is_blank(cell) else show(cell)
        says = f"{value!r} {fault.says}" if value is not None and fault.is_about_cell else fault.says
        self.findings.append(
            Finding(
                code=fault.code,
                severity=severity,
                table="settings",
                row=row,
                column="value",
                subject=key,
                value=value,
                says=says,
                expected=fault.expected,
                mend=fault.mend or "correct the cell",
            )
        )
        if severity is Severity.ERROR and key in VITAL:
            self.is_usable = False


_PLACEHOLDER = Policy(horizon_start=datetime(1970, 1, 1, tzinfo=UTC))


def read_settings(raw: RawTable | None) -> SettingsReading:
    """Read the settings, one key a row, and everything that is the matter with them."""
    reading = SettingsReading(_PLACEHOLDER)
    if raw is None:
        reading.is_usable = False
        reading.findings.append(
            Finding(
                code="MISSING_TABLE",
                table="settings",
                says="is not there",
                expected="a table with the columns key and value",
                mend="add it, with at least the key horizon_start",
            )
        )
        return reading
    absent = [name for name in ("key", "value") if name not in raw.columns]
    for name in absent:
        reading.is_usable = False
        reading.findings.append(
            Finding(
                code="MISSING_COLUMN",
                table="settings",
                row=1,
                column=name,
                says="is not there; no setting can be read",
                expected="the columns key and value, one setting a row",
                mend="add the column",
            )
        )
    if absent:
        return reading
    for name in raw.columns:
        if name not in {"key", "value"}:
            reading.findings.append(
                Finding(
                    code="UNKNOWN_COLUMN",
                    severity=Severity.WARNING,
                    table="settings",
                    row=1,
                    column=name,
                    says="is no column of this table; it is not used",
                    expected="key, value",
                    mend="remove it, or leave it",
                )
            )
    cells = _collect(raw, reading)
    _build_policy(cells, reading)
    return reading


def _collect(raw: RawTable, reading: SettingsReading) -> dict[str, tuple[int, Any]]:
    """Map each key to its row and cell."""
    cells: dict[str, tuple[int, Any]] = {}
    values = raw.columns["value"]
    texts = raw.texts("value")
    columns = columns_of(Policy)
    for position, cell in enumerate(raw.texts("key")):
        row = raw.rows[position]
        key = "" if is_blank(cell) else show(cell).strip()
        if position in raw.spoilt:
            reading.blame(raw.spoilt[position], row, key, None)
        elif not key:
            fault = Fault("MISSING_VALUE", "has no key", "a key", "fill in the key", is_about_cell=False)
            reading.blame(fault, row, "", values[position])
        elif key in cells:
            says = f"stands in row {cells[key][0]} already, which is kept"
            fault = Fault("DUPLICATE_KEY", says, "each key once", "remove one", is_about_cell=False)
            was_usable = reading.is_usable
            reading.blame(fault, row, key, values[position])
            if str(values[position]) == str(values[raw.rows.index(cells[key][0])]):
                reading.is_usable = was_usable
        else:
            is_text = key not in columns or columns[key].kind is Kind.TEXT
            cells[key] = (row, texts[position] if is_text else values[position])
    return cells


def _build_policy(cells: dict[str, tuple[int, Any]], reading: SettingsReading) -> None:
    columns = columns_of(Policy)
    values: dict[str, Any] = {"horizon_start": _PLACEHOLDER.horizon_start}
    zone = ZoneInfo("UTC")
    for key in ("timezone", *(key for key in columns if key != "timezone")):
        row, cell = cells.get(key, (None, None))
        value = _read_value(columns[key], row, cell, zone, reading)
        if value is None:
            continue
        fault = _fault_of({**values, key: value}, columns[key])
        if fault is not None:
            default = "" if key in VITAL else "; the default is used"
            reading.blame(Fault(fault.code, fault.says + default, fault.expected), row, key, cell)
            continue
        values[key] = value
        if key == "timezone":
            zone = ZoneInfo(value)
    extra = {}
    for key, (row, cell) in cells.items():
        if key not in columns:
            known = f"one of {', '.join(columns)}"
            says = "is no setting; it is kept, not planned with"
            note = Fault("UNKNOWN_KEY", says, known, "correct or remove it", is_about_cell=False)
            reading.blame(note, row, key, cell, Severity.WARNING)
            text = "" if is_blank(cell) else read_text(cell)
            extra[key] = text if isinstance(text, str) else str(cell)
    reading.policy = Policy.model_validate({**values, "extra": extra})


def _read_value(column: Column, row: int | None, cell: Any, zone: ZoneInfo, reading: SettingsReading) -> Any:
    """Return the value of a setting; None where it is not there or wrong."""
    value = read_cells([cell], column, zone)[0]
    if isinstance(value, Noted):
        reading.blame(value.note, row, column.name, cell, Severity.WARNING)
        return value.value
    if isinstance(value, Fault):
        reading.blame(value, row, column.name, cell)
        return None
    return None if is_blank(cell) else value


def _fault_of(values: dict[str, Any], column: Column) -> Fault | None:
    try:
        Policy.model_validate(values)
    except ValidationError as error:
        return explain_error(error.errors(include_url=False)[0], column)
    return None
