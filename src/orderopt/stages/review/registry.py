"""Review rules by name: plain functions that look at an order and answer with reason code and figures.

A company adds its own by the entry point group ``orderopt.review_rules``; what the entry point names is loaded, and
rules that are decorated there with :func:`review_rule` are asked like those of orderopt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import entry_points

from orderopt.models.customer import Customer
from orderopt.models.life.desk_policy import ReviewPolicy
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import OrderPromise
from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book

GROUP = "orderopt.review_rules"
_BUILT_IN = ("primary", "terms", "credit", "requirements", "compliance", "dates")


@dataclass(frozen=True)
class Question:
    """What a rule is asked about.

    Attributes
    ----------
    case
        The order under review.
    book
        Everything else that is kept, and the company's policy.
    promise
        When the order can be there; None in the first review.
    """

    case: OrderCase
    book: Book
    promise: OrderPromise | None = None

    @property
    def policy(self) -> ReviewPolicy:
        """The thresholds."""
        return self.book.policy.review

    @cached_property
    def master(self) -> Snapshot:
        """Customers, items and sources."""
        return self.book.master

    @property
    def customer(self) -> Customer | None:
        """Who ordered; None if the customer is not known."""
        return self.master.customer.get(self.case.head.customer_id)


Judge = Callable[[Question], Iterable[CheckResult]]


@dataclass(frozen=True)
class ReviewRule:
    """A rule: its name, when it is asked, and what it looks at."""

    name: str
    stage: Stage
    aspect: Aspect
    judge: Judge


_RULES: dict[str, ReviewRule] = {}


def review_rule(stage: Stage, aspect: Aspect) -> Callable[[Judge], Judge]:
    """Register a function as a review rule under its own name.

    Parameters
    ----------
    stage
        In which of the two reviews it is asked.
    aspect
        What it looks at.

    Raises
    ------
    TypeError
        If another function of that name is registered.

    Examples
    --------
    >>> from orderopt.stages.review.answers import passed, warned
    >>> @review_rule(Stage.PRIMARY, Aspect.OTHER)
    ... def at_most_so_many_lines(question):
    ...     most = question.policy.thresholds.get("most_lines", 100)
    ...     count = len(question.case.lines)
    ...     says = warned if count > most else passed
    ...     yield says("MANY_LINES", f"{count} lines", lines=count)
    >>> remove_rule("at_most_so_many_lines")
    """

    def register(judge: Judge) -> Judge:
        name = judge.__name__
        if name in _RULES and _RULES[name].judge.__module__ != judge.__module__:
            raise TypeError(f"two review rules are named {name}: {_RULES[name].judge.__module__}, {judge.__module__}")
        _RULES[name] = ReviewRule(name, stage, aspect, judge)
        return judge

    return register


def remove_rule(name: str) -> None:
    """Forget a rule."""
    del _RULES[name]


@cache
def _load() -> None:
    for module in _BUILT_IN:
        import_module(f"orderopt.stages.review.{module}")
    for point in entry_points(group=GROUP):
        point.load()


def find_rules(stage: Stage) -> tuple[ReviewRule, ...]:
    """Return all rules of a stage, in the order of their registration."""
    _load()
    return tuple(rule for rule in _RULES.values() if rule.stage is stage)


def judge_order(question: Question, stage: Stage) -> tuple[CheckResult, ...]:
    """Return what the rules of a stage say of an order; rules that the policy switches off are not asked."""
    return tuple(
        result.model_copy(update={"rule": rule.name, "aspect": rule.aspect})
        for rule in find_rules(stage)
        if rule.name not in question.policy.switched_off
        for result in rule.judge(question)
    )
