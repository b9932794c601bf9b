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
        ``sqlite:///orders.db`` (four slashes before an absolute path), ``postgresql://user:password@host/name``,
        or ``memory:`` for one that is gone with the process.
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
    from orderopt.storage.sql.engines import build_engine, find_sqlite_file
    from orderopt.storage.sql.schema import check_version, migrate, read_version
    from orderopt.storage.sql.store import SqlStore

    file = find_sqlite_file(url)
    if file is not None and not file.exists() and not create:
        raise StoreError(f"there is no file {file}; next: orderopt db init --url {url}")
    engine = build_engine(url)
    try:
        if create and read_version(engine) is None:
            migrate(engine)
        check_version(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine)
