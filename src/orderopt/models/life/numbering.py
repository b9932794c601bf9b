"""Gapless numbers of documents: a counter that moves in the same transaction as the document that it numbers."""

from __future__ import annotations

from typing import ClassVar

from orderopt.models.life.document import Document, Payload, Stamp
from orderopt.models.record import Id


class Numbering(Document):
    """The last number of a series."""

    KIND: ClassVar[str] = "numbering"

    series: Id
    last: int = 0

    @property
    def key(self) -> str:
        """The series, for example ``INV-2026``."""
        return self.series

    @property
    def number(self) -> str:
        """The last number as it stands on the document."""
        return f"{self.series}-{self.last:05d}"


class NumberTaken(Payload):
    """The next number was given to a document."""

    series: Id

    def apply(self, document: Numbering | None, stamp: Stamp) -> Numbering:
        """Count on."""
        before = document or Numbering(series=self.series)
        return before.model_copy(update={"last": before.last + 1})
