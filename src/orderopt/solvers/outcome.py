"""What a strategy replies: a status, maybe an answer, and what is proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from orderopt.errors import NoAnswerError
from orderopt.models.summary import Status

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Outcome(Generic[Answer]):
    """A strategy's reply.

    Attributes
    ----------
    status
        What is known about the answer.
    answer
        The best answer found, or None.
    objective
        Its cost as the strategy counts it, in currency.
    bound
        No answer to the question costs less, in currency; None if nothing is proven.
    reason
        Why there is no answer, or why the strategy stopped.
    """

    status: Status
    answer: Answer | None
    objective: float | None = None
    bound: float | None = None
    reason: str = ""

    def require(self) -> Answer:
        """Return the answer.

        Raises
        ------
        NoAnswerError
            If there is none; the message says why.
        """
        if self.answer is None:
            raise NoAnswerError(f"no answer ({self.status}): {self.reason}")
        return self.answer
