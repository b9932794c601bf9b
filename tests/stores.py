"""Stores for tests: in memory, on SQLite, and on a real PostgreSQL that the test run starts itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from orderopt.errors import StoreError
from orderopt.storage.memory import MemoryStore
from orderopt.storage.opening import open_store
from orderopt.storage.store import Store
from orderopt.testing.postgres import PostgresServer, running_postgres

DATABASES = ("sqlite", "postgres")
TABLES = "archived, event_apart, events, claims, labels, document_apart, documents"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; without PostgreSQL the test is skipped, or fails where everything is required."""
    try:
        server = running_postgres()
        found = server.__enter__()
    except StoreError as error:
        pytest.skip(str(error))
    yield found
    server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stores") / "empty.db"
    open_store(f"sqlite:///{path}", create=True).close()
    return path


@pytest.fixture(scope="session")
def _postgres_url(postgres: PostgresServer) -> str:
    url = postgres.url(postgres.make_database())
    open_store(url, create=True).close()
    return url


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """An empty store in a file of its own."""
    shutil.copy(_sqlite_template, tmp_path / "orders.db")
    return f"sqlite:///{tmp_path / 'orders.db'}"


@pytest.fixture
def postgres_url(_postgres_url: str) -> str:
    """An empty store on PostgreSQL; the same database for all tests, one after the other."""
    empty(_postgres_url)
    return _postgres_url


def empty(url: str) -> None:
    """Forget everything in a store on PostgreSQL."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {TABLES}"))
        connection.execute(text("UPDATE counter SET value = 0"))
    engine.dispose()


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sql_store(store_url: str) -> Iterator[Store]:
    """An open, empty store on each database."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture(params=("memory", *DATABASES))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An open, empty store: in memory and on each database."""
    opened = MemoryStore() if request.param == "memory" else open_store(request.getfixturevalue(f"{request.param}_url"))
    yield opened
    opened.close()
