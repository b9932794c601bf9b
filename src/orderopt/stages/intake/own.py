"""Customers work with their own orders only."""

from __future__ import annotations

from orderopt.errors import NotAllowedError, NotFoundError
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.stages.book import Book


def need_own(book: Book, order_id: str) -> OrderCase:
    """Return an order; to a customer, one of another customer is not there.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    case = book.need(OrderCase, order_id)
    if book.role is Role.CUSTOMER and case.head.customer_id != book.actor.customer_id:
        raise NotFoundError(f"there is no order {order_id!r}")
    return case


def check_own(book: Book, customer_id: str | None) -> None:
    """Raise NotAllowedError if a customer acts for another one."""
    if book.role is Role.CUSTOMER and customer_id != book.actor.customer_id:
        raise NotAllowedError(f"{book.actor.name} may not order for another customer")
