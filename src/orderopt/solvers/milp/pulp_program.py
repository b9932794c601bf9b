"""A sparse matrix as a PuLP problem, solved by one of PuLP's backends.

``python -m orderopt.solvers.milp.pulp_program`` reads the matrix from its standard input and writes the solution to its
standard output, both as arrays by name.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pulp
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def build_problem(given: Mapping[str, Any], *, whole: bool) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Return the PuLP problem and its variables by column.

    Parameters
    ----------
    given
        The arrays of a :class:`~orderopt.solvers.milp.matrix.Matrix` by name.
    whole
        False: lots may be fractions.
    """
    upper, is_whole = given["upper"], given["is_whole"]
    variables = [
        pulp.LpVariable(
            f"x{column}",
            0,
            None if np.isinf(top) else float(top),
            pulp.LpInteger if whole and is_whole[column] else pulp.LpContinuous,
        )
        for column, top in enumerate(upper)
    ]
    problem = pulp.LpProblem("allocation", pulp.LpMinimize)
    costs = [(variable, float(cost)) for variable, cost in zip(variables, given["cost"], strict=True)]
    problem.setObjective(pulp.LpAffineExpression(costs))
    order = np.argsort(given["rows"], kind="stable")
    columns, values = given["columns"][order], given["values"][order]
    counts = np.bincount(given["rows"], minlength=len(given["row_lower"]))
    ends = np.cumsum(counts)
    for row, (low, high) in enumerate(zip(given["row_lower"], given["row_upper"], strict=True)):
        own = slice(int(ends[row] - counts[row]), int(ends[row]))
        if own.start == own.stop:
            continue
        entries = [(variables[column], value) for column, value in zip(columns[own], values[own].tolist(), strict=True)]
        expression = pulp.LpAffineExpression(entries)
        if low == high:
            problem.addConstraint(pulp.LpConstraint(expression, pulp.LpConstraintEQ, f"r{row}", float(low)))
        elif np.isinf(low):
            problem.addConstraint(pulp.LpConstraint(expression, pulp.LpConstraintLE, f"r{row}", float(high)))
        else:
            problem.addConstraint(pulp.LpConstraint(expression, pulp.LpConstraintGE, f"r{row}", float(low)))
    return problem, variables


def solve_matrix(given: Mapping[str, Any], *, backend: str, whole: bool, ends: float, seed: int) -> tuple[Floats, bool]:
    """Return the values by column (none if nothing is found) and whether the backend claims to have finished.

    Parameters
    ----------
    backend
        ``highs`` or ``cbc``.
    ends
        Seconds since the epoch at which time is up.
    """
    problem, variables = build_problem(given, whole=whole)
    left = max(0.1, ends - time.time())
    if backend == "cbc":
        solver: Any = pulp.PULP_CBC_CMD(msg=False, timeLimit=left, threads=1, options=[f"randomCbcSeed {seed + 1}"])
    else:
        solver = pulp.HiGHS(msg=False, timeLimit=left, threads=1, random_seed=seed)
    problem.solve(solver)
    found = problem.sol_status in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}
    if not found or any(variable.varValue is None for variable in variables[: len(given["is_whole"])]):
        return np.zeros(0), False
    values = np.array([float(variable.varValue) for variable in variables])
    return values, problem.sol_status == pulp.LpSolutionOptimal


def _main() -> None:
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what backends print must not get into the answer
    given = np.load(io.BytesIO(sys.stdin.buffer.read()))
    values, is_optimal = solve_matrix(
        given,
        backend=str(given["backend"]),
        whole=bool(given["whole"]),
        ends=float(given["ends"]),
        seed=int(given["seed"]),
    )
    np.savez(answer, values=values, is_optimal=is_optimal)
    answer.close()


if __name__ == "__main__":
    _main()
