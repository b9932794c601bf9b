"""Questions by labels: built once for each form, then only filled in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, bindparam, exists, func, select

from orderopt.storage.sql.read import DOCUMENTS
from orderopt.storage.sql.tables import documents, labels
from orderopt.storage.store import Between, Where

_ENDS = ("exact", "low", "high")


class Form(NamedTuple):
    """What a question looks like without its values.

    Attributes
    ----------
    ends
        For each label that is asked for, which of its values are given: exact, low or high.
    walks
        Whether to walk along the order and leave out what does not fit, and not to collect what fits and sort it:
        better where much fits and few are wanted.
    """

    ends: tuple[tuple[str, ...], ...]
    is_ordered: bool = False
    has_after: bool = False
    has_limit: bool = False
    walks: bool = False


def ask(
    kind: str, where: Where, order_by: str | None, after: str | None, limit: int | None
) -> tuple[Form, dict[str, Any]]:
    """Return the form of a question, and its values by name."""
    values: dict[str, Any] = {"kind": kind}
    ends: list[tuple[str, ...]] = []
    if order_by is not None:
        ends.append(())
        values["name_0"] = order_by
        after = None
    for name, wanted in where.items():
        place = len(ends)
        low, high = wanted if isinstance(wanted, Between) else (None, None)
        given = dict(zip(_ENDS, (None if isinstance(wanted, Between) else wanted, low, high), strict=True))
        ends.append(tuple(end for end in _ENDS if given[end] is not None))
        values[f"name_{place}"] = name
        values.update({f"{end}_{place}": given[end] for end in ends[-1]})
    if after is not None:
        values["after"] = after
    if limit is not None:
        values["limit"] = limit
    return Form(tuple(ends), order_by is not None, after is not None, limit is not None), values


def _pick(form: Form) -> Select[Any]:
    """Return a question for streams and the values they are ordered by; it is answered from indexes alone."""
    tables = [labels.alias(f"label_{place}") for place in range(len(form.ends))]
    first: FromClause = tables[0] if tables else documents
    order = first.c.value if form.is_ordered else first.c.stream
    query = select(first.c.stream, order.label("place")).where(first.c.kind == bindparam("kind"))
    for number, (table, ends) in enumerate(zip(tables, form.ends, strict=True)):
        said = [table.c.name == bindparam(f"name_{number}"), *_be(table.c.value, number, ends)]
        same = and_(table.c.stream == first.c.stream, table.c.kind == bindparam("kind"))
        if not number:
            query = query.where(*said)
        elif form.walks:
            query = query.where(exists().where(same, *said))
        else:
            query = query.join(table, same).where(*said)
    return query.where(first.c.stream > bindparam("after")) if form.has_after else query


def _be(value: ColumnElement[str], number: int, ends: tuple[str, ...]) -> list[ColumnElement[bool]]:
    compared = {
        "exact": value == bindparam(f"exact_{number}"),
        "low": value >= bindparam(f"low_{number}"),
        "high": value < bindparam(f"high_{number}"),
    }
    return [compared[end] for end in ends]


@lru_cache(maxsize=256)
def build_find(form: Form) -> Select[Any]:
    """Return the question for whole documents, in order."""
    inner = _pick(form).order_by("place", "stream")
    picked = (inner.limit(bindparam("limit")) if form.has_limit else inner).subquery("picked")
    query = DOCUMENTS.join_from(documents, picked, documents.c.stream == picked.c.stream)
    return query.order_by(picked.c.place, picked.c.stream)


@lru_cache(maxsize=256)
def build_count(form: Form) -> Select[Any]:
    """Return the question for their number."""
    return select(func.count()).select_from(_pick(form).subquery("picked"))


_MUCH = 2000
_HOW_MANY = select(func.count()).select_from(
    select(labels.c.stream)
    .where(
        labels.c.kind == bindparam("kind"),
        labels.c.name == bindparam("name"),
        labels.c.value == bindparam("value"),
    )
    .limit(_MUCH)
    .subquery()
)


def choose_way(connection: Connection, form: Form, values: dict[str, Any]) -> Form:
    """Return the form by which SQLite answers fast; PostgreSQL counts its rows and chooses itself."""
    if connection.dialect.name != "sqlite" or not (form.is_ordered and form.has_limit):
        return form
    for number, ends in enumerate(form.ends):
        if ends == ("exact",):
            asked = {"name": values[f"name_{number}"], "value": values[f"exact_{number}"], "kind": values["kind"]}
            if connection.execute(_HOW_MANY, asked).scalar_one() < _MUCH:
                return form
    return form._replace(walks=True)
