"""Import and reading of many orders, beside plain SQLAlchemy that inserts and selects the same rows.

Run ``make bench-store``, or ``python -m benchmarks.store --orders 20000 --databases sqlite``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Table, and_, insert, select

from benchmarks.store.orders import build_histories
from orderopt.storage.opening import open_store
from orderopt.storage.sql.engines import reading, writing
from orderopt.storage.sql.rows import chunks
from orderopt.storage.sql.store import SqlStore
from orderopt.storage.sql.tables import document_apart, documents, event_apart, events, labels, metadata
from orderopt.testing.postgres import running_postgres

_AT_ONCE = 20_000
_TURNS = 7


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10, help="of each order")
    parser.add_argument("--databases", default="sqlite,postgres")
    options = parser.parse_args()
    for name in options.databases.split(","):
        with tempfile.TemporaryDirectory() as folder, _two_urls(name, Path(folder)) as (ours, plain):
            for line in measure(ours, plain, options.orders, options.events):
                sys.stdout.write(f"{name:9} {line}\n")
                sys.stdout.flush()


@contextmanager
def _two_urls(name: str, folder: Path) -> Iterator[tuple[str, str]]:
    if name == "sqlite":
        yield str(folder / "ours.db"), str(folder / "plain.db")
        return
    with running_postgres(is_safe=True) as server:
        yield server.url(server.make_database()), server.url(server.make_database())


def measure(ours: str, plain: str, num_orders: int, num_events: int) -> Iterator[str]:
    """Yield a line for each figure: ours in seconds or milliseconds, plain likewise, the ratio."""
    store, other = open_store(ours, create=True), open_store(plain, create=True)
    assert isinstance(store, SqlStore)
    assert isinstance(other, SqlStore)
    histories = build_histories(num_orders, num_events)
    seconds = 0.0
    for some in chunks(histories, 2000):  # what makes the orders up is not measured
        started = perf_counter()
        store.import_histories(some)
        seconds += perf_counter() - started
    rows, plain_seconds = insert_plainly(store.engine, other.engine)
    per_second = num_orders * num_events / seconds
    yield (
        f"import {num_orders:,} orders, {num_orders * num_events:,} events ({rows:,} rows): "
        f"{seconds:.1f} s ({per_second:,.0f} events/s), plain {plain_seconds:.1f} s, "
        f"ratio {seconds / plain_seconds:.2f}"
    )
    settle(store.engine)
    yield from measure_reads(store, num_orders)
    store.close()
    other.close()


def insert_plainly(source: Engine, target: Engine) -> tuple[int, float]:
    """Insert every row of one store into the tables of another by SQLAlchemy; only the inserting is measured."""
    seconds, num_rows = 0.0, 0
    for table in metadata.sorted_tables:
        if table.name == "counter":
            continue
        with reading(source) as connection:
            found = connection.execute(select(table), execution_options={"yield_per": _AT_ONCE})
            for some in found.mappings().partitions():
                rows = [dict(row) for row in some]
                started = perf_counter()
                with writing(target) as other:
                    other.execute(insert(table), rows)
                seconds += perf_counter() - started
                num_rows += len(rows)
    return num_rows, seconds


def settle(engine: Engine) -> None:
    """Let the database look at its tables, as it does by itself sooner or later."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def measure_reads(store: SqlStore, num_orders: int) -> Iterator[str]:
    """Yield a line for each question."""
    opened = {"open": "1"}
    name = f"order/O-{num_orders // 2:07}"
    first = [one.stream for one in store.find("order", opened, order_by="due", limit=50)]
    due = labels.alias("due")
    by_due = (
        _plain_open(documents)
        .join(due, and_(due.c.stream == documents.c.stream, due.c.kind == "order", due.c.name == "due"))
        .order_by(due.c.value, due.c.stream)
    )
    questions: list[tuple[str, Callable[[], Any], list[Any]]] = [
        (
            "open orders, all",
            lambda: store.find("order", opened),
            [_plain_open(documents).order_by(documents.c.stream), _plain_open(document_apart)],
        ),
        (
            "open orders, 50 by due date",
            lambda: store.find("order", opened, order_by="due", limit=50),
            [by_due.limit(50), select(document_apart).where(document_apart.c.stream.in_(first))],
        ),
        (
            "one order's history",
            lambda: store.history(name),
            [_plain(events, name).order_by(events.c.version), _plain(event_apart, name)],
        ),
        ("one order", lambda: store.load(name), [_plain(documents, name), _plain(document_apart, name)]),
    ]
    for title, ask, plainly in questions:
        mine = _best(ask)
        theirs = _best(lambda plainly=plainly: _ask_plainly(store.engine, plainly))
        answer = ask()
        number = len(answer) if isinstance(answer, list) else 1
        yield f"{title} ({number}): {mine * 1e3:.2f} ms, plain {theirs * 1e3:.2f} ms, ratio {mine / theirs:.2f}"


def _plain(table: Table, stream: str) -> Any:
    return select(table).where(table.c.stream == stream)


def _plain_open(table: Table) -> Any:
    same = and_(labels.c.stream == table.c.stream, labels.c.kind == "order")
    return select(table).join(labels, and_(same, labels.c.name == "open", labels.c.value == "1"))


def _ask_plainly(engine: Engine, questions: list[Any]) -> list[Any]:
    with engine.connect() as connection:
        return [connection.execute(question).all() for question in questions]


def _best(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(_TURNS):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return min(times)


if __name__ == "__main__":
    main()
