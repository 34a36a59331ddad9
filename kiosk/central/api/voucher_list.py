"""The tenant's vouchers, as its admins issue them."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, model_validator

from kiosk.central.api.fields import Body, DeviceId
from kiosk.central.api.guard import Guard
from kiosk.central.catalogue import Catalogue
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.sales.orders import CODE_ALPHABET
from kiosk.sales.packages import DEAREST_SATANG
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.sales.vouchers import new_voucher_code
from kiosk.sync.record_parts import Id, Moment
from kiosk.sync.records import VoucherRecord

_CODE_LENGTH = 10
_MOST_USES = 10**6


class NewVoucher(Body):
    """A voucher to be issued. `value` is percent, or satang for an amount, and nothing where it is free.
    Without a code one is made up; without `use_limit` it is good any number of times. One with a
    `home_kiosk_id` is good at that kiosk only, also while that is off line."""

    code: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    kind: VoucherKind
    value: Annotated[int, Field(ge=0, le=DEAREST_SATANG)] = 0
    event_id: Id | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    use_limit: Annotated[int, Field(ge=1, le=_MOST_USES)] | None = 1
    minimum_satang: Annotated[int, Field(ge=0, le=DEAREST_SATANG)] = 0
    home_kiosk_id: DeviceId | None = None

    @model_validator(mode="after")
    def _is_worth_something(self) -> NewVoucher:
        if self.kind is VoucherKind.PERCENT and not 1 <= self.value <= 100:
            raise ValueError("percent are 1 to 100")
        if self.kind is VoucherKind.AMOUNT and self.value < 1:
            raise ValueError("an amount is at least one satang")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("it would end before it begins")
        return self


class VoucherList(BaseModel):
    """Vouchers by code."""

    vouchers: list[VoucherRecord]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/vouchers", tags=["vouchers"])
    catalogue = Catalogue(centre.database, centre.clock)
    admin = guard.allow(Role.ADMIN)

    @routes.get("")
    def list_vouchers(who: Principal = Depends(admin)) -> VoucherList:
        """All vouchers of the tenant, with how often each was used as far as the centre knows."""
        return VoucherList(vouchers=[_record(voucher) for voucher in catalogue.vouchers(who.tenant_id)])

    @routes.post("", status_code=201)
    def issue(body: NewVoucher, who: Principal = Depends(admin)) -> VoucherRecord:
        """Issues a voucher; every kiosk of the tenant hears of it."""
        code = new_voucher_code(body.code) if body.code else _new_code()
        voucher = Voucher(code=code, used=0, **body.model_dump(exclude={"code"}))
        catalogue.add_voucher(who.tenant_id, voucher)
        return _record(voucher)

    return routes


def _new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_LENGTH))


def _record(voucher: Voucher) -> VoucherRecord:
    return VoucherRecord.model_validate(voucher)
