"""Scheduling done minute by minute, with no code shared with the solvers: what kernels and models are held against."""

from __future__ import annotations

from bisect import bisect_left
from itertools import permutations, product
from typing import TYPE_CHECKING

import numpy as np

from orderopt.solvers.compiled.shop import NONE, ShopProblem, ShopSchedule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LAST = 60_000
"""No shop of the tests works longer."""


class Slow:
    """A shop, looked at one minute after the other."""

    def __init__(self, problem: ShopProblem) -> None:
        self.problem, self.arrays = problem, problem.arrays
        self.spans = [
            [(int(opens), int(closes)) for opens, closes in zip(each.opens, each.closes, strict=True)]
            for each in problem.open_times
        ]
        self.job_of = self.arrays.task_job.tolist()
        self.last_task = [int(end) - 1 for end in self.arrays.job_ptr[1:]]

    # ---- open hours ----------------------------------------------------------------------------------------

    def span_at(self, resource: int, minute: int) -> int | None:
        """Return which open span holds a minute."""
        found = self.spans[self.arrays.resource_calendar[resource]]
        place = bisect_left(found, (minute + 1, -1)) - 1
        return place if place >= 0 and found[place][0] <= minute < found[place][1] else None

    def fit(self, resource: int, minute: int, work: int, breakable: bool) -> tuple[int, int] | None:
        """Return the first stretch of `work` open minutes."""
        while minute < LAST:
            span = self.span_at(resource, minute)
            if span is None:
                minute += 1
                continue
            now, done, first = minute, 0, span
            while done < work and now < LAST:
                inside = self.span_at(resource, now)
                if inside is not None and (breakable or inside == first):
                    done += 1
                elif not breakable:
                    break
                now += 1
            if done == work:
                return minute, now
            minute += 1 if now == minute else now - minute
        return None

    # ---- placing -------------------------------------------------------------------------------------------

    def place(
        self,
        order: Sequence[int],
        chosen: Sequence[int],
        *,
        free_choice: bool = False,
        skips: dict[int, int] | None = None,
    ) -> tuple[list[int], list[int], list[int], list[int]] | None:
        """Return alternatives, starts, ends and setups of tasks placed in order; None where one finds no place.

        `skips` says how many places between fixed tasks a task lets pass.
        """
        arrays, problem = self.arrays, self.problem
        num_tasks = problem.num_tasks
        alternative, start, end, setup = list(chosen), [0] * num_tasks, [0] * num_tasks, [0] * num_tasks
        placed: dict[int, list[int]] = {}
        for task in order:
            if arrays.task_is_fixed[task]:
                start[task], end[task] = int(arrays.fixed_start[task]), int(arrays.fixed_end[task])
                setup[task] = int(arrays.fixed_setup[task])
        for task in order:
            if arrays.task_is_fixed[task]:
                continue
            ready = max(int(arrays.task_release[task]), int(arrays.start[0]))
            for job in self.feeders(task):
                ready = max(ready, end[self.last_task[job]])
            if task > arrays.job_ptr[self.job_of[task]]:
                ready = max(ready, end[task - 1] + int(arrays.alt_lag[alternative[task - 1]]))
            ways = range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]) if free_choice else [chosen[task]]
            found = []
            for way in ways:
                resource = int(arrays.alt_resource[way])
                for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
                    at = self._on_slot(
                        way, slot, ready, placed.get(slot, []), end, alternative, (skips or {}).get(task, 0)
                    )
                    if at is not None:
                        found.append((at[1], float(arrays.alt_cost[way]), way, slot, at[0], at[2]))
            if not found:
                return None
            end[task], _, alternative[task], slot, start[task], setup[task] = min(found)
            placed.setdefault(slot, []).append(task)
        return alternative, start, end, setup

    def _on_slot(
        self, way: int, slot: int, ready: int, before: list[int], end: list[int], alternative: list[int], skip: int
    ) -> tuple[int, int, int] | None:
        arrays = self.arrays
        resource = int(arrays.alt_resource[way])
        fixed = [
            int(task) for task in arrays.slot_fixed_task[arrays.slot_fixed_ptr[slot] : arrays.slot_fixed_ptr[slot + 1]]
        ]
        free, family = -10_000, int(arrays.resource_initial[resource])
        if before:
            free, family = end[before[-1]], int(arrays.alt_family[alternative[before[-1]]])
        for position in range(len(fixed) + 1):
            if position:
                ahead = fixed[position - 1]
                if not before or end[ahead] > free:
                    free = max(free, end[ahead])
                    family = int(arrays.alt_family[arrays.alt_ptr[ahead]])
            until = int(arrays.fixed_start[fixed[position]]) if position < len(fixed) else LAST
            if until < free:
                continue
            minutes = self.problem.setup(resource, family, int(arrays.alt_family[way]))
            if minutes > LAST:  # may not follow
                continue
            at = self.fit(
                resource, max(ready, free), minutes + int(arrays.alt_work[way]), bool(arrays.alt_breakable[way])
            )
            if at is not None and at[1] <= until:
                if skip == 0:
                    return at[0], at[1], minutes
                skip -= 1
        return None

    def feeders(self, task: int) -> list[int]:
        """Return the jobs that must have ended before a task."""
        arrays = self.arrays
        return arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]].tolist()

    # ---- judging -------------------------------------------------------------------------------------------

    def faults(self, schedule: ShopSchedule) -> list[str]:
        """Return everything that is wrong with a schedule."""
        arrays, found = self.arrays, []
        start, end, setup = schedule.start.tolist(), schedule.end.tolist(), schedule.setup.tolist()
        for task in range(self.problem.num_tasks):
            way = int(schedule.alternative[task])
            if not arrays.alt_ptr[task] <= way < arrays.alt_ptr[task + 1]:
                found.append(f"task {task} stands on a resource that cannot do it")
            if arrays.task_is_fixed[task]:
                if (start[task], end[task]) != (arrays.fixed_start[task], arrays.fixed_end[task]):
                    found.append(f"fixed task {task} moved")
                continue
            resource = int(arrays.alt_resource[way])
            at = self.fit(
                resource, start[task], setup[task] + int(arrays.alt_work[way]), bool(arrays.alt_breakable[way])
            )
            if at != (start[task], end[task]):
                found.append(f"task {task} does not work its open minutes: {start[task]}-{end[task]}, not {at}")
            if start[task] < max(int(arrays.task_release[task]), int(arrays.start[0])):
                found.append(f"task {task} starts before its release")
            if task > arrays.job_ptr[self.job_of[task]]:
                lag = int(arrays.alt_lag[schedule.alternative[task - 1]])
                found += self.faults_of_extras(task, schedule)
                if not self.overlaps(task - 1, schedule) and start[task] < end[task - 1] + lag:
                    found.append(f"task {task} starts before the step before it is there")
            found += [
                f"task {task} starts before job {job} ends"
                for job in self.feeders(task)
                if start[task] < end[self.last_task[job]]
            ]
        for resource in range(self.problem.num_resources):
            found += self._faults_of(resource, schedule)
        return found + self._faults_of_crews(schedule)

    def overlaps(self, task: int, schedule: ShopSchedule) -> bool:
        """Return whether the next step may start before a task ends."""
        extras = self.problem.extras
        return extras is not None and bool(extras.alt_overlaps[schedule.alternative[task]])

    def open_minutes(self, way: int, since: int, until: int) -> list[int]:
        """Return every open minute of an alternative's resource between two minutes."""
        resource = int(self.arrays.alt_resource[way])
        return [minute for minute in range(since, until) if self.span_at(resource, minute) is not None]

    def faults_of_extras(self, task: int, schedule: ShopSchedule) -> list[str]:
        """Return what is wrong between a task and the step before it: a wait too long, an overlap too far."""
        extras, before, found = self.problem.extras, task - 1, []
        if extras is None or self.arrays.task_is_fixed[before]:
            return found
        start, end, setup = schedule.start.tolist(), schedule.end.tolist(), schedule.setup.tolist()
        way, own = int(schedule.alternative[before]), int(schedule.alternative[task])
        lag = int(self.arrays.alt_lag[way])
        if start[task] - end[before] > extras.alt_wait[way]:
            found.append(f"task {task} waits too long")
        if extras.alt_overlaps[way]:
            worked = self.open_minutes(way, start[before], end[before])
            needed = setup[before] + int(extras.alt_head[way])
            done = worked[needed - 1] + 1 if needed else start[before]
            if start[task] < done + lag:
                found.append(f"task {task} starts before the first batch is there")
            if len(self.open_minutes(own, end[before] + lag, end[task])) < extras.alt_tail[own]:
                found.append(f"task {task} ends before it can have worked on the last batch")
        return found

    def _faults_of_crews(self, schedule: ShopSchedule) -> list[str]:
        extras, arrays, found = self.problem.extras, self.arrays, []
        if extras is None:
            return found
        busy: dict[tuple[int, int], int] = {}
        for task in sorted(range(self.problem.num_tasks), key=lambda each: -int(arrays.task_is_fixed[each])):
            way = int(schedule.alternative[task])
            crew = int(extras.resource_crew[arrays.alt_resource[way]])
            if crew == NONE or not schedule.setup[task]:
                continue
            worked = self.open_minutes(way, int(schedule.start[task]), int(schedule.end[task]))
            for minute in range(int(schedule.start[task]), worked[int(schedule.setup[task]) - 1] + 1):
                other = busy.setdefault((crew, minute), task)
                if other != task and not (arrays.task_is_fixed[task] and arrays.task_is_fixed[other]):
                    found.append(f"the crew of task {task} sets up for task {other}")
                    break
        return found

    def _faults_of(self, resource: int, schedule: ShopSchedule) -> list[str]:
        arrays, found = self.arrays, []
        here = [
            task
            for task in range(self.problem.num_tasks)
            if arrays.alt_resource[schedule.alternative[task]] == resource
        ]
        here.sort(key=lambda task: (schedule.start[task], schedule.end[task], task))
        capacity = self.problem.capacity(resource)
        for task in here:
            moment = schedule.start[task]
            busy = [other for other in here if schedule.start[other] <= moment < schedule.end[other]]
            if len(busy) > capacity:
                found.append(f"resource {resource} does {len(busy)} tasks at once")
        if capacity == 1:
            family = int(arrays.resource_initial[resource])
            for task in here:
                own = int(arrays.alt_family[schedule.alternative[task]])
                needed = self.problem.setup(resource, family, own)
                if not arrays.task_is_fixed[task] and needed > LAST:
                    found.append(f"task {task} may not follow family {family}")
                if not arrays.task_is_fixed[task] and schedule.setup[task] != needed:
                    found.append(f"task {task} has the wrong setup")
                family = own
        return found

    def cost(self, alternative: Sequence[int], end: Sequence[int], start: Sequence[int], setup: Sequence[int]) -> float:
        """Return the cost of a schedule, fairness apart."""
        arrays, problem, total = self.arrays, self.problem, 0.0
        for line in range(len(arrays.line_due)):
            latest = int(arrays.line_floor[line])
            for job in np.flatnonzero(arrays.job_line == line):
                leaves = end[self.last_task[job]]
                table = int(arrays.job_timetable[job])
                if table != NONE:
                    times = arrays.timetable_at[arrays.timetable_ptr[table] : arrays.timetable_ptr[table + 1]].tolist()
                    leaves = next(time for time in times if time >= leaves)
                latest = max(latest, leaves + int(arrays.job_lead[job]))
            due = int(arrays.line_due[line])
            total += max(0, latest - due) * float(arrays.line_weight[line])
            if problem.charges is not None:
                total += float(problem.charges.late[line]) if latest > due else 0.0
                total += max(0, due - latest) * float(problem.charges.early[line])
                total += max(0, latest - int(problem.charges.since[line])) * float(problem.charges.flow[line])
        if problem.charges is not None:
            total += max([0, *end]) * problem.charges.makespan
        for resource in range(problem.num_resources):
            here = [task for task in range(problem.num_tasks) if arrays.alt_resource[alternative[task]] == resource]
            here.sort(key=lambda task: (start[task], end[task], task))
            family = int(arrays.resource_initial[resource])
            for task in here:
                own = int(arrays.alt_family[alternative[task]])
                if not arrays.task_is_fixed[task]:
                    minutes = int(arrays.alt_work[alternative[task]]) + setup[task]
                    total += minutes * float(arrays.resource_minute_cost[resource])
                    total += problem.changeover_cost(resource, family, own)
                family = own
        return total

    def best(self) -> float:
        """Return the lowest cost of all schedules."""
        arrays = self.arrays
        lowest = float("inf")
        ways = [range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]) for task in range(self.problem.num_tasks)]
        gaps = range(int(arrays.task_is_fixed.sum()) + 1)
        movable = [task for task in range(self.problem.num_tasks) if not arrays.task_is_fixed[task]]
        for chosen in product(*ways):
            for order in self.orders():
                for passed in product(gaps, repeat=len(movable)):
                    made = self.place(order, chosen, skips=dict(zip(movable, passed, strict=True)))
                    if made is not None:
                        alternative, start, end, setup = made
                        lowest = min(lowest, self.cost(alternative, end, start, setup))
        return lowest

    def orders(self) -> Iterator[tuple[int, ...]]:
        """Return every order in which each task follows what it waits for."""
        arrays = self.arrays
        for order in permutations(range(self.problem.num_tasks)):
            place = {task: position for position, task in enumerate(order)}
            is_lawful = all(
                (task == arrays.job_ptr[self.job_of[task]] or place[task - 1] < place[task])
                and all(place[self.last_task[job]] < place[task] for job in self.feeders(task))
                for task in order
            )
            if is_lawful:
                yield order
