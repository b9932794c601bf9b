"""The version of a store's tables, and the way to the newest."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect

from orderopt.errors import StoreError
from orderopt.storage.sql.engines import reading, show_url, writing

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
VERSIONS = "orderopt_schema"
"""The table that holds the version; its name leaves room for a host's own Alembic in the same database."""


def read_version(engine: Engine) -> str | None:
    """Return the version of the tables, or None if there are none."""
    from alembic.runtime.migration import MigrationContext

    with reading(engine) as connection:
        if not inspect(connection).has_table(VERSIONS):
            return None
        return MigrationContext.configure(connection, opts={"version_table": VERSIONS}).get_current_revision()


def newest_version() -> str:
    """Return the version that this orderopt works with."""
    return known_versions()[-1]


def known_versions() -> tuple[str, ...]:
    """Return all versions, the oldest first."""
    from alembic.script import ScriptDirectory

    walked = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return tuple(revision.revision for revision in reversed(list(walked)))


def check_version(engine: Engine) -> None:
    """Check that the tables are those that this orderopt works with.

    Raises
    ------
    StoreError
        With what to do.
    """
    found, where = read_version(engine), show_url(engine.url)
    if found is None:
        raise StoreError(f"there is no store at {where}; next: orderopt db init")
    if found not in known_versions():
        raise StoreError(f"the store at {where} is of version {found}, which is newer than this orderopt")
    if found != newest_version():
        raise StoreError(
            f"the store at {where} is of version {found}, this orderopt works with {newest_version()}; "
            "next: orderopt db backup, then orderopt db upgrade"
        )


def migrate(engine: Engine, version: str = "head") -> None:
    """Bring the tables to a version, all steps in one transaction; make them where there are none."""
    with writing(engine) as connection:
        migrate_within(connection, version)


def migrate_within(connection: Connection, version: str = "head") -> None:
    """Bring the tables to a version, as part of a transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSIONS
    command.upgrade(config, version)
