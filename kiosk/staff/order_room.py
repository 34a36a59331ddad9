"""Orders: finding them, all of one, and its link and messages once more."""

from __future__ import annotations

from functools import partial

from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Order, OrderState
from kiosk.staff.ports import StaffParts
from kiosk.staff.room import Room, Wish
from kiosk.staff.told import OrderShown, OrdersListed, StaffNotice
from kiosk.staff.types import AuditAction, Right, StaffMember

_PAGE = 50


class OrderRoom(Room):
    def find_orders(self, text: str = "", state: str = "", offset: int = 0) -> None:
        """OrdersListed: a page from `offset` on."""

        def read(_: StaffMember) -> OrdersListed:
            rows, has_more = self._parts.lists.find(text, state, offset, _PAGE)
            return OrdersListed(text, state, offset, tuple(rows), has_more)

        self._show(Right.SEE_SALES, read)

    def show_order(self, order_id: str) -> None:
        """OrderShown."""
        self._show(Right.SEE_SALES, partial(self._shown, order_id))

    def resend(self, order_id: str) -> None:
        """A fresh link, and the messages of the order once more."""
        self._do(Wish(Right.SEND, AuditAction.RESENT, order_id=order_id), partial(self._resend, order_id))

    def _shown(self, order_id: str, who: StaffMember) -> OrderShown:
        return order_shown(self._parts, order_id, who)

    def _resend(self, order_id: str, who: StaffMember) -> StaffNotice | None:
        parts = self._parts
        parts.links.renew(order_id)
        if parts.courier is not None:
            parts.courier.again(order_id)
        self._tell(who, order_shown(parts, order_id, who))
        return None


def order_shown(parts: StaffParts, order_id: str, who: StaffMember) -> OrderShown:
    """All of an order for who is signed in. Raises KnownError ORDER_UNKNOWN, DATABASE_*."""
    order = parts.checkout.order(order_id)
    refunds = parts.checkout.refunds(order_id)
    link = parts.links.shown(order_id)
    is_paid = order.state is OrderState.PAID
    left = refundable(order, sum(each.amount_satang for each in refunds if not each.payment_id))
    return OrderShown(
        order=order,
        payments=tuple(parts.checkout.payments(order_id)),
        prints=tuple(parts.prints.jobs_of(order_id)) if parts.prints else (),
        sendings=tuple(parts.courier.of_order(order_id)) if parts.courier else (),
        refunds=tuple(refunds),
        link_until=link[0] if link else None,
        downloads=link[1] if link else 0,
        can_reprint=is_paid and parts.prints is not None and who.may(Right.PRINT),
        can_resend=is_paid and bool(order.digital_photo_ids) and who.may(Right.SEND),
        can_refund=left > 0 and who.may(Right.REFUND),
        refundable_satang=left,
        photo_ids=tuple(dict.fromkeys(line.photo_id for line in order.lines)),
    )


def refundable(order: Order, given_back_satang: int) -> int:
    """What of an order's price can still be given back, in satang."""
    return max(0, order.total_satang - given_back_satang) if order.state is OrderState.PAID else 0


def not_set_up(what: str) -> KnownError:
    """What staff read where a part is not there on this kiosk."""
    return KnownError(
        ErrorCode.SETTING_INVALID, f"This kiosk has no {what}.", "Ask the technician to set it up."
    )
