"""The type of what models are written with."""

from __future__ import annotations

from typing import Any, TypeAlias

Linear: TypeAlias = Any
"""An integer, a variable, a literal or a linear expression: OR-Tools' own unions of them defeat type checkers."""
