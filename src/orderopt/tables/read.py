"""Reading a data set: from a folder, a workbook or frames to a snapshot, with every fault said at once."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orderopt.errors import InputError
from orderopt.models.finding import Finding, Severity
from orderopt.models.snapshot import record_types
from orderopt.tables.quarantine import build_snapshot
from orderopt.tables.records import Reading, read_records
from orderopt.tables.settings import read_settings
from orderopt.tables.sources import Source, open_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from orderopt.models.snapshot import Snapshot

EXPECTED_TABLES = ("items", "orders", "order_lines")
"""Tables without which there is nothing to plan."""


def read_snapshot(source: str | Path | Mapping[str, Any], *, strict: bool = True) -> Snapshot:
    """Read a data set and check it; every fault in it is found, not only the first.

    Parameters
    ----------
    source
        A folder of CSV files, an .xlsx workbook with a sheet a table, or a mapping from table name to a
        DataFrame or a list of dicts.
    strict
        True: any fault is fatal. False: rows with a fault, and rows that would be planned wrongly without them,
        are left out, and ``snapshot.findings`` says so.

    Returns
    -------
    Snapshot
        With all warnings (and, if not strict, faults) as its `findings`.

    Raises
    ------
    InputError
        If a fault was found and `strict`, or if the settings cannot be used. `findings` has all faults of all
        tables, `snapshot` what could be read (None where the settings cannot be used).

    Examples
    --------
    >>> snapshot = read_snapshot({"settings": {"horizon_start": "2026-01-05T08:00"}}, strict=False)
    >>> [finding.code for finding in snapshot.findings]
    ['MISSING_TABLE', 'MISSING_TABLE', 'MISSING_TABLE']
    """
    with _without_collector():
        return _read(source, strict=strict)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the search for circular garbage: reading makes records by the hundred thousand and no circle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(source: str | Path | Mapping[str, Any], *, strict: bool) -> Snapshot:
    found = open_source(source)
    settings = read_settings(found.tables.get("settings"))
    findings = [*found.findings, *_check_tables(found)]
    if "settings" in found.tables or "settings" not in found.lost:
        findings += settings.findings
    readings = {}
    for name, record_type in record_types().items():
        raw = found.tables.get(name)
        readings[name] = Reading(name) if raw is None else read_records(raw, record_type, settings.policy.zone)
        findings += readings[name].findings
    snapshot, consequences = build_snapshot(settings.policy, readings, found.lost)
    findings = _in_order([*findings, *consequences])
    snapshot = snapshot.replace(findings=tuple(findings))
    num_errors = sum(finding.is_error for finding in findings)
    place = "the frames" if hasattr(source, "items") else str(source)
    if not settings.is_usable or "settings" in found.lost:
        raise InputError(f"{place}: the settings cannot be used; {_count(num_errors)} in all", findings)
    if strict and num_errors:
        raise InputError(f"{place}: {_count(num_errors)} in the data", findings, snapshot)
    return snapshot


def _count(num_errors: int) -> str:
    return "1 fault" if num_errors == 1 else f"{num_errors} faults"


def _check_tables(found: Source) -> list[Finding]:
    names = ("settings", *record_types())
    findings = [
        Finding(
            code="UNKNOWN_TABLE",
            table=name,
            says="is no table of the contract; nothing of it is used",
            expected=f"one of {', '.join(names)}",
            mend="rename it or take it away",
        )
        for name in (*found.tables, *found.lost.difference(found.tables))
        if name not in names
    ]
    return findings + [
        Finding(code="MISSING_TABLE", table=name, says="is not there", expected=f"a table {name}", mend="add it")
        for name in EXPECTED_TABLES
        if name not in found.tables and name not in found.lost
    ]


def _in_order(findings: list[Finding]) -> list[Finding]:
    """Sort by table, row and weight; what was said twice is said once."""
    places = {name: place for place, name in enumerate(("settings", *record_types()))}
    weights = {Severity.ERROR: 0, Severity.WARNING: 1}
    return sorted(
        dict.fromkeys(findings),
        key=lambda finding: (
            places.get(finding.table or "", len(places)),
            finding.table or "",
            finding.row or 0,
            weights[finding.severity],
        ),
    )
