"""Payments: kiosks and customers ask for them here, the gateway tells of them, an admin gives them back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from kiosk.central.api.fields import Body, Words
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.central.shop import Shop
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.paynoi_signature import read_notice
from kiosk.payments.types import Payment, PaymentRequest, PaymentState
from kiosk.sync.charge_answer import ChargeAnswer, answer_about
from kiosk.sync.record_parts import Id

_LARGEST_NOTICE_BYTES = 64 * 1024
_LARGEST_SATANG = 100_000_000_00
PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class PaymentWish(Body):
    """A payment that somebody wants to make: a kiosk names key, amount and code, a customer their order."""

    idempotency_key: Id | None = None
    amount_satang: Annotated[int, Field(ge=1, le=_LARGEST_SATANG)] | None = None
    order_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,4}-[0-9A-Z]{4}$")] | None = None
    order_id: Id | None = None


class ReceivedBody(Body):
    """What staff of the centre saw come for a payment, in all."""

    received_satang: Annotated[int, Field(ge=1, le=_LARGEST_SATANG)]


class RefundWish(Body):
    """An order whose money is given back, and why."""

    order_id: Id
    reason: Annotated[Words, Field(min_length=1)]


class RefundBody(BaseModel):
    """An order that is refunded. `next_step` says what is left for staff to do."""

    order_id: str
    order_code: str
    state: str = "refunded"
    refunded_at: datetime
    amount_satang: int
    next_step: str


class NoticeTaken(BaseModel):
    """What the gateway wants to hear."""

    status: int = 1


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/payment", tags=["payment"])
    shop = Shop(centre)
    buyer = guard.allow(Role.DEVICE, Role.CUSTOMER)
    admin = guard.allow(Role.ADMIN)

    @routes.post("/create")
    def create(body: PaymentWish, who: Principal = Depends(buyer)) -> ChargeAnswer:
        """The payment of a key: the same key gives the same payment. `status` tells what became of it."""
        if body.order_id is not None:
            return _pay_order(centre, shop, who, body.order_id)
        if who.role is Role.CUSTOMER or not (body.idempotency_key and body.amount_satang and body.order_code):
            raise KnownError(
                ErrorCode.REQUEST_INVALID,
                "A payment needs order_id, or from a kiosk idempotency_key, amount_satang and order_code.",
                "Name them.",
            )
        request = PaymentRequest(body.idempotency_key, body.amount_satang, body.order_code)
        charge = shop.charges.request(who.tenant_id, who.subject, request)
        return answer_about(charge, centre.clock.now())

    @routes.get("/{charge_id}/status")
    def status(charge_id: PathId, who: Principal = Depends(buyer)) -> ChargeAnswer:
        """How a payment stands, as the gateway said within 3 s; with an `error_code` it could not."""
        _check_customer(shop, who, charge_id)
        charge, failed = shop.check(who.tenant_id, charge_id)
        return answer_about(charge, centre.clock.now(), failed)

    @routes.post("/{charge_id}/cancel")
    def cancel(charge_id: PathId, who: Principal = Depends(buyer)) -> ChargeAnswer:
        """Takes a payment back that nobody has made; harmless where it is over."""
        _check_customer(shop, who, charge_id)
        failed: KnownError | None = None
        try:
            charge = shop.charges.cancel(who.tenant_id, charge_id)
        except KnownError as error:
            if not error.code.startswith("Y-"):
                raise
            failed = error
            charge = shop.charges.find(who.tenant_id, charge_id)
        return answer_about(charge, centre.clock.now(), failed)

    @routes.post("/{charge_id}/confirm")
    def confirm(charge_id: PathId, body: ReceivedBody, who: Principal = Depends(admin)) -> ChargeAnswer:
        """Staff saw the money on the account: for codes that no gateway watches."""
        charge = shop.charges.confirm(who.tenant_id, charge_id, body.received_satang)
        shop.settle(charge)
        return answer_about(charge, centre.clock.now())

    @routes.post("/webhook")
    async def webhook(request: Request) -> NoticeTaken:
        """A signed notice of PayNoi. It is only a reason to ask the gateway, however often it comes."""
        body = await _short_body(request)
        await run_in_threadpool(_hear, centre, shop, body)
        return NoticeTaken()

    @routes.post("/refund")
    def refund(body: RefundWish, who: Principal = Depends(admin)) -> RefundBody:
        """Marks a paid order as refunded and ends its links, here and at every kiosk. The money itself is
        given back by staff."""
        done = shop.orders.refund(who.tenant_id, body.order_id, who.subject, body.reason)
        return RefundBody(
            order_id=done.order_id,
            order_code=done.order_code,
            refunded_at=done.at,
            amount_satang=done.amount_satang,
            next_step="Give the money back to the buyer by hand: no bank was told to.",
        )

    return routes


async def _short_body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_NOTICE_BYTES:
            raise KnownError(ErrorCode.REQUEST_INVALID, "The notice is far too long.")
    return body


def _hear(centre: Centre, shop: Shop, body: bytes) -> None:
    """Raises KnownError: CENTRE_LOGIN_REFUSED for a notice that the gateway did not sign, REQUEST_INVALID for
    one that is none."""
    key = centre.secrets.find("paynoi_api_key") if centre.settings.payment.gateway == "paynoi" else None
    if key is None:
        raise KnownError(ErrorCode.CHARGE_UNKNOWN, "No gateway sends notices to this centre.")
    try:
        reference = read_notice(body, key)
    except KnownError as no:
        if no.code is ErrorCode.GATEWAY_REFUSED:
            raise KnownError(ErrorCode.CENTRE_LOGIN_REFUSED, no.detail, no.next_step) from no
        raise KnownError(ErrorCode.REQUEST_INVALID, no.detail, no.next_step) from no
    shop.hear(reference)


def _check_customer(shop: Shop, who: Principal, charge_id: str) -> None:
    """A customer sees payments of their own orders; a kiosk all of the tenant's, since an order may be paid
    at another than the one that made it."""
    is_customer = who.role is Role.CUSTOMER
    if is_customer and not shop.orders.is_customers(who.tenant_id, charge_id, who.subject):
        raise KnownError(ErrorCode.CHARGE_UNKNOWN, "There is no such payment here.")


def _pay_order(centre: Centre, shop: Shop, who: Principal, order_id: str) -> ChargeAnswer:
    """The payment of an order that was made at the centre; a new one where the last one is over."""
    customer_id = who.subject if who.role is Role.CUSTOMER else None
    order = shop.orders.order(who.tenant_id, order_id, customer_id)
    if order.kiosk_id != shop.own_id:
        raise KnownError(
            ErrorCode.REQUEST_INVALID,
            f"Order {order.code} was made at a kiosk.",
            "Pay it at any kiosk of the event, by its code.",
        )
    payment = _requested(shop, who, order_id)
    charge = shop.charges.find_by_key(who.tenant_id, payment.idempotency_key)
    if charge is None:
        raise KnownError(
            ErrorCode.ORDER_PAID_ALREADY, f"Order {order.code} asks for no money.", "See the order."
        )
    return answer_about(charge, centre.clock.now())


def _requested(shop: Shop, who: Principal, order_id: str) -> Payment:
    """The order's payment once it was asked for; what the gateway said against it stands in its charge."""
    checkout = shop.checkout(who)
    payment = checkout.payments(order_id)[-1]
    over = (PaymentState.EXPIRED, PaymentState.CANCELLED, PaymentState.UNKNOWN, PaymentState.PENDING)
    try:
        if payment.state in over:
            payment = checkout.renew(order_id)
        return checkout.request_payment(payment.payment_id)
    except KnownError as failed:
        if not failed.code.startswith("Y-"):
            raise
        return checkout.payments(order_id)[-1]
