"""A program solved through PuLP in a process of its own, ended if the backend does not keep its time."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np

from orderopt.errors import SolverError
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Floats
from orderopt.solvers.milp.matrix import Matrix

GRACE_SECONDS = 5.0
"""How far the process may overrun: it ends the backend itself, unless that does not keep its time."""

FIELDS = ("cost", "upper", "is_whole", "row_lower", "row_upper", "rows", "columns", "values")


@dataclass(frozen=True)
class Reply:
    """What a backend found.

    Attributes
    ----------
    values
        By column.
    is_optimal
        Whether the backend claims to have finished; one that a time limit stopped has not.
    """

    values: Floats
    is_optimal: bool


def solve_in_child(matrix: Matrix, budget: Budget, *, backend: str, whole: bool) -> Reply | None:
    """Return what a backend of PuLP finds, None if it finds nothing in time, or is cancelled.

    Parameters
    ----------
    backend
        ``highs`` or ``cbc``.
    whole
        False: lots may be fractions.

    Raises
    ------
    SolverError
        If the process ends with an error; the message holds its last words.
    """
    seconds = budget.remaining
    given = {name: getattr(matrix, name) for name in FIELDS}
    with tempfile.TemporaryFile() as message:
        np.savez(
            message, backend=backend, whole=whole, ends=time.time() + seconds, seed=budget.seed % (1 << 31), **given
        )
        message.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "orderopt.solvers.milp.pulp_program"],
            stdin=message,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that what the backend starts can be ended too
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        answer = _await(process, budget, time.monotonic() + seconds + GRACE_SECONDS)
    if answer is None:
        return None
    if process.returncode:
        raise SolverError(f"PuLP with {backend} failed: {answer[1].decode(errors='replace')[-2000:]}")
    found = np.load(io.BytesIO(answer[0]))
    return Reply(found["values"], bool(found["is_optimal"])) if len(found["values"]) else None


def _await(process: subprocess.Popen[bytes], budget: Budget, end: float) -> tuple[bytes, bytes] | None:
    """Return what a process writes, None if it is not done in time or the caller cancels; it has ended then."""
    try:
        while not budget.cancel.is_set() and time.monotonic() < end:
            try:
                return process.communicate(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
        return None
    finally:
        if process.poll() is None:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
