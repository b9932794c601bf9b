"""Kernels that count and fill the slots of a sourcing problem."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.jit import kernel


@kernel
def _late(option, line, bucket, line_due, minute_cost, option_ready, option_lead, bucket_late):
    arrival = max(option_ready[option], bucket_late[bucket] + option_lead[option])
    return max(0, arrival - line_due[line]) * minute_cost[line]


@kernel
def _is_slot(bucket, first, lots, cost, fixed, late, next_late, worth, has_loads, num_buckets):
    """Whether a bucket is worth a look for an option."""
    if has_loads and late == 0.0 and bucket + 1 < num_buckets and next_late == 0.0:
        return False  # the last bucket in time leaves the most room
    if not has_loads and bucket > first:
        return False  # takes no minutes: as early as it can be
    if lots == 1:
        return cost + fixed + late < worth
    return cost * lots + fixed < worth and late < worth


@kernel
def count_slots(
    lines, first, lots, line_due, minute_cost, worth, option_ready, option_lead, lot_cost, fixed_cost, load_ptr,
    bucket_late,
):  # fmt: skip
    """Return where the slots of each option begin, shape (O + 1)."""
    num_buckets = len(bucket_late)
    begin = np.zeros(len(lines) + 1, dtype=np.int64)
    for option in range(len(lines)):
        line = lines[option]
        has_loads = load_ptr[option] < load_ptr[option + 1]
        count = 0
        late = _late(option, line, first[option], line_due, minute_cost, option_ready, option_lead, bucket_late)
        for bucket in range(first[option], num_buckets):
            next_late = 0.0
            if bucket + 1 < num_buckets:
                next_late = _late(
                    option, line, bucket + 1, line_due, minute_cost, option_ready, option_lead, bucket_late
                )
            if _is_slot(
                bucket, first[option], lots[line], lot_cost[option], fixed_cost[option], late, next_late,
                worth[option], has_loads, num_buckets,
            ):  # fmt: skip
                count += 1
            late = next_late
        begin[option + 1] = begin[option] + count
    return begin


@kernel
def fill_slots(
    lines, first, lots, line_due, minute_cost, worth, option_ready, option_lead, lot_cost, fixed_cost, load_ptr,
    bucket_late, begin,
):  # fmt: skip
    """Return option, bucket, cost of the whole line and cost of lateness of each slot."""
    num_buckets, size = len(bucket_late), begin[-1]
    slot_option, slot_bucket = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    slot_cost, slot_late = np.empty(size), np.empty(size)
    for option in range(len(lines)):
        line = lines[option]
        has_loads = load_ptr[option] < load_ptr[option + 1]
        at = begin[option]
        late = _late(option, line, first[option], line_due, minute_cost, option_ready, option_lead, bucket_late)
        for bucket in range(first[option], num_buckets):
            next_late = 0.0
            if bucket + 1 < num_buckets:
                next_late = _late(
                    option, line, bucket + 1, line_due, minute_cost, option_ready, option_lead, bucket_late
                )
            if _is_slot(
                bucket, first[option], lots[line], lot_cost[option], fixed_cost[option], late, next_late,
                worth[option], has_loads, num_buckets,
            ):  # fmt: skip
                slot_option[at], slot_bucket[at], slot_late[at] = option, bucket, late
                slot_cost[at] = lot_cost[option] * lots[line] + fixed_cost[option] + late
                at += 1
            late = next_late
    return slot_option, slot_bucket, slot_cost, slot_late
