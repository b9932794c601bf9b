"""Connections to the two databases, set up so that nothing acknowledged is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from orderopt.errors import StoreError

WAIT_SECONDS = 30
"""How long SQLite waits while another process writes."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
_TRIES_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock
_TRIES = 8


def build_engine(url: str) -> Engine:
    """Return an engine for ``sqlite:///FILE``, a file's name, or ``postgresql://USER@HOST/NAME``.

    Raises
    ------
    StoreError
        If the URL is of neither kind, or the driver is missing.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError('PostgreSQL needs a driver; next: pip install "orderopt[postgres]"') from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url if ":" in url else f"sqlite:///{url}")
    except ArgumentError:  # its text holds the whole URL, password and all
        raise StoreError("the store's URL cannot be read; expected sqlite:///FILE or postgresql://…") from None
    name = parsed.get_backend_name()
    if name == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    if name == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"no store at {show_url(parsed)}; expected sqlite:///FILE or postgresql://… (or memory:)")


def show_url(url: URL | str) -> str:
    """Return a URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def find_sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite store, None for PostgreSQL."""
    parsed = _parse(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, not where the driver guesses
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that writes; all is kept at the end, or nothing."""
    with told_plainly(), engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment of the store, however many questions it asks."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with told_plainly(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn errors of the database into StoreError; values of rows are never in its text."""
    try:
        yield
    except IntegrityError:
        raise  # whoever writes knows what it means
    except DBAPIError as error:
        if is_passing(error):
            raise
        raise StoreError(f"the database says: {_say(error)}") from None
    except SQLAlchemyError as error:
        raise StoreError(f"the database cannot be used: {type(error).__name__}") from error


def is_passing(error: DBAPIError) -> bool:
    """Tell whether the same transaction may succeed when it is done again."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) in _TRIES_AGAIN


def _say(error: DBAPIError) -> str:
    details = getattr(error.orig, "diag", None)  # PostgreSQL: the first line names no values
    text = (details.message_primary if details else None) or str(error.orig).strip().splitlines()[0]
    if "is locked" in text:
        return f"{text} (another process has been writing for {WAIT_SECONDS} s)"
    return text


def repeat(work: Any) -> Any:
    """Do a transaction again where another one stood in its way; its checks then say what the matter is.

    Raises
    ------
    StoreError
        If it does not succeed after some tries.
    """
    for _ in range(_TRIES):
        try:
            return work()
        except IntegrityError as error:
            last = _say(error)
        except OperationalError as error:
            if not is_passing(error):
                raise
            last = _say(error)
    raise StoreError(f"the database refuses what fits the store, after {_TRIES} tries: {last}")
