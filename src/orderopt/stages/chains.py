"""What a part of a line waited for in a schedule, and which option of the allocation it is."""

from __future__ import annotations

from collections import defaultdict

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.sourcing import Assignment, Source
from orderopt.stages.decisions import Decisions
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.supply import Part

Group = frozenset[int]
"""Resources of which one does a task."""


class Chains:
    """Follows what jobs waited for through a schedule.

    Parameters
    ----------
    decisions
        The plan so far.
    """

    def __init__(self, decisions: Decisions) -> None:
        question, schedule = decisions.question, decisions.schedule
        self.plant = decisions.plant
        self.arrays = question.problem.arrays
        self.start: list[int] = schedule.start.tolist()
        self.end: list[int] = schedule.end.tolist()
        self.resource: list[int] = self.arrays.alt_resource[schedule.alternative].tolist()
        self.lag: list[int] = self.arrays.alt_lag[schedule.alternative].tolist()
        self.job_index = {id(job): position for position, job in enumerate(question.jobs)}

    def group(self, task: int) -> Group:
        """Return the resources that could do a task."""
        arrays = self.arrays
        return frozenset(arrays.alt_resource[arrays.alt_ptr[task] : arrays.alt_ptr[task + 1]].tolist())

    def waits(self, part: Part) -> dict[Group, int]:
        """Return the open minutes for which tasks waited for others on the way to a part, by the group they waited for.

        The chain goes from the last task of the part back to the one that nothing held up.
        """
        arrays = self.arrays
        total: dict[Group, int] = defaultdict(int)
        task = int(arrays.job_ptr[self.job_index[id(part.job)] + 1]) - 1
        while task >= 0 and not arrays.task_is_fixed[task]:
            ready, before = max(int(arrays.task_release[task]), int(arrays.start[0])), -1
            if task > arrays.job_ptr[arrays.task_job[task]] and self.end[task - 1] + self.lag[task - 1] >= ready:
                ready, before = self.end[task - 1] + self.lag[task - 1], task - 1
            for link in arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]].tolist():
                last = int(arrays.job_ptr[link + 1]) - 1
                if self.end[last] >= ready:
                    ready, before = self.end[last], last
            if self.start[task] > ready:
                minutes = self.plant.open_time(self.resource[task]).between(ready, self.start[task])
                total[self.group(task)] += minutes
            task = before
        return dict(total)


class OptionPlaces:
    """Where the options of lines stand in the allocation question.

    Attributes
    ----------
    line
        Line of each option.
    """

    def __init__(self, question: SourcingQuestion) -> None:
        self.line: list[int] = []
        self._options: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, ((line, _), options) in enumerate(zip(question.lines, question.options, strict=True)):
            for option in options:
                if option.kind is Source.UNIT:
                    self._options[line.name, option.source_id].append(len(self.line))
                self.line.append(number)

    def option(self, part: Part, choice: Assignment) -> int | None:
        """Return the chosen option by which a part is made; None where it is not made, or not as chosen."""
        if part.source_type is not SourceType.UNIT or part.job is None or part.job.fixed:
            return None
        found = self._options.get((part.line.name, part.source_id or ""), ())
        return next((option for option in found if choice.lots[option]), None)
