"""Names and their positions: ids as integer codes, -1 for what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderopt.rules.exact import Ints

UNKNOWN = -1
"""Code of a name that is not there."""

_FEW = 500
"""Up to so many names a plain dict is faster than an index."""


class Names:
    """Unique names (or integers), each with its position.

    Parameters
    ----------
    names
        Names in order; of repeated ones the first counts.
    """

    def __init__(self, names: Iterable[Any]) -> None:
        values = names if isinstance(names, np.ndarray) else list(names)
        if isinstance(values, np.ndarray) and values.dtype != np.object_:
            self.index: pd.Index[Any] = pd.Index(values).unique()
        else:
            cells = np.empty(len(values), dtype=object)
            cells[:] = values
            self.index = pd.Index(cells, dtype=object).unique()

    def __len__(self) -> int:
        return len(self.index)

    def codes(self, names: NDArray[Any] | list[Any]) -> Ints:
        """Return the position of each name, -1 where it is not known."""
        if len(names) + len(self.index) < _FEW:
            cells = names.tolist() if isinstance(names, np.ndarray) else names
            return np.array([self.places.get(name, UNKNOWN) for name in cells], dtype=np.int64).reshape(-1)
        if not isinstance(names, np.ndarray):
            texts = np.empty(len(names), dtype=object)
            texts[:] = names
            names = texts
        return np.asarray(self.index.get_indexer(pd.Index(names, dtype=names.dtype)), dtype=np.int64)

    @cached_property
    def places(self) -> dict[Any, int]:
        """Position of each name."""
        return {name: place for place, name in enumerate(self.index.tolist())}

    def code(self, name: Any) -> int:
        """Return the position of one name, -1 if it is not known."""
        return self.places.get(name, UNKNOWN) if name is not None else UNKNOWN


def pair(first: Ints, second: Ints, num_second: int) -> Ints:
    """Return one code for each pair of codes; -1 where either is unknown."""
    return np.asarray(np.where((first >= 0) & (second >= 0), first * num_second + second, UNKNOWN), dtype=np.int64)
