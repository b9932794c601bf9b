"""Rule *crew*."""

from decimal import Decimal

from tests.rules.workshop import at, build_plan, build_workshop, change, judge

from orderopt.models.item import Setup

D = Decimal


def shop(second, *, crews=("K", "K")):
    """Return plan and tables: T1 is set up on M1 from 08:00 to 08:15, T2 on M2 for 20 minutes from a moment on."""
    resources = list(build_workshop().resources)
    resources[0] = resources[0].model_copy(update={"setup_crew": crews[0]})
    resources[1] = resources[1].model_copy(update={"setup_crew": crews[1], "initial_family": "A"})
    operations = list(build_workshop().operations)
    operations[1] = operations[1].model_copy(update={"family": "B"})
    setups = [*build_workshop().setups, Setup(resource_id="M2", from_family="A", to_family="B", minutes=D(20))]
    end = second + (at(0, "00:40") - at(0, "00:00"))
    tables = change(build_plan(), "schedule", 1, setup_minutes=D(20), start=second, end=end)
    return tables, {"resources": resources, "operations": operations, "setups": setups}


def busy(second, **more):
    tables, given = shop(second, **more)
    return [finding for finding in judge(tables, **given).violations if finding.code == "CREW_BUSY"]


def test_a_crew_sets_up_one_resource_at_a_time():
    (found,) = busy(at(0, "08:14"))
    assert (found.subject, found.row) == ("task T2 on M2", 3)
    assert "until 2026-01-05 08:15" in found.says
    assert busy(at(0, "08:15")) == []
    assert busy(at(0, "07:40")) == []
    assert [each.subject for each in busy(at(0, "07:41"))] == ["task T1 on M1"]


def test_other_crews_and_no_crew_do_not_meet():
    assert busy(at(0, "08:14"), crews=("K", "L")) == []
    assert busy(at(0, "08:14"), crews=("K", None)) == []
