from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from orderopt.models.plan import Plan
from orderopt.views.clock import closed_spans, format_minutes, format_moments, reach, wall_times
from orderopt.views.figures import Window, _bucket_edges, assign_lanes, lateness_figure, load_figure, schedule_figure
from orderopt.views.lines import format_quantity, line_table

from .plans import at, frame, many_tasks, small_snapshot, small_tables, summary


def at_utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp() // 60


def moments(texts: list[str]) -> list[np.datetime64]:
    return [np.datetime64(f"2026-01-{text.replace(' ', 'T')}", "m") for text in texts]


def test_rows_are_resources_grouped_by_unit(plan: Plan):
    rows = schedule_figure(plan).rows

    assert [row.resource_id for row in rows] == ["MILL-1", "MILL-2", "OVEN", "PRESS", "PACK"]
    assert [row.unit_id for row in rows] == ["NORTH", "NORTH", "NORTH", "SOUTH", "SOUTH"]


def test_bars_stand_on_the_wall_clock_of_the_plan(plan: Plan):
    bars = schedule_figure(plan).bars
    place = bars.task_id.index("T3")

    assert [bars.start[place], bars.end[place]] == moments(["05 10:00", "06 08:00"])


def test_a_setup_ends_after_its_open_minutes_and_not_while_the_resource_is_closed(plan: Plan):
    bars = schedule_figure(plan).bars
    ends = dict(zip(bars.task_id, bars.setup_end, strict=True))

    assert [ends[task] for task in ("T1", "T3", "T5")] == moments(["05 06:30", "05 11:00", "06 08:30"])
    assert ends["T2"] == moments(["05 10:00"])[0], "no setup ends where the task starts"


def test_tasks_that_overlap_on_one_resource_get_lanes_of_their_own(plan: Plan):
    figure = schedule_figure(plan)
    lanes = dict(zip(figure.bars.task_id, figure.bars.lane, strict=True))

    assert (lanes["T2"], lanes["T7"], lanes["T4"]) == (0, 1, 0)
    assert [row.num_lanes for row in figure.rows] == [1, 1, 2, 1, 1]


def test_lanes_are_reused_as_soon_as_they_are_free():
    start, end = np.array([0, 1, 2, 5, 6]), np.array([5, 3, 9, 8, 7])

    assert assign_lanes(start, end).tolist() == [0, 1, 2, 0, 1]


def test_late_and_fixed_tasks_are_flagged(plan: Plan):
    bars = schedule_figure(plan).bars

    assert [task for task, is_late in zip(bars.task_id, bars.is_late, strict=True) if is_late] == ["T3", "T4"]
    assert [task for task, is_fixed in zip(bars.task_id, bars.is_frozen, strict=True) if is_fixed] == ["T6"]


def test_a_task_made_for_no_order_names_none(plan: Plan):
    bars = schedule_figure(plan).bars

    assert bars.order_name[bars.task_id.index("T6")] == ""
    assert bars.order_name[bars.task_id.index("T1")] == "SO-1/1"


def test_closed_spans_fill_the_window_between_shifts(plan: Plan):
    figure = schedule_figure(plan)

    assert figure.closed[0].tolist() == np.array([moments(["05 22:00", "06 06:00"])]).tolist()
    assert figure.closed[2].size == 0, "a resource without calendar is always open"
    assert (
        figure.closed[3].ravel().tolist()
        == np.array(moments(["05 06:00", "05 08:00", "05 17:00", "06 08:00"])).tolist()
    )


def test_a_capped_figure_keeps_the_tasks_that_start_first(plan: Plan):
    figure = schedule_figure(plan, max_bars=2)

    assert figure.bars.task_id == ["T1", "T6"]
    assert figure.num_tasks == 7


def test_load_counts_open_minutes_in_the_day_where_they_lie(plan: Plan):
    figure = load_figure(plan)

    assert figure.bucket == "day"
    assert figure.unit_ids == ("NORTH", "SOUTH")
    # NORTH on Monday: 4 h and 12 h on the mill, 4 h and 4 h in the oven; on Tuesday: 2 h and 4 h.
    assert figure.load_minutes.tolist() == [[24 * 60, 6 * 60], [90, 90]]
    # Two mills of 16 h and an oven that takes two at once; Monday begins with the horizon at 06:00.
    assert figure.open_minutes.tolist() == [[2 * 960 + 2 * 18 * 60, 2 * 960 + 2 * 1440], [1080, 1080]]


def test_long_windows_are_loaded_by_iso_week():
    figure = load_figure(many_tasks(800, num_resources=4))

    assert figure.bucket == "week"
    assert {str(edge)[-5:] for edge in figure.edges} == {"00:00"}
    assert {edge.item().weekday() for edge in figure.edges} == {0}


def test_all_work_is_found_again_in_the_load():
    plan = many_tasks(500, num_resources=4)
    schedule = plan.schedule
    worked = (schedule["end"] - schedule["start"]).sum() // pd.Timedelta(minutes=1)

    assert load_figure(plan).load_minutes.sum() == worked, "no task of this plan spans closed hours"


def test_a_fixed_task_in_closed_hours_counts_with_the_minutes_it_spans():
    tables = small_tables()
    tables["schedule"] = tables["schedule"].query("task_id == 'T6'").copy()
    tables["schedule"]["start"] = pd.DatetimeIndex([at("05 06:10")])
    tables["schedule"]["end"] = pd.DatetimeIndex([at("05 06:50")])
    figure = load_figure(Plan(small_snapshot(), summary(), tables))

    assert figure.load_minutes.tolist() == [[0], [40]]


def test_percent_is_silent_where_a_unit_is_closed_and_idle():
    figure = load_figure(many_tasks(700))

    assert figure.percent[0][5] == ""
    assert figure.share[0][5] == 0


def test_lateness_bins_split_at_the_due_date_and_hold_every_served_line(plan: Plan):
    figure = lateness_figure(plan)

    assert 0 in figure.edges
    assert figure.num_lines.sum() == 4
    assert figure.num_lines[figure.edges[1:] > 0].sum() == 1
    assert sorted(figure.lateness_minutes.tolist()) == [-5520, -3030, -2760, 1080]
    assert figure.num_unserved == 1


def test_a_line_that_arrives_at_the_due_minute_counts_as_on_time():
    tables = small_tables()
    row = ("SO-1", "1", at("07 12:00"), at("07 12:00"), Decimal(1), 0, True, None, "")
    tables["promises"] = frame("promises", [row])
    figure = lateness_figure(Plan(small_snapshot(), summary(), tables))

    assert figure.num_lines[figure.edges[1:] <= 0].tolist()[-1] == 1
    assert figure.num_lines[figure.edges[1:] > 0].sum() == 0


def test_an_empty_plan_has_figures_too(empty_plan: Plan):
    assert len(schedule_figure(empty_plan).bars) == 0
    assert load_figure(empty_plan).load_minutes.sum() == 0
    assert lateness_figure(empty_plan).num_lines.sum() == 0


def test_lines_come_worst_first_with_their_state(plan: Plan):
    table = line_table(plan)

    assert list(zip(table["order_id"], table["state"], strict=True)) == [
        ("SO-4", "unserved"),
        ("SO-5", "partly served"),
        ("SO-2", "late"),
        ("SO-1", "on time"),
        ("SO-3", "on time"),
    ]
    assert table["late_by"].tolist() == ["", "", "18 h", "", ""]
    assert table["promised"][0] == ""


def test_wall_times_follow_the_clock_change():
    before = int(datetime(2026, 3, 29, 0, 59, tzinfo=UTC).timestamp()) // 60

    assert [str(time) for time in wall_times(np.array([before, before + 1]), "Europe/Berlin")] == [
        "2026-03-29T01:59",
        "2026-03-29T03:00",
    ]


def test_moments_are_written_on_the_wall_clock_and_missing_ones_are_empty():
    assert format_moments([at("05 14:30"), pd.NaT], "Asia/Shanghai") == ["2026-01-05 21:30", ""]


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 min"), (45, "45 min"), (150, "2 h 30 min"), (1440, "1 d"), (2945, "2 d 1 h")]
)
def test_durations_are_said_in_the_units_that_matter(minutes: int, text: str):
    assert format_minutes(minutes) == text


@pytest.mark.parametrize(("quantity", "text"), [("1200", "1,200"), ("0.500", "0.5"), ("100", "100"), ("7.000000", "7")])
def test_quantities_carry_no_idle_zeros(quantity: str, text: str):
    assert format_quantity(Decimal(quantity)) == text


def test_open_minutes_are_reached_at_the_end_of_a_span_and_not_at_the_begin_of_the_next():
    spans = np.array([[10, 20], [50, 70]])

    assert reach(spans, np.array([1, 10, 11, 30])).tolist() == [11, 20, 51, 70]
    assert closed_spans(spans, 0, 60).tolist() == [[0, 10], [20, 50]]


def test_days_of_the_load_begin_at_local_midnight_over_a_clock_change():
    edges = _bucket_edges(Window(int(at_utc(2026, 3, 28, 12)), int(at_utc(2026, 3, 30, 12)), "Europe/Berlin"))[1]

    assert np.diff(edges).tolist() == [1440, 1380, 1440]


def test_no_bar_ends_before_it_starts_in_the_hour_that_comes_twice():
    tables = small_tables()
    tables["schedule"] = tables["schedule"].query("task_id == 'T2'").copy()
    first_half_past_two = pd.Timestamp("2026-10-25T00:30Z")
    tables["schedule"]["start"] = pd.DatetimeIndex([first_half_past_two])
    tables["schedule"]["end"] = pd.DatetimeIndex([first_half_past_two + pd.Timedelta(minutes=45)])
    bars = schedule_figure(Plan(small_snapshot(), summary(), tables)).bars

    assert (bars.end >= bars.start).all()


def test_weeks_of_the_load_reach_past_a_window_that_ends_on_a_monday():
    edges = _bucket_edges(Window(int(at_utc(2026, 1, 7, 12)), int(at_utc(2026, 1, 26, 12)), "UTC"))[1]

    assert [int(edge) for edge in edges] == [int(at_utc(2026, 1, day)) for day in (5, 12, 19, 26)] + [
        int(at_utc(2026, 2, 2))
    ]
