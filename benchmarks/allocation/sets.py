"""Sets of allocation instances to measure on: drawn questions of some sizes, and classical ones from a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.allocation.instance import DrawnInstance, GapInstance
from benchmarks.allocation.readers import FEATURES, read_drawn, read_gap
from benchmarks.best_known import belongs, read_best_known
from benchmarks.result import RefusedError

DRAWN = {
    "drawn": "",
    "drawn_late": "_late",
    "drawn_split": "_split",
    "drawn_fair": "_fair",
    "drawn_components": "_components",
    "drawn_everything": "".join(f"_{feature}" for feature in FEATURES),
}
"""What the name of a drawn set adds to the names of its instances."""

GAP = "gap"
NAMES = (*DRAWN, GAP)

SIZES = ("1000x10", "3000x15", "10000x20", "30000x30", "100000x50")
SIZE = re.compile(r"\d+x\d+")


@dataclass(frozen=True)
class Case:
    """One instance of a set: read when its turn comes.

    Attributes
    ----------
    group
        What figures are summed up by: the set and the size, or the family of the table of best known values.
    size
        Order lines.
    """

    group: str
    name: str
    size: int
    best_known: float | None
    read: Callable[[], DrawnInstance | GapInstance]


def build_set(
    name: str, data: Path | None, *, sizes: Sequence[str] = SIZES, seed: int = 1, limit: int | None = None
) -> list[Case]:
    """Return the cases of a set from small to large; a limit takes them evenly over the sizes.

    Parameters
    ----------
    data
        Folder with ``best_known.csv``, for the classical set.
    sizes, seed
        Of drawn instances, sizes as ``LINESxUNITS``.

    Raises
    ------
    RefusedError
        If what the set needs is not there, or a size is none.
    """
    cases = _draw(name, sizes, seed) if name in DRAWN else _read_folder(data)
    cases.sort(key=lambda case: case.size)
    if limit is None or limit >= len(cases):
        return cases
    return [cases[position] for position in np.linspace(0, len(cases) - 1, limit).round().astype(int).tolist()]


def _draw(name: str, sizes: Sequence[str], seed: int) -> list[Case]:
    cases = []
    for size in sizes:
        if not SIZE.fullmatch(size):
            raise RefusedError(f"{size!r} is no size: LINESxUNITS, for example {SIZES[0]}")
        called = f"{size}{DRAWN[name]}_{seed}"
        lines = int(size.partition("x")[0])
        cases.append(Case(f"{name} {size}", called, lines, None, partial(read_drawn, Path(called))))
    return cases


def _read_folder(data: Path | None) -> list[Case]:
    if data is None or not (data / "best_known.csv").exists():
        raise RefusedError(f"set {GAP} needs --data FOLDER with best_known.csv and the instances it lists")
    cases = []
    for entry in read_best_known(data / "best_known.csv"):
        path = data / entry.path
        if belongs(entry, GAP) and path.exists():
            cases.append(Case(entry.family, entry.instance, entry.size, entry.best_known, partial(read_gap, path)))
    return cases
