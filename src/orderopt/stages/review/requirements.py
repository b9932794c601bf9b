"""A rule of the second review: special requirements can be met by those who make or sell the item."""

from __future__ import annotations

from collections.abc import Iterator

from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.models.snapshot import Snapshot
from orderopt.stages.review.answers import failed, passed, warned
from orderopt.stages.review.registry import Question, review_rule


@review_rule(Stage.SECONDARY, Aspect.REQUIREMENTS)
def requirements_can_be_met(question: Question) -> Iterator[CheckResult]:
    """Check that every special requirement is a capability of a source of the item."""
    asked_at_all = False
    for line in question.case.lines:
        sources = find_capabilities(question.master, line.ask.item_id)
        for wanted in dict.fromkeys((*question.case.head.special_requirements, *line.ask.special_requirements)):
            asked_at_all = True
            able = sorted(name for name, capabilities in sources.items() if wanted in capabilities)
            unable = sorted(set(sources) - set(able))
            figures = {"requirement": wanted, "able": ", ".join(able), "unable": ", ".join(unable)}
            if not able:
                yield failed("CANNOT_BE_MET", "no source can meet the requirement", line_no=line.line_no, **figures)
            elif unable:
                yield warned("NOT_BY_ALL", "not every source can meet it", line_no=line.line_no, **figures)
            else:
                yield passed("CAN_BE_MET", "every source can meet it", line_no=line.line_no, **figures)
    if not asked_at_all:
        yield passed("NOTHING_SPECIAL", "there are no special requirements")


def find_capabilities(master: Snapshot, item_id: str) -> dict[str, frozenset[str]]:
    """Map each unit that makes an item, and each supplier that sells it, to what it can do."""
    units = {name: master.unit[name].capabilities for name in master.units_of_item.get(item_id, ())}
    suppliers = {name: master.supplier[name].capabilities for name in master.offers_of_item.get(item_id, {})}
    return {name: _split(text) for name, text in {**units, **suppliers}.items()}


def _split(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(";")) - {""}
