"""The judge: all rules of a correct plan, and what the plan costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderopt.models.scorecard import Verdict
from orderopt.rules.calendar import judge_calendar
from orderopt.rules.capacity import judge_capacity
from orderopt.rules.changeover import judge_changeover
from orderopt.rules.crew import judge_crew
from orderopt.rules.earliest import judge_earliest
from orderopt.rules.eligibility import judge_eligibility
from orderopt.rules.facts import build_facts
from orderopt.rules.fence import judge_fence
from orderopt.rules.material import judge_material
from orderopt.rules.objective import build_scorecard
from orderopt.rules.precedence import judge_precedence
from orderopt.rules.promise import judge_promise
from orderopt.rules.purchasing import judge_purchasing
from orderopt.rules.quality import judge_quality
from orderopt.rules.quality_floor import judge_quality_floor
from orderopt.rules.served import judge_served
from orderopt.rules.share import judge_share
from orderopt.rules.transport import judge_transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from orderopt.models.snapshot import Snapshot

RULES = {
    "served": judge_served,
    "eligibility": judge_eligibility,
    "precedence": judge_precedence,
    "calendar": judge_calendar,
    "capacity": judge_capacity,
    "changeover": judge_changeover,
    "crew": judge_crew,
    "material": judge_material,
    "quality": judge_quality,
    "purchasing": judge_purchasing,
    "transport": judge_transport,
    "earliest": judge_earliest,
    "fence": judge_fence,
    "promise": judge_promise,
    "share": judge_share,
    "quality_floor": judge_quality_floor,
}
"""Every rule by its name, in the order of the contract."""


def judge_plan(snapshot: Snapshot, tables: Mapping[str, pd.DataFrame]) -> Verdict:
    """Judge a plan by every rule and price it, from tables alone.

    Parameters
    ----------
    snapshot
        The facts the plan answers.
    tables
        The plan's tables by name (``allocation``, ``jobs``, ``schedule``, ``purchases``, ``shipments``,
        ``pegging``, ``promises``), straight from a planner or read from files as text.

    Returns
    -------
    Every violation (of each kind at most a thousand, then how many more), and the scorecard. Tables that are
    not in order make violations, never errors; the figures of such a plan are of what can be read.
    """
    facts = build_facts(snapshot, tables)
    violations = [*facts.faults, *(finding for judge in RULES.values() for finding in judge(facts))]
    return Verdict(violations=tuple(violations), scorecard=build_scorecard(facts))
