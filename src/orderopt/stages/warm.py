"""Compiling the kernels that plans need, before the first plan of an installation, so that no limit pays for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from orderopt.solvers.allocation import warm as warm_allocation
from orderopt.solvers.allocation.kernels_prices import climb
from orderopt.solvers.allocation.kernels_search import anneal as anneal_choice
from orderopt.solvers.allocation.kernels_serve import give_up, serve_in_order
from orderopt.solvers.scheduling import warm as warm_scheduling
from orderopt.solvers.scheduling.kernels_anneal import anneal
from orderopt.solvers.scheduling.kernels_bounds import price_batch
from orderopt.solvers.scheduling.kernels_dispatch import run_rule
from orderopt.solvers.scheduling.warm import is_compiled

LARGEST = (climb, anneal_choice, serve_in_order, give_up, anneal, run_rule, price_batch)
"""Kernels that call all others; where these are compiled, so is the rest."""


def compile_kernels(tell: Callable[[], None]) -> float:
    """Compile what is not compiled yet; return the seconds that took (0: nothing was left to do).

    Parameters
    ----------
    tell
        Called before compiling begins.
    """
    if all(is_compiled(kernel) for kernel in LARGEST):
        return 0.0
    tell()
    began = time.monotonic()
    warm_scheduling.warm_up(special=False)  # plans have due dates and open hours
    warm_allocation.warm_up()
    return time.monotonic() - began
