"""Reads frePPLe models, as XML or as a folder of CSV sheets, into flat rows with one vocabulary.

Rows are dicts of text. Names of columns are lower case without blanks and underscores, so that the sheet's
``Duration Per Unit`` and the element ``duration_per`` become ``durationper``. What a table does not know is kept:
the converter refuses what it cannot say.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

Row = dict[str, str]

_ALIASES = {
    "durationperunit": "durationper",
    "minimumshipment": "minshipment",
    "maximumlateness": "maxlateness",
    "leadtime": "leadtime",
    "defaultvalue": "default",
    "startdate": "start",
    "enddate": "end",
    "efficiency%": "efficiency",
    "fixedquantity": "quantityfixed",
    "deliveryoperation": "operation",
}
_TABLES = {
    "salesorder": "demand",
    "demand": "demand",
    "operationmaterial": "flow",
    "operationresource": "load",
    "suboperation": "suboperation",
    "itemsupplier": "itemsupplier",
    "itemdistribution": "itemdistribution",
    "calendarbucket": "bucket",
    "resourceskill": "resourceskill",
    "manufacturingorder": "operationplan",
    "purchaseorder": "operationplan",
    "distributionorder": "operationplan",
}
_NAMED = {"item", "operation", "resource", "buffer", "calendar", "location", "supplier", "demand"}
"""Tables whose rows are known by name: the same name again fills in or changes the row."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ISO_DURATION = re.compile(r"^(-?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")


@dataclass
class Source:
    """A frePPLe model: its moment and its rows by table."""

    name: str
    current: datetime | None = None
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, table: str, row: Row) -> None:
        """Add a row; a row of a thing that is named already fills what is missing."""
        if "name" in row and table in _NAMED:
            for known in self.tables[table]:
                if known.get("name") == row["name"]:
                    known.update({key: text for key, text in row.items() if text})
                    return
        self.tables[table].append({key: text for key, text in row.items() if text not in ("", None)})


def read_duration(text: str) -> timedelta:
    """Read an ISO 8601 duration, ``HH:MM:SS`` or a number of seconds."""
    match = _ISO_DURATION.match(text)
    if match:
        weeks, days, hours, minutes, seconds = (float(group or 0) for group in match.groups()[1:])
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return -span if match.group(1) else span
    if ":" in text:
        hours, minutes, seconds = (float(part) for part in text.split(":"))
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timedelta(seconds=float(text))


def read_moment(text: str) -> datetime:
    """Read a naive date and time; frePPLe's clock has no daylight saving, so that it counts as UTC elsewhere."""
    cleaned = re.sub(r"\s+AM$", "", text.strip())
    return datetime.fromisoformat(re.sub(r"\s+", " ", cleaned)) if cleaned else datetime.min  # noqa: DTZ901


def read_csv_folder(folder: Path) -> Source:
    """Read a cookbook scenario: one CSV for each sheet of its workbook."""
    source = Source(folder.name)
    paths = [path for path in sorted(folder.glob("*.csv")) if path.stem != "expect"]
    for path in paths:
        table = _TABLES.get(path.stem.replace("_", ""), path.stem.replace("_", ""))
        with path.open(encoding="utf-8-sig", newline="") as file:
            for raw in csv.DictReader(file):
                row = {_column(key): (text or "").strip() for key, text in raw.items() if key}
                if table == "parameter":
                    _read_parameter(source, row)
                elif any(row.values()):
                    _add_csv_row(source, table, row)
    return source


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "").replace("_", "")
    return _ALIASES.get(plain, plain)


def _read_parameter(source: Source, row: Row) -> None:
    if row.get("name") == "currentdate":
        source.current = read_moment(row["value"])


def _add_csv_row(source: Source, table: str, row: Row) -> None:
    if table == "bucket":
        row["days"] = "".join(str(day) for day, name in enumerate(_WEEKDAYS) if row.pop(name, "True").lower() == "true")
    if table == "operation" and row.get("owner"):
        step = {"suboperationof": row.pop("owner"), "operation": row["name"], "priority": row.get("priority", "")}
        source.add("suboperation", step)
    if table == "buffer" and not row.get("name"):  # known by item and location on sheets
        row["name"] = " @ ".join(text for text in (row.get("item"), row.get("batch"), row.get("location")) if text)
    if table == "operationplan":
        row["sheet"] = "yes"  # proposed orders on a sheet are an old plan, not an input
    source.add(table, row)


def read_xml(path: Path) -> Source:
    """Read an engine test model."""
    source = Source(path.parent.name)
    root = ET.parse(path).getroot()
    for child in root:
        tag = _column(child.tag)
        if tag == "current":
            source.current = read_moment(child.text or "")
        elif len(child):
            _read_group(source, child, {})
        elif tag not in {"name", "description"}:
            source.add("option", {"name": tag, "value": (child.text or "").strip()})
    return source


_GROUPS = {
    "operations": "operation", "items": "item", "locations": "location", "buffers": "buffer", "resources": "resource",
    "suppliers": "supplier", "itemsuppliers": "itemsupplier", "itemdistributions": "itemdistribution",
    "demands": "demand", "calendars": "calendar", "operationplans": "operationplan", "flows": "flow", "loads": "load",
    "skills": "skill", "resourceskills": "resourceskill", "suboperations": "suboperation", "rules": "setuprule",
    "dependencies": "dependency", "members": "member", "buckets": "bucket", "customers": "customer",
    "flowplans": "flowplan", "loadplans": "loadplan",
}  # fmt: skip
_OBJECTS = {
    "operation": "operation", "producing": "operation", "blockedby": "operation", "item": "item", "owner": "",
    "location": "location", "buffer": "buffer", "resource": "resource", "supplier": "supplier", "skill": "skill",
    "available": "calendar", "maximumcalendar": "calendar", "minimumcalendar": "calendar",
    "sizeminimumcalendar": "calendar", "setupmatrix": "setupmatrix", "customer": "customer",
    "origin": "location", "destination": "location",
}  # fmt: skip


def _read_group(source: Source, group: ET.Element, parent: Row) -> None:
    table = _GROUPS.get(_column(group.tag), _column(group.tag))
    for element in group:
        if table == "member":
            kind = _column(element.tag)
            _read_object(source, kind, element, {"owner": parent.get("name", "")})
        else:
            _read_object(source, table, element, parent)


def _read_object(source: Source, table: str, element: ET.Element, parent: Row) -> str:
    """Read an element into a row of `table`; return its name. `parent` are columns it inherits."""
    row: Row = dict(parent)
    row.update({_attribute(key): text for key, text in element.attrib.items()})
    row.pop("description", None)
    groups: list[ET.Element] = []
    for child in element:
        column = _column(child.tag)
        if column in _GROUPS or (column == "default" and table == "calendar" and len(child)):
            groups.append(child)
        elif len(child) or "name" in child.attrib or column in _OBJECTS:
            kind = _OBJECTS.get(column) or (table if column == "owner" else column)
            row[column] = _read_object(source, kind, child, {})
        else:
            row[column] = (child.text or "").strip()
    if table == "bucket" and "days" in row:
        row["days"] = "".join(str((bit - 1) % 7) for bit in range(7) if int(row["days"]) >> bit & 1)
    name = row.get("name") or _implicit_name(table, row)
    own = {"name": name, **row} if name else row
    if len(own) > 1 or table in {"item", "operation", "resource"}:
        source.add(table, own)
    for group in groups:
        key = "suboperationof" if _column(group.tag) == "suboperations" else table
        _read_group(source, group, {key: name or ""} if _column(group.tag) != "members" else {"name": name or ""})
    return name or row.get("reference", "")


def _implicit_name(table: str, row: Row) -> str | None:
    if table == "buffer" and "item" in row:
        return f"{row['item']} @ {row.get('location', '')}"
    return None


def _attribute(name: str) -> str:
    return _column(name.rsplit("}", 1)[-1])
