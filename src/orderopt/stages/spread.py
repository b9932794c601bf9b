"""Rows that many things share: worked out once, then repeated for each of them as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def spread(ptr: Ints, used: Ints) -> tuple[Ints, Ints]:
    """Return where the rows of each user begin, and the position of every user's rows among the shared ones.

    Parameters
    ----------
    ptr
        Shape (B + 1): the rows of bundle b are those from ``ptr[b]`` to ``ptr[b + 1]``.
    used
        Shape (N): bundle of each user; below 0: no rows.

    Returns
    -------
    starts, rows
        Shapes (N + 1) and (all rows of all users).

    Examples
    --------
    >>> starts, rows = spread(np.array([0, 2, 3]), np.array([1, -1, 0, 1]))
    >>> starts.tolist(), rows.tolist()
    ([0, 1, 1, 3, 4], [2, 0, 1, 2])
    """
    known = np.maximum(used, 0)
    bounded = ptr if len(ptr) > 1 else np.zeros(2, dtype=np.int64)
    sizes = np.where(used >= 0, bounded[known + 1] - bounded[known], 0)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    rows = np.repeat(bounded[known] - starts[:-1], sizes) + np.arange(starts[-1], dtype=np.int64)
    return starts, rows
