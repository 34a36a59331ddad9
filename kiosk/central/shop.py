"""The centre's till: its charges, the checkout of the orders made at it, and who may see which of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial

import structlog

from kiosk.adapters import choose_gateway
from kiosk.central.centre import Centre
from kiosk.central.charges import Charges
from kiosk.central.principal import Principal, Role
from kiosk.checkout.checkout import Checkout
from kiosk.database.central_orders import SqlCentralOrders
from kiosk.database.charges import SqlCharges
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.voucher_holds import SqlVoucherHolds
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.payments.charge import Charge, ChargeStatus
from kiosk.payments.nobody_paid import NobodyPaid
from kiosk.payments.settlement import POLL_EVERY_S
from kiosk.payments.types import PaymentGateway, PaymentOffer, PaymentReport, PaymentRequest
from kiosk.sales.orders import make_code
from kiosk.sales.types import PrintSize
from kiosk.settings import PaymentSection
from kiosk.sync.charge_answer import answer_about, offer_in, report_in

_log = structlog.get_logger(__name__)

CODE_PREFIX = "W"
"""Begins the codes of orders that are made at the centre."""
_NO_PRINTS: Mapping[PrintSize, int] = {}
_RECONCILE_EVERY = 100  # sweeps: five minutes


class Shop:
    """Money and orders of one centre. Any thread; several processes may have one each on the same stores.

    `own` is the checkout that looks after the orders of all tenants that were made here; it makes none.
    `why_unpaid` says why nobody can be paid here; None where somebody can.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        gateway = _gateway_of(centre)
        self.why_unpaid = gateway.why if isinstance(gateway, NobodyPaid) else None
        self.confirms_by_itself = gateway.confirms_by_itself
        self.charges = Charges(SqlCharges(centre.database, centre.clock), gateway, centre.clock)
        self.orders = SqlCentralOrders(centre.database, centre.clock)
        self.own = self._checkout(None, "", None)
        self._own_id = SqlCheckoutStore(centre.database).kiosk_id

    @property
    def own_id(self) -> str:
        """Stands as the kiosk of orders that were made here."""
        return self._own_id

    def checkout(self, principal: Principal) -> Checkout:
        """The checkout for orders that somebody makes or pays here."""
        customer_id = principal.subject if principal.role is Role.CUSTOMER else None
        return self._checkout(principal.tenant_id, principal.tenant_id, customer_id)

    def check(self, tenant_id: str, charge_id: str) -> tuple[Charge, KnownError | None]:
        """How a charge stands, and why the gateway could not be asked just now, if it could not; an order of
        this centre that it pays is settled."""
        failed: KnownError | None = None
        try:
            charge = self.charges.check(tenant_id, charge_id)
        except KnownError as error:
            if not error.code.startswith("Y-"):
                raise
            failed = error
            charge = self.charges.find(tenant_id, charge_id)
        self.settle(charge)
        return charge, failed

    def hear(self, provider_reference: str) -> None:
        """A notice of the gateway: it is asked, and an order of this centre settled."""
        charge = self.charges.hear(provider_reference)
        if charge is not None:
            self.settle(charge)

    def settle(self, charge: Charge) -> None:
        """Tells an order that was made here of its charge; those of kiosks hear by the feed."""
        if charge.status is ChargeStatus.CREATED:
            return
        payment_id = self.orders.own_payment(charge.tenant_id, charge.charge_id, self._own_id)
        if payment_id is None:
            return
        try:
            self.own.check(payment_id)
        except KnownError as failed:
            _log.warning("payment_not_checked", payment_id=payment_id, code=failed.code)

    def run(self, stop: threading.Event) -> None:
        """Asks about what is open, every few seconds until told to stop; for a thread of each process that
        serves. What fails (the database is away) is tried again."""
        sweeps = 0
        while not stop.is_set():
            try:
                self.sweep()
                if sweeps % _RECONCILE_EVERY == 0:
                    self.own.reconcile()
            except KnownError as failed:
                _log.warning("sweep_failed", code=failed.code, detail=failed.detail)
            sweeps += 1
            stop.wait(POLL_EVERY_S)

    def sweep(self) -> None:
        """Asks about open charges once, and settles the orders of this centre that they pay."""
        self.charges.sweep()
        self.own.sweep()

    def _checkout(self, charges_of: str | None, tenant_id: str, customer_id: str | None) -> Checkout:
        centre = self._centre
        store = SqlCheckoutStore(centre.database, centre.clock, tenant_id, customer_id)
        return Checkout(
            store,
            OwnCharges(self.charges, charges_of, store.kiosk_id, centre),
            centre.clock,
            EventBus(),
            partial(make_code, CODE_PREFIX),
            _NO_PRINTS,
            SqlVoucherHolds(centre.database, centre.clock, tenant_id, store.kiosk_id),
        )


class OwnCharges:
    """The gateway port of the centre's own checkout, over its charges. `tenant_id` None asks about those of
    any tenant, and makes none."""

    name = "central"
    confirms_by_itself = True

    def __init__(self, charges: Charges, tenant_id: str | None, kiosk_id: str, centre: Centre) -> None:
        self._charges = charges
        self._tenant_id = tenant_id
        self._kiosk_id = kiosk_id
        self._clock = centre.clock

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """The code to pay."""
        if self._tenant_id is None:
            raise KnownError(ErrorCode.GATEWAY_REFUSED, "A charge belongs to a tenant.")
        charge = self._charges.request(self._tenant_id, self._kiosk_id, request)
        now = self._clock.now()
        return offer_in(answer_about(charge, now), now)

    def check(self, provider_reference: str) -> PaymentReport:
        """How the charge stands."""
        charge = self._charges.check(self._tenant_id, provider_reference)
        now = self._clock.now()
        return report_in(answer_about(charge, now), now)

    def cancel(self, provider_reference: str) -> None:
        """Takes the charge back."""
        self._charges.cancel(self._tenant_id, provider_reference)


def _gateway_of(centre: Centre) -> PaymentGateway:
    payment: PaymentSection = centre.settings.payment
    try:
        if payment.gateway == "central":
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                "payment.gateway of a centre is central: it would ask itself.",
                "Set it to paynoi or promptpay in central.toml.",
            )
        return choose_gateway(payment, centre.secrets.read, centre.clock)
    except KnownError as why:
        return NobodyPaid(why)
