"""Whole numbers in a text file, one after the other."""

from __future__ import annotations

from pathlib import Path


class Numbers:
    """Takes numbers from a text that is nothing but numbers.

    Parameters
    ----------
    text
        The text; lines that begin with ``#`` are left out.
    path
        The file it comes from, for what is said about faults.
    """

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self._words = " ".join(line for line in text.splitlines() if not line.lstrip().startswith("#")).split()
        self._next = 0

    def take(self) -> int:
        """Return the next number, which must be whole.

        Raises
        ------
        ValueError
            If there is none, or if it is not a whole number.
        """
        word = self.word()
        value = float(word)
        if value != int(value):
            raise ValueError(f"{self.path}: {word} is not a whole number")
        return int(value)

    def word(self) -> str:
        """Return the next word.

        Raises
        ------
        ValueError
            If the file has ended.
        """
        if self._next == len(self._words):
            raise ValueError(f"{self.path} ends in the middle of the instance")
        self._next += 1
        return self._words[self._next - 1]

    def many(self, count: int) -> list[int]:
        """Return the next numbers."""
        return [self.take() for _ in range(count)]

    def expect_end(self) -> None:
        """Complain about what stands behind the instance.

        Raises
        ------
        ValueError
            If anything does.
        """
        if self._next < len(self._words):
            raise ValueError(f"{self.path}: {self._words[self._next]!r} stands behind the end of the instance")
