"""Small state machines as data: a table of lawful steps that code, documentation and tests read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from orderopt.errors import UnlawfulStepError

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class Step(Generic[State]):
    """One lawful step.

    Attributes
    ----------
    before, after
        The states it leads from and to.
    trigger
        The verb that takes it, for example ``"submit"``.
    guard
        What must hold, in words; the stage that takes the step checks it.
    """

    before: State
    trigger: str
    after: State
    guard: str = ""


@dataclass(frozen=True)
class Machine(Generic[State]):
    """All lawful steps of one kind of thing.

    Attributes
    ----------
    name
        What the machine is about, for error texts and the diagram.
    first
        The state in which such a thing begins.
    steps
        Every lawful step; no two with the same state and trigger.
    """

    name: str
    first: State
    steps: tuple[Step[State], ...]

    @property
    def states(self) -> tuple[State, ...]:
        """All states, in the order of their definition."""
        return tuple(type(self.first))

    @property
    def ends(self) -> frozenset[State]:
        """The states that nothing leads out of."""
        return frozenset(self.states) - {step.before for step in self.steps}

    def allowed(self, state: State) -> tuple[str, ...]:
        """Return the triggers that a state allows, in the order of the table."""
        return tuple(step.trigger for step in self.steps if step.before is state)

    def allows(self, state: State, trigger: str) -> bool:
        """Tell whether a state allows a trigger."""
        return trigger in self.allowed(state)

    def step(self, state: State, trigger: str, subject: str) -> State:
        """Return the state after a trigger.

        Parameters
        ----------
        subject
            The thing that would take the step, for the error's text.

        Raises
        ------
        UnlawfulStepError
            If the state does not allow the trigger.
        """
        for step in self.steps:
            if step.before is state and step.trigger == trigger:
                return step.after
        raise UnlawfulStepError(f"{self.name} {subject}", str(state), trigger, self.allowed(state))


def build_steps(*rows: tuple[Sequence[State] | State, str, State, str]) -> tuple[Step[State], ...]:
    """Return the steps of rows ``(state or states before, trigger, state after, guard)``."""
    return tuple(
        Step(single, trigger, after, guard)
        for before, trigger, after, guard in rows
        for single in ((before,) if isinstance(before, StrEnum) else before)
    )
