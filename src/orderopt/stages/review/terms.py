"""A rule of the second review: payment terms."""

from __future__ import annotations

from collections.abc import Iterator

from orderopt.errors import InputError
from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.models.life.terms import parse_terms
from orderopt.stages.review.answers import failed, passed, warned
from orderopt.stages.review.registry import Question, review_rule


@review_rule(Stage.SECONDARY, Aspect.TERMS)
def terms_are_agreed(question: Question) -> Iterator[CheckResult]:
    """Check that the terms are known and are those of the customer."""
    usual = question.customer.payment_terms if question.customer else None
    terms = question.case.head.terms or usual
    known = question.policy.known_terms
    if terms is None:
        yield passed("TERMS_USUAL", "the company's usual terms hold", terms=question.book.policy.settlement.terms)
    elif not _can_be_read(terms) or (known and terms not in known):
        yield failed("TERMS_UNKNOWN", "such payment terms are not known", terms=terms, known=", ".join(sorted(known)))
    elif usual is not None and terms != usual:
        yield warned("TERMS_DIFFER", "the terms are not those of the customer", terms=terms, usual=usual)
    else:
        yield passed("TERMS_AGREED", "the terms are agreed", terms=terms)


def _can_be_read(terms: str) -> bool:
    try:
        parse_terms(terms)
    except InputError:
        return False
    return True
