"""Routings, resources and changeovers as arrays.

Arrays of attributes end with what holds for an unknown name (code -1).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.item import ANY_FAMILY
from orderopt.rules.exact import MICRO, Affine, Bools, Ints, build_ints, to_micros
from orderopt.rules.names import UNKNOWN, Names, pair

if TYPE_CHECKING:
    from orderopt.models.item import Operation
    from orderopt.models.snapshot import Snapshot


class Changeovers:
    """Minutes and cost of changing a resource over from one family to another.

    Attributes
    ----------
    families
        All families; `*` is the first.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._rows = {(row.resource_id, row.from_family, row.to_family): row for row in snapshot.setups}
        self._resources = Names(snapshot.resource)
        self.families = Names(
            [
                ANY_FAMILY,
                *(operation.family for operation in snapshot.operations if operation.family),
                *(row.from_family for row in snapshot.setups),
                *(row.to_family for row in snapshot.setups),
                *(resource.initial_family for resource in snapshot.resources if resource.initial_family),
            ]
        )

    def _keys(self, resources: Ints, before: Ints, after: Ints) -> Ints:
        size = len(self.families)
        return pair(pair(resources, before, size), after, size)

    @cached_property
    def _known(self) -> Names:
        rows = list(self._rows)
        resources = self._resources.codes([resource for resource, _, _ in rows])
        before, after = (self.families.codes([row[place] for row in rows]) for place in (1, 2))
        keys = self._keys(resources, before, after)
        keys[keys < 0] = -2 - np.flatnonzero(keys < 0)
        return Names(keys)

    @cached_property
    def minutes(self) -> Ints:
        """Minutes of each row in millionths."""
        return build_ints([*(to_micros(row.minutes) for row in self._rows.values()), 0])

    @cached_property
    def cost(self) -> Ints:
        """Cost of each row in millionths."""
        return build_ints([*(to_micros(row.cost) for row in self._rows.values()), 0])

    @cached_property
    def is_forbidden(self) -> Bools:
        """Whether each row says that its families may not follow each other."""
        return np.array([*(row.forbidden for row in self._rows.values()), False], dtype=np.bool_)

    def find(self, resources: Ints, before: Ints, after: Ints) -> Ints:
        """Return the row that counts for each pair of families, -1 where none does.

        Parameters
        ----------
        resources, before, after
            Codes; a family of -1 is none.
        """
        any_family = np.zeros(len(before), dtype=np.int64)
        exact = self._known.codes(self._keys(resources, before, after))
        starred = self._known.codes(self._keys(resources, any_family, after))
        return np.where(exact >= 0, exact, starred)


class Resources:
    """Machines, lines and crews."""

    def __init__(self, snapshot: Snapshot, units: Names, families: Names) -> None:
        rows = list(snapshot.resource.values())
        self.names = Names(snapshot.resource)
        self.calendar_ids: list[str | None] = list(dict.fromkeys(row.calendar_id for row in rows))
        places = {calendar_id: place for place, calendar_id in enumerate(self.calendar_ids)}
        self.calendar = build_ints([*(places[row.calendar_id] for row in rows), UNKNOWN])
        self.capacity = build_ints([*(row.capacity for row in rows), 1])
        self.cost_per_hour = build_ints([*(to_micros(row.cost_per_hour) for row in rows), 0])
        self.efficiency = build_ints([*(to_micros(row.efficiency) for row in rows), MICRO])
        self.initial_family = build_ints([*(families.code(row.initial_family) for row in rows), UNKNOWN])
        self.crews = sorted({row.setup_crew for row in rows if row.setup_crew is not None})
        crew = (UNKNOWN if row.setup_crew is None else self.crews.index(row.setup_crew) for row in rows)
        self.setup_crew = build_ints([*crew, UNKNOWN])
        self.unit = np.append(units.codes([row.unit_id for row in rows]), UNKNOWN)


class Routings:
    """Steps of every routing in rising order, and the rows (one for each eligible resource) of each step.

    Attributes
    ----------
    rows
        Operations, of repeated keys the first.
    step, resource, family, transfer, batch, most_wait, is_breakable
        Of each row; transfer minutes and batch in millionths (no batch: 0), most minutes to wait (no limit: -1).
    work
        Working minutes of each row as a function of the started quantity in millionths.
    """

    def __init__(self, snapshot: Snapshot, items: Names, units: Names, resources: Resources, families: Names) -> None:
        by_key: dict[tuple[str, str, int, str], Operation] = {}
        for row in snapshot.operations:
            by_key.setdefault((row.item_id, row.unit_id, row.op_no, row.resource_id), row)
        self.rows: list[Operation] = list(by_key.values())
        self._items, self._units, self._resources = items, units, resources
        pairs = self._pairs(
            items.codes([row.item_id for row in self.rows]), units.codes([row.unit_id for row in self.rows])
        )
        op_nos = build_ints([row.op_no for row in self.rows])
        self._routings = Names(np.unique(pairs[pairs >= 0]))
        self._op_nos = Names(np.unique(op_nos))
        step_keys = self._step_keys(self._routings.codes(pairs), op_nos)
        self._steps = Names(np.unique(step_keys[step_keys >= 0]))
        self.step = np.append(self._steps.codes(step_keys), UNKNOWN)
        self.resource = np.append(resources.names.codes([row.resource_id for row in self.rows]), UNKNOWN)
        self.family = build_ints([*(families.code(row.family) for row in self.rows), UNKNOWN])
        transfers = (to_micros(row.transfer_minutes) if row.transfer_minutes else 0 for row in self.rows)
        self.transfer = build_ints([*transfers, 0])
        batches = (to_micros(row.transfer_batch) if row.transfer_batch else 0 for row in self.rows)
        self.batch = build_ints([*batches, 0])
        waits = (UNKNOWN if row.max_wait_minutes is None else int(row.max_wait_minutes) for row in self.rows)
        self.most_wait = build_ints([*waits, UNKNOWN])
        self.is_breakable: Bools = np.array([*(row.breakable for row in self.rows), True], dtype=np.bool_)

    def _pairs(self, item_codes: Ints, unit_codes: Ints) -> Ints:
        return pair(item_codes, unit_codes, max(len(self._units), 1))

    def _step_keys(self, routing_codes: Ints, op_nos: Ints) -> Ints:
        return pair(routing_codes, self._op_nos.codes(op_nos), max(len(self._op_nos), 1))

    @cached_property
    def _row_names(self) -> Names:
        keys = pair(self.step[:-1], self.resource[:-1], max(len(self._resources.names), 1))
        keys[keys < 0] = -2 - np.flatnonzero(keys < 0)
        return Names(keys)

    @cached_property
    def work(self) -> Affine:
        """Working minutes of each row as a function of the started quantity in millionths."""
        efficiency = self._resources.efficiency[self.resource]
        return Affine(
            [*(to_micros(row.fixed_minutes) * MICRO for row in self.rows), 0],
            [*(to_micros(row.minutes_per_unit) for row in self.rows), 0],
            [MICRO * int(value) for value in efficiency],
        )

    @cached_property
    def batch_work(self) -> Affine:
        """Working minutes of each row, the fixed ones apart, as a function of a quantity in millionths."""
        efficiency = self._resources.efficiency[self.resource]
        return Affine(
            [0] * (len(self.rows) + 1),
            [*(to_micros(row.minutes_per_unit) for row in self.rows), 0],
            [MICRO * int(value) for value in efficiency],
        )

    @cached_property
    def step_routing(self) -> Ints:
        """Routing of each step."""
        keys = np.asarray(self._steps.index.to_numpy(), dtype=np.int64)
        return np.append(keys // max(len(self._op_nos), 1), UNKNOWN)

    @cached_property
    def step_op_no(self) -> Ints:
        """Number of each step."""
        op_nos = np.asarray(self._op_nos.index.to_numpy(), dtype=np.int64)
        keys = np.asarray(self._steps.index.to_numpy(), dtype=np.int64)
        return np.append(op_nos[keys % max(len(op_nos), 1)] if len(keys) else keys, 0)

    @cached_property
    def first_step(self) -> Ints:
        """First step of each routing; the next routing's first step is the end of its own."""
        routings = np.arange(len(self._routings) + 1, dtype=np.int64)
        return np.asarray(np.searchsorted(self.step_routing[:-1], routings), dtype=np.int64)

    @cached_property
    def routing_unit(self) -> Ints:
        """Unit of each routing."""
        keys = np.asarray(self._routings.index.to_numpy(), dtype=np.int64)
        return np.append(keys % max(len(self._units), 1), UNKNOWN)

    def find_routings(self, item_codes: Ints, unit_codes: Ints) -> Ints:
        """Return the routing of each item at each unit, -1 where there is none."""
        return self._routings.codes(self._pairs(item_codes, unit_codes))

    def find_steps(self, routing_codes: Ints, op_nos: Ints) -> Ints:
        """Return the step of each routing and op_no, -1 where there is none."""
        return self._steps.codes(self._step_keys(routing_codes, op_nos))

    def find_rows(self, step_codes: Ints, resource_codes: Ints) -> Ints:
        """Return the row of each step and resource, -1 where the resource cannot do it."""
        return self._row_names.codes(pair(step_codes, resource_codes, max(len(self._resources.names), 1)))
