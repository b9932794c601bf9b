"""Readers of public instances and of names of drawn ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

import numpy as np

from benchmarks.allocation.generate import Recipe, generate
from benchmarks.allocation.instance import DrawnInstance, GapInstance, make_gap
from benchmarks.result import ReadOptions, RefusedError

NAME = re.compile(r"(?P<orders>\d+)x(?P<plants>\d+)(?P<features>(_[a-z]+)*)(_(?P<seed>\d+))?")
FEATURES = ("late", "split", "fair", "components")


def read_gap(path: Path, options: ReadOptions | None = None) -> GapInstance:
    """Return an instance of generalized assignment: ``m n``, m rows of n costs, m rows of n uses, m capacities."""
    numbers = [int(float(word)) for word in path.read_text(encoding="ascii").split()]
    agents, jobs = numbers[:2]
    expected = 2 + 2 * agents * jobs + agents
    if len(numbers) < expected:
        raise RefusedError(f"{path.name} has {len(numbers)} numbers; {agents} x {jobs} needs {expected}")
    size = agents * jobs
    cost = np.array(numbers[2 : 2 + size], dtype=np.int64).reshape(agents, jobs)
    use = np.array(numbers[2 + size : 2 + 2 * size], dtype=np.int64).reshape(agents, jobs)
    capacity = np.array(numbers[2 + 2 * size : expected], dtype=np.int64)
    return make_gap(path.name, cost, use, capacity)


def read_sscflp(path: Path, options: ReadOptions | None = None) -> NoReturn:
    """Refuse facility location: the allocation question has no cost of opening a source."""
    raise RefusedError(
        f"{path.name}: opening a facility costs once, whoever it serves; the allocation question has no such cost"
    )


def read_drawn(path: Path, options: ReadOptions | None = None) -> DrawnInstance:
    """Return a drawn instance by its name, for example ``10000x20`` or ``1000x10_late_split_fair_7``."""
    found = NAME.fullmatch(path.name)
    features = [] if found is None else found["features"].split("_")[1:]
    if found is None or not set(features) <= set(FEATURES):
        raise RefusedError(f"{path.name!r} is no name: ORDERSxPLANTS[_{'][_'.join(FEATURES)}][_SEED]")
    recipe = Recipe(
        int(found["orders"]),
        int(found["plants"]),
        lateness="late" in features,
        split=0.3 if "split" in features else 0.0,
        fairness=0.02 if "fair" in features else 0.0,
        components="components" in features,
        seed=int(found["seed"] or 0),
    )
    return DrawnInstance(path.name, generate(recipe))
