"""`kiosk orders`, `kiosk confirm` and `kiosk voucher`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from kiosk.cli import JsonOption, app, known_errors, out, print_json
from kiosk.commands import archive_at
from kiosk.money import display_baht, parse_baht
from kiosk.paths import home_folder
from kiosk.shop_commands import confirm_order, issue_voucher, list_orders


@app.command()
def orders(
    days: Annotated[int, typer.Option(min=1, help="Of so many days back.")] = 1,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those that wait for money or for staff.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the orders of today, the newest first, with how their payments stand."""
    with known_errors(as_json):
        summaries = list_orders(home_folder(), days, waiting)
    rows = [
        {
            "code": each.order.code,
            "made": each.order.created_at,
            "photos": len(each.order.digital_photo_ids),
            "total_satang": each.order.total_satang,
            "state": each.order.state,
            "payment": each.payment.state,
            "received_satang": each.received_satang,
        }
        for each in summaries
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("code", "made", "photos", "baht", "state", "payment", "received")
    for row, each in zip(rows, summaries, strict=True):
        table.add_row(
            each.order.code,
            f"{each.order.created_at:%Y-%m-%d %H:%M}",
            str(row["photos"]),
            display_baht(each.order.total_satang),
            each.order.state,
            each.payment.state,
            display_baht(each.received_satang),
        )
    out.print(table)


@app.command()
def confirm(
    order_code: Annotated[str, typer.Argument(help="The code on the visitor's screen.")],
    received: Annotated[
        str,
        typer.Option(
            help="The whole sum in baht, such as 299.00, that came for this order's payment so far: after "
            "100 and then 199, it is 299. 0: none came, and none will."
        ),
    ],
    staff: Annotated[str, typer.Option(help="Who saw the money.")],
    as_json: JsonOption = False,
) -> None:
    """Confirm that the money of an order came; a running kiosk shows it within seconds."""
    with known_errors(as_json):
        confirmed = confirm_order(home_folder(), order_code, parse_baht(received), staff)
    if as_json:
        print_json(
            {
                "code": confirmed.order.code,
                "state": confirmed.order.state,
                "payment": confirmed.payment.state,
                "received_satang": confirmed.payment.received_satang,
                "missing_satang": confirmed.missing_satang,
                "in_words": confirmed.in_words,
            }
        )
        return
    out.print(f"Order {confirmed.order.code}: {confirmed.in_words}.", highlight=False)


@app.command()
def voucher(
    code: Annotated[str, typer.Argument(help="What visitors type; letters and digits.")],
    percent: Annotated[int | None, typer.Option(min=1, max=100, help="Percent off.")] = None,
    baht: Annotated[int | None, typer.Option(min=1, help="Baht off.")] = None,
    free: Annotated[bool, typer.Option("--free", help="Takes off everything.")] = False,
    event: Annotated[str, typer.Option(help="Only at this event.")] = "",
    uses: Annotated[int, typer.Option(min=1, help="How often it may be used.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="For how many days from now.")] = 30,
) -> None:
    """Issue a voucher."""
    with known_errors(), archive_at(home_folder()) as archive:
        issued = issue_voucher(archive, code, percent, baht, free, event, uses, days)
    out.print(f"Voucher {issued.code} is valid until {issued.valid_until:%Y-%m-%d}, {issued.use_limit} uses.")
