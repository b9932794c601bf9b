from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest
from tests.solvers.shops import draw_shop

from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.scheduling import dispatch, local_search
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.graph import as_schedule
from orderopt.solvers.scheduling.local_search import LocalSearch
from orderopt.solvers.scheduling.warm import is_compiled

if TYPE_CHECKING:
    from pathlib import Path

    from orderopt.solvers.compiled.shop import ShopSchedule


def load_kernel(path: Path) -> Any:
    """Load a module anew, as another process would."""
    spec = importlib.util.spec_from_file_location("small_kernel", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.double


def test_a_kernel_is_compiled_once_it_ran_here_or_in_an_earlier_process(tmp_path: Path) -> None:
    path = tmp_path / "small_kernel.py"
    path.write_text("from numba import njit\n\n@njit(cache=True)\ndef double(number):\n    return 2 * number\n")
    kernel = load_kernel(path)
    assert not is_compiled(kernel)
    assert kernel(3) == 6
    assert is_compiled(kernel)
    assert is_compiled(load_kernel(path))


@pytest.mark.parametrize(("workers", "seconds", "is_skipped"), [(2, 1.0, True), (1, 1.0, False), (2, 60.0, False)])
def test_annealing_that_would_have_to_be_compiled_is_left_out_only_where_time_is_short(
    monkeypatch: pytest.MonkeyPatch, workers: int, seconds: float, is_skipped: bool
) -> None:
    monkeypatch.setattr(local_search, "is_compiled", lambda _: False)
    monkeypatch.setattr(dispatch, "SWEPT_TASKS", 60)  # a poor seed
    annealed: list[ShopSchedule] = []
    monkeypatch.setattr(local_search._Run, "search", lambda run: annealed.append(as_schedule(run.best)) or annealed[0])
    LocalSearch().schedule(draw_shop(12, 60, "alternatives", num_machines=4), Budget(seconds=seconds, workers=workers))
    assert (annealed == []) is is_skipped


def test_whoever_waits_for_compiling_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(dispatch, "is_compiled", lambda _: False)
    Dispatch().schedule(draw_shop(1, 3), Budget(seconds=1.0, on_progress=told.append))
    assert [word.message for word in told] == ["compiling, once for this installation"]
