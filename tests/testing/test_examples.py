from __future__ import annotations

import filecmp
from typing import TYPE_CHECKING

import pytest

from orderopt.tables.read import read_snapshot
from orderopt.tables.write import write_snapshot
from orderopt.testing.generate import generate_snapshot
from orderopt.testing.load import judge_load
from orderopt.testing.small_example import SMALL_FOLDER, read_small_snapshot

if TYPE_CHECKING:
    from pathlib import Path


def test_the_small_example_and_the_packaged_one_are_equal(root: Path) -> None:
    files = sorted(path.name for path in (root / "examples/small").glob("*.csv"))
    assert files == sorted(path.name for path in SMALL_FOLDER.iterdir())
    same, different, missing = filecmp.cmpfiles(root / "examples/small", SMALL_FOLDER, files, shallow=False)
    assert (same, different, missing) == (files, [], [])


def test_reading_the_small_example_finds_the_lamp_and_nothing_else() -> None:
    assert [(finding.code, finding.subject) for finding in read_small_snapshot().findings] == [("NO_SOURCE", "O3/2")]


def test_the_realistic_example_is_what_the_generator_makes(root: Path) -> None:
    assert read_snapshot(root / "examples/realistic") == generate_snapshot(200, seed=4)


def test_writing_the_realistic_example_again_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    write_snapshot(generate_snapshot(200, seed=4), tmp_path)
    files = sorted(path.name for path in (root / "examples/realistic").glob("*.csv"))
    assert files == sorted(path.name for path in tmp_path.glob("*.csv"))
    assert filecmp.cmpfiles(root / "examples/realistic", tmp_path, files, shallow=False)[0] == files


def test_the_expected_load_of_the_small_example_counts_jobs_lot_for_lot() -> None:
    load = judge_load(read_small_snapshot())
    # O3/1 is due first and larger than the free stock; O1/2 takes the ten blue chairs
    assert load.num_jobs == {"CHAIR-RED": 3, "CHAIR-BLUE": 2, "FRAME": 5}
    assert load.num_tasks == 3 * 2 + 2 * 2 + 5
    assert load.quantity["FRAME"] == pytest.approx(130)
