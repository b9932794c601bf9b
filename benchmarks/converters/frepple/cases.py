"""Takes a model apart into cases: demands that share no item, operation or resource are planned independently.

frePPLe's test models put many small cases into one file; so a case that can be said is not lost to its neighbours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.converters.frepple.source import Row, Source

_LINKS = {
    "operation": {"name": "operation", "item": "item"},
    "suboperation": {"suboperationof": "operation", "operation": "operation"},
    "flow": {"operation": "operation", "item": "item", "buffer": "buffer"},
    "load": {"operation": "operation", "resource": "resource"},
    "buffer": {"name": "buffer", "item": "item", "producing": "operation"},
    "item": {"name": "item", "operation": "operation"},
    "resource": {"name": "resource", "owner": "resource"},
    "resourceskill": {"resource": "resource"},
    "demand": {"name": "demand", "item": "item", "operation": "operation", "owner": "demand"},
    "itemsupplier": {"item": "item", "resource": "resource"},
    "itemdistribution": {"item": "item"},
    "operationplan": {"item": "item", "operation": "operation", "reference": "plan", "owner": "plan"},
    "dependency": {"operation": "operation", "blockedby": "operation"},
}
"""By table: columns that tie a row to a thing, and the kind of thing. Rows of other tables belong to every case."""

Thing = tuple[str, str]


@dataclass
class Ties:
    """Which things belong together (a disjoint-set forest)."""

    parent: dict[Thing, Thing] = field(default_factory=dict)

    def root(self, thing: Thing) -> Thing:
        """Return the thing that stands for all that belong together with `thing`."""
        self.parent.setdefault(thing, thing)
        while self.parent[thing] != thing:
            self.parent[thing] = thing = self.parent[self.parent[thing]]
        return thing

    def tie(self, first: Thing, second: Thing) -> None:
        """Note that two things belong together."""
        self.parent[self.root(second)] = self.root(first)


def split_source(source: Source) -> list[Source]:
    """Return the cases of a model that ask for something; a model of one case as it is."""
    groups = {row["owner"] for row in source.tables["item"] if "owner" in row}
    ties = Ties()
    things = {
        (table, place): found
        for table, links in _LINKS.items()
        for place, row in enumerate(source.tables[table])
        if (found := _things(row, links, groups))
    }
    for found in things.values():
        for other in found[1:]:
            ties.tie(found[0], other)
    demanded = [ties.root(things["demand", place][0]) for place, _ in enumerate(source.tables["demand"])]
    roots = list(dict.fromkeys(demanded))
    if len(roots) < 2:
        return [source]
    cases = {root: Source(f"{source.name}--{_slug(source, demanded.index(root))}", source.current) for root in roots}
    for table, rows in source.tables.items():
        for place, row in enumerate(rows):
            own = things.get((table, place))
            for root, case in cases.items():
                if own is None or ties.root(own[0]) == root:
                    case.tables[table].append(row)
    return _with_own_names(list(cases.values()))


def _things(row: Row, links: dict[str, str], groups: set[str]) -> list[Thing]:
    """Return what a row is tied to; item groups tie nothing together."""
    return [
        (kind, row[column])
        for column, kind in links.items()
        if row.get(column) and not (kind == "item" and row[column] in groups)
    ]


def _slug(source: Source, place: int) -> str:
    row = source.tables["demand"][place]
    return re.sub(r"\W+", "-", row.get("item") or row.get("name", "case")).strip("-")


def _with_own_names(cases: list[Source]) -> list[Source]:
    seen: dict[str, int] = defaultdict(int)
    for case in cases:
        seen[case.name] += 1
        if seen[case.name] > 1:
            case.name += f"-{seen[case.name]}"
    return cases
