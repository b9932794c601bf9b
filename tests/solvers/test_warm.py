from __future__ import annotations

import importlib.util
import subprocess
import sys
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
    annealed: list[ShopSchedule] = []
    monkeypatch.setattr(local_search._Run, "search", lambda run: annealed.append(as_schedule(run.best)) or annealed[0])
    LocalSearch().schedule(draw_shop(12, 60, "alternatives", num_machines=4), Budget(seconds=seconds, workers=workers))
    assert (annealed == []) is is_skipped


def test_whoever_waits_for_compiling_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(dispatch, "is_compiled", lambda _: False)
    Dispatch().schedule(draw_shop(1, 3), Budget(seconds=1.0, on_progress=told.append))
    assert [word.message for word in told] == ["compiling, once for this installation"]


def test_warming_up_compiles_every_kernel_once_and_a_plan_compiles_none_again() -> None:
    script = """
from orderopt.solvers.scheduling import kernels, kernels_anneal, kernels_bounds, kernels_dispatch, kernels_graph
from orderopt.solvers.scheduling.warm import warm_up
from orderopt.stages.plan import plan
from orderopt.testing.small_example import read_small_snapshot

used = (
    kernels._place_in_order, kernels.share_out, kernels._heads, kernels._tails, kernels._urgency,
    kernels_dispatch.run_rule, kernels_graph.settle, kernels_anneal.anneal, kernels_bounds.price_batch,
    kernels_bounds.is_overloaded,
)
warm_up()
print([len(kernel.signatures) for kernel in used])
for strategy in ("dispatch", "local_search"):
    plan(read_small_snapshot(), strategy=strategy, time_limit=0.5)
print([len(kernel.signatures) for kernel in used])
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert found == f"{[1] * 10}\n" * 2
