"""`kiosk central update`: the packages that a tenant's kiosks are offered."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from kiosk.central.home import central_home
from kiosk.cli import JsonOption, known_errors, out, print_entry, print_json
from kiosk.cli_central import TenantOption, central_app

if TYPE_CHECKING:
    from kiosk.central.updates import Offered, RollOut

update_app = typer.Typer(no_args_is_help=True, help="Updates of the program for a tenant's kiosks.")
central_app.add_typer(update_app, name="update")

FileName = Annotated[str, typer.Argument(help="As `kiosk central update list` shows it.")]
ShareOption = Annotated[int, typer.Option(min=0, max=100, help="Percent of the kiosks that are offered it.")]
KioskOption = Annotated[list[str] | None, typer.Option("--kiosk", help="Name or id; only these are.")]


@update_app.command()
def add(
    file: Annotated[Path, typer.Argument(help="The package; its .minisig file lies beside it.")],
    tenant: TenantOption,
    share: ShareOption = 100,
    kiosk: KioskOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a package on the shelf, and say who is offered it."""
    from kiosk.central.update_desk import update_desk_at

    with known_errors(as_json), update_desk_at(central_home(), tenant) as desk:
        offered = desk.add(file, _roll_out(share, desk.ids_of(kiosk or ())))
    _say(offered, as_json)


@update_app.command("roll-out")
def roll_out(
    file_name: FileName,
    tenant: TenantOption,
    share: ShareOption = 100,
    kiosk: KioskOption = None,
    stop: Annotated[bool, typer.Option("--stop", help="Nobody is offered it any more.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say who is offered a package from now on."""
    from kiosk.central.update_desk import update_desk_at

    with known_errors(as_json), update_desk_at(central_home(), tenant) as desk:
        wanted = _roll_out(share, desk.ids_of(kiosk or ()), is_on=not stop)
        offered = desk.shelf.roll_out(file_name, wanted)
    _say(offered, as_json)


@update_app.command()
def remove(file_name: FileName, tenant: TenantOption) -> None:
    """Take a package off the shelf."""
    from kiosk.central.update_desk import update_desk_at

    with known_errors(), update_desk_at(central_home(), tenant) as desk:
        desk.shelf.remove(file_name)


@update_app.command("list")
def list_updates(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List the packages, what each kiosk runs, and how its last update went."""
    from kiosk.central.update_desk import update_desk_at

    with known_errors(as_json), update_desk_at(central_home(), tenant) as desk:
        shelf, devices = desk.shelf.all(), desk.devices
    kiosks = [
        {
            "device_id": one.device_id,
            "name": one.name,
            "version": one.version,
            "ready": one.facts.get("update_ready", ""),
            "outcome": one.facts.get("update_outcome", ""),
            "outcome_version": one.facts.get("update_version", ""),
            "code": one.facts.get("update_code", ""),
            "last_seen_at": one.last_seen_at,
        }
        for one in devices
    ]
    if as_json:
        print_json({"updates": [asdict(one) for one in shelf], "kiosks": kiosks})
        return
    for offered in shelf:
        print_entry(offered.package.file_name, _in_words(offered))
    for kiosk in kiosks:
        last = " ".join(str(kiosk[word]) for word in ("outcome", "outcome_version", "code") if kiosk[word])
        line = f"{kiosk['name']}: {kiosk['version'] or 'unknown'}" + (f", last update {last}" if last else "")
        out.print(escape(line), highlight=False, soft_wrap=True)


def _roll_out(share: int, device_ids: tuple[str, ...], *, is_on: bool = True) -> RollOut:
    from kiosk.central.updates import RollOut

    return RollOut(share, device_ids, is_on)


def _say(offered: Offered, as_json: bool) -> None:
    if as_json:
        print_json(asdict(offered))
    else:
        print_entry(offered.package.file_name, _in_words(offered))


def _in_words(offered: Offered) -> str:
    roll_out = offered.roll_out
    who = f"{len(roll_out.device_ids)} kiosks" if roll_out.device_ids else f"{roll_out.share} % of the kiosks"
    proven = "signature verified" if offered.is_proven else "signature not verified here: no keys"
    return f"{offered.package.version}, {who if roll_out.is_on else 'offered to nobody'}, {proven}"
