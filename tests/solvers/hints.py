"""Whether CP-SAT accepts a hint: all variables fixed to it, and what the solver's log says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from orderopt.solvers.cpsat.shop_model import ShopModel


@dataclass(frozen=True)
class Reply:
    """What CP-SAT says of a model whose variables are fixed to their hint."""

    is_feasible: bool
    objective: float
    log: str
    num_variables: int
    num_hinted: int

    @property
    def is_refused(self) -> bool:
        """Whether the solver says that the hint is complete and yet no solution."""
        return re.search("hint is complete,? but", self.log) is not None


def solve_at_hint(shop: ShopModel, seconds: float = 10.0) -> Reply:
    """Fix everything that is hinted and solve."""
    return solve_model_at_hint(shop.model, shop.scale, seconds)


def solve_model_at_hint(model: cp_model.CpModel, scale: float, seconds: float = 10.0) -> Reply:
    """Fix everything that is hinted and solve."""
    solver, lines = cp_model.CpSolver(), []
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.fix_variables_to_their_hinted_value = True
    status = solver.solve(model)
    is_feasible = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    objective = solver.objective_value / scale if is_feasible else float("inf")
    listener = cp_model.CpSolver()
    listener.parameters.num_workers = 1
    listener.parameters.max_time_in_seconds = seconds
    listener.parameters.stop_after_first_solution = True
    listener.parameters.log_search_progress = True
    listener.parameters.log_to_stdout = False
    listener.log_callback = lines.append
    listener.solve(model)
    proto = model.proto
    return Reply(is_feasible, objective, "\n".join(lines), len(proto.variables), len(proto.solution_hint.vars))
