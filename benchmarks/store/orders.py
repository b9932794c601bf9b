"""Many orders with their histories: a few real ones, written out again under other names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from orderopt.models.life.document import Document, Payload, fold, pack
from orderopt.models.life.event import START, Event, Sealed
from orderopt.models.life.happened.order import HoldPlaced, HoldReleased, OrderCancelled, OrderReceived
from orderopt.models.life.hold import USUAL_BLOCKS, Hold, HoldType
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderHead, Party
from orderopt.storage.replay import build_stored
from orderopt.storage.store import Fact, History, Stored

DAY = datetime(2026, 3, 2, 8, 30, 15, 123457, tzinfo=UTC)
_NAME = "O-NUMBER"
_PATTERNS = 40
_ONE_IN_OPEN = 20


def build_histories(num_orders: int, num_events: int) -> Iterator[History]:
    """Yield orders with so many events each; one of twenty is open."""
    patterns = [_build_pattern(number, num_events) for number in range(_PATTERNS)]
    for number in range(num_orders):
        yield _rename(patterns[number % _PATTERNS], f"O-{number:07}")


def _build_pattern(number: int, num_events: int) -> History:
    document: Document | None = None
    facts: list[Fact] = []
    for place, payload in enumerate(_tell_story(number, num_events)):
        text, apart = pack(payload)
        at = DAY + timedelta(minutes=number * 17 + place)
        event = Event(
            f"order/{_NAME}", place + 1, at, "ann", "sales", type(payload).__name__, text, None,
            {mark: Sealed.of(said) for mark, said in apart.items()},
        )  # fmt: skip
        document = fold(document, event)
        facts.append(Fact(at, "ann", "sales", event.type, text, None, apart))
    assert document is not None
    return History(build_stored(document, START), facts)


def _tell_story(number: int, num_events: int) -> Iterator[Payload]:
    head = OrderHead(
        order_id=_NAME,
        channel="web",
        external_ref=_NAME,
        customer_id=f"C{number:03}",
        received_at=DAY,
        party=Party(name="Ann Miller", street="1 Long Street", city="Graz", country="AT", email="ann@example.org"),
    )
    lines = tuple(
        OrderedLine(
            line_no=str(line),
            item_id=f"ITEM-{(number * 7 + line) % 50}",
            quantity=Decimal(10 + line),
            requested_at=DAY + timedelta(days=5 + number + line),
            unit_price=Decimal("19.99"),
        )
        for line in range(1, 4)
    )
    yield OrderReceived(head=head, lines=lines)
    is_open = number % _ONE_IN_OPEN == 0
    for place in range(num_events - 1 - (not is_open)):
        name = f"H{place // 2}"
        hold = Hold(
            hold_id=name,
            type=HoldType.MANUAL,
            blocks=USUAL_BLOCKS[HoldType.MANUAL],
            reason="ask the customer first",
            placed_by="ann",
            placed_at=DAY,
        )
        yield HoldReleased(hold_id=name) if place % 2 else HoldPlaced(hold=hold)
    if not is_open:
        yield OrderCancelled()


def _rename(pattern: History, name: str) -> History:
    was = pattern.document
    document = Stored(
        f"order/{name}",
        was.kind,
        text=was.text.replace(_NAME, name),
        apart=was.apart,
        labels=was.labels,
        claims=frozenset(claim.replace(_NAME, name) for claim in was.claims),
    )
    facts = [fact._replace(data=fact.data.replace(_NAME, name)) for fact in pattern.facts]
    return History(document, facts)
