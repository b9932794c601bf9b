"""The page of states says what the machines say."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from orderopt.models.life.states import MACHINES
from orderopt.views.states_page import build_states_page, draw_machine, name_picture, write_states_page

DOCS = Path("docs/reference")


def test_the_committed_page_and_pictures_are_those_of_the_code(tmp_path):
    write_states_page(tmp_path)
    for made in tmp_path.iterdir():
        assert (DOCS / made.name).read_text("utf-8") == made.read_text("utf-8"), (
            "run: python -m orderopt.views.states_page docs/reference"
        )


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_and_every_step_is_shown(machine):
    page = build_states_page()
    assert name_picture(machine) in page
    for step in machine.steps:
        assert f"| {step.before} | {step.trigger} | {step.after} | {step.guard} |" in page
    picture = ET.fromstring(draw_machine(machine))
    texts = " ".join(picture.itertext())
    for word in (*machine.states, *(step.trigger for step in machine.steps)):
        assert str(word).replace("_", " ") in texts
    arrows = [path for path in picture.iter("{http://www.w3.org/2000/svg}path") if path.get("marker-end")]
    assert len(arrows) == len({(step.before, step.after) for step in machine.steps})
