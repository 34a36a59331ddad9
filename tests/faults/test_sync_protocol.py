"""Whatever kiosks and the centre do, whatever befalls the wire and the power: all end in the same state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import select

from kiosk.checkout.checkout import Checkout
from kiosk.database.central_tables import VoucherHoldRow
from kiosk.database.changes import note_change
from kiosk.database.consents import consent_record
from kiosk.database.engine import Database
from kiosk.database.feed_records import order_records, voucher_records
from kiosk.database.outbox import OutboxState
from kiosk.database.photo_records import photo_records, remove_photos
from kiosk.database.records import event_records, write_event
from kiosk.database.sync_tables import InboxRow, NoticeRow, OutboxRow
from kiosk.database.tables import (
    ConsentRow,
    EventRow,
    FeedbackRow,
    OrderLineRow,
    OrderRow,
    PhotoRow,
    VoucherRow,
)
from kiosk.delivery.types import DeliveryState
from kiosk.errors import ErrorCode
from kiosk.language import Language
from kiosk.payments.settlement import DELIVERABLE, OPEN
from kiosk.payments.types import PaymentState
from kiosk.photos.types import Face, Photo, PhotoEvent, PhotoState
from kiosk.sales.types import Basket, Quote, Voucher, VoucherKind
from kiosk.session.types import ConsentRecord
from kiosk.sync.records import EventRecord, Kind, PackageRecord
from kiosk.vision.types import Box, Embedding
from tests.faults.sync_machines import (
    CONTRACT,
    EVENT,
    KIOSKS,
    MEMORY_DISK,
    NOW,
    TENANT,
    CentreMachine,
    Fault,
    KioskMachine,
    SteppingClock,
    some_vector,
)

PRICE = 7900
MOST_ROUNDS = 12
"""Of pushing and pulling, until nothing moves any more."""

WHICH_KIOSK = st.integers(0, KIOSKS - 1)
PLACE = st.integers(0, 20)
FAULTS = st.lists(st.sampled_from(Fault), max_size=4)
POWER = st.one_of(st.none(), st.integers(1, 40))
"""Before how many statements the power fails; never with None."""


Deed = Callable[[Checkout, str], object]
"""What staff and visitors do to an order at one kiosk."""


def see_money(more: int) -> Deed:
    """Staff see the price, or so much more."""

    def deed(checkout: Checkout, order_id: str) -> None:
        payment = checkout.payments(order_id)[-1]
        if payment.state is PaymentState.CREATED:
            payment = checkout.request_payment(payment.payment_id)
        checkout.confirm_by_staff(payment.payment_id, max(0, payment.amount_satang + more), "Nok")

    return named(deed, f"see {more:+}")


def pay_anew(checkout: Checkout, order_id: str) -> None:
    """No money came: the payment is called off, and another one paid."""
    payment = checkout.payments(order_id)[-1]
    if payment.state is PaymentState.CREATED:
        payment = checkout.request_payment(payment.payment_id)
    checkout.confirm_by_staff(payment.payment_id, 0, "Nok")
    anew = checkout.renew(order_id)
    anew = checkout.request_payment(anew.payment_id)
    checkout.confirm_by_staff(anew.payment_id, anew.amount_satang, "Nok")


def ask_for_a_new_code(checkout: Checkout, order_id: str) -> None:
    """What is missing, or all of it."""
    checkout.renew(order_id)
    checkout.pay_rest(order_id)


def cancel(checkout: Checkout, order_id: str) -> None:
    """Nobody wants it any more."""
    checkout.cancel(order_id)


def hand_over(state: DeliveryState) -> Deed:
    """What is owed, if anything is yet."""

    def deed(checkout: Checkout, order_id: str) -> None:
        for delivery in checkout.deliveries(order_id):
            checkout.set_delivery(delivery.delivery_id, state)

    return named(deed, f"hand over {state}")


def named(deed: Deed, name: str) -> Deed:
    """As a failed run tells it."""
    deed.__name__ = name
    return deed


_SALES = [see_money(0), see_money(-100), see_money(100), pay_anew, ask_for_a_new_code, cancel]
SALES = st.sampled_from(_SALES)
DEEDS = st.sampled_from([*_SALES, see_money(0), *map(hand_over, DeliveryState)])


class KiosksAndTheirCentre(RuleBasedStateMachine):
    """Two kiosks and a centre. In the end the wire is whole: they push and pull until nothing moves."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None)
        self.clock = SteppingClock()
        folder = Path(self.folder.name)
        self.centre = CentreMachine(folder, self.clock)
        self.kiosks = [KioskMachine(folder, number, self.clock, self.centre) for number in range(KIOSKS)]
        self.made = 0

    @initialize()
    def both_kiosks_know_the_event(self) -> None:
        for uses in (1, 2):
            self.the_centre_issues_a_voucher(uses)
        self.a_photo_is_imported(2, CONTRACT)
        self.a_photo_is_imported(1, CONTRACT)
        for kiosk in self.kiosks:
            kiosk.pull()

    def teardown(self) -> None:
        try:
            self.heal()
            self.check_orders()
            self.check_photos_and_events()
            self.check_vouchers()
            self.check_what_only_goes_up()
            self.check_taken_once()
        finally:
            for machine in (self.centre, *self.kiosks):
                machine.database.close()
            self.folder.cleanup()

    # -- the kiosks at work ---------------------------------------------------------------------------

    @rule(who=WHICH_KIOSK, which=PLACE, power=POWER)
    def an_order_is_made(self, who: int, which: int, power: int | None) -> None:
        kiosk = self.kiosks[who]
        photo = pick([row.photo_id for row in photos_at(kiosk.database)], which) or "0" * 32
        kiosk.dies_after(
            power,
            lambda: kiosk.checkout.place(Basket((photo,)), quote(None), EVENT, Language.THAI),
        )

    @rule(who=WHICH_KIOSK, which=PLACE, is_free=st.booleans(), power=POWER, faults=FAULTS)
    def an_order_is_made_with_a_voucher(
        self, who: int, which: int, is_free: bool, power: int | None, faults: list[Fault]
    ) -> None:
        kiosk = self.kiosks[who]
        kiosk.wire.faults = list(faults)
        voucher = pick([one.code for one in kiosk.vouchers.vouchers()], which)
        if voucher is not None:
            costs = quote(voucher, is_free=is_free)
            basket = Basket(("0" * 32,), voucher_code=voucher)
            kiosk.dies_after(power, lambda: kiosk.checkout.place(basket, costs, EVENT, Language.THAI))

    @rule(who=WHICH_KIOSK, which=PLACE, deed=DEEDS, power=POWER)
    def an_order_goes_on(self, who: int, which: int, deed: Deed, power: int | None) -> None:
        """Any order that is known there, wherever it was made."""
        kiosk = self.kiosks[who]
        order_id = pick(order_ids(kiosk.database), which)
        if order_id is not None:
            kiosk.dies_after(power, partial(deed, kiosk.checkout, order_id))

    @rule(which=PLACE, here=SALES, there=SALES, is_new=st.booleans())
    def an_order_goes_on_at_both(self, which: int, here: Deed, there: Deed, is_new: bool) -> None:
        """Both know the order; neither hears of what the other does to it."""
        if is_new:
            self.an_order_is_made(which % KIOSKS, which, None)
        self.all_meet()
        known = [set(order_ids(kiosk.database)) for kiosk in self.kiosks]
        both = [one for one in order_ids(self.kiosks[0].database) if one in known[1]]
        order_id = pick(both[-1:] if is_new else both, which)
        if order_id is not None:
            for kiosk, deed in zip(self.kiosks, (here, there), strict=True):
                kiosk.dies_after(None, partial(deed, kiosk.checkout, order_id))

    @rule(who=WHICH_KIOSK, power=POWER)
    def somebody_agrees(self, who: int, power: int | None) -> None:
        kiosk = self.kiosks[who]
        consent = ConsentRecord(self.new_id("consent"), EVENT, "4", Language.THAI, self.clock.now())
        kiosk.dies_after(power, lambda: kiosk.consents.add_consent(consent))

    @rule(who=WHICH_KIOSK, which=PLACE, is_withdrawn=st.booleans(), power=POWER)
    def a_consent_ends(self, who: int, which: int, is_withdrawn: bool, power: int | None) -> None:
        kiosk = self.kiosks[who]
        consent = pick([one.consent_id for one in kiosk.consents.consents(EVENT)], which)
        if consent is not None:
            change = kiosk.consents.set_withdrawn if is_withdrawn else kiosk.consents.set_face_deleted
            kiosk.dies_after(power, lambda: change(consent, self.clock.now()))

    @rule(who=WHICH_KIOSK, which=PLACE, is_taken_back=st.booleans(), power=POWER)
    def somebody_says_not_me(self, who: int, which: int, is_taken_back: bool, power: int | None) -> None:
        kiosk, at = self.kiosks[who], self.clock.now()
        photo = f"{which % 3:032}"
        kiosk.dies_after(power, lambda: kiosk.photos.add_not_me(EVENT, photo, 0, at))
        if is_taken_back:
            kiosk.dies_after(power, lambda: kiosk.photos.take_back_not_me(EVENT, photo, 0, at))

    @rule(who=WHICH_KIOSK, uses=st.sampled_from([1, 2, None]), power=POWER)
    def a_kiosk_issues_a_voucher(self, who: int, uses: int | None, power: int | None) -> None:
        kiosk = self.kiosks[who]
        voucher = Voucher(
            f"HOME{self.new_number()}",
            VoucherKind.AMOUNT,
            1000,
            use_limit=uses,
            home_kiosk_id=kiosk.kiosk_id,
        )
        kiosk.dies_after(power, lambda: kiosk.vouchers.add_voucher(voucher))

    # -- the centre at work ---------------------------------------------------------------------------

    @rule(uses=st.sampled_from([1, 1, 2, None]))
    def the_centre_issues_a_voucher(self, uses: int | None) -> None:
        voucher = Voucher(f"ALL{self.new_number()}", VoucherKind.AMOUNT, 1000, use_limit=uses)
        self.centre.vouchers.add_voucher(voucher)

    @rule(faces=st.integers(0, 2), contract=st.sampled_from([CONTRACT, CONTRACT, "another"]))
    def a_photo_is_imported(self, faces: int, contract: str) -> None:
        number = self.new_number()
        content = sha256(f"{number}".encode()).hexdigest()
        photo = Photo(
            photo_id=content[:32],
            event_id=EVENT,
            number=self.centre.photos.next_number(EVENT),
            file_name=f"{number}.jpg",
            content_hash=content,
            width=600,
            height=400,
            taken_at=self.clock.now(),
            imported_at=self.clock.now(),
        )
        found = [
            Face(place, Box(0, 0, 50, 60), 0.9, Embedding(some_vector(number * 10 + place), contract))
            for place in range(faces)
        ]
        self.centre.photos.add_photo(photo, found)

    @rule(which=PLACE, state=st.sampled_from((PhotoState.ON_SALE, PhotoState.WITHDRAWN)))
    def a_photo_is_withdrawn_or_back(self, which: int, state: PhotoState) -> None:
        photo = pick([row.photo_id for row in photos_at(self.centre.database)], which)
        if photo is not None:
            self.centre.photos.set_state(photo, state)

    @rule(which=PLACE)
    def a_photo_is_deleted(self, which: int) -> None:
        photo = pick([row.photo_id for row in photos_at(self.centre.database)], which)
        if photo is not None:
            with self.centre.database.writing() as session:
                remove_photos(session, [photo])
                note_change(session, Kind.PHOTO, photo, TENANT, is_deleted=True)

    @rule(is_new=st.booleans(), which=PLACE)
    def an_event_is_made_or_renamed(self, is_new: bool, which: int) -> None:
        events = self.centre.photos.events()
        number = self.new_number()
        if is_new:
            event = PhotoEvent(f"event-{number}", f"Event {number}", "", NOW, tenant_id=TENANT)
        else:
            event = replace(events[which % len(events)], name=f"Renamed {number}")
        self.centre.photos.add_event(event)

    @rule(price=st.integers(1, 50))
    def an_event_gets_prices(self, price: int) -> None:
        package = PackageRecord(package_id="one", name_key="one", photo_count=1, price_satang=price * 100)
        record = EventRecord(
            event_id=EVENT, name=f"Priced {price}", name_th="", created_at=NOW, packages=(package,)
        )
        with self.centre.database.writing() as session:
            write_event(session, record, TENANT)
            note_change(session, Kind.EVENT, EVENT, TENANT)

    # -- the wire ---------------------------------------------------------------------------------------

    @rule(who=WHICH_KIOSK, faults=FAULTS, dies_at=st.integers(1, 40), power=POWER)
    def a_kiosk_pushes(self, who: int, faults: list[Fault], dies_at: int, power: int | None) -> None:
        kiosk = self.kiosks[who]
        kiosk.wire.faults, kiosk.wire.centre_dies_at = list(faults), dies_at
        kiosk.dies_after(power, kiosk.push)

    @rule(who=WHICH_KIOSK, faults=FAULTS, dies_at=st.integers(1, 40), power=POWER)
    def a_kiosk_pulls(self, who: int, faults: list[Fault], dies_at: int, power: int | None) -> None:
        kiosk = self.kiosks[who]
        kiosk.wire.faults, kiosk.wire.centre_dies_at = list(faults), dies_at
        kiosk.dies_after(power, kiosk.pull)

    @rule()
    def all_meet(self) -> None:
        """On a good day."""
        for kiosk in (*self.kiosks, *self.kiosks):
            kiosk.wire.faults = []
            kiosk.dies_after(None, kiosk.push)
            kiosk.dies_after(None, kiosk.pull)

    @rule(who=WHICH_KIOSK)
    def the_wire_is_cut_or_mended(self, who: int) -> None:
        self.kiosks[who].wire.is_cut = not self.kiosks[who].wire.is_cut

    @precondition(lambda self: any(kiosk.wire.late for kiosk in self.kiosks))
    @rule(which=PLACE)
    def a_late_call_arrives(self, which: int) -> None:
        for kiosk in self.kiosks:
            kiosk.wire.deliver_late(which)

    # -- the end ----------------------------------------------------------------------------------------

    def heal(self) -> None:
        for kiosk in self.kiosks:
            kiosk.wire.is_cut, kiosk.wire.faults = False, []
            while kiosk.wire.late:
                kiosk.wire.deliver_late(0)
        for _ in range(MOST_ROUNDS):
            before = self.standing()
            for kiosk in self.kiosks:
                kiosk.desk.resume()
                kiosk.push()
                kiosk.pull()
            if self.standing() == before:
                return
        raise AssertionError("the machines do not come to rest")

    def standing(self) -> tuple[int, ...]:
        waiting = [kiosk.outbox.counts()[0] for kiosk in self.kiosks]
        return (
            self.centre.feed.last_revision(TENANT),
            *(kiosk.pulled.cursor() for kiosk in self.kiosks),
            *waiting,
        )

    def check_orders(self) -> None:
        centre = orders_of(self.centre.database, TENANT)
        for kiosk in self.kiosks:
            assert kiosk.outbox.counts() == (0, 0), "something is still to be told, or was refused"
            assert orders_of(kiosk.database, "") == centre
        for order in centre.values():
            states = [payment["state"] for payment in order["payments"]]
            assert states.count("paid") <= 1
            if order["state"] == "paid":
                assert any(state in DELIVERABLE for state in states)
                assert len(order["deliveries"]) == 1
            else:
                assert order["deliveries"] == []

    def check_photos_and_events(self) -> None:
        truth = {row.photo_id for row in photos_at(self.centre.database)}
        with self.centre.database.reading() as session:
            photos = photo_records(session, TENANT, truth)
            events = event_records(session, TENANT, session.scalars(select(EventRow.event_id)))
        for kiosk in self.kiosks:
            with kiosk.database.reading() as session:
                assert photo_records(session, "", truth) == photos
                assert event_records(session, "", session.scalars(select(EventRow.event_id))) == events
                ordered = set(session.scalars(select(OrderLineRow.photo_id)))
            left = {row.photo_id: row for row in photos_at(kiosk.database) if row.photo_id not in truth}
            assert set(left) <= ordered
            assert all(row.state == PhotoState.WITHDRAWN.value for row in left.values())
            assert not any(kiosk.photos.photo_faces(photo_id) for photo_id in left)

    def check_vouchers(self) -> None:
        centre = vouchers_of(self.centre.database, TENANT)
        paid: dict[str, int] = {}
        self.check_holds()
        for order in orders_of(self.centre.database, TENANT).values():
            if order["state"] in ("paid", "refunded") and order["voucher_code"]:
                paid[order["voucher_code"]] = paid.get(order["voucher_code"], 0) + 1
        with self.centre.database.reading() as session:
            told = set(
                session.scalars(
                    select(NoticeRow.subject).where(NoticeRow.code == ErrorCode.VOUCHER_OVERUSED.value)
                )
            )
        for code, voucher in centre.items():
            assert voucher["used"] == paid.get(code, 0), "a use was lost or counted twice"
            limit = voucher["use_limit"]
            assert limit is None or voucher["used"] <= limit or code in told
        for kiosk in self.kiosks:
            assert vouchers_of(kiosk.database, "") == centre

    def check_holds(self) -> None:
        """No use is held for an order that was never made, cancelled or paid."""
        orders = orders_of(self.centre.database, TENANT)
        with self.centre.database.reading() as session:
            holds = [(row.order_id, row.state) for row in session.scalars(select(VoucherHoldRow))]
        for order_id, state in holds:
            is_made = order_id in orders
            stands = orders[order_id]["state"] if is_made else "never made"
            wanted = {"awaiting_payment": "held", "paid": "used", "refunded": "used"}.get(stands, "released")
            assert state == wanted, (stands, state)

    def check_what_only_goes_up(self) -> None:
        consents: dict[str, Any] = {}
        feedback: list[tuple[Any, ...]] = []
        for kiosk in self.kiosks:
            consents |= consents_of(kiosk.database)
            feedback += feedback_of(kiosk.database)
        assert consents_of(self.centre.database) == consents
        assert feedback_of(self.centre.database) == sorted(feedback)

    def check_taken_once(self) -> None:
        """For each message that a kiosk holds as told there is exactly one answer at the centre."""
        for kiosk in self.kiosks:
            with kiosk.database.reading() as session:
                sent = select(OutboxRow.message_id).where(OutboxRow.state == OutboxState.SENT.value)
                told = set(session.scalars(sent))
            with self.centre.database.reading() as session:
                mine = InboxRow.device_id == kiosk.kiosk_id
                taken = list(session.scalars(select(InboxRow.message_id).where(mine)))
            assert told <= set(taken)
            assert len(taken) == len(set(taken))

    # -- small things -----------------------------------------------------------------------------------

    def new_number(self) -> int:
        self.made += 1
        return self.made

    def new_id(self, what: str) -> str:
        return f"{what}-{self.new_number()}"


def quote(voucher_code: str | None, *, is_free: bool = False) -> Quote:
    off = 0 if voucher_code is None else PRICE if is_free else 1000
    return Quote(1, (), PRICE, PRICE, 0, off, PRICE - off, None, voucher_code)


def pick(among: list[str], which: int) -> str | None:
    return among[which % len(among)] if among else None


def order_ids(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(OrderRow.order_id).order_by(OrderRow.created_at)))


def photos_at(database: Database) -> list[PhotoRow]:
    with database.reading() as session:
        rows = list(session.scalars(select(PhotoRow).order_by(PhotoRow.photo_id)))
        session.expunge_all()
        return rows


def orders_of(database: Database, tenant_id: str) -> dict[str, Any]:
    """Whole orders; of a payment that nobody has paid or ended it does not matter how far its kiosk is with
    asking: that is the business of the kiosk which asks."""
    with database.reading() as session:
        found = order_records(session, tenant_id, order_ids(database))
    for order in found.values():
        order["payments"] = [
            {"payment_id": one["payment_id"], "state": "open"} if one["state"] in OPEN else one
            for one in order["payments"]
        ]
    return found


def vouchers_of(database: Database, tenant_id: str) -> dict[str, Any]:
    with database.reading() as session:
        codes = session.scalars(select(VoucherRow.code).where(VoucherRow.tenant_id == tenant_id))
        return voucher_records(session, tenant_id, codes)


def consents_of(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        return {row.consent_id: consent_record(row) for row in session.scalars(select(ConsentRow))}


def feedback_of(database: Database) -> list[tuple[Any, ...]]:
    columns = (FeedbackRow.event_id, FeedbackRow.photo_id, FeedbackRow.ordinal, FeedbackRow.said_at)
    with database.reading() as session:
        return sorted(tuple(row) for row in session.execute(select(*columns)))


def lasting(examples: int, steps: int) -> settings:
    """So many stories of so many steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes longer than a test may
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


KiosksAndTheirCentre.TestCase.settings = lasting(6, 25)
TestKiosksAndTheirCentre = KiosksAndTheirCentre.TestCase


class ForLong(KiosksAndTheirCentre):
    """The same, longer."""


ForLong.TestCase.settings = lasting(300, 50)
TestForLong = pytest.mark.slow(pytest.mark.timeout(1800)(ForLong.TestCase))
