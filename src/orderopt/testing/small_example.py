"""The small example that ships with the package: the same tables as ``examples/small``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orderopt.tables.read import read_snapshot

if TYPE_CHECKING:
    from orderopt.models.snapshot import Snapshot

SMALL_FOLDER = Path(__file__).parent / "small"
"""Where the CSV files of the small example lie."""


def read_small_snapshot() -> Snapshot:
    """Return the small example: two works, four machines, four orders that a reader checks by hand.

    Examples
    --------
    >>> read_small_snapshot()
    <Snapshot from 2026-05-04 06:00 CEST: 4 orders, 7 lines, 5 items, 4 resources>
    """
    return read_snapshot(SMALL_FOLDER)
