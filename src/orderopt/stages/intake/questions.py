"""Open questions: asked, answered, and the review's clock that stands still in between."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.errors import GuardError, UnlawfulStepError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.intake import QuestionAnswered, QuestionAsked
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.review import Clarification
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does


class Ask(Command):
    """Ask what is unclear or missing of an order; the order must not have ended.

    Attributes
    ----------
    owner
        Who has to answer: ``customer`` or the name of a person.
    field, line_no
        What it is about.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.SALES, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.PLANNER, Role.FINANCE}
    )

    order_id: Id
    question: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)] = "customer"
    field: str | None = None
    line_no: Id | None = None


class Answer(Command):
    """Answer an open question; a customer may answer what they were asked about orders of their own."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.SALES, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.PLANNER, Role.FINANCE, Role.CUSTOMER}
    )

    order_id: Id
    clarification_id: Id
    answer: Annotated[str, Field(min_length=1)]


@does(Ask)
def ask(command: Ask, book: Book) -> str:
    """Record the question and return its id."""
    case = book.need(OrderCase, command.order_id)
    if case.state in ORDER.ends:
        raise UnlawfulStepError(f"order {case.key}", str(case.state), "ask", ())
    if command.line_no is not None:
        case.line(command.line_no)
    question = build_question(
        case, book, command.question, owner=command.owner, field=command.field, line_no=command.line_no
    )
    book.record(case, QuestionAsked(clarification=question))
    return question.clarification_id


@does(Answer)
def answer(command: Answer, book: Book) -> None:
    """Record the answer."""
    case = book.need(OrderCase, command.order_id)
    found = [one for one in case.open_questions if one.clarification_id == command.clarification_id]
    if not found or (book.role is Role.CUSTOMER and found[0].owner != "customer"):
        open_ids = [one.clarification_id for one in case.open_questions]
        raise GuardError(
            f"order {case.key} has no open question {command.clarification_id} for you",
            [
                Finding(
                    code="NO_OPEN_QUESTION",
                    subject=case.key,
                    says="it was never asked, is answered, or somebody else has to answer it",
                    expected=f"one of {', '.join(open_ids)}" if open_ids else "no question is open",
                )
            ],
        )
    book.record(case, QuestionAnswered(clarification_id=command.clarification_id, answer=command.answer))


def build_question(
    case: OrderCase, book: Book, text: str, *, owner: str, field: str | None = None, line_no: str | None = None
) -> Clarification:
    """Return a new question about an order, numbered within it."""
    return Clarification(
        clarification_id=f"{case.key}-Q{len(case.clarifications) + 1}",
        question=text,
        owner=owner,
        asked_by=book.actor.name,
        asked_at=book.at,
        field=field,
        line_no=line_no,
    )


def next_hold_id(case: OrderCase) -> str:
    """Return the id of an order's next hold."""
    return f"{case.key}-H{len(case.holds) + 1}"
