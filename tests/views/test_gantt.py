import json
import os
import subprocess
import sys
import time
from html import escape

import pytest
from bokeh.models import Legend, PanTool, WheelZoomTool

from orderopt.models.plan import Plan
from orderopt.views.embed import chart_json
from orderopt.views.figures import schedule_figure
from orderopt.views.gantt import draw_gantt
from orderopt.views.rows import LATE_COLOUR, OTHER_COLOUR, PALETTE, bar_places, colouring, row_layout

from .plans import NASTY, many_tasks


def tasks_of(plan: Plan) -> dict:
    return draw_gantt(plan).layout.select_one({"name": "tasks"}).data


def test_a_bar_says_all_that_a_planner_asks(plan: Plan):
    tasks = tasks_of(plan)
    place = tasks["task"].index("T3")
    facts = {name: values[place] for name, values in tasks.items()}

    assert facts["order"] == "SO-2/1"
    assert facts["customer"] == "Nordlicht & Töchter"
    assert facts["item"] == f"SHAFT {NASTY}"
    assert facts["quantity"] == "40 pcs"
    assert facts["setup"] == "1 h"
    assert (facts["due"], facts["promised"], facts["late_by"]) == ("2026-01-05 18:00", "2026-01-06 12:00", "18 h")
    assert facts["fixed"] == "no"


def test_bars_lie_on_the_wall_clock(plan: Plan):
    tasks = tasks_of(plan)

    assert tasks["left"][0] == 1767592800000.0, "2026-01-05 06:00 read as if it were UTC"


def test_the_wheel_zooms_and_the_hand_moves_in_time_only(plan: Plan):
    tools = {type(tool): tool for tool in draw_gantt(plan).figure.tools}

    assert tools[WheelZoomTool].dimensions == "width"
    assert tools[PanTool].dimensions == "width"


def test_a_chart_taller_than_a_screen_leaves_the_bare_wheel_to_the_page(plan: Plan):
    tall, low = draw_gantt(many_tasks(90, num_resources=45)), draw_gantt(plan)
    modifiers = [
        next(tool for tool in gantt.figure.tools if isinstance(tool, WheelZoomTool)).modifiers for gantt in (tall, low)
    ]

    assert modifiers == [{"ctrl": True}, {}]
    assert (tall.zoom_hint, low.zoom_hint) == ("Hold Ctrl and scroll", "Scroll")


def test_the_legend_explains_only_what_is_there(plan: Plan, empty_plan: Plan):
    full, empty = (
        [item.label.value for item in draw_gantt(each).figure.select_one(Legend).items] for each in (plan, empty_plan)
    )

    assert full == [
        "steel",
        "brass $$x^2$$",
        "no family",
        "setup",
        "late order",
        "fixed task",
        "closed",
        "planning start",
    ]
    assert empty == ["closed", "planning start"]


def test_the_chart_paints_with_webgl(plan: Plan):
    assert draw_gantt(plan).figure.output_backend == "webgl"


def test_bars_of_one_row_stay_within_it_and_lanes_do_not_touch(plan: Plan):
    figure = schedule_figure(plan)
    layout = row_layout(figure.rows)
    top, bottom = bar_places(figure, layout)
    row = figure.bars.row

    assert (top >= layout.top[row]).all()
    assert (bottom <= layout.bottom[row]).all()
    oven = {figure.bars.task_id[place]: place for place in range(len(row)) if figure.rows[row[place]].num_lanes == 2}
    assert bottom[oven["T2"]] < top[oven["T7"]]


def test_colours_mean_families_and_rare_ones_share_a_grey():
    plan = many_tasks(300)
    colours = colouring(schedule_figure(plan), {})

    assert colours.title == "Setup family"
    assert len(set(colours.fills)) == len(PALETTE) + 1
    assert colours.meaning["5 others"] == OTHER_COLOUR
    assert LATE_COLOUR not in colours.fills


def test_colours_mean_items_where_no_routing_has_families(plan: Plan):
    steps = [step.model_copy(update={"family": None}) for step in plan.snapshot.operations]
    bare = Plan(plan.snapshot.replace(operations=steps), plan.summary, plan.to_frames())

    assert colouring(schedule_figure(bare), {"FLANGE": "Flange 法兰"}).meaning.keys() == {"Flange 法兰", "SHAFT"}


def test_the_same_chart_is_the_same_text(plan: Plan):
    first, second = (chart_json(draw_gantt(plan).layout, "gantt") for _ in range(2))

    assert first == second


def test_the_text_of_a_chart_does_not_depend_on_the_hash_seed(root):
    program = (
        "import hashlib; from tests.views.plans import many_tasks; from orderopt.views.page import build_page; "
        "print(hashlib.sha256(build_page(many_tasks(30)).encode()).hexdigest())"
    )
    path = os.pathsep.join(filter(None, [str(root), str(root / "src"), os.environ.get("PYTHONPATH", "")]))
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(answers) == 1


def test_chart_text_cannot_leave_its_script_element(plan: Plan):
    text = chart_json(draw_gantt(plan).layout, "gantt")

    assert "<" not in text
    assert json.loads(text)["target_id"] == "gantt"


def test_a_notebook_gets_a_frame_that_holds_everything(plan: Plan):
    html = draw_gantt(plan)._repr_html_()

    assert html.startswith("<iframe ")
    assert escape("<script>document.title=") not in html
    assert " src=" not in html.split("srcdoc")[0]


def test_a_capped_chart_says_how_much_it_shows():
    gantt = draw_gantt(many_tasks(60), max_bars=50)

    assert repr(gantt) == "<Gantt of 50 of 60 tasks>"


def test_an_empty_plan_can_be_drawn(empty_plan: Plan):
    assert draw_gantt(empty_plan).num_bars == 0


@pytest.mark.serial
def test_ten_thousand_bars_are_drawn_quickly():
    plan = many_tasks(10_000)
    begin = time.perf_counter()
    draw_gantt(plan).to_html()

    assert time.perf_counter() - begin < 10, "about 1 s on a usual machine"
