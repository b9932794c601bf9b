"""The page of commands says what the commands say."""

from __future__ import annotations

from pathlib import Path

from orderopt.cli.commands_page import build_commands_page
from orderopt.models.life.roles import Role
from orderopt.stages.commands import load_commands


def test_the_committed_page_is_that_of_the_code():
    committed = Path("docs/reference/commands.md").read_text("utf-8")
    assert committed == build_commands_page(), "run: python -m orderopt.cli.commands_page > docs/reference/commands.md"


def test_every_command_says_what_it_does_who_may_and_each_of_its_fields():
    page = build_commands_page()
    ours = {name: one for name, one in load_commands().items() if one.__module__.startswith("orderopt.")}
    for name, command in ours.items():
        assert command.__doc__
        assert command.__doc__.strip() != ""
        assert set(Role) >= command.ROLES
        assert command.ROLES
        section = page.split(f"### {name}\n")[1].split("\n##")[0]
        for field in command.model_fields:
            assert f"| {field} |" in section, (name, field)
