"""A lock on a folder, so that two runs do not write into it at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orderopt.errors import OrderOptError


@contextmanager
def holding(folder: str | Path) -> Iterator[None]:
    """Hold a folder (made where it is not there) for this process alone.

    The lock goes with the process, however that ends; where the system has no such locks there is none.

    Raises
    ------
    OrderOptError
        If another process holds it.
    OSError
        If the folder cannot be written.
    """
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    with (path / ".orderopt.lock").open("a", encoding="utf-8") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OrderOptError(f"another run is writing into {path}; wait for it or give another --out") from error
        yield
