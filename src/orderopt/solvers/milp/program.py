"""The sourcing question as a linear program, handed to HiGHS as a sparse matrix.

With whole lots it is the allocation itself (minimum parts and fixed costs of split lines apart, which are charged in
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

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Floats, SourcingProblem

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


def solve(problem: SourcingProblem, budget: Budget, *, whole: bool) -> Served | None:
    """Return the solution that HiGHS finds in time, None if it finds none.

    Parameters
    ----------
    whole
        False: lots may be fractions.
    """
    program = _Program(problem)
    with _quiet():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", budget.seed % (1 << 31))
        solver.setOptionValue("time_limit", max(0.1, budget.remaining))
        solver.setOptionValue("mip_rel_gap", GOOD_ENOUGH)
        solver.passModel(program.model(whole=whole))
        _run(solver, budget.cancel)
    info = solver.getInfo()
    is_optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if not is_optimal and (not whole or info.primal_solution_status != 2):
        return None
    values = np.array(solver.getSolution().col_value)
    lots = np.zeros((problem.num_options, problem.num_buckets))
    for column, (option, bucket) in program.ready.items():
        lots[option, bucket] = values[column]
    bound = float(info.mip_dual_bound) if whole else float(info.objective_function_value)
    return Served(lots, float(info.objective_function_value), bound, is_optimal)


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


class _Program:
    """The linear program, gathered as sparse rows and columns."""

    def __init__(self, problem: SourcingProblem) -> None:
        self.problem = problem
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.row_lower: list[float] = []
        self.row_upper: list[float] = []
        self.entries: tuple[list[int], list[int], list[float]] = ([], [], [])
        self.ready: dict[int, tuple[int, int]] = {}
        self.pool_rows = self._add_pools()
        self.group_rows = self._add_groups()
        for line in range(problem.num_lines):
            self._add_line(line)

    def _column(self, cost: float, upper: float = highspy.kHighsInf) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def _row(self, lower: float, upper: float) -> int:
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def _set(self, row: int, column: int, value: float) -> None:
        rows, columns, values = self.entries
        rows.append(row)
        columns.append(column)
        values.append(value)

    def _add_pools(self) -> list[int]:
        """Keep what is drawn of a pool to what lies there, is bought or is made."""
        arrays = self.problem.arrays
        rows = [self._row(-highspy.kHighsInf, float(amount)) for amount in arrays.pool_amount]
        for pool, row in enumerate(rows):
            if np.isfinite(arrays.pool_buy[pool]):
                self._set(row, self._column(float(arrays.pool_buy[pool])), -1.0)
            if np.isfinite(arrays.pool_make[pool]):
                made = self._column(float(arrays.pool_make[pool]))
                self._set(row, made, -1.0)
                for need in range(arrays.recipe_ptr[pool], arrays.recipe_ptr[pool + 1]):
                    self._set(rows[arrays.recipe_pool[need]], made, float(arrays.recipe_amount[need]))
        return rows

    def _add_groups(self) -> dict[tuple[int, int], int]:
        """Cover the load of a bucket by its minutes and those carried over from the bucket before."""
        minutes, rows = self.problem.arrays.group_minutes, {}
        for group in range(len(minutes)):
            carried, before = None, 0.0
            for bucket in range(self.problem.num_buckets - 1):
                row = self._row(-highspy.kHighsInf, float(minutes[group, bucket] - before))
                if carried is not None:
                    self._set(row, carried, -1.0)
                carried = self._column(0.0)
                self._set(row, carried, 1.0)
                before = float(minutes[group, bucket])
                rows[group, bucket] = row
        return rows

    def _add_line(self, line: int) -> None:
        arrays, problem = self.problem.arrays, self.problem
        lots = int(arrays.lots[line])
        served = self._row(float(lots), float(lots))
        self._set(served, self._column(float(arrays.unserved_cost[line]) / lots), 1.0)
        for option in range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1])):
            loads = range(int(arrays.load_ptr[option]), int(arrays.load_ptr[option + 1]))
            draws = range(int(arrays.draw_ptr[option]), int(arrays.draw_ptr[option + 1]))
            each = float(arrays.option_lot_cost[option] + arrays.option_fixed_cost[option] / lots)
            first = problem.first_bucket(option)
            last = problem.num_buckets if loads else first + 1
            for bucket in range(first, last):
                late = problem.late_cost(line, option, bucket)
                if loads and late == 0.0 and bucket + 1 < last and not problem.late_cost(line, option, bucket + 1):
                    continue  # the last bucket in time leaves the most room
                column = self._column(each + late / lots, float(lots))
                self.ready[column] = option, bucket
                self._set(served, column, 1.0)
                for load in loads:
                    row = self.group_rows.get((int(arrays.load_group[load]), bucket))
                    if row is not None:
                        fixed = float(arrays.load_fixed[load]) / lots
                        self._set(row, column, float(arrays.load_minutes[load]) + fixed)
                for draw in draws:
                    self._set(self.pool_rows[arrays.draw_pool[draw]], column, float(arrays.draw_amount[draw]))

    def model(self, *, whole: bool) -> highspy.HighsLp:
        """Return the program as HiGHS takes it, column by column."""
        rows, columns, values = (np.array(part) for part in self.entries)
        order = np.argsort(columns, kind="stable") if len(columns) else np.empty(0, dtype=np.int64)
        counts = np.bincount(columns.astype(np.int64), minlength=len(self.cost))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.cost), len(self.row_lower)
        model.col_cost_ = np.array(self.cost)
        model.col_lower_ = np.zeros(len(self.cost))
        model.col_upper_ = np.array(self.upper)
        model.row_lower_ = np.array(self.row_lower)
        model.row_upper_ = np.array(self.row_upper)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        model.a_matrix_.index_ = rows[order].astype(np.int32)
        model.a_matrix_.value_ = values[order].astype(np.float64)
        if whole:
            kinds = [highspy.HighsVarType.kContinuous] * len(self.cost)
            for column in self.ready:
                kinds[column] = highspy.HighsVarType.kInteger
            model.integrality_ = kinds
        return model
