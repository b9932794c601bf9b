"""Orders in a store, from the command line: give commands, look, and plan at night."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orderopt.cli.ending import EXIT_CODES, ExitCode, ending
from orderopt.cli.talk import Talk, plain
from orderopt.errors import InputError

if TYPE_CHECKING:
    from orderopt.desk import OrderDesk
    from orderopt.models.life.roles import Actor

order_app = typer.Typer(
    name="order",
    help="Work with the orders of a store.\n\nWho you are is taken at your word: whoever can open the database can "
    "do anything to it. Roles keep honest people from mistakes, and from seeing what does not concern them.\n\n"
    + EXIT_CODES,
    no_args_is_help=True,
)

Url = Annotated[
    str, typer.Option("--db", envvar="ORDEROPT_DB", help="Store: a file of SQLite, or a URL of SQLAlchemy.")
]
Name = Annotated[str, typer.Option("--as", envvar="ORDEROPT_ACTOR", help="Your id, as it stands in events.")]
Roles = Annotated[
    list[str], typer.Option("--role", envvar="ORDEROPT_ROLES", help="What you act as; may be given several times.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


def _open(url: str, name: str, roles: list[str]) -> tuple[OrderDesk, Actor]:
    """Return the desk at a store and the actor; the company's decisions come from the file in ORDEROPT_DESK."""
    from orderopt.desk import OrderDesk
    from orderopt.models.life.roles import Actor, Role
    from orderopt.storage.opening import open_store
    from orderopt.tables.desk_policy import read_desk_policy

    unknown = sorted(set(roles) - set(Role))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: roles are {', '.join(Role)}", param_hint="--role")
    decided = os.environ.get("ORDEROPT_DESK")
    policy = read_desk_policy(decided) if decided else None
    return OrderDesk(open_store(url), policy=policy), Actor.of(name, *(Role(role) for role in roles))


@order_app.command(name="commands", epilog=EXIT_CODES)
def list_commands(
    name: Annotated[str | None, typer.Argument(help="One command: its JSON Schema.")] = None, as_json: AsJson = False
) -> None:
    """List what can be asked of the desk, and who may; with a name, what the command needs."""
    from orderopt.stages.commands import find_command, load_commands

    talk = Talk(as_json=as_json or name is not None, quiet=False)
    with ending(talk):
        if name is not None:
            talk.document(find_command(name).model_json_schema())
            return
        rows = [
            {"name": key, "roles": sorted(command.ROLES), "does": _first_line(command)}
            for key, command in load_commands().items()
        ]
        talk.document(rows)
        table = Table("command", "who may", "what it does", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(plain(cell) for cell in (str(row["name"]), ", ".join(row["roles"]), str(row["does"]))))
        talk.show(table)


def _first_line(command: type) -> str:
    return (command.__doc__ or "").strip().splitlines()[0]


@order_app.command(name="do", epilog=EXIT_CODES)
def do_command(
    name: Annotated[str, typer.Argument(help="Name of a command; see `orderopt order commands`.")],
    content: Annotated[str, typer.Argument(help="Its fields as JSON, @FILE, or - for standard input.")] = "{}",
    *,
    url: Url,
    actor: Name,
    roles: Roles,
    quiet: Quiet = False,
) -> None:
    """Give a command, and print what comes of it as JSON."""
    from pydantic import ValidationError

    from orderopt.stages.commands import find_command

    talk = Talk(as_json=True, quiet=quiet)
    with ending(talk):
        kind = find_command(name)
        try:
            command = kind.model_validate_json(_read(content))
        except ValidationError as error:
            raise _find_faults(name, error) from None
        desk, by = _open(url, actor, roles)
        talk.document(_to_plain(desk.do(command, by=by)))


def _read(content: str) -> str:
    if content == "-":
        return sys.stdin.read()
    return Path(content[1:]).read_text("utf-8") if content.startswith("@") else content


def _find_faults(name: str, error: Any) -> InputError:
    """Say what is wrong with a command's fields, without their values."""
    from orderopt.models.finding import Finding

    faults = [
        Finding(
            code="BAD_FIELD",
            subject=name,
            column=".".join(str(part) for part in fault["loc"]) or None,
            says=fault["msg"],
            mend=f"see: orderopt order commands {name}",
        )
        for fault in error.errors(include_input=False, include_url=False)
    ]
    return InputError(f"{name} cannot be read: {len(faults)} faults", faults)


def _to_plain(result: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Any).dump_python(result, mode="json", fallback=str)


@order_app.command(name="list", epilog=EXIT_CODES)
def list_orders(
    *,
    url: Url,
    actor: Name,
    roles: Roles,
    state: Annotated[str | None, typer.Option(help="Only orders in this state.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only orders of this customer.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="Also orders that have ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """List orders, the most urgent first."""
    from orderopt.models.life.states import OrderState
    from orderopt.stages.queries import ListOrders

    if state is not None and state not in set(OrderState):
        raise typer.BadParameter(f"states are {', '.join(OrderState)}", param_hint="--state")
    talk = Talk(as_json=as_json, quiet=False)
    with ending(talk):
        desk, by = _open(url, actor, roles)
        query = ListOrders(
            state=OrderState(state) if state else None,
            customer_id=customer,
            is_open=None if everything or state else True,
            limit=limit,
        )
        rows = desk.do(query, by=by)
        talk.document(_to_plain(rows))
        table = Table(
            "order", "state", "customer", "due", "promised", "lines", "holds", "questions", box=None, pad_edge=False
        )
        for row in rows:
            promised = "" if row.promised_at is None else f"{row.promised_at:%Y-%m-%d %H:%M}"
            counts = (str(row.num_lines), str(row.num_holds or ""), str(row.num_questions or ""))
            cells = (row.order_id, str(row.state), row.customer_id, f"{row.due_at:%Y-%m-%d %H:%M}", promised, *counts)
            table.add_row(*(plain(cell) for cell in cells))
        talk.show(table)


@order_app.command(epilog=EXIT_CODES)
def take_over(
    data: Annotated[Path, typer.Argument(help="A folder of CSV files, or an .xlsx workbook.", show_default=False)],
    *,
    url: Url,
    actor: Name,
    roles: Roles,
    reason: Annotated[str, typer.Option(help="Why, as it will stand in the events.")] = "taken over",
    as_json: AsJson = False,
) -> None:
    """Write a whole data set into the store: master data, stock, receipts, and orders as they stand."""
    from orderopt.stages.take_over import TakeOver
    from orderopt.tables.read import read_snapshot

    talk = Talk(as_json=as_json, quiet=False)
    with ending(talk):
        snapshot = read_snapshot(data)
        desk, by = _open(url, actor, roles)
        counts = desk.do(TakeOver(snapshot=snapshot, reason=reason), by=by)
        talk.document(dict(counts))
        talk.say(f"taken over: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")


@order_app.command(name="import", epilog=EXIT_CODES)
def import_orders(
    file: Annotated[Path, typer.Argument(help="The file, as its channel writes it.", show_default=False)],
    *,
    url: Url,
    actor: Name,
    roles: Roles,
    mapping: Annotated[
        str,
        typer.Option("--mapping", "-m", help="What the file looks like: a TOML file, or the name of a usual channel."),
    ],
    accept: Annotated[
        str | None,
        typer.Option(help="Where rows fail: all_or_nothing, reject_failed_rows or ignore_failed. Default: the policy."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in the orders of a file; what is wrong waits in quarantine, what was there already changes nothing."""
    from pydantic import ValidationError

    from orderopt.stages.intake.receive_batch import ReceiveBatch
    from orderopt.tables.channels.deliveries import read_delivery

    talk = Talk(as_json=as_json, quiet=False)
    with ending(talk):
        delivery = read_delivery(file, mapping)
        try:
            command = ReceiveBatch.model_validate({"delivery": delivery, "accept": accept})
        except ValidationError as error:
            raise _find_faults("import", error) from None
        desk, by = _open(url, actor, roles)
        report = desk.do(command, by=by)
        talk.document(_to_plain(report))
        talk.list_findings(report.findings)
        for difference in report.differences:
            talk.say(f"{difference.name}: declared {difference.declared}, counted {difference.counted}")
        figures = {
            "new": len(report.new_orders),
            "unchanged": len(report.unchanged_orders),
            "asking for a change": len(report.changes),
            "held as likely duplicates": len(report.held_orders),
        }
        talk.say(
            f"batch {report.batch_id}: {report.num_accepted} of {report.num_rows} rows in orders, "
            f"{report.num_quarantined} in quarantine; orders: {', '.join(f'{n} {name}' for name, n in figures.items())}"
        )


@order_app.command(epilog=EXIT_CODES)
def plan(
    *,
    url: Url,
    actor: Name,
    roles: Roles,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the plan into this folder.")] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds for planning.")] = 30.0,
    strategy: Annotated[str, typer.Option(help="Name of the strategy.")] = "auto",
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 0,
    workers: Annotated[int | None, typer.Option(min=1)] = None,
    plan_id: Annotated[str | None, typer.Option(help="Name of the plan. Default: the moment.")] = None,
    is_trial: Annotated[bool, typer.Option("--trial", help="Plan only; adopt nothing.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Plan all confirmed orders of the store and adopt the plan: for a nightly job."""
    from orderopt.cli.planning import plan_beside, report_plan, write_made
    from orderopt.cli.stop import stop_signals

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        desk, by = _open(url, actor, roles)
        snapshot = desk.snapshot(by=by)
        talk.say(repr(snapshot))
        options = {"strategy": strategy, "seed": seed, "workers": workers, "time_limit": time_limit}
        with stop_signals(talk) as stop:
            made = plan_beside(talk, snapshot, stop, options)
        files = {} if out is None else write_made(made, out, "csv")
        name = plan_id or f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        if not is_trial:
            desk.adopt(made, by=by, plan_id=name)
        report_plan(talk, made, files)
        talk.say(f"plan {name} is {'not adopted (trial)' if is_trial else 'adopted'}")
        if stop.event.is_set():
            raise typer.Exit(int(ExitCode.INTERRUPTED))


@order_app.command(epilog=EXIT_CODES)
def show(
    order_id: Annotated[str, typer.Argument(help="Name of the order.")],
    *,
    url: Url,
    actor: Name,
    roles: Roles,
    history: Annotated[bool, typer.Option("--history", help="What happened, instead of what is.")] = False,
) -> None:
    """Print one order, or its history, as JSON, without what your roles may not see."""
    from orderopt.stages.queries import ShowHistory, ShowOrder

    talk = Talk(as_json=True, quiet=False)
    with ending(talk):
        desk, by = _open(url, actor, roles)
        query = ShowHistory(order_id=order_id) if history else ShowOrder(order_id=order_id)
        talk.document(_to_plain(desk.do(query, by=by)))
