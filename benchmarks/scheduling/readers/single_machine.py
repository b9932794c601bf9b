"""One machine with weighted tardiness, without setups (OR-Library) and with setups between any two jobs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance


def read_single_machine(path: Path, options: ReadOptions) -> ShopInstance:
    """Return one machine's jobs, from a file of the OR-Library or one with setups (``.instance``)."""
    return _read_with_setups(path) if path.suffix == ".instance" else _read_plain(path, options)


def _read_plain(path: Path, options: ReadOptions) -> ShopInstance:
    """Three lines an instance: minutes, weights, due dates."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    count = len(lines) // 3
    if options.index is None or not 1 <= options.index <= count:
        raise RefusedError(f"{path.name} holds {count} instances: choose one with --index 1 to {count}")
    minutes, weight, due = ([int(word) for word in line] for line in lines[3 * options.index - 3 : 3 * options.index])
    return build_instance(
        _find_name(path, options.index),
        "single_machine",
        Objective.TARDINESS,
        [[[(0, each)]] for each in minutes],
        1,
        due=due,
        weight=weight,
    )


def _find_name(path: Path, index: int) -> str:
    """Return ``wt40_7`` for instance 7 of the OR-Library, by the index file beside the data where there is one."""
    base = path.stem.removesuffix("_dev")
    listed = path.with_name(f"{path.stem}_index.csv")
    if not listed.exists():
        return f"{base}_{index}"
    with listed.open(encoding="utf-8", newline="") as file:
        numbers = {int(row["position"]): row["or_library_number"] for row in csv.DictReader(file)}
    return f"{base}_{numbers[index]}"


def _read_with_setups(path: Path) -> ShopInstance:
    """Keyed text; setups are triples ``from to minutes``, from -1 for the first job."""
    blocks: dict[str, list[list[int]]] = {}
    title = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        head, colon, rest = line.partition(":")
        if colon and not rest.strip():
            title = head.strip()
            blocks[title] = []
        elif title in blocks and line.strip() and not line.startswith("End"):
            blocks[title].append([int(word) for word in line.split()])
    minutes, weight, due = ([row[0] for row in blocks[name]] for name in ("Process Times", "Weights", "Duedates"))
    num_jobs = len(minutes)
    matrix = np.zeros((num_jobs + 2, num_jobs + 2), dtype=np.int64)  # family 0: none; n + 1: before the first job
    for before, after, setup in blocks["Setup Times"]:
        matrix[num_jobs + 1 if before < 0 else before + 1, after + 1] = setup
    return build_instance(
        path.stem,
        "single_machine",
        Objective.TARDINESS,
        [[[(0, each)]] for each in minutes],
        1,
        due=due,
        weight=weight,
        families=range(1, num_jobs + 1),
        setups=[matrix],
        initial=[num_jobs + 1],
    )
