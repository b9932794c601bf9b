"""Rules of the house that the import contracts in pyproject.toml cannot say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "orderopt"
MODULES = sorted(PACKAGE.rglob("*.py"))
VAGUE_NAMES = {"utils", "util", "helpers", "common", "base", "misc", "core"}


def _name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


@pytest.fixture(params=MODULES, ids=_name)
def module(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_a_module_opens_with_a_sentence_about_itself(module: Path):
    says = ast.get_docstring(ast.parse(module.read_text("utf-8")))

    assert says, "a module starts with a docstring"
    assert says.splitlines()[0].endswith("."), "its first line is one whole sentence"


def test_a_module_imports_from_rooms_and_not_through_the_front_door(module: Path):
    through_the_door = [
        node.lineno
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "orderopt" and node.names[0].name != "__version__")
        or (isinstance(node, ast.Import) and any(alias.name == "orderopt" for alias in node.names))
    ]

    assert not through_the_door, "write `from orderopt.models.order import Order`, not `from orderopt import Order`"


def test_a_module_has_a_name_that_says_what_is_in_it(module: Path):
    assert module.stem.strip("_") not in VAGUE_NAMES


def test_a_module_prints_nothing_and_sets_up_no_log_handler(module: Path):
    if module.parent == PACKAGE and module.stem in {"cli", "__main__"}:
        return
    source = ast.parse(module.read_text("utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(source) if isinstance(node, ast.Call)}

    assert not calls & {"print", "logging.basicConfig"}


def test_every_top_level_room_explains_itself_in_the_developers_pages():
    architecture = (PACKAGE.parent.parent / "docs" / "developers" / "architecture.md").read_text("utf-8")
    rooms = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    } - {"__init__", "__main__"}

    assert not {room for room in rooms if f"`{room}`" not in architecture}
