"""Making an order at the centre: the same basket, prices and vouchers as at a kiosk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.central.centre import Centre
from kiosk.central.principal import Principal
from kiosk.central.shop import Shop
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.payments.types import Payment
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket, Order, PrintSize, Quote
from kiosk.sales.vouchers import normalise_voucher_code, validate

_NO_PRINTS: Mapping[PrintSize, int] = {}


@dataclass(frozen=True, slots=True)
class OrderWish:
    """Photos of an event that somebody wants, and the voucher as they typed it."""

    event_id: str
    photo_ids: tuple[str, ...]
    voucher_text: str
    language: Language


class Ordering:
    """Prices a wish and places it. Any thread."""

    def __init__(self, centre: Centre, shop: Shop) -> None:
        self._centre = centre
        self._shop = shop

    def place(self, who: Principal, wish: OrderWish) -> tuple[Order, Payment]:
        """The stored order and its payment, to be asked for.

        Raises KnownError: EVENT_UNKNOWN, PHOTO_UNKNOWN (not on sale at this event), VOUCHER_*.
        """
        packages = self._shop.orders.packages(who.tenant_id, wish.event_id)
        photo_ids = tuple(dict.fromkeys(wish.photo_ids))
        self._check_photos(wish.event_id, photo_ids)
        basket = Basket(digital=photo_ids)
        price = quote(basket, packages, _NO_PRINTS)
        code = normalise_voucher_code(wish.voucher_text)
        if code:
            found = SqlVoucherRepository(self._centre.database, tenant_id=who.tenant_id).voucher(code)
            voucher = validate(found, wish.event_id, self._centre.clock.now(), _subtotal(price))
            price = quote(basket, packages, _NO_PRINTS, voucher)
        return self._shop.checkout(who).place(basket, price, wish.event_id, wish.language)

    def _check_photos(self, event_id: str, photo_ids: tuple[str, ...]) -> None:
        found = self._centre.archive.photos.photos_by_id(photo_ids)
        for photo_id in photo_ids:
            if photo_id not in found or found[photo_id].event_id != event_id:
                raise KnownError(
                    ErrorCode.PHOTO_UNKNOWN, f"There is no photo {photo_id} on sale at this event."
                )


def _subtotal(price: Quote) -> int:
    return price.digital_satang + price.prints_satang
