"""Finding a row of a plan's table by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.names import UNKNOWN, Names

if TYPE_CHECKING:
    from orderopt.rules.exact import Ints, Texts


class RowFinder:
    """Rows of a table by id; of repeated ids the first row counts.

    Parameters
    ----------
    ids
        The id of each row.
    """

    def __init__(self, ids: Texts) -> None:
        self._names = Names(ids)
        codes = self._names.codes(ids)
        rows = np.full(len(self._names), len(ids), dtype=np.int64)
        np.minimum.at(rows, codes, np.arange(len(ids), dtype=np.int64))
        self._rows = np.append(rows, UNKNOWN)

    def find(self, ids: Texts) -> Ints:
        """Return the row of each id, -1 where there is none."""
        return np.asarray(self._rows[self._names.codes(ids)], dtype=np.int64)
