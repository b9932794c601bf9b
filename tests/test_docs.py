"""README and docs tell the truth: their Python runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import shutil
from pathlib import Path

import pytest

import orderopt

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
NOTEBOOKS = sorted((ROOT / "examples").glob("**/*.py"))
MODULES = sorted(
    name
    for _, name, _ in pkgutil.walk_packages(orderopt.__path__, "orderopt.")
    if not name.endswith(("__main__", "migrations.env"))  # Alembic alone can load its door
)


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _blocks(page: Path, *languages: str) -> list[tuple[int, str]]:
    """Line numbers and texts of the fenced blocks in one of the languages."""
    text = page.read_text("utf-8")
    fence = re.compile(rf"^```(?:{'|'.join(languages)})\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, found.start()) + 1, found[1]) for found in fence.finditer(text)]


def _commands(page: Path) -> list[str]:
    """Every ``orderopt …`` line of the page's console blocks, continued lines joined."""
    blocks = (text.replace("\\\n", " ") for _, text in _blocks(page, "console", "sh", "bash"))
    lines = (line.removeprefix("$ ").strip() for text in blocks for line in text.splitlines())
    return [line for line in lines if line.startswith("orderopt")]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scratch folder that has a copy of the examples at the place where the docs say they are."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "python")], ids=_name)
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, workshop: Path):
    names: dict[str, object] = {"__name__": "__main__"}
    for line, block in _blocks(page, "python"):
        exec(compile("\n" * line + block, str(page), "exec"), names)


@pytest.mark.parametrize("page", [page for page in PAGES if _commands(page)], ids=_name)
def test_a_page_shows_only_commands_and_options_that_exist(page: Path):
    typer = pytest.importorskip("typer")
    root = typer.main.get_command(importlib.import_module("orderopt.cli").app)
    for shown in _commands(page):
        command, words = root, shlex.split(shown, comments=True)[1:]
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        known = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)} | {"--help"}
        unknown = {word.partition("=")[0] for word in words if word.startswith("-")} - known
        assert not unknown, f"{_name(page)} shows `{shown}`"
        assert words or not getattr(command, "commands", {}) or shown == "orderopt", f"no such command: `{shown}`"
        assert command is not root or not words or words[0].startswith("-"), f"no such command: `{shown}`"


def test_the_reference_names_every_command_and_every_option():
    typer = pytest.importorskip("typer")
    root = typer.main.get_command(importlib.import_module("orderopt.cli").app)
    page = (ROOT / "docs" / "reference" / "command_line.md").read_text("utf-8")
    flags = {flag for command in root.commands.values() for option in command.params for flag in option.opts}

    assert not {name for name in root.commands if f"orderopt {name}" not in page}
    assert not {flag for flag in flags if flag.startswith("--") and f"`{flag}" not in page}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_links_of_a_page_lead_to_files_that_exist(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text)
    broken = [target for target in targets if ":" not in target and not (page.parent / target).exists()]

    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_page_holds_no_unfinished_text(page: Path):
    assert not re.findall(r"\b(TODO|FIXME|TBD|lorem ipsum|coming soon)\b", page.read_text("utf-8"), re.IGNORECASE)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_in_a_module_give_what_they_show(module: str, workshop: Path):
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)

    assert result.failed == 0


@pytest.mark.notebook
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=_name)
def test_a_notebook_runs_from_top_to_bottom(notebook: Path, workshop: Path):
    jupytext = pytest.importorskip("jupytext")
    nbclient = pytest.importorskip("nbclient")
    client = nbclient.NotebookClient(jupytext.read(notebook), timeout=240, kernel_name="python3")

    client.execute(cwd=str(workshop / notebook.parent.relative_to(ROOT)))
