"""Opening a store by its URL."""

from __future__ import annotations

from orderopt.errors import StoreError
from orderopt.storage.memory import MemoryStore
from orderopt.storage.store import Store


def open_store(url: str, *, create: bool = False) -> Store:
    """Open the store at a URL.

    Parameters
    ----------
    url
        ``sqlite:///orders.db`` (four slashes before an absolute path) or just the file's name,
        ``postgresql://user:password@host/name``, or ``memory:`` for one that is gone with the process.
    create
        Make the tables if there are none.

    Raises
    ------
    StoreError
        If there is no store, or one of another version; the text says what to do.

    Examples
    --------
    >>> store = open_store("memory:")
    >>> store.load("order/O-1") is None
    True
    """
    if url == "memory:":
        return MemoryStore()
    from orderopt.storage.sql.engines import build_engine
    from orderopt.storage.sql.schema import check_version, migrate, read_version
    from orderopt.storage.sql.store import SqlStore

    if not create:
        check_exists(url)
    engine = build_engine(url)
    try:
        if create and read_version(engine) is None:
            migrate(engine)
        check_version(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine)


def check_exists(url: str) -> None:
    """Check that there is a file, where the store is one: SQLite would make it silently.

    Raises
    ------
    StoreError
        If there is none.
    """
    from orderopt.storage.sql.engines import find_sqlite_file

    file = find_sqlite_file(url)
    if file is not None and not file.exists():
        raise StoreError(f"there is no file {file}; next: orderopt db init --url {file}")


def upgrade_store(url: str) -> tuple[str, str]:
    """Bring the tables of a store to the newest version, in one transaction; return the version before and after.

    Raises
    ------
    StoreError
        If there is no store, or one of a newer orderopt.
    """
    from orderopt.storage.sql.engines import build_engine
    from orderopt.storage.sql.schema import check_version, known_versions, migrate, newest_version, read_version

    check_exists(url)
    engine = build_engine(url)
    try:
        before = read_version(engine)
        if before is None or before not in known_versions():
            check_version(engine)
        migrate(engine)
    finally:
        engine.dispose()
    return str(before), newest_version()
