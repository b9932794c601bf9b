"""Keeping personal data and prices apart from everything else, and showing them only to whom they concern."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.record import unwrap

P = TypeVar("P", bound=Part)
Plain = dict[str, Any]
"""What JSON can say."""


def write_json(value: Any) -> str:
    """Return JSON in its one canonical form: keys sorted, no blanks, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@cache
def find_sensitive_fields(part: type[BaseModel]) -> dict[str, Sensitivity]:
    """Map the marked fields of a model to their marks; fields of its pieces are not among them."""
    return {
        name: mark
        for name, field in part.model_fields.items()
        for mark in (*field.metadata, *unwrap(field.annotation)[1])
        if isinstance(mark, Sensitivity)
    }


def split(part: BaseModel) -> tuple[Plain, dict[Sensitivity, Plain]]:
    """Return what everyone may see of a piece, and apart from it the marked values by their path.

    Examples
    --------
    >>> from typing import Annotated
    >>> class Contact(Part):
    ...     city: str
    ...     name: Annotated[str | None, Sensitivity.PERSONAL] = None
    >>> split(Contact(city="Graz", name="Ann"))
    ({'city': 'Graz'}, {<Sensitivity.PERSONAL: 'personal'>: {'name': 'Ann'}})
    """
    dumped = part.model_dump(mode="json", exclude_none=True)
    apart: dict[Sensitivity, Plain] = {}
    _take_out(part, dumped, "", apart)
    return dumped, apart


def _take_out(value: Any, dumped: Any, path: str, apart: dict[Sensitivity, Plain]) -> None:
    if isinstance(value, BaseModel):
        marks = find_sensitive_fields(type(value))
        for name in type(value).model_fields:
            if name in marks:
                if name in dumped:
                    apart.setdefault(marks[name], {})[path + name] = dumped.pop(name)
            elif isinstance(dumped.get(name), dict | list):
                _take_out(getattr(value, name), dumped[name], f"{path}{name}.", apart)
    elif isinstance(value, Mapping):
        for (key, single), shown in zip(value.items(), dumped.values(), strict=True):
            _take_out(single, shown, f"{path}{key}.", apart)
    elif isinstance(value, tuple | list):
        for position, (single, shown) in enumerate(zip(value, dumped, strict=True)):
            _take_out(single, shown, f"{path}{position}.", apart)


def join(shown: Plain, apart: Mapping[Sensitivity, Plain]) -> Plain:
    """Put marked values back where :func:`split` took them from; `shown` is changed and returned."""
    for values in apart.values():
        for path, value in values.items():
            *steps, last = path.split(".")
            place: Any = shown
            for step in steps:
                place = place[int(step)] if isinstance(place, list) else place[step]
            place[last] = value
    return shown


def mask(part: P, allowed: Collection[Sensitivity]) -> P:
    """Return a copy in which marked values are None unless their mark is allowed."""
    shown, apart = split(part)
    return type(part).model_validate(join(shown, {mark: apart[mark] for mark in apart if mark in allowed}))
