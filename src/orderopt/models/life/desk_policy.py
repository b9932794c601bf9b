"""What a company decides once for all its orders: thresholds, clocks and tolerances, one class for each room."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator

from orderopt.models.customer import Cadence, Language
from orderopt.models.life.billing import BillingTerms
from orderopt.models.life.incoming import ROW_FIELDS
from orderopt.models.life.part import Part
from orderopt.models.life.seller import Seller
from orderopt.models.life.states import OrderState
from orderopt.models.life.supply_order import SupplyKind

Share = Annotated[Decimal, Field(ge=0)]


class IntakePolicy(Part):
    """How orders come in.

    Attributes
    ----------
    accept
        What becomes of the good rows of a batch where others fail (:data:`~orderopt.models.life.batch.Accept`).
    duplicate_days
        An order over the same items and quantities as one from another channel is held as a likely duplicate
        if no requested date is further away than this, unless both name different orders of the customer.
    latest_days
        A date asked for that is further ahead is taken for a slip of the pen.
    ask_for
        Fields that may be missing, and for which the customer is asked then, for example ``customer_po``.
    """

    accept: Literal["all_or_nothing", "reject_failed_rows", "ignore_failed"] = "reject_failed_rows"
    duplicate_days: Annotated[int, Field(ge=0)] = 3
    latest_days: Annotated[int, Field(gt=0)] = 1830
    ask_for: tuple[str, ...] = ()

    @field_validator("ask_for")
    @classmethod
    def _check_fields(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(names) - set(ROW_FIELDS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no field of an order; fields are {', '.join(ROW_FIELDS)}")
        return names


class ReviewPolicy(Part):
    """How orders are reviewed.

    Attributes
    ----------
    sla_hours
        Working hours from submission within which both reviews must have ended.
    calendar_id
        The shifts that count as working time; None: Monday to Friday, 9 to 17, in the policy's zone.
    switched_off
        Names of review rules that are not asked.
    thresholds
        Numbers for the rules of a company, by a name of theirs.
    override_codes, reject_codes
        The reasons that may be given.
    required_head, required_line
        Fields of an order, and of each of its lines, that may not be empty.
    price_tolerance
        Share by which a price may be off the list price of the item.
    max_discount, min_margin
        Largest discount, and smallest share of the price that is left above the item's cost; None: any.
    known_terms
        Payment terms that may be agreed; empty: any.
    late_tolerance_days
        Days by which a promise may be later than asked for without a warning.
    restricted_countries, restricted_items
        Where nothing may be sent; and by item the countries where it may not, ``*`` for anywhere.
    """

    sla_hours: Annotated[Decimal, Field(gt=0)] = Decimal(8)
    calendar_id: str | None = None
    switched_off: frozenset[str] = frozenset()
    thresholds: Mapping[str, Decimal] = Field(default_factory=dict)
    override_codes: frozenset[str] = frozenset({"AGREED", "CORRECTED", "APPROVED", "GOODWILL", "OTHER"})
    reject_codes: frozenset[str] = frozenset({"CUSTOMER", "ITEM", "PRICE", "CREDIT", "DATE", "COMPLIANCE", "OTHER"})
    required_head: tuple[str, ...] = ()
    required_line: tuple[str, ...] = ("unit_price",)
    price_tolerance: Share = Decimal(0)
    max_discount: Share | None = None
    min_margin: Decimal | None = None
    known_terms: frozenset[str] = frozenset()
    late_tolerance_days: Share = Decimal(0)
    restricted_countries: frozenset[str] = frozenset()
    restricted_items: Mapping[str, frozenset[str]] = Field(default_factory=dict)


class TrackingPolicy(Part):
    """How execution is followed.

    Attributes
    ----------
    over, under
        Shares by which deliveries may differ where neither line nor customer says anything.
    over_production
        Where what is made beyond the pegs goes: to stock, or first to the lines as far as they may be exceeded.
    under_production
        Whether a supply order that ends short is done, or stays open for the rest.
    inspected_kinds
        Supply that must be inspected; the rest counts as inspected when it comes. Lines with a specification
        are always inspected.
    hold_above_rejected
        Share of rejected among all inspected of a line above which a quality hold is placed.
    clock_skew_minutes
        How far a report may lie in the future.
    report_cadence, language
        How often and in what language customers get reports who do not say.
    """

    over: Share = Decimal(0)
    under: Share = Decimal(0)
    over_production: Literal["stock", "line"] = "stock"
    under_production: Literal["close_short", "stay_open"] = "close_short"
    inspected_kinds: frozenset[SupplyKind] = frozenset({SupplyKind.MAKE, SupplyKind.BUY, SupplyKind.SUBCONTRACT})
    hold_above_rejected: Share = Decimal("0.1")
    clock_skew_minutes: Annotated[int, Field(ge=0)] = 60
    report_cadence: Cadence = Cadence.WEEKLY
    language: Language = Language.ENGLISH


class FeeStep(Part):
    """A share of what is cancelled that a customer pays.

    Attributes
    ----------
    states
        States of the order in which it is asked.
    within_days
        Only if the line is due within so many days; None: at any time.
    """

    states: frozenset[OrderState] = frozenset({OrderState.CONFIRMED, OrderState.IN_EXECUTION})
    within_days: Annotated[Decimal | None, Field(ge=0)] = None
    share: Annotated[Decimal, Field(ge=0, le=1)]


class ChangePolicy(Part):
    """How changes are judged.

    Attributes
    ----------
    fees
        Of the steps that fit, the one with the largest share counts.
    finance_above
        Difference of value or fee, in the order's currency, above which finance must agree.
    two_persons_above
        Difference of value above which at least two persons must agree.
    fence_days
        Changes of lines that are due within so many days need the second reviewer as well.
    may_approve_own
        Whether who asks for a change may also agree to it.
    answer_hours
        Hours within which notices must be acknowledged.
    cancel_alone_up_to
        Value up to which sales may cancel a whole order without a change request; None: any.
    """

    fees: tuple[FeeStep, ...] = ()
    finance_above: Share = Decimal(1000)
    two_persons_above: Share = Decimal(10000)
    fence_days: Share = Decimal(0)
    may_approve_own: bool = False
    answer_hours: Share = Decimal(24)
    cancel_alone_up_to: Share | None = None


class SettlementPolicy(Part):
    """How money is counted.

    Attributes
    ----------
    billing
        How orders are invoiced unless it was agreed otherwise.
    terms
        Payment terms where neither order nor customer has any.
    tax_code
        Of lines that name none; None: they bear no tax.
    places
        Decimal places of currencies that are counted otherwise than ISO 4217 says, for example ``{"TWD": 0}``.
    claim_days
        How long after settling a claim may come, and the order stays open for it.
    match_quantity, match_price
        Shares by which a supplier's invoice may be above what was received, and above the price agreed.
    match_amount
        An amount by which a line of a supplier's invoice may be dearer whatever the share.
    seller
        The company, as it stands on its invoices.
    """

    billing: BillingTerms = BillingTerms()
    terms: str = "net30"
    tax_code: str | None = None
    places: Mapping[str, int] = Field(default_factory=dict)
    claim_days: Annotated[int, Field(ge=0)] = 30
    match_quantity: Share = Decimal(0)
    match_price: Share = Decimal(0)
    match_amount: Share = Decimal(0)
    seller: Seller | None = None


class DeskPolicy(Part):
    """Everything that a desk decides by."""

    timezone: str = "UTC"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    intake: IntakePolicy = IntakePolicy()
    review: ReviewPolicy = ReviewPolicy()
    tracking: TrackingPolicy = TrackingPolicy()
    change: ChangePolicy = ChangePolicy()
    settlement: SettlementPolicy = SettlementPolicy()
