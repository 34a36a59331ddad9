"""Uses of vouchers that several kiosks may want: held for one order at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from kiosk.central.api.fields import Body, storable
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.database.voucher_holds import SqlVoucherHolds
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.vouchers import normalise_voucher_code
from kiosk.sync.record_parts import Id

_LONGEST_CODE = 40
Code = Annotated[str, Path(min_length=1, max_length=200)]


class HoldWish(Body):
    """The order that a use is for."""

    order_id: Id


class HoldBody(BaseModel):
    """That the order may use the voucher, or that it does not any more."""

    code: str
    order_id: str
    is_held: bool


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/vouchers", tags=["vouchers"])
    kiosk = guard.allow(Role.DEVICE)

    def holds(who: Principal) -> SqlVoucherHolds:
        return SqlVoucherHolds(centre.database, centre.clock, who.tenant_id, who.subject)

    @routes.post("/{code}/hold")
    def hold(code: Code, body: HoldWish, who: Principal = Depends(kiosk)) -> HoldBody:
        """Holds one use for an order that is about to be made, until the order is cancelled; once it is paid
        the use is used. Asking again for the same order changes nothing."""
        known = _code(code)
        holds(who).hold(known, body.order_id)
        return HoldBody(code=known, order_id=body.order_id, is_held=True)

    @routes.post("/{code}/release")
    def release(code: Code, body: HoldWish, who: Principal = Depends(kiosk)) -> HoldBody:
        """Gives a held use back: the order was cancelled, or never made."""
        known = _code(code)
        holds(who).release(known, body.order_id)
        return HoldBody(code=known, order_id=body.order_id, is_held=False)

    return routes


def _code(text: str) -> str:
    """A code as it is stored. Raises KnownError(VOUCHER_UNKNOWN) for what can be none."""
    try:
        code = normalise_voucher_code(storable(text))
    except ValueError:
        code = ""
    if not 1 <= len(code) <= _LONGEST_CODE:
        raise KnownError(ErrorCode.VOUCHER_UNKNOWN, "No voucher has this code.")
    return code
