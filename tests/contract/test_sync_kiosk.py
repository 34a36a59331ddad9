"""A kiosk and a real centre over real HTTP: what one knows the other learns, once, whatever comes between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kiosk.central.enrolment import Enrolment
from kiosk.clock import SystemClock
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sync_tables import InboxRow
from kiosk.database.tables import OrderRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.payments.types import PaymentState
from kiosk.runtime.worker import Supervisor
from kiosk.sales.types import OrderState
from kiosk.sync.client import CentralClient
from kiosk.sync.enrolling import enrol
from kiosk.sync.login import Credentials
from kiosk.sync.push import Pusher
from kiosk.sync.status import SyncState, SyncStatusChanged
from tests.centre import CentreServer, on_postgres
from tests.peers.postgres import PostgresServer
from tests.scripted_peer import Say, ScriptedPeer, say_html
from tests.sync_kiosk import (
    SyncKiosk,
    add_photos,
    add_photos_at_once,
    enrolled_kiosk,
    everything_of,
    make_event,
    make_order,
    make_payment,
)
from tests.watching import heard, wait_until


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real_server)])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentreServer]:
    settings = None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        settings = on_postgres(server.new_database(f"sync{uuid.uuid4().hex}"))
    with CentreServer(tmp_path / "centre", settings) as one:
        yield one


@pytest.fixture
def tenant(centre: CentreServer) -> str:
    return centre.add_tenant("Run of the year")


@pytest.fixture
def kiosk(centre: CentreServer, tenant: str, tmp_path: Path) -> Iterator[SyncKiosk]:
    with enrolled_kiosk(centre, tmp_path / "kiosk", tenant, "K1") as one:
        yield one


def fill(centre: CentreServer, tenant_id: str, numbers: range, faces: int = 1) -> None:
    photos = SqlPhotoRepository(centre.centre.database)
    photos.add_event(make_event("run", tenant_id))
    add_photos_at_once(centre.centre.database, tenant_id, "run", numbers, faces)


def sell(kiosk: SyncKiosk, numbers: range) -> None:
    """Placed and paid."""
    for number in numbers:
        order = make_order(kiosk.kiosk_id, number)
        payment = make_payment(order)
        kiosk.orders.open_order(order, payment)
        paid = replace(payment, state=PaymentState.PAID, received_satang=payment.amount_satang)
        kiosk.orders.settle(paid, PaymentState.CREATED, (), order.created_at)


def orders_at(centre: CentreServer) -> dict[str, str]:
    with centre.centre.database.reading() as session:
        return {row.order_id: row.state for row in session.scalars(select(OrderRow))}


def test_everything_of_an_event_comes_down_to_the_bit(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    fill(centre, tenant, range(1, 40), faces=2)
    assert kiosk.sync.once() is None
    assert kiosk.codes() == []
    assert len(kiosk.photos.photos("run")) == 39
    assert everything_of(kiosk.database, "run") == everything_of(centre.centre.database, "run")


def test_an_order_goes_up_once_and_comes_back_unchanged(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    fill(centre, tenant, range(1, 2))
    order = make_order(kiosk.kiosk_id, 1)
    kiosk.orders.open_order(order, make_payment(order))
    for _ in range(2):
        assert kiosk.sync.once() is None
    assert kiosk.outbox.counts() == (0, 0)
    assert kiosk.orders.order(order.order_id) == order


def test_what_the_centre_refused_is_taken_once_staff_have_put_right_why(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    order = make_order(kiosk.kiosk_id, 1)
    kiosk.orders.open_order(order, make_payment(order))
    assert kiosk.sync.once() is None
    (parked,) = kiosk.outbox.parked()
    assert parked.code == ErrorCode.EVENT_UNKNOWN
    fill(centre, tenant, range(1, 2))
    assert kiosk.outbox.retry(parked.message_id)
    assert kiosk.sync.once() is None
    assert kiosk.outbox.counts() == (0, 0)
    assert set(orders_at(centre)) == {order.order_id}
    assert kiosk.codes() == []


def test_an_order_of_one_kiosk_is_known_at_the_other(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk, tmp_path: Path
) -> None:
    fill(centre, tenant, range(1, 2))
    with enrolled_kiosk(centre, tmp_path / "second", tenant, "K2") as second:
        sell(kiosk, range(1))
        assert kiosk.sync.once() is None
        assert second.sync.once() is None
        order = second.orders.order_by_code(make_order(kiosk.kiosk_id, 0).code)
        assert order.state is OrderState.PAID
        assert [pulled.paid_orders for pulled in second.news if pulled.orders] == [(order.order_id,)]


@pytest.mark.slow
def test_a_kiosk_killed_in_the_middle_of_a_pull_goes_on_and_ends_equal(
    centre: CentreServer, tenant: str, tmp_path: Path
) -> None:
    fill(centre, tenant, range(1, 250))
    folder = tmp_path / "killed"
    with enrolled_kiosk(centre, folder, tenant, "K1") as kiosk:
        key = kiosk.secrets[kiosk.key_name]
    program = [sys.executable, "-m", "tests.faults.pull_program", str(folder), centre.url, key, "20"]
    cursor = 0
    for said_before_the_end in (2, 4):
        with subprocess.Popen(program, cwd=program_root(), stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            told = [running.stdout.readline().strip() for _ in range(said_before_the_end)]
            os.kill(running.pid, signal.SIGKILL)
        assert [int(word) for word in told] == sorted(int(word) for word in told)
        assert int(told[0]) > cursor
        cursor = int(told[-1])
    kiosk = SyncKiosk(folder, centre.url, key)
    assert kiosk.pulled_store.cursor() >= cursor
    assert kiosk.photos.count("run") < 249
    assert kiosk.sync.once() is None
    assert everything_of(kiosk.database, "run") == everything_of(centre.centre.database, "run")
    kiosk.close()


def test_an_answer_lost_after_the_centre_took_the_messages_takes_them_once(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    fill(centre, tenant, range(1, 2))
    sell(kiosk, range(3))

    class Deaf(CentralClient):
        def post_json(self, path: str, *args: object, **more: object) -> dict[str, object]:
            answer = super().post_json(path, *args, **more)  # type: ignore[arg-type]
            if "auth" in path:
                return answer
            raise KnownError(ErrorCode.CENTRE_FAILED, "the answer was lost")

    credentials = Credentials(kiosk.kiosk_id, kiosk.secrets[kiosk.key_name])
    for _ in range(3):
        deaf = Deaf(centre.url, credentials)
        with pytest.raises(KnownError):
            Pusher(deaf, kiosk.outbox).push()
    told = kiosk.outbox.counts()[0]
    assert kiosk.sync.once() is None
    assert set(orders_at(centre).values()) == {OrderState.PAID}
    assert len(orders_at(centre)) == 3
    with centre.centre.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(InboxRow)) == told


def test_with_the_centre_away_for_the_whole_day_the_kiosk_sells_and_everything_arrives_once(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    fill(centre, tenant, range(1, 2))
    worker = kiosk.worker()
    statuses = heard(kiosk.bus, SyncStatusChanged)
    worker.start()
    try:
        wait_until(lambda: kiosk.board.status.state is SyncState.ONLINE, 30)
        centre.stop()
        sell(kiosk, range(10))
        wait_until(lambda: kiosk.board.status.state is SyncState.OFFLINE, 30)
        assert kiosk.board.status.code == ErrorCode.CENTRE_UNREACHABLE
        sell(kiosk, range(10, 20))
        centre.start()
        wait_until(lambda: kiosk.outbox.counts() == (0, 0), 60)
        wait_until(lambda: kiosk.board.status.state is SyncState.ONLINE, 30)
    finally:
        assert worker.stop()
    assert len(orders_at(centre)) == 20
    assert set(orders_at(centre).values()) == {OrderState.PAID}
    assert kiosk.codes() == []
    assert {told.status.state for told in statuses} >= {SyncState.ONLINE, SyncState.OFFLINE}


def test_news_of_the_centre_are_pushed_and_need_no_poll(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    fill(centre, tenant, range(1, 2))
    worker = kiosk.worker(poll_s=600)
    worker.start()
    try:
        wait_until(lambda: kiosk.photos.events() and kiosk.photos.count("run") == 1, 30)
        wait_until(lambda: worker.is_listening, 30)
        began_s = time.monotonic()
        add_photos(SqlPhotoRepository(centre.centre.database), "run", range(2, 3))
        wait_until(lambda: kiosk.photos.count("run") == 2, 30)
        assert time.monotonic() - began_s < 10  # 3 s on a machine that has nothing else to do
        sell(kiosk, range(1))
        wait_until(lambda: len(orders_at(centre)) == 1, 30)
    finally:
        assert worker.stop()


def test_a_clock_that_is_hours_off_goes_on_and_is_told(
    centre: CentreServer, tenant: str, tmp_path: Path
) -> None:
    class Late(SystemClock):
        def now(self) -> datetime:
            return super().now() - timedelta(hours=3)

    fill(centre, tenant, range(1, 3))
    with enrolled_kiosk(centre, tmp_path / "late", tenant, "K1", Late()) as kiosk:
        sell(kiosk, range(2))
        assert kiosk.sync.once() is None or kiosk.board.status.code == ErrorCode.CLOCK_OFF
        status = kiosk.board.status
        assert (status.state, status.code) == (SyncState.TROUBLE, ErrorCode.CLOCK_OFF)
        assert abs(status.clock_off_s + 3 * 3600) < 60
        assert kiosk.photos.count("run") == 2
        assert len(orders_at(centre)) == 2


def test_a_code_enrols_a_kiosk_once_and_its_key_lets_it_in(
    centre: CentreServer, tenant: str, tmp_path: Path
) -> None:
    code = Enrolment(centre.centre.database, centre.centre.clock, centre.settings.access).new_code(tenant)
    kiosk = SyncKiosk(tmp_path / "new", centre.url)
    fill(centre, tenant, range(1, 2))
    assert kiosk.sync.once().code is ErrorCode.NOT_ENROLLED  # type: ignore[union-attr]
    assert kiosk.board.status.state is SyncState.OFF
    asker = CentralClient(centre.url, None)
    with pytest.raises(KnownError) as caught:
        enrol(asker, "WRONG-CODE", kiosk.enrolment, kiosk.read_secret, kiosk.keep_secret)
    assert caught.value.code is ErrorCode.ENROLMENT_INVALID
    told = enrol(asker, f" {code.code.lower()} ", kiosk.enrolment, kiosk.read_secret, kiosk.keep_secret)
    assert (told.tenant, told.code_prefix) == ("Run of the year", code.code_prefix)
    assert kiosk.sync.once() is None
    assert kiosk.photos.count("run") == 1
    with pytest.raises(KnownError) as caught:
        enrol(asker, code.code, kiosk.enrolment, kiosk.read_secret, kiosk.keep_secret)
    assert caught.value.code is ErrorCode.ENROLMENT_INVALID
    assert kiosk.secrets[kiosk.key_name] not in ("", "none yet")
    assert kiosk.sync.once() is None
    kiosk.close()


def test_a_wrong_key_is_trouble_for_staff(centre: CentreServer, tenant: str, kiosk: SyncKiosk) -> None:
    kiosk.secrets[kiosk.key_name] = "another"
    error = kiosk.sync.once()
    assert error is not None
    assert error.code is ErrorCode.CENTRE_LOGIN_REFUSED
    assert error.next_step == "Ask an admin for a code and enrol again: kiosk sync enrol CODE"
    assert kiosk.board.status.state is SyncState.TROUBLE
    assert kiosk.stored.stored()["code"] == ErrorCode.CENTRE_LOGIN_REFUSED


@pytest.mark.parametrize("said", [Say(hangs=True), say_html()])
def test_it_ends_within_two_seconds_whatever_the_network_does(tmp_path: Path, said: Say) -> None:
    with ScriptedPeer({"/": said}) as peer:
        kiosk = SyncKiosk(tmp_path, peer.url, "key")
        kiosk.enrolment.enrol("tenant", "K1")
        sell(kiosk, range(1))
        worker = kiosk.worker()
        supervisor = Supervisor([worker])
        supervisor.start()
        wait_until(lambda: peer.asked)
        began_s = time.monotonic()
        assert supervisor.stop() == ()
        assert time.monotonic() - began_s < 2.0
        assert kiosk.outbox.counts()[0] == 2
        kiosk.close()


def test_while_a_whole_event_comes_down_the_checkout_does_not_wait(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    fill(centre, tenant, range(1, 1500))
    waits: list[float] = []
    puller = threading.Thread(target=kiosk.sync.once)
    puller.start()
    number = 0
    while puller.is_alive():
        began_s = time.monotonic()
        order = make_order(kiosk.kiosk_id, number)
        kiosk.orders.open_order(order, make_payment(order))
        waits.append(time.monotonic() - began_s)
        number += 1
        time.sleep(0.02)
    puller.join()
    assert kiosk.photos.count("run") == 1499
    assert sorted(waits)[len(waits) // 2] < 0.5, "a half of them wait too long"
    assert max(waits) < 3.0, "on a machine that has nothing else to do, 0.3"


def test_orders_of_another_tenant_never_come_down(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk, tmp_path: Path
) -> None:
    stranger = centre.add_tenant("Another")
    fill(centre, tenant, range(1, 2))
    with enrolled_kiosk(centre, tmp_path / "stranger", stranger, "K1") as other:
        sell(kiosk, range(2))
        assert kiosk.sync.once() is None
        assert other.sync.once() is None
        assert other.photos.events() == []
        with other.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(OrderRow)) == 0
