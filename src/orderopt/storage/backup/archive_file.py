"""The format of backups and archives: compressed lines of JSON, first what it is, last what must have been read.

The first line says format, schema version and, for each table, its columns. Each row is a line: the number of its table
and its values. The last line counts the rows of each table and gives their SHA-256. Around all this is gzip, and behind
it the seal of the file. Databases do not matter: what was written from one can be read into another.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orderopt.errors import DamagedError
from orderopt.models.life.sensitive import write_json
from orderopt.storage.backup.files import check_seal, reading_sealed, writing_sealed

FORMAT = "orderopt-backup-1"
Header = Mapping[str, Any]


@dataclass
class Tally:
    """Rows and digest of a table."""

    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> None:
        """Count a row."""
        self.rows += 1
        self.digest.update(line)

    def as_plain(self) -> dict[str, Any]:
        """Return it as it stands in the last line."""
        return {"rows": self.rows, "sha256": self.digest.hexdigest()}


class ArchiveWriter:
    """Takes rows, table by table."""

    def __init__(self, file: Any, header: Header) -> None:
        self._file = file
        self._names = [name for name, _ in header["tables"]]
        self.tallies = {name: Tally() for name in self._names}
        self._line(header)

    def _line(self, content: Any) -> bytes:
        line = write_json(content).encode() + b"\n"
        self._file.write(line)
        return line

    def add(self, table: str, row: Sequence[Any]) -> None:
        """Write a row."""
        self.tallies[table].add(self._line([self._names.index(table), *row]))

    def finish(self) -> None:
        """Write the last line."""
        self._line({"end": {name: tally.as_plain() for name, tally in self.tallies.items()}})


@contextmanager
def writing_archive(path: Path, header: Header) -> Iterator[ArchiveWriter]:
    """Write an archive; it is there at the end, whole, or not at all."""
    with (
        writing_sealed(path) as sealed,
        gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=5, mtime=0) as packed,
        io.BufferedWriter(packed, 1 << 18) as buffered,
    ):
        writer = ArchiveWriter(buffered, {"format": FORMAT, **header})
        yield writer
        writer.finish()


@dataclass(frozen=True)
class Archive:
    """A sealed file that was found whole.

    Attributes
    ----------
    digest
        SHA-256 of the file.
    header
        Its first line.
    """

    path: Path
    digest: str
    header: Header

    @property
    def tables(self) -> dict[str, list[str]]:
        """The columns of each table."""
        return dict(self.header["tables"])

    def rows(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield table and values of every row; at the end counts and digests are compared.

        Raises
        ------
        DamagedError
            If anything is missing or too much.
        """
        names = list(self.tables)
        tallies = {name: Tally() for name in names}
        end: Any = None
        with _lines(self.path) as lines:
            next(lines)
            for line in lines:
                content = json.loads(line)
                if isinstance(content, dict):
                    end = content.get("end")
                    break
                name = names[content[0]]
                tallies[name].add(line)
                yield name, content[1:]
            rest = next(lines, None)
        if rest is not None or end != {name: tally.as_plain() for name, tally in tallies.items()}:
            raise DamagedError(f"{self.path} does not hold the rows that it was written with; nothing was changed")


def open_archive(path: Path) -> Archive:
    """Return an archive whose bytes are all as they were written.

    Raises
    ------
    DamagedError
        If they are not, or if the file is none.
    """
    digest = check_seal(path)
    with _lines(path) as lines:
        header = json.loads(next(lines, b"null"))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise DamagedError(f"{path} is not of the format {FORMAT}; nothing was changed")
    return Archive(path, digest, header)


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with reading_sealed(path) as file, gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
            yield iter(io.BufferedReader(unpacked, 1 << 18))
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DamagedError(f"{path} cannot be unpacked: {type(error).__name__}; nothing was changed") from error
