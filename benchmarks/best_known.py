"""Best known values of public instances, from the table beside the data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "best_known.csv"
"""Where the table lies if the data lies beside the checkout."""


@dataclass(frozen=True)
class Entry:
    """One row of the table; `family` is the finer one of the table (``jsp_ta``), not that of a reader."""

    family: str
    instance: str
    path: str
    objective: str
    lower_bound: float | None
    best_known: float | None
    size: int


def read_best_known(path: Path) -> list[Entry]:
    """Return the rows of the table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Entry(
                row["family"],
                row["instance"],
                row["path"],
                row["objective"],
                _number(row["lower_bound"]),
                _number(row["best_known"]),
                int(row["ops"] or 0),
            )
            for row in csv.DictReader(file)
        ]


def find_entry(entries: list[Entry], family: str, name: str, file: Path) -> Entry | None:
    """Return the row of an instance: by its name, else by the end of its path; the objective must be the family's.

    Parameters
    ----------
    family, name
        As the reader gives them.
    file
        The file that was read.
    """
    fitting = [entry for entry in entries if belongs(entry, family)]
    by_name = [entry for entry in fitting if entry.instance == name]
    by_path = [entry for entry in fitting if file.as_posix().endswith(entry.path) and "_f" not in entry.instance]
    found = by_name or by_path
    return found[0] if found else None


def belongs(entry: Entry, family: str) -> bool:
    """Whether a row of the table is of the family of a reader."""
    table = entry.family
    if family == "single_machine":
        return table.startswith("wt")
    if family == "ttpfsp":
        return table == "tt_pfsp"
    if family == "jsp":
        return table.startswith("jsp_") and not table.startswith("jsp_tardiness")
    return table == family or table.startswith(f"{family}_")


def _number(text: str) -> float | None:
    return float(text) if text else None
