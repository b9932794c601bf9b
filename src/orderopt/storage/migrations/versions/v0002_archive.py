"""Which events were moved into archives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "archived",
        sa.Column("stream", _NAME, sa.ForeignKey("documents.stream"), primary_key=True),
        sa.Column("version", _NUMBER, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("archive", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
