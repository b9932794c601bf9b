"""A snapshot as pandas DataFrames, one for each table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any

from orderopt.models.policy import Policy
from orderopt.models.snapshot import record_types
from orderopt.tables.columns import Column, Kind, columns_of
from orderopt.tables.text import value_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import pandas as pd

    from orderopt.models.record import Record
    from orderopt.models.snapshot import Snapshot


def settings_rows(policy: Policy) -> list[tuple[str, str]]:
    """Return the settings as keys and texts: those that were set or differ from their default."""
    rows = []
    for column in columns_of(Policy).values():
        value = getattr(policy, column.field)
        if value is not None and (
            column.is_required or column.field in policy.model_fields_set or value != column.default
        ):
            rows.append((column.name, value_text(value, column.kind, policy.zone)))
    return [*rows, *((key, str(value)) for key, value in policy.extra.items())]


def extra_columns(records: Iterable[Record]) -> list[str]:
    """Return the names of the columns that only `extra` knows, in the order in which they come up."""
    return list(dict.fromkeys(name for record in records for name in record.extra))


def snapshot_to_frames(snapshot: Snapshot) -> dict[str, pd.DataFrame]:
    """Return all tables of a snapshot as DataFrames, ready for :func:`~orderopt.tables.read.read_snapshot`.

    Ids and texts are text, times are aware (in the plan's time zone), numbers exact
    :class:`decimal.Decimal`, flags bool. Every input table is there, also an empty one, but for an empty
    customers table (which would say that there are no customers).
    """
    import pandas as pd

    zone = snapshot.settings.zone
    frames = {"settings": pd.DataFrame(settings_rows(snapshot.settings), columns=["key", "value"], dtype=object)}
    for name, record_type in record_types().items():
        records = getattr(snapshot, name)
        if records or name != "customers":
            frames[name] = records_to_frame(record_type, records, zone)
    return frames


def records_to_frame(record_type: type[Record], records: Sequence[Record], zone: ZoneInfo) -> pd.DataFrame:
    """Return records as a DataFrame with the columns of their table, then those that `extra` keeps.

    Parameters
    ----------
    record_type
        What the records are; also without any the frame has its columns.
    records
        The rows.
    zone
        Time zone of the times in the frame.
    """
    import pandas as pd

    cells: dict[str, Any] = {}
    for column in columns_of(record_type).values():
        cells[column.name] = _series([getattr(record, column.field) for record in records], column, zone)
    for name in extra_columns(records):
        cells[name] = pd.Series([record.extra.get(name) for record in records], dtype=object)
    return pd.DataFrame(cells)


def _series(values: list[Any], column: Column, zone: ZoneInfo) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    if column.kind is Kind.MOMENT:
        naive = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
        return pd.Series(np.array(naive, dtype="datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(zone)
    if column.kind is Kind.CHOICE:
        values = [None if value is None else str(value) for value in values]
    if column.kind is Kind.WHOLE and None not in values:
        return pd.Series(values, dtype="int64")
    if column.kind is Kind.FLAG and None not in values:
        return pd.Series(values, dtype=bool)
    return pd.Series(values, dtype=object)
