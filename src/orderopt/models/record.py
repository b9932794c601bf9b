"""What every record of a table has in common: it is frozen, keyed, and keeps unknown columns."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.fields import FieldInfo

Id = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(.*\S)?$")]
"""The name of a thing: case-sensitive, no blanks at either end."""


@dataclass(frozen=True)
class Ref:
    """Marks a field whose value must be a key of another table.

    Parameters
    ----------
    table
        The table that is pointed into, for example ``"items"``.
    """

    table: str


def unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Split a type hint into the plain type of a value and all marks on it; ``| None`` is left out.

    Examples
    --------
    >>> unwrap(Annotated[str, Ref("items")] | None)
    (<class 'str'>, [Ref(table='items')])
    """
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        plain, found = unwrap(inner)
        return plain, [*found, *(single for mark in marks for single in _single_marks(mark))]
    if get_origin(annotation) in (Union, UnionType):
        kept = [part for part in get_args(annotation) if part is not NoneType]
        if len(kept) == 1:
            return unwrap(kept[0])
    return annotation, []


def _single_marks(mark: Any) -> list[Any]:
    return list(mark.metadata) if isinstance(mark, FieldInfo) else [mark]


class Record(BaseModel):
    """One row of a table.

    `TABLE` names the table and `KEY` the columns that no two rows may share. `extra` keeps the cells of
    columns that orderopt does not know, so that nothing is lost on the way through.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    extra: dict[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the key columns."""
        return tuple(getattr(self, column) for column in self.KEY)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Names of the table's columns, in the order of the contract."""
        return tuple(field.alias or name for name, field in cls.model_fields.items() if name != "extra")

    @classmethod
    def references(cls) -> dict[str, str]:
        """Map each column that points into another table to that table's name."""
        return {
            name: mark.table
            for name, field in cls.model_fields.items()
            for mark in (*field.metadata, *unwrap(field.annotation)[1])
            if isinstance(mark, Ref)
        }
