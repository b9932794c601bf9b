from unittest.mock import patch

from orderopt.models.plan import Plan
from orderopt.views.card import card_html, display_plan
from orderopt.views.gantt import Gantt


def test_the_card_counts_lines_and_names_the_terms_that_cost(plan: Plan):
    html = card_html(plan)

    assert "2 of 5 lines on time" in html
    assert "1,234.50 EUR" in html
    assert "tardiness" in html
    assert "fairness" not in html, "terms of nothing are left out"
    assert "10.0%" in html


def test_the_card_escapes_what_it_is_given(plan: Plan):
    assert "Item &lt;b&gt;STEEL&lt;/b&gt;" in card_html(plan)


def test_a_card_without_bound_shows_a_dash(empty_plan: Plan):
    assert card_html(empty_plan).count("–") == 2


def test_outside_of_ipython_the_plan_is_one_line(plan: Plan, capsys):
    display_plan(plan)

    assert capsys.readouterr().out == f"{plan!r}\n"


def test_in_ipython_the_card_comes_first_and_the_chart_below(plan: Plan):
    shown = []
    with (
        patch("IPython.core.getipython.get_ipython", return_value=object()),
        patch("IPython.display.display", side_effect=lambda what, **_: shown.append(what)),
    ):
        display_plan(plan)

    assert shown[0]["text/plain"] == repr(plan)
    assert "2 of 5" in shown[0]["text/html"]
    assert isinstance(shown[1], Gantt)


def test_a_plan_without_tasks_shows_no_chart(empty_plan: Plan):
    shown = []
    with (
        patch("IPython.core.getipython.get_ipython", return_value=object()),
        patch("IPython.display.display", side_effect=lambda what, **_: shown.append(what)),
    ):
        display_plan(empty_plan)

    assert len(shown) == 1
