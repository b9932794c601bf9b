"""Heaps of positions in flat arrays, compiled by numba: the queues of list scheduling.

A heap is a part of an array, from `base` on; many heaps share one array. The position with the largest key comes
first, of equals the smallest position, so that nothing hangs on the order in which they came.
"""

from __future__ import annotations

from orderopt.solvers.compiled.jit import inner_kernel


@inner_kernel
def comes_before(key, one, other):
    """Return whether one position comes before another."""
    return key[one] > key[other] or (key[one] == key[other] and one < other)


@inner_kernel
def push(heap, base, size, key, item):
    """Add a position to a heap of some size; the caller counts."""
    place = size
    while place > 0:
        above = (place - 1) // 2
        if not comes_before(key, item, heap[base + above]):
            break
        heap[base + place] = heap[base + above]
        place = above
    heap[base + place] = item


@inner_kernel
def drop_first(heap, base, size, key):
    """Take the first position out of a heap of some size; the caller counts."""
    left = size - 1
    item = heap[base + left]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= left:
            break
        if below + 1 < left and comes_before(key, heap[base + below + 1], heap[base + below]):
            below += 1
        if comes_before(key, item, heap[base + below]):
            break
        heap[base + place] = heap[base + below]
        place = below
    heap[base + place] = item
