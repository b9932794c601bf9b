"""Documents, labels, claims and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "documents",
        sa.Column("stream", _NAME, primary_key=True),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("claims", sa.Text, nullable=False),
    )
    op.create_index("documents_by_kind", "documents", ["kind", "stream"])
    op.create_table(
        "document_apart",
        sa.Column("stream", _NAME, sa.ForeignKey("documents.stream"), primary_key=True),
        sa.Column("mark", _NAME, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "labels",
        sa.Column("stream", _NAME, sa.ForeignKey("documents.stream"), primary_key=True),
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("value", _NAME, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("labels_by_value", "labels", ["kind", "name", "value", "stream"])
    op.create_table(
        "claims",
        sa.Column("claim", _NAME, primary_key=True),
        sa.Column("stream", _NAME, sa.ForeignKey("documents.stream"), nullable=False),
    )
    op.create_index("claims_by_stream", "claims", ["stream"])
    _create_events()


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("stream", _NAME, nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.UniqueConstraint("stream", "version", name="events_of_stream"),
    )
    op.create_table(
        "event_apart",
        sa.Column("stream", _NAME, primary_key=True),
        sa.Column("version", _NUMBER, primary_key=True),
        sa.Column("mark", _NAME, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("salt", sa.Text),
        sa.Column("text", sa.Text),
        sa.ForeignKeyConstraint(["stream", "version"], ["events.stream", "events.version"]),
    )
    counter = op.create_table(
        "counter",
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("value", _NUMBER, nullable=False),
    )
    op.bulk_insert(counter, [{"name": "seq", "value": 0}])
