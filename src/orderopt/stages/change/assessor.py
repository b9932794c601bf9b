"""The interface behind which the effect of a change on the plan is found: own dates, cost, and other orders hurt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from orderopt.models.life.change import Hurt, SignedMoney
from orderopt.models.life.notice import Promised
from orderopt.models.life.part import Part
from orderopt.models.snapshot import Snapshot

if TYPE_CHECKING:
    from orderopt.models.plan import Plan


class PlanEffect(Part):
    """What a change does to the plan: the own dates, other orders hurt, and the difference of the plan's cost."""

    promises: tuple[Promised, ...] = ()
    hurts: tuple[Hurt, ...] = ()
    cost: SignedMoney = None


class ImpactAssessor(Protocol):
    """Says what a change does to the plan."""

    def compare(self, before: Snapshot, after: Snapshot, order_id: str) -> PlanEffect | None:
        """Return what differs.

        Parameters
        ----------
        before, after
            All that there is to plan without and with the change, as of the same moment.
        order_id
            The changed order.

        Returns
        -------
        PlanEffect
            None if this desk does not plan.
        """
        ...


@dataclass(frozen=True)
class NoPlanning:
    """For desks whose plan is made elsewhere: knows nothing."""

    def compare(self, before: Snapshot, after: Snapshot, order_id: str) -> PlanEffect | None:
        """Return None."""
        return None


@dataclass(frozen=True)
class PlanningAssessor:
    """Plans with and without the change, on one worker, so that the same facts give the same answer.

    Parameters
    ----------
    strategy, time_limit, seed
        As :func:`orderopt.plan` takes them. With ``dispatch`` the limit (in seconds) is far away and never cuts.
    """

    strategy: str = "dispatch"
    time_limit: float = 10.0
    seed: int = 0

    def compare(self, before: Snapshot, after: Snapshot, order_id: str) -> PlanEffect:
        """Return how the two plans differ."""
        without, with_it = self._plan(before), self._plan(after)
        old, new = _read_promises(without), _read_promises(with_it)
        own = sorted({line for order, line in (*old, *new) if order == order_id})
        return PlanEffect(
            promises=tuple(
                Promised(
                    line_no=line_no,
                    before=_date(old.get((order_id, line_no))),
                    after=_date(new.get((order_id, line_no))),
                )
                for line_no in own
            ),
            hurts=tuple(
                hurt
                for key in sorted(old.keys() & new.keys())
                if key[0] != order_id and (hurt := _find_hurt(key, old[key], new[key])) is not None
            ),
            cost=round(Decimal(with_it.summary.objective) - Decimal(without.summary.objective), 6),
        )

    def _plan(self, snapshot: Snapshot) -> Plan:
        from orderopt.stages.plan import plan

        return plan(snapshot, strategy=self.strategy, time_limit=self.time_limit, seed=self.seed, workers=1)


def _read_promises(plan: Plan) -> dict[tuple[str, str], dict[str, Any]]:
    plain = plan.promises.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return {(row["order_id"], row["line_no"]): {str(name): value for name, value in row.items()} for row in rows}


def _date(row: dict[str, Any] | None) -> datetime | None:
    moment = None if row is None else row["promised_at"]
    return None if moment is None else moment.to_pydatetime()


def _find_hurt(key: tuple[str, str], old: dict[str, Any], new: dict[str, Any]) -> Hurt | None:
    later = int(new["tardiness_minutes"]) - int(old["tardiness_minutes"])
    lost = old["quantity"] - new["quantity"]
    if later <= 0 and lost <= 0:
        return None
    return Hurt(
        order_id=key[0],
        line_no=key[1],
        before=_date(old),
        after=_date(new),
        minutes=max(0, later),
        unserved=max(Decimal(0), lost),
    )
