"""The store from the command line: make it, bring it up to date, prove it, save it, bring it back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orderopt.cli.ending import EXIT_CODES, ExitCode, ending
from orderopt.cli.talk import Talk, plain
from orderopt.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orderopt.models.finding import Finding
    from orderopt.storage.sql.store import SqlStore
    from orderopt.storage.verify import Audit

db_app = typer.Typer(
    name="db",
    help="Keep the store of orders in good health.\n\n" + EXIT_CODES,
    no_args_is_help=True,
)

Url = Annotated[
    str,
    typer.Option(
        "--url", "--db", envvar="ORDEROPT_DB", help="sqlite:///FILE, a file's name, or postgresql://USER@HOST/NAME."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
File = Annotated[Path, typer.Argument(help="The backup's file.", show_default=False)]


def _open(url: str) -> SqlStore:
    from orderopt.storage.opening import open_store
    from orderopt.storage.sql.store import SqlStore

    store = open_store(url)
    if not isinstance(store, SqlStore):
        raise StoreError("a store in memory is gone with its process; there is nothing to keep in health")
    return store


def _tell(talk: Talk, says: str, facts: Mapping[str, Any]) -> None:
    talk.document({"says": says, **facts})
    talk.show(plain(says))


def _describe(audit: Audit) -> dict[str, Any]:
    return {"streams": audit.streams, "events": audit.events, "erased": audit.erased, "heads": audit.heads}


@db_app.command(epilog=EXIT_CODES)
def init(url: Url, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Make a store; one that is there already is left as it is."""
    from orderopt.storage.opening import open_store
    from orderopt.storage.sql.engines import build_engine, show_url
    from orderopt.storage.sql.schema import newest_version

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        open_store(url, create=True).close()
        shown = show_url(build_engine(url).url)
        _tell(talk, f"{shown} is ready, version {newest_version()}", {"store": shown, "schema": newest_version()})


@db_app.command(epilog=EXIT_CODES)
def upgrade(url: Url, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Bring a store of an older orderopt up to date: its tables, and documents that are written otherwise today.

    Tables change in one transaction: it is done or nothing is. Make a backup first.
    """
    from orderopt.storage.opening import upgrade_store
    from orderopt.storage.verify import rebuild

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        before, after = upgrade_store(url)
        store = _open(url)
        num_rebuilt = rebuild(store)
        store.close()
        says = f"version {before} is now {after}" if before != after else f"version {after} is the newest"
        facts = {"before": before, "after": after, "rebuilt": num_rebuilt}
        _tell(talk, f"{says}; {num_rebuilt} documents were built again from their events", facts)


@db_app.command(epilog=EXIT_CODES)
def check(url: Url, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Prove a store: chains, seals, documents folded again, claims, reservations, sums, master data.

    Ends with 3 if there is an error.
    """
    from orderopt.storage.verify import verify

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        store = _open(url)
        audit = verify(store)
        store.close()
        faults = [finding.model_dump(mode="json") for finding in audit.findings]
        talk.list_findings(audit.findings)
        num_warnings = len(audit.findings) - audit.num_errors
        says = f"{audit.streams} streams, {audit.events} events: {audit.num_errors} errors, {num_warnings} warnings"
        facts = {"errors": audit.num_errors, "warnings": num_warnings, **_describe(audit), "findings": faults}
        _tell(talk, says, {"ok": not audit.num_errors, **facts})
    _end_with(ExitCode.BAD_INPUT if audit.num_errors else ExitCode.DONE)


def _end_with(code: ExitCode) -> None:
    if code is not ExitCode.DONE:
        raise typer.Exit(int(code))


@db_app.command(epilog=EXIT_CODES)
def backup(file: File, url: Url, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Write all of a store, as of one moment, into a file that any database can be restored from.

    Others may go on working. The file is read again before the command ends; it is whole or not there.
    """
    from orderopt.storage.backup.dump import back_up

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        store = _open(url)
        archive = back_up(store, file, at=datetime.now(UTC))
        store.close()
        header = archive.header
        if header["faults"]:
            talk.complain(
                f"the store has {header['faults']} faults, which are in the backup, too; see orderopt db check"
            )
        facts = {"file": str(file), "sha256": archive.digest, "events": header["events"], "heads": header["heads"]}
        _tell(talk, f"{header['events']} events are in {file}", {**facts, "faults": header["faults"]})


@db_app.command(epilog=EXIT_CODES)
def restore(
    file: File,
    url: Url,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a store that is not empty.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Put a backup into a new or empty database, and prove that it is all there.

    Counts and hashes are compared, every chain is walked and every document folded again, before anything becomes
    visible. Ends with 6 if one byte is not as it was written; the database is then as it was.
    """
    from orderopt.storage.backup.restore import restore as put_back
    from orderopt.storage.sql.engines import build_engine

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        engine = build_engine(url)
        audit = put_back(file, engine, replace=replace)
        engine.dispose()
        says = f"{audit.events} events of {audit.streams} streams are back, counted, hashed and replayed"
        _tell(talk, says, {"file": str(file), **_describe(audit)})


@db_app.command(epilog=EXIT_CODES)
def archive(
    file: File,
    url: Url,
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Orders untouched since this day (UTC).")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Move the events of orders that ended before a day into a file; the orders and their chains' heads stay."""
    from orderopt.storage.backup.archive import archive_orders

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        store = _open(url)
        moved = archive_orders(store, file, before=before.replace(tzinfo=UTC), at=datetime.now(UTC))
        store.close()
        facts = {"orders": moved.orders, "events": moved.events, "file": str(file) if moved.archive else None}
        where = f"into {file}" if moved.archive else "anywhere: there is nothing so old"
        _tell(talk, f"{moved.events} events of {moved.orders} orders were moved {where}", facts)


@db_app.command(epilog=EXIT_CODES)
def doctor(url: Url, as_json: AsJson = False) -> None:
    """Tell what a store runs on and how it is set up. Ends with 6 if something must be mended."""
    from orderopt.storage.opening import check_exists
    from orderopt.storage.sql.engines import build_engine
    from orderopt.storage.sql.facts import collect_store_facts, find_store_faults

    talk = Talk(as_json=as_json, quiet=False)
    with ending(talk):
        check_exists(url)
        engine = build_engine(url)
        facts = collect_store_facts(engine)
        engine.dispose()
        faults = find_store_faults(facts)
        talk.list_findings(faults)
        talk.document({"ok": not faults, **facts, "findings": [fault.model_dump(mode="json") for fault in faults]})
        talk.show(_as_table(facts, faults))
    _end_with(ExitCode.FILE_ERROR if faults else ExitCode.DONE)


def _as_table(facts: Mapping[str, Any], faults: Sequence[Finding]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in facts.items():
        shown = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
        table.add_row(name, plain(str(shown)))
    table.add_row("faults", str(len(faults)))
    return table
