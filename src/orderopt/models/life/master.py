"""Master data in the store: customers, items, sources, calendars, a document for each row of a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from orderopt.models.life.document import Document, Payload, Stamp
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.sensitive import join, split
from orderopt.models.policy import Policy
from orderopt.models.record import Record
from orderopt.models.snapshot import Snapshot, record_types

Cells = Mapping[str, Any]
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class MasterRecord(Document):
    """One row of a master table; marked cells stand apart."""

    KIND: ClassVar[str] = "master"

    table: str
    name: str
    cells: Cells
    personal: Annotated[Cells | None, Sensitivity.PERSONAL] = None
    prices: Annotated[Cells | None, Sensitivity.PRICE] = None
    is_removed: bool = False

    @property
    def key(self) -> str:
        """Table and key of the row."""
        return f"{self.table}/{self.name}"

    def labels(self) -> Mapping[str, str]:
        """Return the table, and whether the row is in use."""
        return {"table": self.table, "used": "0" if self.is_removed else "1"}

    @property
    def record(self) -> Record:
        """The row as a record."""
        marked = {Sensitivity.PERSONAL: self.personal, Sensitivity.PRICE: self.prices}
        apart = {mark: dict(values) for mark, values in marked.items() if values}
        return _record_type(self.table).model_validate(join(dict(self.cells), apart))


class RecordPut(Payload):
    """A row was written, or written anew."""

    table: str
    name: str
    cells: Cells
    personal: Annotated[Cells | None, Sensitivity.PERSONAL] = None
    prices: Annotated[Cells | None, Sensitivity.PRICE] = None

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return the fact that a record was written."""
        cells, apart = split(record)
        return cls(
            table=record.TABLE,
            name=name_record(record),
            cells=cells,
            personal=apart.get(Sensitivity.PERSONAL),
            prices=apart.get(Sensitivity.PRICE),
        )

    def apply(self, document: MasterRecord | None, stamp: Stamp) -> MasterRecord:
        """Put the row in place of what was there."""
        return MasterRecord(
            table=self.table, name=self.name, cells=self.cells, personal=self.personal, prices=self.prices
        )


class RecordRemoved(Payload):
    """A row is no longer used; what was said with it stays readable."""

    def apply(self, document: MasterRecord, stamp: Stamp) -> MasterRecord:
        """Mark the row."""
        return document.model_copy(update={"is_removed": True})


class Catalogue(Document):
    """Counts the changes of master data, so that readers know when to read again."""

    KIND: ClassVar[str] = "catalogue"

    num_changes: int = 0

    @property
    def key(self) -> str:
        """There is one."""
        return "all"


class CatalogueChanged(Payload):
    """Rows of master data were written or removed."""

    rows: Mapping[str, int]

    def apply(self, document: Catalogue | None, stamp: Stamp) -> Catalogue:
        """Count the rows."""
        before = document or Catalogue()
        return before.model_copy(update={"num_changes": before.num_changes + sum(self.rows.values())})


def build_master(records: Iterable[MasterRecord]) -> Snapshot:
    """Return rows of master data as a snapshot without orders and stock; rows out of use are left out."""
    tables: dict[str, list[Any]] = defaultdict(list)
    for document in records:
        if not document.is_removed:
            tables[document.table].append(document.record)
    settings = tables.pop("settings", None)
    policy = settings[0] if settings else Policy(horizon_start=_NEVER)
    return Snapshot(settings=policy, **{name: tuple(rows) for name, rows in tables.items()})


def _record_type(table: str) -> type[Record]:
    return Policy if table == Policy.TABLE else record_types()[table]


def name_record(record: Record) -> str:
    """Return the key of a row as one text."""
    return "/".join(str(part) for part in record.key) or "all"
