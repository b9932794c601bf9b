"""Writing master data into the store: customers, items, sources, calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from pydantic import SerializeAsAny

from orderopt.models.life.master import (
    Catalogue,
    CatalogueChanged,
    MasterRecord,
    RecordPut,
    RecordRemoved,
    name_record,
)
from orderopt.models.life.roles import Role
from orderopt.models.record import Record
from orderopt.models.snapshot import Snapshot, record_types
from orderopt.stages.book import Book, Command, does

LIVING = frozenset({"orders", "order_lines", "stock", "receipts", "fixed_tasks", "history"})
"""Tables of a snapshot that the desk fills from orders and stock itself."""


class PutMaster(Command):
    """Write rows of master data; a row that is there already with the same cells is left as it is."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR, Role.PLANNER})

    records: tuple[SerializeAsAny[Record], ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> PutMaster:
        """Return the command that writes all master tables of a snapshot, its settings among them."""
        tables = [name for name in record_types() if name not in LIVING and name != "settings"]
        rows = [record for name in tables for record in getattr(snapshot, name)]
        return cls(records=(snapshot.settings, *rows))


class RemoveMaster(Command):
    """Take rows of master data out of use, by table and key."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR, Role.PLANNER})

    rows: tuple[tuple[str, str], ...]


@does(PutMaster)
def put_master(command: PutMaster, book: Book) -> int:
    """Record every row that differs; return how many did."""
    changed: Counter[str] = Counter()
    for record in command.records:
        fact = RecordPut.of(record)
        found = book.get(MasterRecord, f"{fact.table}/{name_record(record)}")
        if found is None:
            book.begin(MasterRecord, f"{fact.table}/{fact.name}", fact)
        elif found.is_removed or (found.cells, found.personal, found.prices) != (
            fact.cells,
            fact.personal,
            fact.prices,
        ):
            book.record(found, fact)
        else:
            continue
        changed[fact.table] += 1
    _count(book, changed)
    return changed.total()


@does(RemoveMaster)
def remove_master(command: RemoveMaster, book: Book) -> int:
    """Record that rows are out of use; return how many were not before."""
    found: Sequence[MasterRecord] = [book.need(MasterRecord, f"{table}/{key}") for table, key in command.rows]
    removed = [record for record in found if not record.is_removed]
    for record in removed:
        book.record(record, RecordRemoved())
    _count(book, Counter(record.table for record in removed))
    return len(removed)


def _count(book: Book, changed: Counter[str]) -> None:
    if changed:
        catalogue = book.get(Catalogue, "all")
        fact = CatalogueChanged(rows=dict(sorted(changed.items())))
        if catalogue is None:
            book.begin(Catalogue, "all", fact)
        else:
            book.record(catalogue, fact)
