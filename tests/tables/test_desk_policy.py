"""A company's decisions come from a TOML file."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderopt.errors import InputError
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.tables.desk_policy import read_desk_policy


def test_what_a_file_says_holds_and_the_rest_is_as_usual(tmp_path):
    file = tmp_path / "desk.toml"
    file.write_text('currency = "USD"\n[review]\nsla_hours = "4"\n[tracking]\nunder = 0.02\n', "utf-8")
    policy = read_desk_policy(file)
    assert policy.currency == "USD"
    assert policy.review.sla_hours == 4
    assert policy.tracking.under == Decimal("0.02")
    assert policy.intake == DeskPolicy().intake


def test_every_fault_is_told_with_its_place(tmp_path):
    file = tmp_path / "desk.toml"
    file.write_text('currency = "dollars"\n[review]\nsla_hours = "soon"\nsla = 4\n[tracking]\nunder = -1\n', "utf-8")
    with pytest.raises(InputError) as caught:
        read_desk_policy(file)
    assert {finding.column for finding in caught.value.findings} == {
        "currency",
        "review.sla_hours",
        "review.sla",
        "tracking.under",
    }


@pytest.mark.parametrize("content", [b"[review\n", b"\xff\xfe"])
def test_what_is_no_toml_is_said_so(tmp_path, content):
    file = tmp_path / "desk.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"desk\.toml cannot be read"):
        read_desk_policy(file)
