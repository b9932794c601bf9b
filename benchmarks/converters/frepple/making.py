"""How items are made: routings, alternatives and bills of material from operations, flows and loads."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from benchmarks.converters.frepple.source import Row, read_duration
from benchmarks.converters.frepple.work import PLANT, Step, Way, Work
from orderopt.models.item import BomLine, Operation


def find_demanded(work: Work, demand: Row) -> str:
    """Return the item a demand asks for: what is delivered, if a delivery operation stands between."""
    delivery = demand.get("operation") or work.item.get(demand["item"], {}).get("operation")
    return _delivered(work, delivery) if delivery else demand["item"]


def _delivered(work: Work, delivery: str) -> str:
    made = find_made(work, delivery)
    return made or delivery


def find_made(work: Work, operation: str) -> str | None:
    """Return the item that an operation (or one of its steps) makes."""
    names = [operation, *(part["operation"] for part in work.parts[operation])]
    for name in reversed(names):
        for flow in work.flows[name]:
            if Decimal(flow.get("quantity", "1")) > 0:
                return work.flow_item(flow)
    for row in work.buffer.values():
        if row.get("producing") == operation:
            return row.get("item")
    return work.operation.get(operation, {}).get("item")


def build_ways(work: Work, wanted: list[str]) -> dict[str, list[Way]]:
    """Return the ways of making everything that is wanted and what it is made of (no way: it is bought)."""
    makers: dict[str, list[str]] = defaultdict(list)
    inner = {part["operation"] for parts in work.parts.values() for part in parts}
    for name, row in work.operation.items():
        if name in inner:
            continue
        choices = [name]
        if row.get("type", "").endswith("alternate"):
            choices = [part["operation"] for part in work.parts[name] if part.get("priority") != "0"]
        elif row.get("priority") == "0":
            continue
        item = find_made(work, name) or next((found for choice in choices if (found := find_made(work, choice))), None)
        makers[item or name] += choices
    endless = {
        row["item"] for row in work.buffer.values() if row.get("type", "").endswith("infinite") and "item" in row
    }
    ways: dict[str, list[Way]] = {}
    queue = list(dict.fromkeys(wanted))
    while queue:
        item = queue.pop(0)
        if item in ways:
            continue
        ways[item] = [] if item in endless else [_build_way(work, item, name) for name in makers[item]]
        _check_alternatives(work, item, ways[item])
        queue += [component for way in ways[item] for component, _, _ in way.draws]
    return ways


def _build_way(work: Work, item: str, name: str) -> Way:
    row = work.operation[name]
    parts = sorted(work.parts[name], key=lambda part: float(part.get("priority", 1)))
    steps = [work.operation[part["operation"]] for part in parts] or [row]
    makes, draws = Decimal(0), []
    for op_no, step in enumerate([row, *steps] if parts else steps, start=0 if parts else 1):
        for flow in work.flows[step["name"]]:
            quantity, moved = Decimal(flow.get("quantity", "1")), work.flow_item(flow)
            if quantity < 0 and flow.get("type", "start").endswith("end"):
                work.reasons.append(f"operation {step['name']} draws {moved} at its end, not at its start")
            elif quantity < 0:
                draws.append((moved, -quantity, 10 * max(op_no, 1)))
            elif moved == item and flow.get("type", "end").endswith("end"):
                makes += quantity
            elif quantity > 0:
                work.reasons.append(f"operation {step['name']} makes {moved} besides {item}, or at its start")
    unit = row.get("location") or steps[0].get("location") or PLANT
    built = tuple(_build_step(work, step, 10 * place) for place, step in enumerate(steps, start=1))
    return Way(unit, built, tuple(draws), makes or Decimal(1))


def _build_step(work: Work, operation: Row, op_no: int) -> Step:
    name = operation["name"]
    loads = work.loads[name]
    site = operation.get("location", "")
    closed_by = (work.location.get(site, {}).get("available", ""), operation.get("available", ""))
    if len(loads) > 1:
        work.reasons.append(f"operation {name} needs {len(loads)} resources at the same time")
    if not loads:
        resources: tuple[str, ...] = ("unlimited" + "".join(f" {text}" for text in (site, *closed_by) if text),)
    else:
        resources = _resolve(work, name, loads[0])
    for resource in resources:
        row = work.resource.get(resource, {})
        place = work.location.get(row.get("location", ""), {}).get("available", "")
        own = (row.get("available", ""), row.get("maximumcalendar", ""), place)
        wanted = tuple(dict.fromkeys(text for text in (*closed_by, *own) if text))
        if work.calendars.setdefault(resource, wanted) != wanted:
            work.reasons.append(f"resource {resource} is open at other times for some operations")
    return Step(operation, op_no, resources, loads[0].get("setup") if loads else None)


def _resolve(work: Work, operation: str, load: Row) -> tuple[str, ...]:
    """Return the resources that can carry a load: the resource, or the members of the group, with the skill."""
    group = load["resource"]
    leaves = [name for name in work.resource if _is_below(work, name, group) and not _members(work, name)]
    skill = load.get("skill")
    if skill:
        skilled = {row["resource"] for row in work.source.tables["resourceskill"] if row.get("skill") == skill}
        leaves = [name for name in leaves if name in skilled]
        if not leaves:
            work.reasons.append(f"operation {operation} needs the skill {skill}, which no resource of {group} has")
    if len(leaves) > 1:
        work.notes.append("preferences between members of a resource group are left out")
    return tuple(leaves)


def _members(work: Work, group: str) -> list[str]:
    return [name for name, row in work.resource.items() if row.get("owner") == group]


def _is_below(work: Work, name: str, group: str) -> bool:
    while name and name != group:
        name = work.resource.get(name, {}).get("owner", "")
    return name == group


def _check_alternatives(work: Work, item: str, ways: list[Way]) -> None:
    if len(ways) < 2:
        return
    work.notes.append("preferences between alternate operations are left out")
    used = [resource for way in ways for step in way.steps for resource in step.resources]
    if any(len(way.steps) > 1 for way in ways):
        work.reasons.append(f"item {item} has alternate operations of several steps")
    if len({(way.unit, way.draws, way.makes) for way in ways}) > 1:
        work.reasons.append(f"item {item} has alternate operations with different materials or yields")
    if len(set(used)) < len(used):
        work.reasons.append(f"item {item} has alternate operations on the same resource")


def judge_places(work: Work, items: set[str]) -> None:
    """Refuse models that keep an item at several locations."""
    places: dict[str, set[str]] = defaultdict(set)
    for table in ("buffer", "demand", "itemsupplier", "operation"):
        for row in work.source.tables[table]:
            if row.get("item") in items and row.get("location"):
                places[row["item"]].add(row["location"])
    for row in work.source.tables["flow"]:
        site = row.get("location") or work.operation.get(row.get("operation", ""), {}).get("location")
        if site and work.flow_item(row) in items:
            places[work.flow_item(row)].add(site)
    buffers: dict[str, set[str]] = defaultdict(set)
    for name, row in work.buffer.items():
        if row.get("item") in items:
            buffers[row["item"]].add(name)
    for item, found in sorted(buffers.items()):
        if len(found) > 1 and len(places[item]) < 2:
            work.reasons.append(f"item {item} is kept in several buffers: {', '.join(sorted(found))}")
    for item, found in sorted(places.items()):
        if len(found) > 1:
            work.reasons.append(f"item {item} is kept at several locations: {', '.join(sorted(found))}")


def judge_quantity_step(work: Work, ways: list[Way]) -> Decimal:
    multiples = {Decimal(way.steps[0].operation.get("sizemultiple", "1")) * way.makes for way in ways}
    return max(multiples, default=Decimal(1))


def build_operations(work: Work, ways: dict[str, list[Way]]) -> list[Operation]:
    rows = []
    for item, found in ways.items():
        for way in found:
            for step in way.steps:
                per_unit = read_minutes(step.operation.get("durationper", "0")) / way.makes
                rows += [
                    Operation(
                        item_id=item,
                        unit_id=way.unit,
                        op_no=step.op_no,
                        resource_id=resource,
                        name=step.operation["name"],
                        fixed_minutes=read_minutes(step.operation.get("duration", "0")),
                        minutes_per_unit=round(per_unit, 6),
                        family=step.family,
                    )
                    for resource in step.resources
                ]
    return rows


def read_minutes(duration: str) -> Decimal:
    return round(Decimal(str(read_duration(duration).total_seconds())) / 60, 6)


def build_bom(ways: dict[str, list[Way]]) -> list[BomLine]:
    return [
        BomLine(item_id=item, component_id=component, quantity_per=round(quantity / found[0].makes, 6), op_no=op_no)
        for item, found in ways.items()
        if found
        for component, quantity, op_no in found[0].draws
    ]
