"""How kernels are compiled: once for an installation, without the lock that keeps threads apart."""

from __future__ import annotations

from typing import Any

from numba import njit

_UNCOUNTED: dict[str, Any] = {"_nrt": False}

kernel = njit(cache=True, nogil=True)
"""Compiles a function that may make arrays."""

hot_kernel = njit(cache=True, nogil=True, **_UNCOUNTED)
"""Compiles a function that makes no array and takes no slice of one, without counting references.

Counting them costs more than the work where a function reads single numbers from tuples of arrays: the moves of local
search were measured 10 times faster without.
"""

_WITHOUT_DOOR: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

part_kernel = njit(cache=True, nogil=True, **_UNCOUNTED, **_WITHOUT_DOOR)
"""Compiles a function, as a hot kernel, that other kernels alone call.

It has no door for Python: the door to a function of forty arrays takes longer to compile than the function itself.
Called from Python it crashes the process.
"""

inner_kernel = njit(cache=True, nogil=True, **_UNCOUNTED, **_WITHOUT_DOOR, forceinline=True)
"""Compiles a function, as a part kernel, into the kernels that call it."""
