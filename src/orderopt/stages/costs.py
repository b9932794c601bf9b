"""What supplies cost as they are planned: work, components and purchases, per unit that is handed over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.stages.schedule import ShopQuestion
from orderopt.stages.supply import ZERO, Job, Purchase, Supply


class SupplyCosts:
    """Prices supplies of one plan; the cost of each job is worked out once.

    Parameters
    ----------
    plant, question, schedule, purchases
        The plan.
    """

    def __init__(
        self, plant: Plant, question: ShopQuestion, schedule: ShopSchedule, purchases: Sequence[Purchase]
    ) -> None:
        self.plant, self.jobs = plant, question.jobs
        self._job_index = {id(job.supply): position for position, job in enumerate(question.jobs)}
        self._purchase_of = {id(purchase.supply): purchase for purchase in purchases}
        self._work = _work_costs(plant, question, schedule)
        self._job_costs: dict[int, Decimal] = {}

    def cost(self, supply: Supply | None, quantity: Decimal) -> Decimal:
        """Return what a quantity of a supply costs to make or buy; stock and receipts cost nothing more."""
        if supply is None:
            return ZERO
        purchase = self._purchase_of.get(id(supply))
        if purchase is not None and purchase.offer is not None:
            quality = self.plant.snapshot.supplier[purchase.supplier_id].quality
            return purchase.quantity * purchase.offer.unit_price * quantity / (purchase.quantity * quality)
        position = self._job_index.get(id(supply))
        if position is None:
            return ZERO
        job = self.jobs[position]
        good = job.started * self.plant.snapshot.unit[job.unit_id].quality
        return self._job_cost(position, job) * quantity / good

    def _job_cost(self, position: int, job: Job) -> Decimal:
        if position not in self._job_costs:
            self._job_costs[position] = sum(
                (self.cost(draw.supply, draw.quantity) for draw in job.draws), self._work[position]
            )
        return self._job_costs[position]


def _work_costs(plant: Plant, question: ShopQuestion, schedule: ShopSchedule) -> list[Decimal]:
    """Return the cost of the planned work of each job."""
    arrays = question.problem.arrays
    minutes = (arrays.alt_work[schedule.alternative] + schedule.setup).tolist()
    resources = arrays.alt_resource[schedule.alternative].tolist()
    hour_costs = [resource.cost_per_hour for resource in plant.resources]
    costs = [ZERO] * len(question.jobs)
    for job, is_fixed, spent, resource in zip(
        arrays.task_job.tolist(), arrays.task_is_fixed.tolist(), minutes, resources, strict=True
    ):
        if not is_fixed:
            costs[job] += spent * hour_costs[resource] / 60
    return costs
