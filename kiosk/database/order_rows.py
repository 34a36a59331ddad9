"""Orders, payments and deliveries as rows, and back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.tables import DeliveryRow, OrderLineRow, OrderPackageRow, OrderRow, PaymentRow
from kiosk.delivery.types import Delivery, DeliveryKind, DeliveryState
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import (
    Finish,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    Package,
    PackageUse,
    PrintSize,
)


def add_order(session: Session, order: Order, tenant_id: str) -> None:
    """The order with its lines and packages."""
    session.add(
        OrderRow(
            order_id=order.order_id,
            tenant_id=tenant_id,
            kiosk_id=order.kiosk_id,
            code=order.code,
            event_id=order.event_id,
            language=order.language,
            state=order.state.value,
            total_satang=order.total_satang,
            discount_satang=order.discount_satang,
            created_at=order.created_at,
            paid_at=order.paid_at,
            voucher_code=order.voucher_code,
        )
    )
    session.flush()
    session.add_all(_line_row(order, place, line) for place, line in enumerate(order.lines))
    session.add_all(_package_row(order, place, use) for place, use in enumerate(order.packages))


def _line_row(order: Order, position: int, line: OrderLine) -> OrderLineRow:
    return OrderLineRow(
        line_id=line.line_id,
        order_id=order.order_id,
        position=position,
        kind=line.kind.value,
        photo_id=line.photo_id,
        amount_satang=line.amount_satang,
        print_size=line.print_size.value if line.print_size else None,
        finish=line.finish.value if line.finish else None,
        copies=line.copies,
    )


def _package_row(order: Order, position: int, use: PackageUse) -> OrderPackageRow:
    return OrderPackageRow(
        order_id=order.order_id,
        position=position,
        package_id=use.package.package_id,
        name_key=use.package.name_key,
        photo_count=use.package.photo_count,
        price_satang=use.package.price_satang,
        times=use.times,
    )


def order_of(session: Session, row: OrderRow) -> Order:
    """The order of a row, with its lines and packages."""
    lines = session.scalars(
        select(OrderLineRow).where(OrderLineRow.order_id == row.order_id).order_by(OrderLineRow.position)
    )
    packages = session.scalars(
        select(OrderPackageRow)
        .where(OrderPackageRow.order_id == row.order_id)
        .order_by(OrderPackageRow.position)
    )
    return Order(
        order_id=row.order_id,
        code=row.code,
        event_id=row.event_id,
        language=row.language,
        state=OrderState(row.state),
        lines=tuple(_line(line) for line in lines),
        total_satang=row.total_satang,
        discount_satang=row.discount_satang,
        created_at=row.created_at,
        paid_at=row.paid_at,
        voucher_code=row.voucher_code,
        packages=tuple(_package_use(package) for package in packages),
        kiosk_id=row.kiosk_id,
    )


def _line(row: OrderLineRow) -> OrderLine:
    return OrderLine(
        line_id=row.line_id,
        kind=LineKind(row.kind),
        photo_id=row.photo_id,
        amount_satang=row.amount_satang,
        print_size=PrintSize(row.print_size) if row.print_size else None,
        finish=Finish(row.finish) if row.finish else None,
        copies=row.copies,
    )


def _package_use(row: OrderPackageRow) -> PackageUse:
    return PackageUse(Package(row.package_id, row.name_key, row.photo_count, row.price_satang), row.times)


def payment_row(payment: Payment, ordinal: int) -> PaymentRow:
    """A new row for the payment that is the order's `ordinal`th, from 0."""
    row = PaymentRow(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        ordinal=ordinal,
        idempotency_key=payment.idempotency_key,
        amount_satang=payment.amount_satang,
        created_at=payment.created_at,
    )
    write_payment(row, payment)
    return row


def write_payment(row: PaymentRow, payment: Payment) -> None:
    """Everything of a payment that can change; its id, order, key, price and birth never do."""
    row.gateway = payment.gateway
    row.state = payment.state.value
    row.due_satang = payment.due_satang
    row.received_satang = payment.received_satang
    row.requested_at = payment.requested_at
    row.expires_at = payment.expires_at
    row.provider_reference = payment.provider_reference
    row.qr_payload = payment.qr_payload
    row.qr_png = payment.qr_png
    row.receiver_name = payment.receiver_name
    row.settled_at = payment.settled_at
    row.confirmed_by = payment.confirmed_by


def payment_of(row: PaymentRow) -> Payment:
    """The payment of a row."""
    return Payment(
        payment_id=row.payment_id,
        order_id=row.order_id,
        idempotency_key=row.idempotency_key,
        gateway=row.gateway,
        state=PaymentState(row.state),
        amount_satang=row.amount_satang,
        due_satang=row.due_satang,
        received_satang=row.received_satang,
        created_at=row.created_at,
        expires_at=row.expires_at,
        provider_reference=row.provider_reference,
        qr_payload=row.qr_payload,
        settled_at=row.settled_at,
        confirmed_by=row.confirmed_by,
        requested_at=row.requested_at,
        qr_png=row.qr_png,
        receiver_name=row.receiver_name,
    )


def delivery_row(delivery: Delivery) -> DeliveryRow:
    """A new row for a delivery."""
    return DeliveryRow(
        delivery_id=delivery.delivery_id,
        order_id=delivery.order_id,
        kind=delivery.kind.value,
        state=delivery.state.value,
        created_at=delivery.created_at,
        line_id=delivery.line_id,
        detail=delivery.detail,
    )


def delivery_of(row: DeliveryRow) -> Delivery:
    """The delivery of a row."""
    return Delivery(
        delivery_id=row.delivery_id,
        order_id=row.order_id,
        kind=DeliveryKind(row.kind),
        state=DeliveryState(row.state),
        created_at=row.created_at,
        line_id=row.line_id,
        detail=row.detail,
    )
