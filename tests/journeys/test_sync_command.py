"""`kiosk sync` as staff type it, and a whole kiosk that meets its centre by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

from kiosk.app import open_kiosk
from kiosk.archive import DATABASE_FILE
from kiosk.central.enrolment import Enrolment
from kiosk.checkout.types import OrderPaid, PaymentChanged
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sync_state import SqlOutbox
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentState
from kiosk.secrets import device_key_name
from kiosk.settings import Settings
from kiosk.sync.status import SyncState, SyncStatusChanged
from tests.centre import CentreServer
from tests.command_line import answer, kiosk, refusal
from tests.file_keyring import FileKeyring, keyring_in
from tests.sync_kiosk import (
    add_photos_at_once,
    enrolled_kiosk,
    make_event,
    make_order,
    make_payment,
)
from tests.watching import heard, wait_until

PATIENCE_S = 60.0


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[CentreServer]:
    with CentreServer(tmp_path / "centre") as one:
        yield one


@pytest.fixture
def tenant(centre: CentreServer) -> str:
    tenant_id = centre.add_tenant("Run of the year")
    SqlPhotoRepository(centre.centre.database).add_event(make_event("run", tenant_id))
    add_photos_at_once(centre.centre.database, tenant_id, "run", range(1, 6))
    return tenant_id


def code_of(centre: CentreServer, tenant_id: str, prefix: str) -> str:
    made = Enrolment(centre.centre.database, centre.centre.clock, centre.settings.access)
    return made.new_code(tenant_id, prefix=prefix).code


@pytest.mark.slow
def test_staff_enrol_a_kiosk_and_meet_the_centre_by_hand(
    centre: CentreServer, tenant: str, tmp_path: Path
) -> None:
    home = tmp_path / "kiosk"
    alone = keyring_in(tmp_path / "keys")
    assert refusal(kiosk(home, "sync", "--once", "--json", **alone)) == ErrorCode.NOT_ENROLLED
    assert answer(kiosk(home, "sync", "status", "--json", **alone))["state"] == "off"
    more = {**alone, "KIOSK_CENTRAL__URL": centre.url}
    assert refusal(kiosk(home, "sync", "--once", "--json", **more)) == ErrorCode.NOT_ENROLLED
    wrong = kiosk(home, "sync", "enrol", "AAAAA-AAAAA", "--json", **more)
    assert refusal(wrong) == ErrorCode.ENROLMENT_INVALID
    code = code_of(centre, tenant, "X7")
    enrolled = answer(kiosk(home, "sync", "enrol", code, "--json", **more))
    assert enrolled == {"tenant": "Run of the year", "code_prefix": "X7"}
    # The address was given for this one command: the kiosk keeps it.
    assert answer(kiosk(home, "sync", "status", "--json", **alone))["url"] == centre.url
    assert "as X7 of Run of the year" in kiosk(home, "doctor", "--json", **alone).stdout
    told = answer(kiosk(home, "sync", "--once", "--json", **alone))
    assert (told["state"], told["waiting"], told["parked"]) == ("online", 0, 0)
    events = answer(kiosk(home, "events", "--json", **more))
    assert [(event["name"], event["photos"]) for event in events] == [("Run", 5)]
    status = answer(kiosk(home, "sync", "status", "--json", **more))
    assert (status["tenant"], status["code_prefix"]) == ("Run of the year", "X7")
    assert status["cursor"] == told["cursor"] > 0
    # The photos are of another engine than this kiosk's: staff hear of it, and settle it.
    notices = answer(kiosk(home, "sync", "notices", "--json", **more))
    assert [notice["code"] for notice in notices] == [ErrorCode.CONTRACT_MISMATCH]
    shown = kiosk(home, "sync", "notices", **more, COLUMNS="80").stdout.splitlines()
    assert shown[0] == notices[0]["id"]
    assert notices[0]["code"] in shown[1]
    assert kiosk(home, "sync", "settle", notices[0]["id"], **more).returncode == 0
    assert kiosk(home, "sync", "settle", notices[0]["id"], **more).returncode == 1
    assert answer(kiosk(home, "sync", "notices", "--json", **more)) == []
    assert answer(kiosk(home, "sync", "parked", "--json", **more)) == []
    assert kiosk(home, "sync", "retry", "nothing", **more).returncode == 1
    findings = kiosk(home, "doctor", "--json", **more)
    assert "as X7 of Run of the year" in findings.stdout
    centre.stop()
    assert refusal(kiosk(home, "sync", "--once", "--json", **more)) == ErrorCode.CENTRE_UNREACHABLE


@pytest.mark.slow
def test_two_kiosks_of_one_user_keep_a_key_each(centre: CentreServer, tenant: str, tmp_path: Path) -> None:
    homes = (tmp_path / "one", tmp_path / "two")
    alone = keyring_in(tmp_path / "keys")
    for home, prefix in zip(homes, ("X7", "Y8"), strict=True):
        code = code_of(centre, tenant, prefix)
        answer(kiosk(home, "sync", "enrol", code, "--json", **alone, KIOSK_CENTRAL__URL=centre.url))
    assert len(list((tmp_path / "keys").iterdir())) == 2
    for home in homes:
        assert answer(kiosk(home, "sync", "--json", **alone))["state"] == "online"


def test_parked_messages_are_shown_with_their_whole_ids(tmp_path: Path) -> None:
    database = open_database(tmp_path / DATABASE_FILE)
    SqlPhotoRepository(database).add_event(make_event("run"))
    outbox = SqlOutbox(database)
    (waiting,) = outbox.waiting(1)
    outbox.taken([], {waiting.message.message_id: KnownError(ErrorCode.RECORD_INVALID, "no")})
    database.close()
    shown = kiosk(tmp_path, "sync", "parked", COLUMNS="20").stdout.splitlines()
    assert shown[0] == waiting.message.message_id
    assert "event" in shown[1]


def test_without_a_keyring_a_code_stays_good(centre: CentreServer, tenant: str, tmp_path: Path) -> None:
    more = {"KIOSK_CENTRAL__URL": centre.url}
    none = {**more, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    code = code_of(centre, tenant, "X7")
    refused = kiosk(tmp_path, "sync", "enrol", code, **none)
    assert refused.returncode == 2
    told = " ".join(refused.stderr.split())
    assert "A-106" in told
    assert "log in anew, then enrol again with the same code: kiosk sync enrol CODE" in told
    answer(kiosk(tmp_path, "sync", "enrol", code, "--json", **keyring_in(tmp_path / "keys"), **more))


def test_a_kiosk_meets_its_centre_by_itself_and_hears_what_another_kiosk_sold(
    centre: CentreServer, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "kiosk"
    for name, value in keyring_in(tmp_path / "keys").items():
        monkeypatch.setenv(name, value)
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    settings = Settings.model_validate(
        {
            "central": {"url": centre.url, "poll_s": 0.5},
            "delivery": {"host": "127.0.0.1", "port": 0},
            "payment": {"gateway": "promptpay", "promptpay_id": "0801234567"},
        }
    )
    whole = open_kiosk(home, settings)
    statuses = heard(whole.bus, SyncStatusChanged)
    changed, paid = heard(whole.bus, PaymentChanged), heard(whole.bus, OrderPaid)
    try:
        whole.start()
        wait_until(lambda: statuses, PATIENCE_S)
        assert whole.sync_status is not None
        assert whole.sync_status.code == ErrorCode.NOT_ENROLLED
        code = code_of(centre, tenant, "X7")
        more = {**keyring_in(tmp_path / "keys"), "KIOSK_CENTRAL__URL": centre.url}
        answer(kiosk(home, "sync", "enrol", code, "--json", **more))
        wait_until(lambda: whole.sync_status and whole.sync_status.state is SyncState.ONLINE, PATIENCE_S)
        wait_until(lambda: whole.view.event is not None and whole.view.event.photo_count == 5, PATIENCE_S)
        assert whole.checkout._code_maker().startswith("X7-")
        with enrolled_kiosk(centre, tmp_path / "second", tenant, "Y8") as second:
            order = make_order(second.kiosk_id, 1)
            payment = make_payment(order)
            second.orders.open_order(order, payment)
            now_paid = replace(payment, state=PaymentState.PAID, received_satang=payment.amount_satang)
            second.orders.settle(now_paid, PaymentState.CREATED, (), order.created_at)
            assert second.sync.once() is None
        wait_until(lambda: paid, PATIENCE_S)
        assert [told.order_id for told in paid] == [order.order_id]
        assert PaymentChanged(order.order_id, payment.payment_id, PaymentState.PAID) in changed
        own_id = SqlMeta(whole.archive.database).kiosk_id()
        assert (tmp_path / "keys" / f"photo-kiosk-{device_key_name(own_id)}").exists()
        status = answer(kiosk(home, "sync", "status", "--json", **more))
        assert status["state"] == "online"
    finally:
        whole.stop()
        keyring.set_keyring(before)
