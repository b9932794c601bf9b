import subprocess
import sys
import warnings

import pytest

from orderopt.errors import OrderOptError
from orderopt.models.plan import Plan
from orderopt.views.plots import plot_gantt, plot_lateness, plot_load

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
PLOTS = [plot_gantt, plot_load, plot_lateness]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_draws_on_the_axes_it_is_given(plot, plan: Plan):
    from matplotlib import pyplot as plt

    ax = plt.subplots()[1]

    assert plot(plan, ax) is ax
    assert ax.has_data()


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_of_nothing_is_drawn_without_a_warning(plot, empty_plan: Plan):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot(empty_plan).figure.canvas.draw()


def test_the_gantt_names_its_resources_and_the_clock(plan: Plan):
    ax = plot_gantt(plan)

    assert [label.get_text() for label in ax.get_yticklabels()] == ["MILL-1", "MILL-2", "OVEN", "PRESS", "PACK"]
    assert ax.get_xlabel() == "wall clock of Europe/Berlin"


def test_a_name_with_dollars_is_no_formula(plan: Plan):
    plot_gantt(plan).figure.canvas.draw()


def test_lateness_is_red_after_the_due_date_only(plan: Plan):
    from matplotlib.colors import to_rgb

    bars = [bar for bar in plot_lateness(plan).patches if bar.get_height()]
    red = [bar.get_x() >= 0 for bar in bars]

    assert [bar.get_facecolor()[:3] == to_rgb("#C00021") for bar in bars] == red
    assert any(red)


def test_without_matplotlib_the_error_says_what_to_install(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)

    with pytest.raises(OrderOptError, match=r'pip install "orderopt\[plot\]"'):
        plot_gantt(plan)


def test_numbers_need_no_plotting_package():
    program = (
        "import sys, orderopt.views.figures, orderopt.views.plots, orderopt.views.page, orderopt.views.card; "
        "assert not {'bokeh', 'matplotlib', 'jinja2', 'IPython'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
