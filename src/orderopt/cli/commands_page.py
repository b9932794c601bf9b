"""The page of all commands of the desk, written from their classes: ``python -m orderopt.cli.commands_page``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from orderopt.stages.book import Command
from orderopt.stages.commands import load_commands

INTRODUCTION = """# Commands of the desk

Written by `python -m orderopt.cli.commands_page > docs/reference/commands.md`. A program gives a command as
`desk.do(Command(...), by=actor)`, a person or a script as `orderopt order do NAME '{"field": "value"}'`; both are
checked for the role, done whole or not at all, and kept as events. `orderopt order commands NAME` prints
a JSON Schema.

| role | may |
| --- | --- |
"""


_JSON = TypeAdapter(Any)

WORDS = {
    str: "text",
    int: "whole number",
    Decimal: "number",
    bool: "yes or no",
    datetime: "moment",
    date: "day",
    Any: "anything",
}
"""What types are called here; others go by their class names."""


def build_commands_page() -> str:
    """Return the page as Markdown: who may what, then each room with its commands and their fields."""
    commands = [command for command in load_commands().values() if command.__module__.startswith("orderopt.")]
    roles = sorted({role for command in commands for role in command.ROLES})
    may = [
        f"| {role} | {', '.join(_link(command) for command in commands if role in command.ROLES)} |" for role in roles
    ]
    rooms = sorted({_find_room(command) for command in commands})
    parts = [part for room in rooms for part in _build_room(room, [one for one in commands if _find_room(one) == room])]
    return "\n".join([INTRODUCTION + "\n".join(may), "", *parts])


def _link(command: type[Command]) -> str:
    return f"[{command.__name__}](#{command.__name__.lower()})"


def _find_room(command: type[Command]) -> str:
    return command.__module__.removeprefix("orderopt.stages.").split(".")[0]


def _build_room(room: str, commands: list[type[Command]]) -> Iterator[str]:
    yield f"## {room.replace('_', ' ').capitalize()}\n"
    for command in commands:
        yield f"### {command.__name__}\n\n{inspect.cleandoc(command.__doc__ or '')}\n"
        fields = [_build_field(name, field) for name, field in command.model_fields.items()]
        if fields:
            yield "\n".join(["| field | is | default |", "| --- | --- | --- |", *fields, ""])


def _build_field(name: str, field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    shown = "needed" if field.is_required() else f"`{_JSON.dump_json(default, fallback=str).decode()}`"
    return f"| {name} | {_say(field.annotation)} | {shown} |"


def _say(annotation: Any) -> str:
    """Say a type in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _say(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(_say(each) for each in arguments if each is not NoneType)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if origin in (tuple, list, frozenset, set, Sequence):
        whole = dict.fromkeys(_say(each) for each in arguments if each is not Ellipsis)
        return f"list of {', '.join(whole)}"
    if origin is not None:
        return f"map to {_say(arguments[-1])}"
    return WORDS.get(annotation) or str(annotation.__name__)


if __name__ == "__main__":
    sys.stdout.write(build_commands_page())
