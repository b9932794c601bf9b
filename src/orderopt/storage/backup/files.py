"""Files that are whole or not there, and whose last line is the SHA-256 of everything before it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from orderopt.errors import DamagedError, StoreError

_SEAL = 65  # 64 hexadecimal digits and a line feed
_BLOCK = 1 << 20


class _Sealing:
    """Writes through to a file and digests what passes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, block: bytes) -> int:
        """Write and digest."""
        self.digest.update(block)
        return self._file.write(block)

    def flush(self) -> None:
        """Pass it on."""
        self._file.flush()


@contextmanager
def writing_sealed(path: Path) -> Iterator[_Sealing]:
    """Give a file to write into; it appears under its name once it is complete, sealed and on the disk.

    Raises
    ------
    StoreError
        If there is a file of that name: a backup is never overwritten.
    """
    if path.exists():
        raise StoreError(f"{path} exists already; a backup is never overwritten")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("xb") as file:
            sealing = _Sealing(file)
            yield sealing
            file.write(f"{sealing.digest.hexdigest()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # unlike a rename this refuses to overwrite
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_seal(path: Path) -> str:
    """Return the digest of a sealed file.

    Raises
    ------
    DamagedError
        If one byte of it is not as it was written.
    """
    size = path.stat().st_size - _SEAL
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = size
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
        seal = file.read()
    if size < 0 or seal != f"{digest.hexdigest()}\n".encode():
        raise DamagedError(f"{path} is damaged or no backup: its digest does not fit; nothing was changed")
    return digest.hexdigest()


@contextmanager
def reading_sealed(path: Path) -> Iterator[BinaryIO]:
    """Give what was written before the seal, as one stream of bytes."""
    with path.open("rb") as file:
        yield _Until(file, path.stat().st_size - _SEAL)  # type: ignore[misc]


class _Until:
    """A file that ends before its end."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes."""
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block
