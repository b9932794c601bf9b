"""Who orders what from a generated plant, how much and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from orderopt.models.customer import Customer
from orderopt.models.order import Order, OrderLine
from orderopt.testing.names import REGIONS, build_customer_name
from orderopt.testing.shifts import DAY, START

if TYPE_CHECKING:
    from orderopt.testing.products import Products
    from orderopt.testing.size import Size

CHANNELS = ("direct", "sales_rep", "ecommerce", "edi")
LEAD_DAYS = 6
"""Most lines are due no earlier than this many days after the start (half of a one-week horizon)."""

RUSH_SHARE = 0.04
TARDINESS_SHARE = 0.05
"""Share of a line's value that each day late costs."""

LARGEST_QUANTITY = 60


@dataclass(frozen=True)
class Wishes:
    """One entry for each order line: position of the finished good, pieces, and days from start to due."""

    finished: npt.NDArray[np.int64]
    quantity: npt.NDArray[np.int64]
    due_day: npt.NDArray[np.int64]


def draw_wishes(size: Size, rng: np.random.Generator) -> Wishes:
    """Draw what is wanted: popular and rare goods, small and large lines, a few rush orders."""
    popularity = 1.0 / (1.0 + np.arange(size.num_finished)) ** 0.5
    finished = rng.choice(size.num_finished, size=size.num_lines, p=popularity / popularity.sum())
    quantity = np.clip(np.rint(np.exp(rng.normal(2.4, 0.6, size.num_lines))), 1, LARGEST_QUANTITY).astype(np.int64)
    last = size.weeks * 7 - 3
    lead = min(LEAD_DAYS, last // 2 + 1)
    due_day = rng.integers(lead, last + 1, size.num_lines)
    rush = rng.random(size.num_lines) < RUSH_SHARE
    due_day = np.where(rush, rng.integers(2, lead + 1, size.num_lines), due_day)
    weekday = due_day % 7
    return Wishes(finished.astype(np.int64), quantity, np.where(weekday >= 5, due_day - weekday + 4, due_day))


def build_customers(size: Size, rng: np.random.Generator) -> tuple[Customer, ...]:
    """Draw customers; one in five weighs twice or thrice as much."""
    weights = np.where(rng.random(size.num_customers) < 0.2, rng.integers(2, 4, size.num_customers), 1)
    terms = ("net30", "net14", "prepaid", "net60")
    return tuple(
        Customer(
            customer_id=f"C-{index + 1:04}",
            name=build_customer_name(index),
            priority=Decimal(int(weights[index])),
            credit_limit=Decimal(int(rng.integers(5, 50)) * 10_000),
            payment_terms=terms[index % len(terms)],
            region=REGIONS[index % size.num_regions],
        )
        for index in range(size.num_customers)
    )


def build_orders(
    size: Size,
    wishes: Wishes,
    products: Products,
    customers: tuple[Customer, ...],
    unit_costs: dict[str, float],
    rng: np.random.Generator,
    *,
    transport: bool,
) -> tuple[tuple[Order, ...], tuple[OrderLine, ...]]:
    """Put the wishes into orders of one to three lines; with transport half of the lines have a destination.

    Prices are 1.4 to 2.2 times what a piece costs.
    """
    margins = rng.uniform(1.4, 2.2, size.num_finished)
    prices = [
        round(margin * unit_costs[made.item.item_id]) + 1
        for margin, made in zip(margins, products.finished, strict=True)
    ]
    draws = rng.random((size.num_lines, 4))
    orders: list[Order] = []
    lines: list[OrderLine] = []
    position = 0
    for num_lines in rng.choice((1, 2, 3), size=size.num_lines, p=(0.5, 0.3, 0.2)):
        if position >= size.num_lines:
            break
        customer = customers[int(draws[position, 0] * len(customers))]
        order = _build_order(len(orders) + 1, customer, float(draws[position, 1]))
        orders.append(order)
        for line_no, index in enumerate(range(position, min(position + int(num_lines), size.num_lines)), start=1):
            good = int(wishes.finished[index])
            lines.append(
                _build_line(
                    order.order_id,
                    line_no,
                    products.finished[good].item.item_id,
                    int(wishes.quantity[index]),
                    int(wishes.due_day[index]),
                    prices[good],
                    customer.region if transport and draws[index, 2] < 0.5 else None,
                    float(draws[index, 3]),
                )
            )
        position += int(num_lines)
    return tuple(orders), tuple(lines)


def _build_order(number: int, customer: Customer, draw: float) -> Order:
    return Order(
        order_id=f"SO-{number:06}",
        customer_id=customer.customer_id,
        channel=CHANNELS[int(draw * len(CHANNELS))],
        received_at=START - timedelta(hours=1 + int(draw * 400)),
        currency="EUR",
        priority=Decimal(2) if draw > 0.95 else Decimal(1),
        status="confirmed",
    )


def _build_line(
    order_id: str, line_no: int, item_id: str, quantity: int, due_day: int, price: int, region: str | None, draw: float
) -> OrderLine:
    """Build one line; of ten lines one may be split, and one is released in the week before it is due."""
    may_split = draw < 0.1 and quantity >= 10
    return OrderLine(
        order_id=order_id,
        line_no=str(line_no),
        item_id=item_id,
        quantity=Decimal(quantity),
        due_at=_at(due_day, 16),
        release_at=_at(due_day - 7, 6) if draw > 0.9 and due_day > 9 else None,
        unit_price=Decimal(price),
        tardiness_cost=Decimal(max(1, round(TARDINESS_SHARE * price * quantity))),
        may_split=may_split,
        min_split=Decimal(quantity // 4) if may_split else None,
        destination=region,
    )


def _at(day: int, hour: int) -> datetime:
    return START + day * DAY + timedelta(hours=hour)
