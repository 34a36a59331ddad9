"""Links, consents, vouchers and the kiosk's own id in SQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.database.consents import SqlConsentRepository
from kiosk.database.engine import Database, open_database
from kiosk.database.links import SqlLinkRepository
from kiosk.database.meta import SqlMeta
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.types import DownloadLink, LinkRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.session.types import ConsentRecord, ConsentRepository

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LINK = DownloadLink("link-1", "order-1", "hash-1", NOW, NOW + timedelta(days=30), 3)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "kiosk.db")
    yield opened
    opened.close()


@pytest.fixture
def links(database: Database) -> SqlLinkRepository:
    repository = SqlLinkRepository(database)
    repository.add_link(LINK)
    return repository


def test_the_ports_are_kept(database: Database) -> None:
    link_port: LinkRepository = SqlLinkRepository(database)
    consent_port: ConsentRepository = SqlConsentRepository(database)
    assert link_port.link_by_token_hash("x") is None
    consent_port.set_withdrawn("unknown", NOW)


def test_a_link_is_found_by_the_hash_of_its_token_only(links: SqlLinkRepository) -> None:
    links.add_link(LINK)
    assert links.link_by_token_hash("hash-1") == LINK
    assert links.link_by_token_hash("link-1") is None
    assert links.newest_link("order-1") == LINK
    assert links.newest_link("order-2") is None


def test_the_newest_link_of_an_order_is_shown_again(links: SqlLinkRepository) -> None:
    later = replace(LINK, link_id="link-2", token_hash="hash-2", created_at=NOW + timedelta(days=1))
    links.add_link(later)
    assert links.newest_link("order-1") == later


def test_downloads_are_counted_to_the_limit_and_not_beyond(links: SqlLinkRepository) -> None:
    assert links.count_download("link-1", "photo-1").downloads == 1
    assert links.count_download("link-1", "photo-2").downloads == 1
    assert links.count_download("link-1", "zip").downloads == 2
    assert links.count_download("link-1", "zip").downloads == 3
    for name in ("zip", "photo-1"):
        with pytest.raises(KnownError) as exhausted:
            links.count_download("link-1", name)
        assert exhausted.value.code is ErrorCode.LINK_EXHAUSTED
    assert links.object_downloads("link-1") == {"photo-1": 1, "photo-2": 1, "zip": 2}
    with pytest.raises(KnownError) as unknown:
        links.count_download("link-9", "zip")
    assert unknown.value.code is ErrorCode.LINK_UNKNOWN


def test_many_phones_at_once_do_not_exceed_the_limit(links: SqlLinkRepository) -> None:
    outcomes: list[bool] = []

    def download() -> None:
        try:
            links.count_download("link-1", "zip")
            outcomes.append(True)
        except KnownError:
            outcomes.append(False)

    threads = [threading.Thread(target=download) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(True) == 3
    found = links.link_by_token_hash("hash-1")
    assert found is not None
    assert found.downloads == 3


def test_expired_links_stay_readable(links: SqlLinkRepository) -> None:
    links.expire_links("order-1", NOW + timedelta(hours=1))
    links.expire_links("order-1", NOW + timedelta(hours=2))
    found = links.link_by_token_hash("hash-1")
    assert found is not None
    assert found.expires_at == NOW + timedelta(hours=1)


def test_a_consent_is_recorded_once_with_what_became_of_it(database: Database) -> None:
    consents = SqlConsentRepository(database)
    given = ConsentRecord("consent-1", "run", "2026-01", Language.THAI, NOW)
    later = NOW + timedelta(minutes=3)
    consents.add_consent(given)
    consents.add_consent(given)
    for _ in range(2):
        consents.set_withdrawn("consent-1", later)
        consents.set_face_deleted("consent-1", later)
        later += timedelta(minutes=1)
    first, last = NOW + timedelta(minutes=3), NOW + timedelta(minutes=4)
    assert consents.consents("run") == [replace(given, withdrawn_at=first, face_deleted_at=last)]
    with database.reading() as session:
        told = session.scalars(select(OutboxRow.payload).order_by(OutboxRow.outbox_id)).all()
    assert [json.loads(payload)["withdrawn_at"] is not None for payload in told] == [False, True, True, True]


def test_a_voucher_comes_back_as_it_was_stored_and_its_code_is_never_issued_again(database: Database) -> None:
    vouchers = SqlVoucherRepository(database)
    voucher = Voucher("SALE", VoucherKind.PERCENT, 20, "run", NOW, NOW + timedelta(days=1), 5, 2, 10000)
    vouchers.add_voucher(voucher)
    for again in (replace(voucher, value=30, used=0), voucher):
        with pytest.raises(KnownError) as refused:
            vouchers.add_voucher(again)
        assert refused.value.code is ErrorCode.VOUCHER_TAKEN
        assert refused.value.next_step
    assert vouchers.voucher("SALE") == voucher
    assert vouchers.vouchers() == [voucher]
    assert vouchers.voucher("NONE") is None


def test_the_kiosk_keeps_its_id(database: Database) -> None:
    first = SqlMeta(database).kiosk_id()
    assert len(first) == 32
    assert SqlMeta(database).kiosk_id() == first
