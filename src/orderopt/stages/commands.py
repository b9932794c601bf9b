"""All commands by name: for programs that name what they want done in JSON, and for the command line."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from orderopt.errors import NotFoundError
from orderopt.stages.book import Command, list_commands

ROOMS = ("change", "complete", "confirm", "intake", "review", "settle", "ship_out", "take_back", "track")
"""Packages of which every module may define commands."""

MODULES = (
    "orderopt.stages.adopt",
    "orderopt.stages.erase",
    "orderopt.stages.gather",
    "orderopt.stages.master",
    "orderopt.stages.queries",
    "orderopt.stages.stock",
    "orderopt.stages.take_over",
)
"""Single modules that do."""


@cache
def load_commands() -> dict[str, type[Command]]:
    """Return every command by its class name."""
    for module in MODULES:
        import_module(module)
    for room in ROOMS:
        package = import_module(f"orderopt.stages.{room}")
        for found in iter_modules(package.__path__, f"{package.__name__}."):
            import_module(found.name)
    return {command.__name__: command for command in sorted(list_commands(), key=lambda one: one.__name__)}


def find_command(name: str) -> type[Command]:
    """Return a command by its class name; raises NotFoundError with the near ones."""
    from difflib import get_close_matches

    commands = load_commands()
    if name not in commands:
        near = get_close_matches(name, commands, n=3, cutoff=0.4)
        raise NotFoundError(f"there is no command {name!r}; did you mean {', '.join(near) or 'another'}?")
    return commands[name]
