"""A rule of the second review: what may not be sold, and where it may not go."""

from __future__ import annotations

from collections.abc import Iterator

from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.stages.review.answers import failed, passed
from orderopt.stages.review.registry import Question, review_rule

ANYWHERE = "*"


@review_rule(Stage.SECONDARY, Aspect.COMPLIANCE)
def nothing_is_restricted(question: Question) -> Iterator[CheckResult]:
    """Check that neither the country nor an item is restricted; where an item is, the country has to be known."""
    policy, country = question.policy, question.case.head.party.country
    found = []
    if country is not None and country in policy.restricted_countries:
        found.append(failed("COUNTRY_RESTRICTED", "nothing may be sent to this country", country=country))
    for line in question.case.lines:
        places = policy.restricted_items.get(line.ask.item_id, frozenset())
        figures = {"item": line.ask.item_id, "country": country}
        if ANYWHERE in places or country in places:
            says = "the item may not be sent there"
            found.append(failed("ITEM_RESTRICTED", says, line_no=line.line_no, **figures))
        elif places and country is None:
            says = "the item may not be sent everywhere, and the country is not known"
            mend = "return the order and fill in the country"
            found.append(failed("COUNTRY_MISSING", says, line_no=line.line_no, mend=mend, **figures))
    yield from found or [passed("NOTHING_RESTRICTED", "nothing is restricted")]
