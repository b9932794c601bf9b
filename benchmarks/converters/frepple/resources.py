"""Resources with their capacity, calendars and setup matrices."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal

from benchmarks.converters.frepple.calendar import build_calendar, build_pattern
from benchmarks.converters.frepple.making import read_minutes
from benchmarks.converters.frepple.source import Row, read_moment
from benchmarks.converters.frepple.work import AFTER_DUE, UNLIMITED, Way, Work
from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.item import ANY_FAMILY, Setup
from orderopt.models.network import Resource


def build_resources(work: Work, ways: dict[str, list[Way]]) -> tuple[Resource, ...]:
    units: dict[str, str] = {}
    loads: dict[str, set[Decimal]] = defaultdict(set)
    for way in (way for found in ways.values() for way in found):
        for step in way.steps:
            quantity = next((load.get("quantity", "1") for load in work.loads[step.operation["name"]]), "1")
            for resource in step.resources:
                loads[resource].add(Decimal(quantity))
                if units.setdefault(resource, way.unit) != way.unit:
                    work.reasons.append(f"resource {resource} works for several locations")
    return tuple(_build_resource(work, name, unit, loads[name]) for name, unit in units.items())


def _build_resource(work: Work, name: str, unit: str, loads: set[Decimal]) -> Resource:
    row = work.resource.get(name, {})
    if len(loads) > 1:
        work.reasons.append(f"resource {name} is loaded by different quantities")
    most = _judge_maximum(work, row) if row and not row.get("type", "").endswith("infinite") else Decimal(UNLIMITED)
    capacity = int(most / max(loads))
    if capacity < 1:
        work.reasons.append(f"resource {name} has less capacity than one task takes")
    efficiency = Decimal(row.get("efficiency", "100")) / 100
    return Resource(
        resource_id=name,
        unit_id=unit,
        calendar_id=" + ".join(work.calendars[name]) or None,
        capacity=max(capacity, 1),
        cost_per_hour=Decimal(row.get("cost", "0")),
        efficiency=efficiency,
        initial_family=row.get("setup"),
    )


def _judge_maximum(work: Work, row: Row) -> Decimal:
    if "maximumcalendar" not in row:
        return Decimal(row.get("maximum", "1"))
    levels = build_pattern(work.source, row["maximumcalendar"]).levels()
    if len(levels) > 1:
        work.reasons.append(f"resource {row['name']} has a capacity that changes over time")
    return Decimal(str(max(levels, default=1)))


def build_calendars(work: Work) -> tuple[list[Shift], list[CalendarException]]:
    shifts: list[Shift] = []
    exceptions: list[CalendarException] = []
    end = max(read_moment(row["due"]) for row in work.source.tables["demand"] if "due" in row)
    end = max(end, work.start) + AFTER_DUE
    for names in dict.fromkeys(names for names in work.calendars.values() if names):
        patterns = [build_pattern(work.source, name) for name in names]
        week, days = build_calendar(" + ".join(names), patterns, work.start, end)
        shifts, exceptions = shifts + week, exceptions + days
        if not week and not any(day.open for day in days):
            work.reasons.append(f"calendar {' + '.join(names)} is never open")
    return shifts, exceptions


def build_setups(work: Work, ways: dict[str, list[Way]]) -> tuple[Setup, ...]:
    families: dict[str, set[str]] = defaultdict(set)
    for step in (step for found in ways.values() for way in found for step in way.steps if step.family):
        for resource in step.resources:
            families[resource].add(step.family or "")
    return tuple(row for resource, found in families.items() for row in _build_matrix(work, resource, found))


def _build_matrix(work: Work, resource: str, families: set[str]) -> list[Setup]:
    """First rule that fits holds; the same family again needs nothing; from any family as from the dearest."""
    row = work.resource[resource]
    rules = sorted(
        (rule for rule in work.source.tables["setuprule"] if rule.get("setupmatrix") == row.get("setupmatrix")),
        key=lambda rule: int(rule.get("priority", 0)),
    )
    befores = sorted(families | {row.get("setup", "")} - {""})
    pairs: dict[tuple[str, str], tuple[Decimal, Decimal]] = {
        (before, after): (Decimal(0), Decimal(0)) if before == after else _match(work, rules, before, after)
        for before in befores
        for after in sorted(families)
    }
    for after in sorted(families):
        pairs[ANY_FAMILY, after] = max(pairs[before, after] for before in befores)
    return [
        Setup(resource_id=resource, from_family=before, to_family=after, minutes=minutes, cost=cost)
        for (before, after), (minutes, cost) in pairs.items()
    ]


def _match(work: Work, rules: list[Row], before: str, after: str) -> tuple[Decimal, Decimal]:
    for rule in rules:
        fits = (re.fullmatch(rule.get(side, ".*"), name) for side, name in (("fromsetup", before), ("tosetup", after)))
        if all(fits):
            return read_minutes(rule.get("duration", "0")), Decimal(rule.get("cost", "0"))
    work.reasons.append(f"no setup rule leads from {before} to {after}, which forbids the change")
    return Decimal(0), Decimal(0)
