"""Whether a kernel is compiled already: numba does that once for each installation and keeps the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COMPILING_SECONDS = 20.0
"""What compiling a kernel may take, at most."""


def is_compiled(kernel: Any) -> bool:
    """Whether a kernel runs at once: it ran in this process, or numba has kept its compiled form.

    Parameters
    ----------
    kernel
        A function made by ``numba.njit(cache=True)``.
    """
    if not hasattr(kernel, "py_func") or kernel.signatures:
        return True  # numba is switched off, or the kernel has run
    folder = getattr(getattr(kernel, "_cache", None), "cache_path", None)
    name = kernel.py_func.__qualname__
    return folder is not None and any(Path(folder).glob(f"*.{name}-*.nbc"))
