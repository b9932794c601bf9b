"""The sourcing question as a linear program, handed to HiGHS as a sparse matrix.

With whole lots it is the allocation itself (lateness of split lines and fixed minutes apart, which are charged in
proportion and mended afterwards); with fractions allowed, its optimum is a bound that no allocation beats.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import highspy
import numpy as np

from orderopt.solvers.allocation.slots import Slots, build_slots
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, Flags, Floats, Ints, SourcingProblem
from orderopt.solvers.milp.matrix import Matrix, build_matrix, settle_slots

GOOD_ENOUGH = 5e-4
"""Relative gap at which a search for whole lots may stop."""


@dataclass(frozen=True)
class Served:
    """A solution of the program.

    Attributes
    ----------
    lots
        Shape (O, K): lots that each option serves in each bucket; whole ones unless fractions were allowed.
    objective, bound
        Cost of the solution, and what no solution beats.
    is_optimal
        Whether HiGHS finished.
    """

    lots: Floats
    objective: float
    bound: float
    is_optimal: bool


def solve(
    problem: SourcingProblem,
    budget: Budget,
    *,
    whole: bool,
    slots: Slots | None = None,
    keep: Flags | None = None,
    start: Assignment | None = None,
    settled: Ints | None = None,
    good_enough: float = GOOD_ENOUGH,
) -> Served | None:
    """Return the solution that HiGHS finds in time, None if it finds none.

    Parameters
    ----------
    whole
        False: lots may be fractions.
    slots, keep
        The slots of the problem, where they are known already, and which of them may be used, shape (S); then
        objective and bound hold for these alone.
    start
        A choice of slots to begin with.
    settled
        Slots that serve their lines for certain: each the only one that its line may use, of lines that are not split.
    good_enough
        Relative gap at which a search for whole lots may stop.
    """
    slots = build_slots(problem) if slots is None else slots
    matrix = build_matrix(slots, keep=keep, exact=whole)
    if settled is not None:
        matrix = settle_slots(slots, matrix, settled)
    with _quiet():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", budget.seed % (1 << 31))
        solver.setOptionValue("time_limit", max(0.1, budget.remaining))
        solver.setOptionValue("mip_rel_gap", good_enough)
        solver.passModel(_model(matrix, whole=whole))
        if start is not None:
            columns, values = _hint(slots, matrix, start)
            solver.setSolution(len(columns), columns.astype(np.int32), values)
        _run(solver, budget.cancel)
    info = solver.getInfo()
    is_optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if not is_optimal and (not whole or info.primal_solution_status != 2):
        return None
    values = np.array(solver.getSolution().col_value)
    lots = np.zeros((problem.num_options, problem.num_buckets))
    if settled is not None:
        lots[slots.places.option[settled], slots.places.bucket[settled]] = 1.0
    own = np.flatnonzero(matrix.slot >= 0)
    lots[slots.places.option[matrix.slot[own]], slots.places.bucket[matrix.slot[own]]] = values[own]
    objective = float(info.objective_function_value)
    bound = float(info.mip_dual_bound) if whole else objective
    return Served(lots, objective + matrix.constant, bound + matrix.constant, is_optimal)


def _run(solver: highspy.Highs, cancel: threading.Event) -> None:
    """Let HiGHS solve, and stop it when the caller cancels."""
    if cancel.is_set():
        return
    solver.HandleUserInterrupt = True
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.1):
            if cancel.is_set():
                solver.cancelSolve()  # type: ignore[no-untyped-call]
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        solver.run()
    finally:
        finished.set()
        watcher.join()


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop what HiGHS writes to file descriptor 1 at its first start (a banner, whatever the options say)."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _model(matrix: Matrix, *, whole: bool) -> highspy.HighsLp:
    """Return the program as HiGHS takes it, column by column."""
    order = np.lexsort((matrix.rows, matrix.columns))
    counts = np.bincount(matrix.columns, minlength=len(matrix.cost))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(matrix.cost), len(matrix.row_lower)
    model.col_cost_ = matrix.cost
    model.col_lower_ = np.zeros(len(matrix.cost))
    model.col_upper_ = matrix.upper
    model.row_lower_, model.row_upper_ = matrix.row_lower, matrix.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    model.a_matrix_.index_ = matrix.rows[order].astype(np.int32)
    model.a_matrix_.value_ = matrix.values[order]
    if whole:
        kinds = np.array([highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger])
        model.integrality_ = kinds[matrix.is_whole.astype(np.int64)].tolist()
    return model


def _hint(slots: Slots, matrix: Matrix, choice: Assignment) -> tuple[Ints, Floats]:
    """Return the columns that must be whole and their values in a choice (made of slots that are kept)."""
    columns = np.flatnonzero(matrix.is_whole)
    slot, switch = matrix.slot[columns], matrix.switch[columns]
    option = np.where(slot >= 0, slots.places.option[slot], switch)
    is_ready = (slot < 0) | (choice.bucket[option] == slots.places.bucket[slot])
    values = np.where(slot >= 0, np.where(is_ready, choice.lots[option], 0), choice.lots[option] > 0)
    return columns, values.astype(np.float64)
