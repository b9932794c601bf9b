"""Reading what a company decided for its desk: a TOML file with a table for each room."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from orderopt.errors import InputError
from orderopt.models.finding import Finding
from orderopt.models.life.desk_policy import DeskPolicy


def read_desk_policy(path: str | Path) -> DeskPolicy:
    """Return the policy that a TOML file describes; what it leaves out is as usual.

    Raises
    ------
    InputError
        If the file cannot be read, or with every field that is wrong.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    try:
        return DeskPolicy.model_validate(content)
    except ValidationError as error:
        faults = [
            Finding(
                code="BAD_VALUE",
                table=path.name,
                column=".".join(str(step) for step in fault["loc"]),
                says=fault["msg"],
                mend="see orderopt.models.life.desk_policy",
            )
            for fault in error.errors(include_url=False)
        ]
        raise InputError(f"{path} has {len(faults)} faults", faults) from None
