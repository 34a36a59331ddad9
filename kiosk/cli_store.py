"""`kiosk sites`, `kiosk streams` and `kiosk purge`: a shop's cameras and old pictures without a screen."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from kiosk.cli import JsonOption, app, known_errors, out, print_entry, print_json
from kiosk.paths import home_folder
from kiosk.store_commands import (
    Shop,
    care_of,
    retention_of,
    shop_at,
    stays_over_of,
)
from kiosk.visits.retention import PurgeProof
from kiosk.visits.types import Line, Stream, StreamDraft

sites_app = typer.Typer(no_args_is_help=True, help="The shops of the chain.")
app.add_typer(sites_app, name="sites")
streams_app = typer.Typer(no_args_is_help=True, help="The cameras of this machine; a running shop follows.")
app.add_typer(streams_app, name="streams")

StreamArgument = Annotated[str, typer.Argument(help="Name or id of the camera.")]
LineOption = Annotated[
    str | None,
    typer.Option(
        "--line",
        help="A line that counts in and out: x1,y1,x2,y2 as shares of the picture; who crosses it from the "
        'left of that way to its right goes in. "" for none.',
    ),
]


@sites_app.command("list")
def list_sites(as_json: JsonOption = False) -> None:
    """List the sites that this machine knows."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        sites = shop.sites.sites()
    if as_json:
        print_json([asdict(site) for site in sites])
        return
    for site in sites:
        print_entry(site.site_id, site.name)


@sites_app.command("add")
def add_site(name: Annotated[str, typer.Argument(help="What the shop is called.")]) -> None:
    """Add a site."""
    with known_errors(), shop_at(home_folder()) as shop:
        out.print(shop.sites.add(name).site_id, highlight=False)


@sites_app.command("rename")
def rename_site(
    site: Annotated[str, typer.Argument(help="Name or id of the site.")],
    name: Annotated[str, typer.Argument(help="Its new name.")],
) -> None:
    """Call a site something else. The site of this machine is named by the setting store.site."""
    with known_errors(), shop_at(home_folder()) as shop:
        shop.sites.rename(shop.site_named(site).site_id, name)


@sites_app.command("remove")
def remove_site(site: Annotated[str, typer.Argument(help="Name or id of the site.")]) -> None:
    """Remove a site that has neither cameras nor visits."""
    with known_errors(), shop_at(home_folder()) as shop:
        shop.sites.remove(shop.site_named(site).site_id)


@streams_app.command("list")
def list_streams(as_json: JsonOption = False) -> None:
    """List the cameras of this machine."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        names = {site.site_id: site.name for site in shop.sites.sites()}
        streams = shop.streams.streams()
    if as_json:
        print_json([_plain(stream, names) for stream in streams])
        return
    for stream in streams:
        state = "on" if stream.is_on else "off"
        recognition = "recognises" if stream.recognises else "without recognition"
        print_entry(stream.stream_id, f"{stream.name} · {names.get(stream.site_id, '')} · {stream.source}")
        out.print(f"  {state}, {recognition}", highlight=False)


@streams_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the camera is called, such as Front door.")],
    source: Annotated[
        str,
        typer.Argument(
            help="webcam:0, rtsp://user:password@address/path (the password goes into the keyring), a clip."
        ),
    ],
    site: Annotated[str, typer.Option(help="Its site; without it the shop of this machine.")] = "",
    line: LineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a camera; it is on at once."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        draft = StreamDraft(shop.site_named(site).site_id, name, source, line=_line(line))
        stream = care_of(shop).add(draft)
    _tell(stream, as_json)


@streams_app.command("change")
def change(
    stream: StreamArgument,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    source: Annotated[str | None, typer.Option(help="Another source.")] = None,
    site: Annotated[str | None, typer.Option(help="Another site.")] = None,
    line: LineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a camera; what is not said stays."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        known = shop.stream_named(stream)
        draft = _changed(shop, known, name, source, site, line)
        changed = care_of(shop).change(known.stream_id, draft)
    _tell(changed, as_json)


@streams_app.command("start")
def start(stream: StreamArgument) -> None:
    """Switch a camera on."""
    _switch(stream, is_on=True)


@streams_app.command("stop")
def stop(stream: StreamArgument) -> None:
    """Switch a camera off."""
    _switch(stream, is_on=False)


@streams_app.command("recognise")
def recognise(
    stream: StreamArgument,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether faces are looked for.")] = True,
) -> None:
    """Look for faces in a camera's pictures, or do not."""
    _switch(stream, recognises=on)


@streams_app.command("remove")
def remove(stream: StreamArgument) -> None:
    """Remove a camera; what it counted stays."""
    with known_errors(), shop_at(home_folder()) as shop:
        care_of(shop).remove(shop.stream_named(stream).stream_id)


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due and delete nothing.")] = False,
    proofs: Annotated[bool, typer.Option("--proofs", help="List the proofs of earlier purges.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete pictures of faces that are too old, and guests who did not come back; with proof. Stays that are
    over end, and what visitors were told apart by is gone with them."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        if proofs:
            _tell_proofs(shop, as_json)
            return
        retention, over = retention_of(shop), stays_over_of(shop)
        if dry_run:
            plan = {**asdict(retention.plan()), "stays": over.count()}
            told = (
                "{pictures} pictures from before {older_than:%Y-%m-%d %H:%M} UTC, {guests} guests "
                "and {stays} stays that are over are due."
            )
            print_json(plan) if as_json else out.print(told.format(**plan), highlight=False)
            return
        ended, proof = over.end(), retention.purge()
    if as_json:
        print_json({**(asdict(proof) if proof else {}), "stays": ended} if proof or ended else None)
        return
    if ended:
        out.print(f"{ended} stays that were over ended.", highlight=False)
    if proof or not ended:
        out.print(_words(proof) if proof else "Nothing was due.", highlight=False)


def _tell_proofs(shop: Shop, as_json: bool) -> None:
    proofs, broken = shop.kept.proofs(), shop.kept.broken_proof()
    if as_json:
        print_json({"proofs": [asdict(proof) for proof in proofs], "broken": broken})
    else:
        for proof in proofs:
            out.print(f"{proof.ordinal} {proof.at:%Y-%m-%d %H:%M} UTC: {_words(proof)}", highlight=False)
        if broken is not None:
            out.print(f"The chain is broken at {broken}: a proof was changed or is missing.", highlight=False)
    if broken is not None:
        raise typer.Exit(1)


def _words(proof: PurgeProof) -> str:
    removed = ", ".join(f"{count} {what}" for what, count in proof.removed.items() if count)
    return f"{removed or 'nothing'} deleted, {proof.remaining} remain"


def _switch(name: str, *, is_on: bool | None = None, recognises: bool | None = None) -> None:
    with known_errors(), shop_at(home_folder()) as shop:
        stream = shop.stream_named(name)
        shop.streams.switch(stream.stream_id, is_on=is_on, recognises=recognises)


def _changed(
    shop: Shop, known: Stream, name: str | None, source: str | None, site: str | None, line: str | None
) -> StreamDraft:
    return StreamDraft(
        site_id=known.site_id if site is None else shop.site_named(site).site_id,
        name=known.name if name is None else name,
        source=known.source if source is None else source,
        user=known.user if source is None else "",
        line=known.line if line is None else _line(line),
    )


def _line(text: str | None) -> Line | None:
    if not text:
        return None
    try:
        x1, y1, x2, y2 = map(float, text.split(","))
    except ValueError as wrong:
        raise typer.BadParameter("A line is x1,y1,x2,y2, each from 0 to 1.") from wrong
    return Line(x1, y1, x2, y2)


def _tell(stream: Stream, as_json: bool) -> None:
    if as_json:
        print_json(asdict(stream))
    else:
        out.print(stream.stream_id, highlight=False)


def _plain(stream: Stream, names: dict[str, str]) -> dict[str, Any]:
    return {**asdict(stream), "site": names.get(stream.site_id, "")}
