"""The same model as a sparse matrix handed to HiGHS directly: minutes that a bucket leaves over are a column."""

from __future__ import annotations

import highspy
import numpy as np

from benchmarks.allocation.peers import Found, Plain, take


def run(plain: Plain, seed: int, workers: int, seconds: float) -> Found:
    """Build and solve."""
    options, orders = len(plain.order), plain.num_orders
    groups, buckets = plain.open_minutes.shape[0], plain.open_minutes.shape[1] - 1
    cells = np.arange(groups * buckets)
    carried, in_time = options + orders, np.flatnonzero(plain.bucket < buckets)
    later = cells[cells % buckets > 0]
    rows = np.concatenate(
        (
            plain.order,
            np.arange(orders),
            orders + plain.group[in_time] * buckets + plain.bucket[in_time],
            orders + cells,
            orders + later,
        )
    )
    columns = np.concatenate(
        (np.arange(options), options + np.arange(orders), in_time, carried + cells, carried + later - 1)
    )
    ones = np.ones(options + orders)
    values = np.concatenate((ones, plain.minutes[in_time], np.ones(len(cells)), -np.ones(len(later))))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = carried + len(cells), orders + len(cells)
    model.col_cost_ = np.concatenate((plain.cost, plain.unserved, np.zeros(len(cells))))
    model.col_lower_ = np.zeros(model.num_col_)
    model.col_upper_ = np.concatenate((ones, np.full(len(cells), np.inf)))
    minutes = np.diff(plain.open_minutes[:, :-1], axis=1, prepend=0.0).ravel()
    model.row_lower_ = np.concatenate((np.ones(orders), minutes))
    model.row_upper_ = model.row_lower_
    order = np.lexsort((rows, columns))
    starts = np.cumsum(np.bincount(columns, minlength=model.num_col_))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate(([0], starts)).astype(np.int32)
    model.a_matrix_.index_ = rows[order].astype(np.int32)
    model.a_matrix_.value_ = values[order]
    kinds = [highspy.HighsVarType.kInteger] * (options + orders) + [highspy.HighsVarType.kContinuous] * len(cells)
    model.integrality_ = kinds
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", workers)
    solver.setOptionValue("random_seed", seed)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", 1e-6)
    solver.passModel(model)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Found("UNKNOWN", None, note=solver.modelStatusToString(solver.getModelStatus()))
    chosen = np.flatnonzero(np.array(solver.getSolution().col_value)[:options] > 0.5)
    answer, cost = take(plain, chosen)
    status = "OPTIMAL" if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal else "FEASIBLE"
    return Found(status, answer, cost, float(info.mip_dual_bound))
