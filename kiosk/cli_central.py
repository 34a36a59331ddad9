"""`kiosk central`: serves a centre, and what whoever runs it does beside."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from kiosk.central.home import central_home
from kiosk.central.principal import Role
from kiosk.cli import JsonOption, app, err, known_errors, log_into, out, print_entry, print_json
from kiosk.errors import ErrorCode, KnownError

if TYPE_CHECKING:
    from kiosk.central.centre import Centre

central_app = typer.Typer(no_args_is_help=True, help="The central service that many kiosks meet at.")
tenant_app = typer.Typer(no_args_is_help=True, help="Chains and organisers; none sees what is another's.")
account_app = typer.Typer(no_args_is_help=True, help="People who log in.")
app.add_typer(central_app, name="central")
central_app.add_typer(tenant_app, name="tenant")
central_app.add_typer(account_app, name="account")

TenantOption = Annotated[str, typer.Option("--tenant", help="Name of the tenant.")]


@central_app.callback()
def _prepare() -> None:
    """Data lives under CENTRAL_HOME (default: `central` in KIOSK_HOME), settings in its central.toml."""
    with known_errors():
        _need_centre()
        log_into(central_home() / "logs")


def _need_centre() -> None:
    """The packages for kiosks come without what only a centre needs. Raises KnownError(CENTRE_NOT_HERE)."""
    if find_spec("jwt") is None:
        raise KnownError(
            ErrorCode.CENTRE_NOT_HERE,
            "This is the program of a kiosk, which comes without the centre.",
            "Run the centre from its containers or from the sources: installer/deploy there.",
        )


@central_app.command()
def serve(
    host: Annotated[str, typer.Option(help="Where it listens; unset: as in central.toml.")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the centre until Ctrl-C; alone on embedded stores, unless central.toml names servers."""
    from kiosk.central.serving import serve as serve_centre
    from kiosk.central.settings import load_central_settings

    home = central_home()
    with known_errors(as_json):
        log_into(home / "logs", console=True)
        settings = load_central_settings(home)
        serve_centre(
            home,
            settings,
            host or settings.server.host,
            settings.server.port if port is None else port,
            lambda centre, url: _say_ready(centre, url, as_json),
        )


def _say_ready(centre: Centre, url: str, as_json: bool) -> None:
    from kiosk.database.central_accounts import SqlAccounts

    needs_admin = SqlAccounts(centre.database).is_empty()
    if as_json:
        print_json({"url": url, "needs_admin": needs_admin})
        sys.stdout.flush()
        return
    out.print(f"Centre at {url} (Ctrl-C ends it)", highlight=False, soft_wrap=True)
    if needs_admin:
        command = 'kiosk central account add LOGIN --tenant "NAME" --role admin'
        out.print(f"Nobody can log in yet. Make the first admin: {command}", highlight=False, soft_wrap=True)
    sys.stdout.flush()


@tenant_app.command("add")
def add_tenant(
    name: Annotated[str, typer.Argument(help="What the chain or the organiser is called.")],
    as_json: JsonOption = False,
) -> None:
    """Make a tenant; harmless where there is one of this name."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        tenant = desk.add_tenant(name)
    if as_json:
        print_json({"tenant_id": tenant.tenant_id, "name": tenant.name})
    else:
        out.print(f"Tenant {escape(tenant.name)} is there.", highlight=False)


@tenant_app.command("list")
def list_tenants(as_json: JsonOption = False) -> None:
    """List the tenants."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        tenants = desk.tenants()
    if as_json:
        print_json([{"tenant_id": tenant.tenant_id, "name": tenant.name} for tenant in tenants])
        return
    for tenant in tenants:
        out.print(escape(tenant.name), highlight=False)


@account_app.command("add")
def add_account(
    login: Annotated[str, typer.Argument(help="What they log in as, such as an e-mail address.")],
    tenant: TenantOption,
    role: Annotated[Role, typer.Option(help="admin, photographer or customer.")],
    as_json: JsonOption = False,
) -> None:
    """Make an account. The password is asked for, or read from standard input; never an argument."""
    from kiosk.central.desk import desk_at

    password = _password()
    with known_errors(as_json), desk_at(central_home()) as desk:
        account = desk.add_account(tenant, login, password, role)
    if as_json:
        print_json({"account_id": account.account_id, "login": account.login, "role": account.role})
    else:
        out.print(f"{escape(account.login)} can log in as {account.role}.", highlight=False)


@account_app.command("password")
def set_password(
    login: Annotated[str, typer.Argument(help="What they log in as.")],
    as_json: JsonOption = False,
) -> None:
    """Give an account another password, which ends all its logins within minutes: for whoever forgot theirs,
    or is to be shut out."""
    from kiosk.central.desk import desk_at

    password = _password()
    with known_errors(as_json), desk_at(central_home()) as desk:
        account = desk.set_password(login, password)
    if as_json:
        print_json({"account_id": account.account_id, "login": account.login})
    else:
        out.print(f"{escape(account.login)} has another password; all logins end.", highlight=False)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


@central_app.command()
def enrol(
    tenant: TenantOption,
    name: Annotated[str, typer.Option(help="What the kiosk is called.")],
    prefix: Annotated[str, typer.Option(help="Begins its order codes; a free one is found for none.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a one-time code that enrols a kiosk; it is typed there, within a day."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        made = desk.new_code(tenant, name, prefix)
    if as_json:
        print_json({"code": made.code, "code_prefix": made.code_prefix, "expires_at": made.expires_at})
        return
    out.print(made.code, highlight=False)
    err.print(
        f"Type it at the kiosk before {made.expires_at:%Y-%m-%d %H:%M} UTC; it is good once. "
        f"Its order codes begin with {made.code_prefix}.",
        highlight=False,
        soft_wrap=True,
    )


@central_app.command()
def event(
    name: Annotated[str, typer.Argument(help="What the event is called.")],
    tenant: TenantOption,
    name_th: Annotated[str, typer.Option("--name-th", help="Its name in Thai; unset: as the name.")] = "",
    place: Annotated[str, typer.Option(help="Where it takes place.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make an event that every kiosk of the tenant hears of, or show it if it is there."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        made = desk.add_event(tenant, name, name_th, place)
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    names = made.name if made.name_th == made.name else f"{made.name} ({made.name_th})"
    where = f", {made.place}" if made.place else ""
    out.print(escape(f"Event {names}{where} is there."), highlight=False, soft_wrap=True)


@central_app.command()
def voucher(
    code: Annotated[str, typer.Argument(help="What visitors type; letters and digits.")],
    tenant: TenantOption,
    percent: Annotated[int | None, typer.Option(min=1, max=100, help="Percent off.")] = None,
    baht: Annotated[int | None, typer.Option(min=1, help="Baht off.")] = None,
    free: Annotated[bool, typer.Option("--free", help="Takes off everything.")] = False,
    event_name: Annotated[str, typer.Option("--event", help="Only at this event.")] = "",
    uses: Annotated[int, typer.Option(min=1, help="How often it may be used.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="For how many days from now.")] = 30,
    as_json: JsonOption = False,
) -> None:
    """Issue a voucher that is good at every kiosk of the tenant that is on line."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        issued = desk.add_voucher(tenant, code, percent, baht, free, event_name, uses, days)
    if as_json:
        print_json({"code": issued.code, "valid_until": issued.valid_until, "use_limit": issued.use_limit})
        return
    out.print(f"Voucher {issued.code} is valid until {issued.valid_until:%Y-%m-%d}, {issued.use_limit} uses.")


@central_app.command()
def devices(
    tenant: Annotated[str, typer.Option("--tenant", help="Only of this tenant.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the enrolled kiosks."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        found = desk.devices(tenant)
    rows = [
        {
            "device_id": each.device.device_id,
            "tenant": each.tenant,
            "name": each.device.name,
            "code_prefix": each.device.code_prefix,
            "site": each.device.site,
            "version": each.device.version,
            "last_seen_at": each.device.last_seen_at,
            "revoked_at": each.device.revoked_at,
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
        return
    for each in found:
        device = each.device
        seen = f"{device.last_seen_at:%Y-%m-%d %H:%M} UTC" if device.last_seen_at else "never"
        print_entry(
            device.device_id,
            f"{each.tenant}: {device.name}, {device.code_prefix}, "
            + ("shut out" if device.revoked_at else "enrolled"),
            f"at {device.site}" if device.site else "",
            f"last seen {seen}, version {device.version or 'unknown'}",
        )


@central_app.command()
def revoke(
    device_id: Annotated[str, typer.Argument(help="The id, as `kiosk central devices` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Shut a kiosk out, within seconds. A new code lets it in again."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        device = desk.revoke(device_id)
    if as_json:
        print_json({"device_id": device.device_id, "revoked_at": device.revoked_at})
    else:
        out.print(f"{escape(device.name)} is shut out.", highlight=False)


@central_app.command()
def restored(as_json: JsonOption = False) -> None:
    """Tell every kiosk that a backup of the centre was put back: each then brings what is missing there."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        desk.begin_history()
    if as_json:
        print_json({"has_new_history": True})
    else:
        out.print("Every kiosk tells and asks for everything anew, each when it comes next.", highlight=False)
