"""`kiosk central worker` imports what is uploaded, `kiosk central camera-worker` watches cameras; `kiosk
central upload` sends a photographer's folder."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from kiosk.central.home import central_home
from kiosk.cli import EventOption, JsonOption, err, known_errors, log_into, out, print_json, progress_bar
from kiosk.cli_central import central_app

if TYPE_CHECKING:
    from kiosk.central.uploading import UploadReport


@central_app.command()
def worker(
    threads: Annotated[int, typer.Option(min=1, max=64, help="Photos at work at once, each on one.")] = 1,
) -> None:
    """Import uploaded photos until it is ended; as many of these as there are machines and cores."""
    from kiosk.central.settings import load_central_settings
    from kiosk.central.worker import work

    home = central_home()
    with known_errors():
        log_into(home / "logs", console=True)
        raise typer.Exit(work(home, load_central_settings(home), threads))


@central_app.command("camera-worker")
def camera_worker(
    streams: Annotated[int, typer.Option(min=0, max=64, help="Cameras at most; 0: as in central.toml.")] = 0,
    health_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Tells /healthz and /readyz there; 0: nowhere.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Watch the centre's cameras until it is ended; as many of these as there are machines and cores."""
    from kiosk.central.camera_worker import watch_cameras
    from kiosk.central.settings import load_central_settings

    home = central_home()
    with known_errors(as_json):
        log_into(home / "logs", console=True)
        settings = load_central_settings(home)
        watch_cameras(
            home,
            settings,
            streams or settings.cameras.streams,
            health_port,
            lambda worker_id, port: _say_watching(worker_id, port, as_json),
        )


def _say_watching(worker_id: str, port: int, as_json: bool) -> None:
    if as_json:
        print_json({"worker_id": worker_id, "health_port": port})
    else:
        out.print(f"Camera worker {escape(worker_id)} (Ctrl-C ends it)", highlight=False, soft_wrap=True)
    sys.stdout.flush()


@central_app.command()
def upload(
    folder: Annotated[Path, typer.Argument(help="A folder of pictures.")],
    event: EventOption,
    url: Annotated[str, typer.Option(help="Address of the centre, such as https://centre.example.com")],
    login: Annotated[str, typer.Option(help="The photographer's login; the password is asked for.")],
    photographer: Annotated[str, typer.Option(help="Who took them.")] = "",
    public: Annotated[bool, typer.Option(help="May be shown on the attract page.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until they are imported.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Send a folder of photos to a centre. Broken off, it goes on where it stopped."""
    from kiosk.central.uploading import UploadDesk

    password = _password()
    with known_errors(as_json):
        desk = UploadDesk(url.rstrip("/"), login, password)
        try:
            with progress_bar("Uploading") as bar:
                report = desk.upload_folder(
                    folder,
                    event,
                    photographer,
                    public,
                    wait,
                    lambda now: bar(now.imported if now.sent == now.total else now.sent, now.total),
                )
        finally:
            desk.close()
    _tell(report, as_json)


def _tell(report: UploadReport, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    out.print(
        f"{report.sent} sent, {report.were_there} were there; {report.taken} taken, "
        f"{report.duplicates} duplicates, {len(report.refused)} refused, {report.waiting} waiting",
        highlight=False,
    )
    for refused in report.refused:
        err.print(f"  {escape(refused.file_name)}: {refused.code} {escape(refused.reason)}", highlight=False)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
