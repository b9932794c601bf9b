"""Running CP-SAT within a budget: parameters, cancelling, progress, an honest status."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from orderopt.errors import SolverError
from orderopt.models.summary import Status
from orderopt.solvers.budget import REPLAY_RATE, Budget

_STATUS = {
    cp_model.OPTIMAL: Status.OPTIMAL,
    cp_model.FEASIBLE: Status.FEASIBLE,
    cp_model.INFEASIBLE: Status.INFEASIBLE,
    cp_model.UNKNOWN: Status.UNKNOWN,
}


@dataclass(frozen=True)
class Search:
    """What a run of CP-SAT gave.

    Attributes
    ----------
    status
        OPTIMAL means proven; FEASIBLE, that time ended the run.
    solver
        Values can be read from it where there is a solution.
    objective, bound
        Scaled as in the model.
    effort
        Deterministic time that the run took, in the solver's seconds.
    """

    status: Status
    solver: cp_model.CpSolver
    objective: float
    bound: float
    effort: float

    @property
    def has_solution(self) -> bool:
        """Whether values can be read."""
        return self.status in {Status.OPTIMAL, Status.FEASIBLE}


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, tell: Callable[[float, float], None]) -> None:
        super().__init__()
        self._tell = tell

    def on_solution_callback(self) -> None:
        self._tell(self.objective_value, self.best_objective_bound)


def run(
    model: cp_model.CpModel,
    budget: Budget,
    *,
    effort: float | None = None,
    tell: Callable[[float, float], None] | None = None,
    **parameters: object,
) -> Search:
    """Solve a model within a budget.

    Parameters
    ----------
    model
        The model.
    budget
        Seconds, workers, seed, and the event that cancels.
    effort
        Deterministic seconds at most; by default what the budget allows when it must be reproducible.
    tell
        Called with objective and bound (scaled as in the model) at each solution.
    parameters
        More CP-SAT parameters by name.

    Raises
    ------
    SolverError
        If CP-SAT calls the model invalid.
    """
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.num_workers = budget.workers
    settings.random_seed = budget.seed % (1 << 31)
    settings.catch_sigint_signal = False
    settings.max_time_in_seconds = max(0.01, budget.remaining)
    if effort is None and budget.is_reproducible:
        effort = budget.seconds * REPLAY_RATE
    if effort is not None:
        settings.max_deterministic_time = effort
    for name, value in parameters.items():
        setattr(settings, name, value)
    finished = threading.Event()
    watcher = threading.Thread(target=_watch, args=(budget.cancel, finished, solver), daemon=True)
    watcher.start()
    try:
        status = solver.solve(model, _Listener(tell) if tell else None)
    finally:
        finished.set()
        watcher.join()
    if status == cp_model.MODEL_INVALID:
        raise SolverError(f"CP-SAT calls the model invalid: {model.validate()}")
    found = _STATUS[status]
    return Search(
        found,
        solver,
        solver.objective_value if found in {Status.OPTIMAL, Status.FEASIBLE} else float("inf"),
        solver.best_objective_bound,
        float(solver.response_proto.deterministic_time),
    )


def _watch(cancel: threading.Event, finished: threading.Event, solver: cp_model.CpSolver) -> None:
    while not finished.wait(0.1):
        if cancel.is_set():
            solver.stop_search()
            return
