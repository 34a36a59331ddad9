"""`kiosk sync`: the tie to the centre, beside a running kiosk or without one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from kiosk.cli import JsonOption, app, err, known_errors, out, print_entry, print_json
from kiosk.paths import home_folder
from kiosk.sync_commands import (
    enrol_kiosk,
    open_notices,
    parked_messages,
    retry_message,
    settle_notice,
    sync_once,
    sync_status,
)

sync_app = typer.Typer(help="Meet the centre: what waits goes up, what is new comes down.")
app.add_typer(sync_app, name="sync")


@sync_app.callback(invoke_without_command=True)
def sync(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="The same: it is what happens anyway.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Meet the centre till nothing is left, then end. A running kiosk does so by itself."""
    if context.invoked_subcommand is not None:
        return
    with known_errors(as_json):
        status = sync_once(home_folder())
    if as_json:
        print_json(status)
    else:
        out.print(
            f"Everything is told and taken in, up to revision {status['cursor']}; "
            f"parked: {status['parked']}, notices: {status['notices']}."
        )


@sync_app.command()
def enrol(
    code: Annotated[str, typer.Argument(help="From an admin of the centre; good once.")],
    as_json: JsonOption = False,
) -> None:
    """Make this kiosk known to its centre (central.url, which it keeps). A running kiosk goes on with it
    within seconds; one that was started without an address has to be started anew."""
    with known_errors(as_json):
        enrolled = enrol_kiosk(home_folder(), code)
    if as_json:
        print_json({"tenant": enrolled.tenant, "code_prefix": enrolled.code_prefix})
        return
    words = f"Enrolled at {enrolled.tenant}. Order codes begin with {enrolled.code_prefix} from now on."
    out.print(escape(words), highlight=False, soft_wrap=True)


@sync_app.command()
def status(as_json: JsonOption = False) -> None:
    """Say how synchronisation stands."""
    with known_errors(as_json):
        told = sync_status(home_folder())
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        if value not in ("", None):
            out.print(f"{name.replace('_', ' '):14} {escape(str(value))}", highlight=False, soft_wrap=True)


@sync_app.command()
def notices(as_json: JsonOption = False) -> None:
    """List what staff must hear of and have not settled."""
    with known_errors(as_json):
        listed = open_notices(home_folder())
    if as_json:
        print_json(listed)
        return
    for each in listed:
        print_entry(
            each["id"],
            f"{each['at']:%Y-%m-%d %H:%M} UTC  {each['code']}  {each['detail']}",
            each["next_step"],
        )


@sync_app.command()
def settle(notice_id: Annotated[str, typer.Argument(help="As `kiosk sync notices` lists it.")]) -> None:
    """Staff have dealt with a notice."""
    with known_errors():
        if not settle_notice(home_folder(), notice_id):
            err.print(f"There is no open notice {escape(notice_id)}.", highlight=False)
            raise typer.Exit(1)


@sync_app.command()
def parked(as_json: JsonOption = False) -> None:
    """List the messages that the centre refused for good."""
    with known_errors(as_json):
        listed = parked_messages(home_folder())
    if as_json:
        print_json(listed)
        return
    for each in listed:
        made = f"made {each['made_at']:%Y-%m-%d %H:%M} UTC"
        print_entry(
            each["message_id"], f"{each['kind']}, {made}, {each['attempts']} attempts: {each['code']}"
        )


@sync_app.command()
def retry(message_id: Annotated[str, typer.Argument(help="As `kiosk sync parked` lists it.")]) -> None:
    """Tell the centre a parked message once more."""
    with known_errors():
        if not retry_message(home_folder(), message_id):
            err.print(f"There is no parked message {escape(message_id)}.", highlight=False)
            raise typer.Exit(1)
