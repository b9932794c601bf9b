"""One order's whole life as a list of commands, each found from what the store says: it can be interrupted anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import orderopt
from orderopt.desk import OrderDesk
from orderopt.models.life.amendment import QuantityAmended
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.desk_policy import DeskPolicy, SettlementPolicy, TrackingPolicy
from orderopt.models.life.document import unpack
from orderopt.models.life.incoming import IncomingHead, IncomingLine, IncomingOrder
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.progress import Report, ReportKind
from orderopt.models.life.returns import ReturnOutcome
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import ShipmentState, SupplyState
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.models.snapshot import Snapshot
from orderopt.stages.adopt import AdoptPlan
from orderopt.stages.book import Command
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.assessor import NoPlanning
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.change.request import ApproveChange, DraftChange, SubmitChange
from orderopt.stages.complete.complete import Complete, GiveFeedback
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.intake.receive import ReceiveOrder
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.stages.intake.submit import Submit
from orderopt.stages.master import PutMaster
from orderopt.stages.review.first import Claim, OverrideWarning, PassPrimary
from orderopt.stages.settle.accept import AcceptReturn
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.pay import RecordPayment
from orderopt.stages.settle.rates import SetTaxRate
from orderopt.stages.settle.settle import CloseOrder, SettleOrder
from orderopt.stages.ship_out.deliver import ProveDelivery
from orderopt.stages.ship_out.leave import Pack, Ship
from orderopt.stages.ship_out.plan_shipment import PlanShipment
from orderopt.stages.stock import CountStock
from orderopt.stages.take_back.receive import AnnounceReturn, ReceiveReturn
from orderopt.stages.track.inspect import Inspect
from orderopt.stages.track.release import FirmSupply, ReleaseSupply
from orderopt.stages.track.report import ReportProgress
