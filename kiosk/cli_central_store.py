"""`kiosk central site` and `kiosk central stream`: the shops of a chain, and the cameras that the centre's
camera workers watch there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.central.home import central_home
from kiosk.cli import JsonOption, err, known_errors, print_entry, print_json
from kiosk.cli_central import TenantOption, central_app
from kiosk.visits.types import Line, StreamDraft

if TYPE_CHECKING:
    from kiosk.central.store_desk import StoreDesk

site_app = typer.Typer(no_args_is_help=True, help="The shops of a chain.")
stream_app = typer.Typer(no_args_is_help=True, help="Cameras that the centre's camera workers watch.")
central_app.add_typer(site_app, name="site")
central_app.add_typer(stream_app, name="stream")

SiteArgument = Annotated[str, typer.Argument(help="Name or id of the site.")]
StreamArgument = Annotated[str, typer.Argument(help="Name or id of the camera.")]


@contextmanager
def _store(tenant: str, as_json: bool = False) -> Iterator[StoreDesk]:
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        yield desk.store(tenant)


@site_app.command("add")
def add_site(
    name: Annotated[str, typer.Argument(help="What the site is called.")],
    tenant: TenantOption,
    as_json: JsonOption = False,
) -> None:
    """Add a site; every kiosk of the tenant hears of it."""
    with _store(tenant, as_json) as store:
        site = store.sites.add(name)
    print_json(asdict(site)) if as_json else print_entry(site.site_id, site.name)


@site_app.command("list")
def list_sites(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List the sites."""
    with _store(tenant, as_json) as store:
        sites = store.sites.sites()
    if as_json:
        print_json([asdict(site) for site in sites])
        return
    for site in sites:
        print_entry(site.site_id, site.name)


@site_app.command("rename")
def rename_site(
    site: SiteArgument,
    name: Annotated[str, typer.Argument(help="Its new name.")],
    tenant: TenantOption,
) -> None:
    """Call a site something else."""
    with _store(tenant) as store:
        store.sites.rename(store.site_named(site).site_id, name)


@site_app.command("remove")
def remove_site(site: SiteArgument, tenant: TenantOption) -> None:
    """Remove a site that has neither cameras nor visits."""
    with _store(tenant) as store:
        store.sites.remove(store.site_named(site).site_id)


@stream_app.command("add")
def add_stream(
    name: Annotated[str, typer.Argument(help="What the camera is called, such as Front door.")],
    source: Annotated[str, typer.Argument(help="rtsp://address/path, without user and password.")],
    tenant: TenantOption,
    site: Annotated[str, typer.Option(help="Name or id of its site.")],
    user: Annotated[str, typer.Option(help="Who logs in at the camera; the password is a secret.")] = "",
    line: Annotated[
        str,
        typer.Option(
            help="A line that counts in and out: x1,y1,x2,y2 as shares of the picture; who crosses it from "
            "the left of that way to its right goes in."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a camera; a camera worker that has room takes it within seconds."""
    drawn = _line(line)
    with _store(tenant, as_json) as store:
        site_id = store.site_named(site).site_id
        stream = store.streams.add(StreamDraft(site_id, name, source, user, line=drawn))
    if as_json:
        print_json({**asdict(stream), "password_name": stream.password_name})
        return
    print_entry(stream.stream_id, stream.name)
    if user:
        err.print(
            f"Give its password to every camera worker: as a file {stream.password_name} where "
            f"CENTRAL_SECRETS points to, or with: kiosk secret {stream.password_name}",
            highlight=False,
            soft_wrap=True,
        )


@stream_app.command("list")
def list_streams(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List the cameras, and which camera worker runs each since when."""
    with _store(tenant, as_json) as store:
        streams = store.listed()
    if as_json:
        print_json(streams)
        return
    for one in streams:
        state = ("on" if one["is_on"] else "off") + ("" if one["recognises"] else ", without recognition")
        who = f"run by {one['worker_id']} since {one['since']:%Y-%m-%d %H:%M} UTC" if one["since"] else ""
        print_entry(
            one["stream_id"],
            f"{one['name']} · {one['site']} · {one['source']}",
            f"{state}, {who or 'run by nobody'}",
        )


@stream_app.command("switch")
def switch_stream(
    stream: StreamArgument,
    tenant: TenantOption,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Watched, or not.")] = None,
    recognises: Annotated[
        bool | None, typer.Option("--recognise/--no-recognise", help="Faces are looked for, or not.")
    ] = None,
) -> None:
    """Switch a camera on or off, or the recognition of faces in its pictures."""
    if on is None and recognises is None:
        raise typer.BadParameter("say what to switch: --on, --off, --recognise or --no-recognise")
    with _store(tenant) as store:
        store.streams.switch(store.stream_named(stream).stream_id, is_on=on, recognises=recognises)


@stream_app.command("remove")
def remove_stream(stream: StreamArgument, tenant: TenantOption) -> None:
    """Remove a camera; what it counted stays."""
    with _store(tenant) as store:
        store.streams.remove(store.stream_named(stream).stream_id)


@stream_app.command("workers")
def list_workers(as_json: JsonOption = False) -> None:
    """List the camera workers that are there, of all tenants, and how many cameras each runs."""
    from kiosk.central.desk import desk_at

    with known_errors(as_json), desk_at(central_home()) as desk:
        workers = desk.camera_workers()
    if as_json:
        print_json([asdict(worker) for worker in workers])
        return
    for worker in workers:
        since = f"since {worker.started_at:%Y-%m-%d %H:%M} UTC"
        print_entry(worker.worker_id, f"{worker.streams} of at most {worker.most} cameras, {since}")


def _line(text: str) -> Line | None:
    if not text:
        return None
    try:
        x1, y1, x2, y2 = map(float, text.split(","))
    except ValueError as wrong:
        raise typer.BadParameter("A line is x1,y1,x2,y2, each from 0 to 1.") from wrong
    return Line(x1, y1, x2, y2)
