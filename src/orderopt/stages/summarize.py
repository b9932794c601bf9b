"""The summary of a plan: what it costs, how good it is known to be, and how it came about."""

from __future__ import annotations

import hashlib
import platform
import sys
from dataclasses import dataclass, field
from importlib.metadata import version

from orderopt.models.scorecard import Scorecard
from orderopt.models.snapshot import Snapshot
from orderopt.models.summary import Status, Summary
from orderopt.stages.pace import Pace


@dataclass
class Course:
    """What happened on the way to a plan.

    Attributes
    ----------
    trace
        Each improvement: stage, objective, bound.
    warnings
        What the planner should know.
    stop_reason
        Why the last search ended.
    """

    snapshot: Snapshot
    trace: list[dict[str, str | int | float | None]] = field(default_factory=list)
    warnings: list[str] = field(init=False)
    stop_reason: str = ""

    def __post_init__(self) -> None:
        self.warnings = [str(finding) for finding in self.snapshot.findings]

    def note(self, stage: str, objective: float | None, bound: float | None) -> None:
        """Add a line to the trace."""
        self.trace.append({"stage": stage, "objective": objective, "bound": bound})


def summarize(course: Course, pace: Pace, *, strategy: str, scorecard: Scorecard, bound: float | None) -> Summary:
    """Return the summary of a plan that the judge has priced.

    Parameters
    ----------
    bound
        A cost that no plan can beat.
    """
    budget = pace.budget
    objective = float(scorecard.objective)
    if bound is not None:
        bound = min(bound, objective)
    proven = bound is not None and objective - bound <= 1e-6 * max(1.0, abs(objective))
    gap = None
    if bound is not None:
        gap = (objective - bound) / objective if objective > 0 else 0.0
    warnings = list(course.warnings)
    stop_reason = "done" if course.stop_reason in {"", "proven"} else course.stop_reason
    if pace.is_over_limit and not budget.cancel.is_set():
        stop_reason = "time"
        warnings.append(
            f"the time limit of {budget.seconds:g} s is too short for this input: the least that a plan takes was done "
            f"after {pace.elapsed:.0f} s"
        )
    return Summary(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        currency=course.snapshot.settings.currency,
        objective=objective,
        terms={name: float(value) for name, value in scorecard.terms.items()},
        tiers=_name_tiers(course.snapshot, scorecard),
        weights={name: float(value) for name, value in scorecard.weights.items()},
        bound=bound,
        gap=gap,
        strategy=strategy,
        stop_reason="cancelled" if budget.cancel.is_set() else "proven" if proven else stop_reason,
        seed=budget.seed,
        workers=budget.workers,
        time_limit=budget.seconds,
        counts=dict(scorecard.counts),
        warnings=tuple(warnings),
        trace=tuple(course.trace),
        seconds={stage: round(seconds, 3) for stage, seconds in pace.seconds.items()},
        peak_memory_mb=peak_memory_mb(),
        input_hash=hashlib.sha256(course.snapshot.model_dump_json(exclude={"findings"}).encode()).hexdigest(),
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in ("orderopt", "ortools", "numpy", "pandas")},
        },
    )


def _name_tiers(snapshot: Snapshot, scorecard: Scorecard) -> dict[str, float]:
    settings = snapshot.settings
    if settings.objective == "weighted":
        return {}
    names = (" + ".join(tier.terms) for tier in settings.ranked_terms())
    return dict(zip(names, map(float, scorecard.tiers), strict=True))


def peak_memory_mb() -> float | None:
    """Return the most memory the process has held, in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
