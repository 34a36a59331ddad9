"""Orders of a season as a kiosk has them: mostly paid and handed out, a few of everything that waits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from kiosk.database.bulk import table_of
from kiosk.database.engine import Database
from kiosk.database.staff_tables import GivenBackRow, PrintJobRow, SendingRow
from kiosk.database.tables import (
    DeliveryRow,
    OrderLineRow,
    OrderPackageRow,
    OrderRow,
    PaymentRow,
    VoucherRow,
)
from kiosk.sales.orders import CODE_ALPHABET

Rows = dict[type[Any], list[dict[str, Any]]]

VOUCHERS = 300
_AT_ONCE = 5000
_SEED = 23
_PAYMENTS = (
    ("paid", 9500),
    ("cancelled", 300),
    ("over", 50),
    ("duplicate", 20),
    ("late", 30),
    ("short", 20),
    ("unknown", 5),
    ("pending", 75),
)


def fill_orders(
    database: Database,
    count: int,
    newest: datetime,
    on_last_day: float,
    kiosk_id: str,
    decided: float = 0.97,
) -> None:
    """So many orders up to `newest`, `on_last_day` of them within the last ten hours, the others over two
    months before. Of what waited for staff so much is `decided`; the rest waits."""
    with database.writing() as session:
        session.execute(
            insert(table_of(VoucherRow)), [_voucher(number, newest) for number in range(VOUCHERS)]
        )
    made = _orders(count, newest, on_last_day, kiosk_id, decided)
    while chunk := list(islice(made, _AT_ONCE)):
        with database.writing(waits_for_disk=False) as session:
            for rows in chunk[0]:
                values = [value for order in chunk for value in order[rows]]
                if values:
                    session.execute(insert(table_of(rows)), values)


def voucher_code(number: int) -> str:
    """The code of a voucher."""
    return f"GIFT{number:04d}"


def _voucher(number: int, newest: datetime) -> dict[str, Any]:
    return {
        "code": voucher_code(number),
        "kind": "amount",
        "value": 5000,
        "valid_from": newest - timedelta(minutes=number),
        "use_limit": 1,
        "used": 0,
        "minimum_satang": 0,
    }


def _orders(
    count: int, newest: datetime, on_last_day: float, kiosk_id: str, decided: float
) -> Iterator[Rows]:
    chance = random.Random(_SEED)
    today = int(count * on_last_day)
    ages = [chance.uniform(10 * 3600, 60 * 86_400) for _ in range(count - today)]
    ages += [chance.uniform(0, 10 * 3600) for _ in range(today)]
    names, weights = zip(*_PAYMENTS, strict=True)
    states = chance.choices(names, weights, k=count)
    for number, (age_s, state) in enumerate(zip(sorted(ages, reverse=True), states, strict=True)):
        yield _order(chance, number, newest - timedelta(seconds=age_s), state, kiosk_id, decided)


def _order(
    chance: random.Random, number: int, at: datetime, state: str, kiosk_id: str, decided: float
) -> Rows:
    order_id, total = f"{chance.getrandbits(128):032x}", chance.choice((7900, 29900, 49900, 89900))
    is_paid = state in ("paid", "over", "duplicate")
    order_state = "paid" if is_paid else "cancelled" if state in ("cancelled", "late") else "awaiting_payment"
    rows: Rows = {
        OrderRow: [],
        OrderLineRow: [],
        OrderPackageRow: [],
        PaymentRow: [],
        DeliveryRow: [],
        PrintJobRow: [],
        SendingRow: [],
        GivenBackRow: [],
    }
    order = {
        "order_id": order_id,
        "kiosk_id": kiosk_id,
        "code": _code(number),
        "event_id": "run",
        "language": "th",
        "state": order_state,
        "total_satang": total,
        "discount_satang": 5000 if number % 400 == 0 else 0,
        "created_at": at,
        "paid_at": at + timedelta(seconds=40) if is_paid else None,
        "voucher_code": voucher_code(number // 400 % VOUCHERS) if number % 400 == 0 else None,
    }
    rows[OrderRow].append(order)
    _add_lines(chance, rows, order_id, at, total)
    _add_payments(chance, rows, order_id, at, total, state, decided)
    if is_paid:
        _add_deliveries(chance, rows, order_id, order["code"], at)
    if is_paid and chance.random() < 0.01:
        order["state"] = "refunded"
        rows[GivenBackRow].append(_given(chance, order_id, "", total, at))
    return rows


def _code(number: int) -> str:
    symbols = ""
    for _ in range(4):
        number, place = divmod(number, len(CODE_ALPHABET))
        symbols = CODE_ALPHABET[place] + symbols
    return f"K1-{symbols}"


def _add_lines(chance: random.Random, rows: Rows, order_id: str, at: datetime, total: int) -> None:
    line = {"order_id": order_id, "amount_satang": 0, "copies": 1, "print_size": None, "finish": None}
    for place in range(chance.randint(1, 8)):
        rows[OrderLineRow].append(
            {
                **line,
                "line_id": f"{order_id}-{place}",
                "position": place,
                "kind": "digital",
                "photo_id": f"photo-{chance.randrange(10_000)}",
            }
        )
    if chance.random() < 0.2:
        paper = {"print_size": "10x15", "finish": "glossy", "copies": 2, "kind": "print"}
        rows[OrderLineRow].append(
            {**line, **paper, "line_id": f"{order_id}-p", "position": 9, "photo_id": "photo-1"}
        )
    package = {"package_id": "popular", "name_key": "package.popular", "photo_count": 10, "times": 1}
    rows[OrderPackageRow].append({**package, "order_id": order_id, "position": 0, "price_satang": total})


def _add_payments(
    chance: random.Random,
    rows: Rows,
    order_id: str,
    at: datetime,
    total: int,
    state: str,
    decided: float,
) -> None:
    came = {"over": total + 10000, "short": total - 2000, "pending": 0, "unknown": 0, "cancelled": 0}
    states = ["paid", "duplicate"] if state == "duplicate" else [state]
    for ordinal, each in enumerate(states):
        received = came.get(each, total)
        payment_id = f"{order_id}-{ordinal}"
        rows[PaymentRow].append(
            {
                "payment_id": payment_id,
                "order_id": order_id,
                "ordinal": ordinal,
                "idempotency_key": payment_id,
                "gateway": "fake",
                "state": each,
                "amount_satang": total,
                "due_satang": total,
                "received_satang": received,
                "created_at": at,
                "expires_at": at + timedelta(minutes=15),
                "provider_reference": payment_id,
                "receiver_name": "",
                "settled_at": at + timedelta(seconds=40) if received else None,
            }
        )
        given = {"over": 10000, "duplicate": total, "late": total, "short": received}.get(each)
        if given and chance.random() < decided:
            rows[GivenBackRow].append(_given(chance, order_id, payment_id, given, at))


def _given(
    chance: random.Random, order_id: str, payment_id: str, satang: int, at: datetime
) -> dict[str, Any]:
    return {
        "refund_id": f"{chance.getrandbits(128):032x}",
        "order_id": order_id,
        "payment_id": payment_id,
        "amount_satang": satang,
        "reason": "as asked",
        "staff_name": "Malee",
        "at": at + timedelta(hours=1),
    }


def _add_deliveries(chance: random.Random, rows: Rows, order_id: str, code: str, at: datetime) -> None:
    is_pending = chance.random() < 0.002
    rows[DeliveryRow].append(_delivery(order_id, None, "pending" if is_pending else "ready", at))
    prints = [line for line in rows[OrderLineRow] if line["kind"] == "print"]
    for line in prints:
        job_id = f"{order_id}-job"
        state = chance.choices(("printed", "waiting", "held"), (9970, 20, 10))[0]
        rows[DeliveryRow].append(
            _delivery(order_id, line["line_id"], "done" if state == "printed" else "pending", at)
        )
        rows[PrintJobRow].append(
            {
                "job_id": job_id,
                "order_id": order_id,
                "line_id": line["line_id"],
                "size": "10x15",
                "finish": "glossy",
                "copies": 2,
                "state": state,
                "created_at": at,
                "changed_at": at,
                "sheets_done": 2 if state == "printed" else 0,
            }
        )
    if chance.random() < 0.1:
        is_waiting = chance.random() < 0.01
        rows[SendingRow].append(
            {
                "sending_id": f"{order_id}-mail",
                "order_id": order_id,
                "way": "mail",
                "purpose": "photos",
                "language": "th",
                "state": "waiting" if is_waiting else "sent",
                "created_at": at,
                "due_at": at,
                "address": "",
                "shown_to": "s…@example.com",
            }
        )


def _delivery(order_id: str, line_id: str | None, state: str, at: datetime) -> dict[str, Any]:
    return {
        "delivery_id": f"{line_id or order_id}-d",
        "order_id": order_id,
        "kind": "print" if line_id else "phone_link",
        "state": state,
        "created_at": at,
        "line_id": line_id,
        "detail": "",
    }
