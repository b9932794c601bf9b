"""The tables as they are now; the migrations lead there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

Name = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that is compared and ordered by code points on every database."""

Number = BigInteger().with_variant(Integer, "sqlite")
"""A whole number; SQLite's integers are as long as they need to be."""


class UtcMoment(TypeDecorator[datetime]):
    """A moment, exact to the microsecond; goes in aware and comes out in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn it to UTC; SQLite keeps no zone."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return it in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("stream", Name, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("version", Number, nullable=False),
    Column("head", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("labels", Text, nullable=False, comment="as a JSON object; the table labels is its index"),
    Column("claims", Text, nullable=False, comment="as a JSON list; the table claims makes them unique"),
    Index("documents_by_kind", "kind", "stream"),
)

document_apart = Table(
    "document_apart",
    metadata,
    Column("stream", Name, ForeignKey("documents.stream"), primary_key=True),
    Column("mark", Name, primary_key=True),
    Column("text", Text, nullable=False),
)

labels = Table(
    "labels",
    metadata,
    Column("stream", Name, ForeignKey("documents.stream"), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("value", Name, nullable=False),
    Index("labels_by_value", "kind", "name", "value", "stream"),
    sqlite_with_rowid=False,
)

claims = Table(
    "claims",
    metadata,
    Column("claim", Name, primary_key=True),
    Column("stream", Name, ForeignKey("documents.stream"), nullable=False),
    Index("claims_by_stream", "stream"),
)

events = Table(
    "events",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("stream", Name, nullable=False),
    Column("version", Number, nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("why", Text),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    UniqueConstraint("stream", "version", name="events_of_stream"),
)

event_apart = Table(
    "event_apart",
    metadata,
    Column("stream", Name, primary_key=True),
    Column("version", Number, primary_key=True),
    Column("mark", Name, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("salt", Text, comment="null once erased"),
    Column("text", Text, comment="null once erased"),
    ForeignKeyConstraint(["stream", "version"], ["events.stream", "events.version"]),
)

archived = Table(
    "archived",
    metadata,
    Column("stream", Name, ForeignKey("documents.stream"), primary_key=True),
    Column("version", Number, nullable=False, comment="of the last event that was moved away"),
    Column("head", Text, nullable=False),
    Column("archive", Text, nullable=False, comment="SHA-256 of the file"),
    Column("at", UtcMoment, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", Name, primary_key=True),
    Column("value", Number, nullable=False),
)
"""One row, ``seq``: the last place given to an event. Whoever raises it holds it until the transaction ends."""


def build_moment_writer(dialect: str) -> Any:
    """Return a function that turns a moment into what the driver wants, where SQLAlchemy is passed by."""
    if dialect == "sqlite":
        return lambda moment: moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return lambda moment: moment
