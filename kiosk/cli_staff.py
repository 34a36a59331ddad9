"""`kiosk staff` and `kiosk audit`: who works here, and what was done, at the machine itself."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from kiosk.cli import JsonOption, app, err, known_errors, out, print_json
from kiosk.paths import home_folder
from kiosk.staff.types import Role, StaffMember
from kiosk.staff_commands import (
    add_staff,
    audit_entries,
    change_staff,
    list_staff,
    set_pin,
    verify_audit,
)

staff_app = typer.Typer(no_args_is_help=True, help="Who works here, and their PINs.")
app.add_typer(staff_app, name="staff")

NameArgument = Annotated[str, typer.Argument(help="As `kiosk staff list` shows it.")]


@staff_app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List everybody, also those who do not work here any more."""
    with known_errors(as_json):
        members = list_staff(home_folder())
    if as_json:
        print_json([asdict(member) for member in members])
        return
    table = Table("name", "role", "works here", "locked until (UTC)")
    for member in members:
        locked = f"{member.locked_until:%Y-%m-%d %H:%M}" if member.locked_until else ""
        table.add_row(escape(member.name), member.role, "yes" if member.is_active else "no", locked)
    out.print(table)


@staff_app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the keypad shows.")],
    role: Annotated[Role, typer.Option(help="The first one is a technician.")] = Role.STAFF,
    as_json: JsonOption = False,
) -> None:
    """Add somebody; the PIN is asked for, never given on the command line."""
    with known_errors(as_json):
        member = add_staff(home_folder(), name, role, _pin())
    _tell(member, as_json)


@staff_app.command()
def change(
    name: NameArgument,
    new_name: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    role: Annotated[Role | None, typer.Option(help="A new role.")] = None,
    works_here: Annotated[
        bool | None, typer.Option("--active/--gone", help="Whether they still work here.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Change somebody's name or role, or whether they work here."""
    with known_errors(as_json):
        member = change_staff(home_folder(), name, new_name, role, works_here)
    _tell(member, as_json)


@staff_app.command()
def pin(name: NameArgument, as_json: JsonOption = False) -> None:
    """Set a new PIN; whoever was locked out can sign in again."""
    with known_errors(as_json):
        member = set_pin(home_folder(), name, _pin())
    _tell(member, as_json)


@app.command()
def audit(
    most: Annotated[int, typer.Option("--most", min=1, help="So many lines, the newest first.")] = 50,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that every line is as it was written.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what staff did, or check that nobody changed it."""
    with known_errors(as_json):
        if verify:
            count = verify_audit(home_folder())
            if as_json:
                print_json({"lines": count, "is_whole": True})
            else:
                out.print(f"{count} lines, each as it was written.", highlight=False)
            return
        entries = audit_entries(home_folder(), most)
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    if not entries:
        err.print("Nothing yet.", highlight=False)
    for entry in entries:
        detail = ", ".join(f"{key} {value}" for key, value in entry.detail.items())
        said = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.staff_name or '-'}  {entry.action}  {entry.subject}"
        out.print(escape(f"{said}  {detail}".rstrip()), highlight=False, soft_wrap=True)


def _pin() -> str:
    """Typed unseen twice; without a terminal a line of standard input, and the same once more if a second
    one follows."""
    if sys.stdin.isatty():
        return str(typer.prompt("PIN", hide_input=True, confirmation_prompt=True))
    first, again = sys.stdin.readline().strip(), sys.stdin.readline().strip()
    if again and again != first:
        raise typer.BadParameter("The two PINs are not the same.")
    return first


def _tell(member: StaffMember, as_json: bool) -> None:
    if as_json:
        print_json(asdict(member))
        return
    gone = "" if member.is_active else ", does not work here any more"
    out.print(escape(f"{member.name}: {member.role}{gone}."), highlight=False, soft_wrap=True)
