"""Orders at the centre: made, looked at, downloaded, and their receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from kiosk.central.api.fields import Body, Words
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.downloads import Address, Downloads
from kiosk.central.invoices import InvoiceWriter
from kiosk.central.ordering import Ordering, OrderWish
from kiosk.central.principal import Principal, Role
from kiosk.central.shop import Shop
from kiosk.delivery.downloads import Transfer
from kiosk.delivery.file_names import content_disposition
from kiosk.language import Language
from kiosk.payments.types import Payment
from kiosk.sales.types import Order
from kiosk.sync.record_parts import Id

_MOST_PHOTOS = 1000
PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{22,64}$")]


class OrderBody(Body):
    """What somebody wants to buy of one event."""

    event_id: Id
    photo_ids: Annotated[list[Id], Field(min_length=1, max_length=_MOST_PHOTOS)]
    voucher: Annotated[Words, Field(max_length=100)] = ""
    language: Literal["th", "en"] = "th"


class PackageAnswer(BaseModel):
    """A package that the price is made of."""

    name: str
    photo_count: int | None
    price_satang: int
    times: int


class PaymentAnswer(BaseModel):
    """The order's present payment; `charge_id` is asked about at /api/payment."""

    state: str
    charge_id: str | None
    amount_satang: int
    due_satang: int
    received_satang: int
    expires_at: datetime | None


class OrderAnswer(BaseModel):
    """An order as it stands."""

    order_id: str
    code: str
    event_id: str
    language: str
    state: str
    photo_ids: list[str]
    packages: list[PackageAnswer]
    total_satang: int
    discount_satang: int
    voucher: str | None
    created_at: datetime
    paid_at: datetime | None
    payment: PaymentAnswer


class DownloadAnswer(BaseModel):
    """Where the photos are: `url` is good until `url_expires_at`, the link that it belongs to until
    `expires_at` and for `downloads_left` more."""

    url: str = Field(repr=False)
    url_expires_at: datetime
    expires_at: datetime
    downloads_left: int


class LinkAnswer(BaseModel):
    """A fresh link."""

    expires_at: datetime
    download_limit: int


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api", tags=["orders"])
    shop = Shop(centre)
    ordering = Ordering(centre, shop)
    downloads = Downloads(centre, shop)
    invoices = InvoiceWriter(centre)
    buyer = guard.allow(Role.DEVICE, Role.CUSTOMER)

    def own_order(who: Principal, order_id: str) -> Order:
        customer_id = who.subject if who.role is Role.CUSTOMER else None
        return shop.orders.order(who.tenant_id, order_id, customer_id)

    @routes.post("/orders", status_code=201)
    def place(body: OrderBody, who: Principal = Depends(buyer)) -> OrderAnswer:
        """Makes an order at the event's prices; pay it at /api/payment/create."""
        wish = OrderWish(body.event_id, tuple(body.photo_ids), body.voucher, Language(body.language))
        order, payment = ordering.place(who, wish)
        return _answer(order, payment)

    @routes.get("/orders/{order_id}")
    def show(order_id: PathId, who: Principal = Depends(buyer)) -> OrderAnswer:
        """An order as it stands; a customer sees their own."""
        order = own_order(who, order_id)
        return _answer(order, shop.own.payments(order_id)[-1])

    @routes.get("/orders/{order_id}/download")
    def download(order_id: PathId, request: Request, who: Principal = Depends(buyer)) -> DownloadAnswer:
        """The address of all photos of a paid order as one ZIP."""
        address = downloads.address(own_order(who, order_id))
        return _download(address, centre.settings.server.public_url or str(request.base_url))

    @routes.post("/orders/{order_id}/redownload")
    def redownload(order_id: PathId, who: Principal = Depends(buyer)) -> LinkAnswer:
        """A fresh link in place of the last one: for the buyer with what is left of its downloads, from an
        admin or at a kiosk, where staff are, with all of them."""
        is_staff = who.role in (Role.ADMIN, Role.DEVICE)
        link = downloads.renew(own_order(who, order_id), is_staff=is_staff)
        return LinkAnswer(expires_at=link.expires_at, download_limit=link.download_limit)

    @routes.get("/orders/{order_id}/invoice", response_class=Response, responses={200: {"content": _HTML}})
    def invoice(
        order_id: PathId,
        who: Principal = Depends(buyer),
        lang: Annotated[Literal["th", "en"] | None, Query()] = None,
    ) -> HTMLResponse:
        """The receipt of a paid order, in its language or another."""
        order = own_order(who, order_id)
        payments = shop.own.payments(order_id)
        return HTMLResponse(invoices.page(order, payments, Language(lang) if lang else None))

    @routes.get("/downloads/{token}", response_class=Response, responses={200: {"content": _ZIP}})
    def stream(token: Token) -> Response:
        """The ZIP behind a link; whoever has the link has the photos. It counts once its last byte is out."""
        name, chunks, hold = downloads.open(token)
        headers = {
            "Content-Type": "application/zip",
            "Content-Disposition": content_disposition("attachment", name),
            "Cache-Control": "private, no-store",
        }
        return Transfer(chunks, headers, on_complete=hold.complete, on_end=hold.release)

    return routes


_HTML = {"text/html": {"schema": {"type": "string"}}}
_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


def _answer(order: Order, payment: Payment) -> OrderAnswer:
    return OrderAnswer(
        order_id=order.order_id,
        code=order.code,
        event_id=order.event_id,
        language=order.language,
        state=order.state.value,
        photo_ids=list(order.digital_photo_ids),
        packages=[
            PackageAnswer(
                name=use.package.name_key,
                photo_count=use.package.photo_count,
                price_satang=use.package.price_satang,
                times=use.times,
            )
            for use in order.packages
        ],
        total_satang=order.total_satang,
        discount_satang=order.discount_satang,
        voucher=order.voucher_code,
        created_at=order.created_at,
        paid_at=order.paid_at,
        payment=PaymentAnswer(
            state=payment.state.value,
            charge_id=payment.provider_reference,
            amount_satang=payment.amount_satang,
            due_satang=payment.due_satang,
            received_satang=payment.received_satang,
            expires_at=payment.expires_at,
        ),
    )


def _download(address: Address, base_url: str) -> DownloadAnswer:
    link = address.link
    return DownloadAnswer(
        url=address.url or f"{base_url.rstrip('/')}/api/downloads/{address.token}",
        url_expires_at=address.good_until,
        expires_at=link.expires_at,
        downloads_left=max(0, link.download_limit - link.downloads),
    )
