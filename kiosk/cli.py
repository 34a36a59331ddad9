"""The `kiosk` command, as far as it needs no screen; `ui.command` adds the rest.

Each sub-command is a thin reading of arguments; the work stands in the rooms.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kiosk import __version__
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import home_folder
from kiosk.runtime.logs import configure_logging

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="A kiosk that finds, sells and hands over a visitor's event photos.",
    pretty_exceptions_show_locals=False,
)
simulate_app = typer.Typer(no_args_is_help=True, help="Peers for trying things out.")
app.add_typer(simulate_app, name="simulate")

out = Console()
err = Console(stderr=True)


def _named(event: str) -> str:
    """The name without blanks around it; an event that nobody could name is refused."""
    if not event.strip():
        raise typer.BadParameter("An event needs a name.")
    return event.strip()


EventOption = Annotated[str, typer.Option("--event", callback=_named, help="Name of the event.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@app.callback()
def _prepare(context: typer.Context) -> None:
    """Every command writes its log to the data folder, never among its output."""
    # The centre and updates see to it themselves; the others must run where nothing can be written.
    if context.invoked_subcommand not in ("central", "update", "session", "call-staff"):
        with known_errors():
            refuse_root(home_folder())
            log_into(home_folder() / "logs")


def refuse_root(home: Path) -> None:
    """Root would leave files in a kiosk's folder that the kiosk's own user cannot use, and follow its links.
    Raises KnownError(FOLDER_NOT_WRITABLE)."""
    if sys.platform != "win32" and os.geteuid() == 0 and home.exists() and home.stat().st_uid != 0:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{home} belongs to the kiosk's user, not to root.",
            "Do it as that user; on an installed kiosk: "
            "sudo -Hu kiosk KIOSK_HOME=/var/lib/photo-kiosk kiosk …",
        )


def log_into(folder: Path, *, console: bool = False) -> None:
    """Writes the log there from now on. Raises KnownError(FOLDER_NOT_WRITABLE)."""
    try:
        configure_logging(folder, console)
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"The data folder cannot be used: {error.strerror}.",
            "Give the user the right to write there, or set KIOSK_HOME (of a centre: CENTRAL_HOME).",
        ) from error


@contextmanager
def known_errors(as_json: bool = False) -> Iterator[None]:
    """Turns a known error into one clear line (or a JSON object) and exit status 2."""
    try:
        yield
    except KnownError as error:
        if as_json:
            print_json({"error": {"code": error.code, "detail": error.detail, "next_step": error.next_step}})
        else:
            line = f"[bold]{error.code}[/bold] {escape(f'{error.detail} {error.next_step}'.rstrip())}"
            err.print(line, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def print_entry(entry_id: str, *lines: str) -> None:
    """One of a list: its id alone and whole on a line, to be copied however narrow the window is; below it
    what is known of it."""
    out.print(escape(entry_id), highlight=False, soft_wrap=True)
    for line in lines:
        if line:
            out.print(f"  {escape(line)}", highlight=False, soft_wrap=True)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error where that is a terminal; yields `report(done, total)`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        task = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@app.command()
def version() -> None:
    """Print the version."""
    out.print(__version__)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Check every part, from the camera to the page for phones, and say what is wrong with it."""
    from kiosk.doctor import examine

    findings = examine(home_folder())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "[green]ok[/green] " if finding.is_ok else "[red]--[/red] "
            out.print(f"{mark} {finding.part:9} {escape(finding.detail)}", highlight=False)
    raise typer.Exit(0 if all(finding.is_ok for finding in findings) else 1)


@app.command()
def secret(
    name: Annotated[
        str,
        typer.Argument(
            help="paynoi_api_key, minio_access_key or minio_secret_key; of a centre also signing_key, "
            "proof_key, database_password, redis_password or at_rest_key; of a camera stream. and its id."
        ),
    ],
) -> None:
    """Store a secret in the keyring of this machine; it is asked for, never given on the command line. One of
    several lines comes from standard input: kiosk secret proof_key < FILE"""
    from kiosk.secrets import CENTRAL_NAMES, NAMES, write_secret
    from kiosk.sync_commands import own_secret_name

    if name not in (*NAMES, *CENTRAL_NAMES) and not re.fullmatch(r"stream\.[0-9A-Za-z_-]{1,64}", name):
        raise typer.BadParameter(f"must be one of {', '.join((*NAMES, *CENTRAL_NAMES))}")
    with known_errors():
        write_secret(own_secret_name(home_folder(), name), _secret_value())


def _secret_value() -> str:
    """Typed unseen, or the whole of standard input: a key in PEM has several lines."""
    if sys.stdin.isatty():
        return str(typer.prompt("value", hide_input=True))
    value = sys.stdin.read().strip()
    if not value:
        raise typer.BadParameter("no value came on standard input")
    return value


_SIMULATOR_PAGES = """\
POST /ppay_api          create, check and cancel, as PayNoi's contract says
POST /simulator/pay     {"trans_id": ..., "amount": "79.00", "webhooks": 1}
                        without amount: what is due
POST /simulator/expire  {"trans_id": ...}
POST /simulator/fault   {"kind": ..., "method": "create", "times": 1,
                        "delay_s": 0}; kinds: slow, error_500, nonsense,
                        half_answer, wrong_amount, no_qr, refuse
POST /simulator/clear   no more faults
GET  /simulator/transactions"""

_SIMULATOR_HELP = f"""A PayNoi gateway on this machine, with faults on demand.

Its api key is "simulator". Everything is JSON:

\b
{_SIMULATOR_PAGES}
"""


@simulate_app.command("paynoi", help=_SIMULATOR_HELP)
def simulate_paynoi(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 8378,
    pay_after: Annotated[
        float | None, typer.Option(help="Pays each bill by itself after so many seconds.")
    ] = None,
    webhook: Annotated[str | None, typer.Option(help="URL that is told of each payment.")] = None,
) -> None:
    from kiosk.payments.simulator import DEFAULT_API_KEY, serve

    def say(base_url: str) -> None:
        example = """-H 'Content-Type: application/json' -d '{"kind": "error_500"}'"""
        sys.stdout.write(
            f"PayNoi simulator at {base_url}\n"
            f"Its api key: {DEFAULT_API_KEY}\n{_SIMULATOR_PAGES}\n"
            f"For example: curl {base_url}/simulator/fault {example}\n"
        )
        sys.stdout.flush()

    with known_errors():
        serve(port=port, auto_pay_after_s=pay_after, webhook_url=webhook, on_ready=say)
