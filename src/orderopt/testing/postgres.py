"""A PostgreSQL server of one's own for tests and measurements: started from the system's package, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from orderopt.errors import StoreError

_PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
_USER = "postgres"
_LANGUAGE = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
"""Texts are not ordered by code points unless a column asks for it: as on most servers, and not as in SQLite."""


class PostgresServer:
    """A server that is reached through a socket in its own folder only.

    Parameters
    ----------
    folder
        Where its data and its socket are; the path must be short (107 characters for the socket).
    is_safe
        Whether it waits for the disk at each commit; False is faster, and data survive all but the machine's fall.
    """

    def __init__(self, folder: Path, *, is_safe: bool) -> None:
        self.folder = folder
        self.is_safe = is_safe
        self._programs = find_programs()
        self._numbers = count(1)

    def url(self, name: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://{_USER}@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = ["-c listen_addresses=", f"-k {self.folder}"]
        if not self.is_safe:
            options += ["-c fsync=off", "-c synchronous_commit=off"]
        log = self.folder / "log"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", str(log), "-o", " ".join(options))

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the server; mode ``immediate`` lets it fall as in a crash."""
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", mode)

    def make(self) -> None:
        """Make an empty cluster."""
        self._run("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync", *_LANGUAGE)

    def make_database(self, template: str = "template0") -> str:
        """Make a database, a copy of another one, and return its name."""
        name = f"orders_{next(self._numbers)}"
        statement = f"CREATE DATABASE {name} TEMPLATE {template}"
        self._run("psql", "-q", "-h", str(self.folder), "-U", _USER, "-c", statement, "postgres")
        return name

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *words: str) -> None:
        command = [*_as_owner(), str(self._programs / program), *words]
        done = subprocess.run(  # noqa: S603  # programs of the system's own package
            command,
            check=False,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            raise StoreError(f"{program} ended with {done.returncode}: {done.stdout.decode(errors='replace').strip()}")


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises
    ------
    StoreError
        If it is not installed.
    """
    found = [path for place in _PLACES for path in Path("/").glob(f"{place}/initdb")]
    candidates = [path.parent for path in sorted(found, key=_version_of)]
    on_path = shutil.which("initdb")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    if not candidates:
        raise StoreError("PostgreSQL is not installed; on Debian: apt install postgresql")
    return candidates[-1]


def _version_of(path: Path) -> int:
    digits = "".join(filter(str.isdigit, path.parent.parent.name))
    return int(digits or 0)


def _as_owner() -> Sequence[str]:
    """PostgreSQL refuses to be run by root."""
    return ("runuser", "-u", _USER, "--") if os.geteuid() == 0 else ()


@contextmanager
def running_postgres(*, is_safe: bool = False) -> Iterator[PostgresServer]:
    """Make and start a server in a folder of its own; stop and remove it at the end.

    Raises
    ------
    StoreError
        If PostgreSQL is not installed or does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="orderopt-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        folder.chmod(0o755)
        server = PostgresServer(folder, is_safe=is_safe)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop(mode="immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
