"""What changing over costs at least, whatever the sequences are."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, ShopProblem


def find_setup_floor(problem: ShopProblem) -> float:
    """Return a cost of changeovers that no schedule stays below.

    Families that a task may belong to (one on each of its resources) are one *kind*. The first task of a kind that
    has none of its own before it needs a changeover from another family, unless it is the first of a resource whose
    state is not known; at most one kind can be first on a resource.
    """
    arrays = problem.arrays
    if not arrays.setup_size.any():
        return 0.0
    families: dict[int, set[int]] = defaultdict(set)
    kinds = _Kinds()
    given: set[tuple[int, int]] = set()
    is_free: set[tuple[int, int]] = set()
    for task in range(problem.num_tasks):
        nodes = []
        for alternative in range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]):
            node = int(arrays.alt_resource[alternative]), int(arrays.alt_family[alternative])
            families[node[0]].add(node[1])
            nodes.append(node)
        kinds.join(nodes)
        (given if arrays.task_is_fixed[task] else is_free).update(nodes)
    least: dict[tuple[int, int], float] = {}
    starts = 0
    for resource, found in families.items():
        initial = int(arrays.resource_initial[resource])
        starts += initial == NONE and int(arrays.setup_size[resource]) > 0
        for family in found:
            node = resource, family
            if node not in is_free:
                continue
            cost = 0.0
            if arrays.setup_size[resource] and family and node not in given and family != initial:
                before = (found | {initial}) - {family, NONE}
                own = kinds.find(node)
                before = {each for each in before if each == initial or kinds.find((resource, each)) != own}
                rate = float(arrays.resource_minute_cost[resource])
                entering = [
                    problem.changeover_cost(resource, each, family) + rate * problem.setup(resource, each, family)
                    for each in before
                    if problem.setup(resource, each, family) < FOREVER
                ]
                cost = min(entering, default=0.0)
            kind = kinds.find(node)
            least[kind] = min(least.get(kind, np.inf), cost)
    costs = sorted(least.values())
    return float(sum(costs[: max(0, len(costs) - starts)]))


class _Kinds:
    """Sets of (resource, family) that grow together."""

    def __init__(self) -> None:
        self._above: dict[tuple[int, int], tuple[int, int]] = {}

    def find(self, node: tuple[int, int]) -> tuple[int, int]:
        while node in self._above:
            node = self._above[node]
        return node

    def join(self, nodes: list[tuple[int, int]]) -> None:
        for node in nodes[1:]:
            one, other = self.find(nodes[0]), self.find(node)
            if one != other:
                self._above[one] = other
