"""Rule *share*."""

from decimal import Decimal

from tests.rules.workshop import build_plan, build_workshop, codes, judge

D = Decimal


def with_share(unit, share):
    return [found.model_copy(update={"max_share": D(share)}) if found.unit_id == unit else found
            for found in build_workshop().production_units]


def test_a_unit_that_makes_everything_makes_more_than_half():
    found = judge(build_plan(), production_units=with_share("U1", "0.5")).violations
    assert [(finding.code, finding.subject, finding.says) for finding in found] == [
        ("UNIT_SHARE", "unit U1", "it makes 10 of 10")
    ]


def test_all_is_not_more_than_all():
    assert judge(build_plan(), production_units=with_share("U1", "1")).is_correct


def test_what_is_made_for_other_jobs_does_not_count():
    assert codes(judge(build_plan(), production_units=with_share("U2", "0.000001"))) == set()


def test_a_share_is_kept_exactly():
    given = build_workshop()
    units = [
        given.production_units[0],
        given.production_units[1].model_copy(update={"unit_id": "U3", "quality": D(1), "site": "S1"}),
        given.production_units[1],
    ]
    from tests.rules.big_plan import build_big_plan, build_big_snapshot

    snapshot = build_big_snapshot(4, 2)
    from orderopt.rules.judge import judge_plan

    for share, is_right in (("1", True), ("0.999999", False)):
        unit = snapshot.production_units[0].model_copy(update={"max_share": D(share)})
        assert judge_plan(snapshot.replace(production_units=[unit]), build_big_plan(4, 2)).is_correct is is_right
    assert units
