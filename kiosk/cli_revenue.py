"""`kiosk revenue`: who gets what, and the books of a day, for scripts and for the desk of the organiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from kiosk.cli import JsonOption, app, known_errors, out, print_json
from kiosk.money import decimal_baht
from kiosk.paths import home_folder
from kiosk.revenue.types import DayReport, Payout
from kiosk.revenue_commands import books_at

revenue_app = typer.Typer(no_args_is_help=True, help="Who gets what of the sales, and the books of a day.")
app.add_typer(revenue_app, name="revenue")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as broken:
        raise typer.BadParameter("write a day like 2026-11-30") from broken


DayOption = Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="Unset: today.")]
OutOption = Annotated[Path | None, typer.Option("--out", file_okay=False, help="Write PDF and CSV there.")]


@revenue_app.command("payouts")
def payouts(
    since: Annotated[
        date | None, typer.Option(parser=_day, metavar="DATE", help="Unset: the first of this month.")
    ] = None,
    until: DayOption = None,
    out_folder: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what platform, photographers and organiser get for a span of days."""
    with known_errors(as_json), books_at(home_folder(), out_folder) as books:
        last = until or books.today
        first = since or last.replace(day=1)
        found = books.book.payouts(first, last)
        path = books.book.save_payouts(first, last, books.language) if out_folder else None
        if as_json:
            print_json(
                {"since": first, "until": last, "payouts": [_told(each) for each in found], "pdf": path}
            )
            return
        _print_payouts(found)
        if path:
            out.print(f"Written to {path}.", soft_wrap=True, highlight=False)


@revenue_app.command("day")
def day(
    which: Annotated[date | None, typer.Argument(parser=_day, metavar="DATE", help="Unset: today.")] = None,
    closed_by: Annotated[
        str, typer.Option("--close", metavar="NAME", help="Close a day that is over, for good, by whom.")
    ] = "",
    out_folder: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say the books of a day; a closed one stays as it was closed."""
    with known_errors(as_json), books_at(home_folder(), out_folder) as books:
        asked = which or books.today
        report = books.book.close(asked, closed_by) if closed_by else books.book.report(asked)
        path = books.book.close_day(asked, closed_by, books.language) if out_folder else None
        if as_json:
            told = {**asdict(report), "kept_satang": report.kept_satang, "pdf": path}
            print_json({**told, "payouts": [_told(each) for each in report.payouts]})
            return
        _print_day(report)


def _told(payout: Payout) -> dict[str, Any]:
    return {**asdict(payout), "amount_satang": payout.amount_satang}


def _print_payouts(found: Sequence[Payout]) -> None:
    table = Table(
        "party",
        "name",
        Column("sales", justify="right"),
        Column("of sales", justify="right"),
        Column("of given back", justify="right"),
        Column("payout", justify="right"),
    )
    for payout in found:
        amounts = (payout.sold_satang, payout.given_back_satang, payout.amount_satang)
        table.add_row(
            payout.kind.value,
            escape(payout.party),
            str(payout.sales),
            *(decimal_baht(each) for each in amounts),
        )
    out.print(table)


def _print_day(report: DayReport) -> None:
    state = f"closed by {escape(report.closed_by)}" if report.closed_at else "not closed"
    out.print(
        f"{report.day}, {state}: {report.orders} orders, {report.photos} photos, {report.sheets} prints."
    )
    for name in ("paid", "code", "extra", "given_back", "extra_given_back", "kept"):
        out.print(f"  {name.replace('_', ' '):<18}{decimal_baht(getattr(report, f'{name}_satang')):>14} baht")
    _print_payouts(report.payouts)
