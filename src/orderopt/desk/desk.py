"""The order desk: checks who asks, does what is asked in one transaction, tells those who listen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from orderopt.desk.master import load_master
from orderopt.desk.work import Work
from orderopt.errors import ClaimTakenError, CommandError, ConflictError, NotAllowedError, NotFoundError
from orderopt.models.life.adopted_plan import AdoptedPlan
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.event import Event
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.models.moment import to_utc
from orderopt.models.plan import Plan
from orderopt.models.snapshot import Snapshot
from orderopt.stages.adopt import AdoptPlan
from orderopt.stages.book import Command, find_doer
from orderopt.stages.change.assessor import ImpactAssessor, PlanningAssessor
from orderopt.stages.confirm.plan_promiser import PlanPromiser
from orderopt.stages.confirm.promiser import Promiser
from orderopt.stages.erase import EraseCustomer
from orderopt.stages.gather import PLANNED_STATES, GatherSnapshot
from orderopt.stages.queries import find_visible
from orderopt.storage.store import Store

Hook = Callable[[Sequence[Event]], None]
_LOG = logging.getLogger("orderopt.desk")
_TRIES = 8


class OrderDesk:
    """The application service for hosts, the command line and the planner.

    Parameters
    ----------
    store
        Where everything is kept.
    policy
        What the company decided.
    clock
        Returns the present moment, aware; tests hand in their own.
    promiser
        Says when an order can be there; default: a plan with the order added.
    assessor
        Says what a change does to the plan; default: plans with and without it.

    Notes
    -----
    A command is done against what the store holds at that moment. If someone else changes the same documents
    in between, it is done again from the start; after some tries ConflictError goes to the caller.
    """

    def __init__(
        self,
        store: Store,
        *,
        policy: DeskPolicy | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        promiser: Promiser | None = None,
        assessor: ImpactAssessor | None = None,
    ) -> None:
        self.store = store
        self.policy = policy or DeskPolicy()
        self.promiser = promiser or PlanPromiser()
        self._clock = clock
        self.assessor = assessor or PlanningAssessor()
        self._hooks: list[Hook] = []
        self._master: tuple[int, Snapshot] | None = None

    def do(self, command: Command, *, by: Actor, at: datetime | None = None) -> Any:
        """Do a command or answer a query, and return its result.

        Parameters
        ----------
        at
            The moment that is recorded; default: now.

        Raises
        ------
        NotAllowedError
            If none of the actor's roles may give the command.
        CommandError
            If it cannot be done; nothing was changed.
        ConflictError, ClaimTakenError
            If others changed the same documents, or took the same names, again and again.
        """
        role = _find_role(command, by)
        doer = find_doer(type(command))
        for attempt in range(1, _TRIES + 1):
            work = self.open(to_utc(at or self._clock()), by, role)
            _check_owner(command, work)
            try:
                result = doer(command, work)
                events = work.finish()
            except (ConflictError, ClaimTakenError) as conflict:
                if attempt == _TRIES:
                    raise
                _LOG.info("%s is done again: %s", type(command).__name__, conflict)
                continue
            except (CommandError, NotFoundError):  # refused; where the store failed, nobody knows what was kept
                if attempt == _TRIES or not work.is_outdated():
                    raise
                _LOG.info("%s is done again: what it was refused for has changed", type(command).__name__)
                continue
            self._tell(events)
            return result
        raise AssertionError  # the last attempt returns or raises

    def open(self, moment: datetime, by: Actor, role: Role) -> Work:
        """Return a book as a command sees it: what is recorded in it is kept when it is finished."""
        return Work(self.store, moment, by, role, self.policy, self._load_master, self.promiser, self.assessor)

    def snapshot(self, *, by: Actor, states: Collection[OrderState] = PLANNED_STATES) -> Snapshot:
        """Return all that there is to plan now, and to plan with (:func:`~orderopt.stages.gather.gather_snapshot`)."""
        snapshot: Snapshot = self.do(GatherSnapshot(states=tuple(states)), by=by)
        return snapshot

    def adopt(
        self, plan: Plan, *, by: Actor, plan_id: str, states: Collection[OrderState] = PLANNED_STATES
    ) -> AdoptedPlan:
        """Make a plan what is to be done; raises GuardError, with every difference, if its data has changed."""
        adopted: AdoptedPlan = self.do(AdoptPlan(plan_id=plan_id, plan=plan, states=tuple(states)), by=by)
        return adopted

    def erase_customer(self, customer_id: str, *, by: Actor, reason: str) -> int:
        """Erase all personal data of a customer and return in how many documents; the chains of events stay valid.

        Raises GuardError while an order or money of the customer is open. Called again after an interruption, it
        finishes the work.
        """
        streams: tuple[str, ...] = self.do(EraseCustomer(customer_id=customer_id, reason=reason), by=by)
        self.store.erase(streams, Sensitivity.PERSONAL)
        return len(streams)

    def listen(self, hook: Hook) -> None:
        """Call a function with the events of every command, after they are kept.

        A hook that fails is logged and changes nothing; one that must not miss anything reads
        ``store.events(after=seq)`` instead.
        """
        self._hooks.append(hook)

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            _LOG.debug("%s %s %s by %s", event.stream, event.version, event.type, event.actor)
        for hook in self._hooks if events else ():
            try:
                hook(events)
            except Exception:  # noqa: BLE001  # what a host does with events must not undo them
                _LOG.exception("a hook failed on %s", [event.type for event in events])

    @property
    def master(self) -> Snapshot:
        """Customers, items, sources and calendars as they are now; read again only when they have changed."""
        return self._load_master()[1]

    def _load_master(self) -> tuple[int, Snapshot]:
        self._master = load_master(self.store, self._master)
        return self._master


def _check_owner(command: Command, work: Work) -> None:
    """To a customer, what belongs to others does not exist; raises NotFoundError."""
    if work.role is not Role.CUSTOMER:
        return
    order_id, customer_id = getattr(command, "order_id", None), getattr(command, "customer_id", None)
    if order_id is not None:
        find_visible(work, order_id)
    if customer_id not in (None, work.actor.customer_id):
        raise NotFoundError(f"there is no customer {customer_id!r}")


def _find_role(command: Command, actor: Actor) -> Role:
    for role in Role:
        if role in actor.roles and role in command.ROLES:
            return role
    allowed = ", ".join(sorted(command.ROLES))
    has = ", ".join(sorted(actor.roles)) or "none"
    raise NotAllowedError(f"{actor.name} may not {type(command).__name__}: it needs one of {allowed}; roles: {has}")
