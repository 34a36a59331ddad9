"""The phone page over real HTTP: who gets in, what they get, what is counted."""

from __future__ import annotations

import io
import json
import re
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest
import requests

from kiosk.delivery.links import ZIP_OBJECT
from kiosk.delivery.phone_pages import PageWriter
from kiosk.delivery.purchases import DataKind, DataReceipt, DeletionShown, KeptData, Purchase
from kiosk.language import Language
from kiosk.photos.types import PhotoEvent
from kiosk.sales.types import OrderState
from tests.phone_shop import EVENT, TAKEN, PhoneShop, open_shop

TIMEOUT_S = 20


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PhoneShop]:
    opened = open_shop(tmp_path, photo_count=3, limit=2, width=400)
    yield opened
    assert opened.server.stop()


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT_S, headers={k.replace("_", "-"): v for k, v in headers.items()})


def eventually(is_so: Callable[[], bool]) -> None:
    """A download counts right after its last byte left, so a test may be a moment early."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


def test_page_speaks_the_orders_language_and_can_be_switched(shop: PhoneShop) -> None:
    thai = get(shop.url)
    assert thai.status_code == 200
    assert '<html lang="th">' in thai.text
    assert "รูปของคุณ 3 รูป" in thai.text
    assert "20 ธ.ค. 2569" in thai.text
    english = get(shop.url + "?lang=en")
    assert '<html lang="en">' in english.text
    assert "Your 3 photos" in english.text
    assert "Works until 20 Dec 2026. 2 of 2 downloads left." in english.text
    assert "/photo/1?lang=en" in english.text


def test_page_needs_nothing_from_elsewhere_and_no_script(shop: PhoneShop) -> None:
    page = get(shop.url)
    assert not re.findall(r"https?://(?!www\.w3\.org)", page.text)
    assert "<script" not in page.text
    assert " style=" not in page.text
    for asset in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert get(shop.server.base_url + asset).status_code == 200


@pytest.mark.parametrize("path", ["", "/nothing", "/photo/99", "/photo/0", "/photo/x"])
def test_every_page_forbids_keeping_framing_and_telling_where_one_came_from(
    shop: PhoneShop, path: str
) -> None:
    headers = get(shop.url + path).headers
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "server" not in headers


def test_original_is_handed_over_as_it_is_and_counted_once(shop: PhoneShop) -> None:
    answer = get(shop.url + "/photo/2?save=1")
    assert answer.content == shop.original(2).read_bytes()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "%200042.jpg" in answer.headers["Content-Disposition"]
    eventually(lambda: shop.counts() == {"photo2": 1})


def test_opened_photo_is_shown_on_the_phone_not_saved(shop: PhoneShop) -> None:
    assert get(shop.url + "/photo/2").headers["Content-Disposition"].startswith("inline; ")


def test_previews_are_thumbnails_and_never_counted(shop: PhoneShop) -> None:
    for _ in range(5):
        answer = get(shop.url + "/preview/1?size=large")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.content != shop.original(1).read_bytes()
    assert shop.counts() == {}


@pytest.mark.parametrize("path", ["", "/photo/1", "/preview/1", "/all.zip"])
@pytest.mark.parametrize(
    ("state", "status"),
    [(OrderState.AWAITING_PAYMENT, 403), (OrderState.CANCELLED, 410), (OrderState.REFUNDED, 410)],
)
def test_nothing_of_an_order_that_is_not_paid_is_ever_handed_over(
    shop: PhoneShop, path: str, state: OrderState, status: int
) -> None:
    shop.orders.set_state(state)
    answer = get(shop.url + path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "K7-4Q2M" in answer.text
    shop.orders.set_state(OrderState.PAID)
    assert get(shop.url + path).status_code == 200


@pytest.mark.parametrize("path", ["", "/photo/1", "/preview/1", "/all.zip"])
def test_expired_link_says_until_when_it_was_good_and_what_to_do(shop: PhoneShop, path: str) -> None:
    shop.clock.advance(timedelta(days=30).total_seconds())
    answer = get(shop.url + path + "?lang=en")
    assert answer.status_code == 410
    assert "This link was valid until 20 Dec 2026." in answer.text
    assert "K7-4Q2M" in answer.text


def test_a_link_whose_buyer_had_the_photos_deleted_says_so_and_promises_nothing(shop: PhoneShop) -> None:
    shop.orders.delete()
    shop.clock.advance(timedelta(days=30).total_seconds())
    answer = get(shop.url + "?lang=en")
    assert answer.status_code == 410
    assert "were deleted, as its buyer wished" in answer.text
    assert "staff" not in answer.text


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.swapcase(),
        lambda token: "x",
        lambda token: "A" * 5000,
        lambda token: "%00%ff",
        lambda token: "งาน🏃",
        lambda token: "..%2f..%2fetc%2fpasswd",
    ],
)
def test_forged_token_opens_nothing_and_tells_nothing(shop: PhoneShop, forge: Callable[[str], str]) -> None:
    forged = forge(shop.tokens.download)
    for path in ("", "/photo/1", "/all.zip"):
        answer = get(f"{shop.server.base_url}/d/{forged}{path}")
        assert answer.status_code == 404
        assert "K7-4Q2M" not in answer.text
        assert "เปิดลิงก์นี้ไม่ได้" in answer.text


def test_stored_hash_and_receipt_token_do_not_open_the_photos(shop: PhoneShop) -> None:
    for wrong in (shop.link.token_hash, shop.link.link_id, shop.tokens.receipt):
        assert get(f"{shop.server.base_url}/d/{wrong}").status_code == 404


def test_guessing_is_slowed_down_and_ends_by_itself(shop: PhoneShop) -> None:
    statuses = [get(f"{shop.server.base_url}/d/{number:027d}").status_code for number in range(32)]
    assert statuses == [404] * 30 + [429] * 2
    barred = get(shop.url, Accept_Language="en")
    assert barred.status_code == 429
    assert 0 < int(barred.headers["Retry-After"]) <= 60
    shop.clock.advance(61)
    assert get(shop.url).status_code == 200


def test_unknown_page_is_in_the_phones_language(shop: PhoneShop) -> None:
    english = get(shop.server.base_url + "/d/nothing", Accept_Language="en-GB,en;q=0.9")
    assert "This link does not open" in english.text


def test_zip_holds_every_original_and_true_metadata(shop: PhoneShop) -> None:
    answer = get(shop.url + "/all.zip?lang=en")
    assert answer.headers["Content-Type"] == "application/zip"
    assert 'filename="Riverside Run 2026 K7-4Q2M.zip"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        names = [f"Riverside Run 2026 {number:04d}.jpg" for number in (41, 42, 43)]
        assert archive.namelist() == [*names, "metadata.json"]
        assert [archive.read(name) for name in names] == [
            shop.original(index).read_bytes() for index in (1, 2, 3)
        ]
        assert archive.getinfo(names[0]).date_time == (2026, 11, 20, 6, 4, 0)
        metadata = json.loads(archive.read("metadata.json"))
    assert metadata["format"] == 1
    assert metadata["order_code"] == "K7-4Q2M"
    assert metadata["event"] == {"name": EVENT.name, "name_th": EVENT.name_th, "place": "Bangkok"}
    assert metadata["missing_count"] == 0
    assert metadata["licence"].startswith("These photos are yours")
    assert metadata["photos"][0] == {
        "file": names[0],
        "is_missing": False,
        "number": 41,
        "original_name": "DSC_0000.JPG",
        "taken_at": f"{TAKEN:%Y-%m-%dT%H:%M:%SZ}",
        "place": "Finish",
        "photographer": "Nok",
        "width": 400,
        "height": 500,
        "sha256": shop.photos[0].content_hash,
    }
    eventually(lambda: shop.counts() == {ZIP_OBJECT: 1})


def test_a_time_that_is_not_known_is_told_nowhere(shop: PhoneShop) -> None:
    first, *others = shop.photos
    assert "06:04" in get(shop.url + "?lang=en").text
    photos = {photo.photo_id: photo for photo in (replace(first, is_time_known=False), *others)}
    shop.orders.current = replace(shop.orders.current, photos=photos)
    page = get(shop.url + "?lang=en").text
    assert "06:04" not in page
    assert page.count('class="time"') == len(others)
    with zipfile.ZipFile(io.BytesIO(get(shop.url + "/all.zip").content)) as archive:
        told = [entry["taken_at"] for entry in json.loads(archive.read("metadata.json"))["photos"]]
    assert told[0] is None
    assert all(told[1:])


def test_zip_can_be_unpacked_as_a_stream(shop: PhoneShop) -> None:
    content = get(shop.url + "/all.zip").content
    flags, method = struct.unpack_from("<HH", content, 6)
    size = struct.unpack_from("<I", content, 18)[0]
    assert flags & 0x08 == 0, "sizes must stand before the data, not after it"
    assert method == zipfile.ZIP_STORED
    assert size == shop.original(1).stat().st_size


def test_missing_original_is_said_and_the_others_go_on(shop: PhoneShop) -> None:
    shop.original(2).unlink()
    page = get(shop.url + "?lang=en")
    assert "Not here right now" in page.text
    assert "1 of your photos cannot be opened" in page.text
    missing = get(shop.url + "/photo/2")
    assert missing.status_code == 404
    assert "K7-4Q2M" in missing.text
    assert get(shop.url + "/photo/3").content == shop.original(3).read_bytes()
    with zipfile.ZipFile(io.BytesIO(get(shop.url + "/all.zip").content)) as archive:
        assert len(archive.namelist()) == 3
        metadata = json.loads(archive.read("metadata.json"))
    assert metadata["missing_count"] == 1
    assert metadata["note"]
    assert [entry["is_missing"] for entry in metadata["photos"]] == [False, True, False]


def test_photo_whose_row_is_gone_was_deleted_and_the_page_says_so(shop: PhoneShop) -> None:
    photos = dict(shop.orders.current.photos)
    del photos["photo1"]
    shop.orders.current = replace(shop.orders.current, photos=photos)
    assert get(shop.url + "/photo/1").status_code == 410
    assert get(shop.url + "/photo/2").status_code == 200
    assert "1 of your photos were deleted" in get(shop.url + "?lang=en").text
    with zipfile.ZipFile(io.BytesIO(get(shop.url + "/all.zip?lang=en").content)) as archive:
        told = json.loads(archive.read("metadata.json"))
    assert told["photos"][0] == {"file": None, "is_missing": True}
    assert "were deleted because somebody in them asked" in told["note"]
    assert "send the rest" not in told["note"]


def test_order_with_all_photos_deleted_offers_no_empty_zip(shop: PhoneShop) -> None:
    shop.orders.current = replace(shop.orders.current, photos={})
    assert "all.zip" not in get(shop.url).text
    assert get(shop.url + "/all.zip").status_code == 410
    assert shop.counts() == {}


def test_order_with_all_files_gone_offers_no_empty_zip(shop: PhoneShop) -> None:
    for index in (1, 2, 3):
        shop.original(index).unlink()
    assert "all.zip" not in get(shop.url).text
    assert get(shop.url + "/all.zip").status_code == 404
    assert shop.counts() == {}


def test_used_up_link_says_so_and_a_photo_saved_often_leaves_the_others(shop: PhoneShop) -> None:
    for used in (1, 2):
        assert get(shop.url + "/photo/1").status_code == 200
        eventually(lambda used=used: shop.counts().get("photo1") == used)  # type: ignore[misc]
    refused = get(shop.url + "/photo/1?lang=en")
    assert refused.status_code == 410
    assert "All 2 downloads are used." in refused.text
    assert "K7-4Q2M" in refused.text
    assert get(shop.url + "/all.zip").status_code == 410
    assert get(shop.url + "/photo/2").status_code == 200
    page = get(shop.url + "?lang=en")
    assert page.status_code == 200
    assert "/all.zip" not in page.text
    assert "/photo/1" not in page.text
    assert "/photo/2" in page.text


def test_resumed_download_counts_once(shop: PhoneShop) -> None:
    whole = shop.original(1).read_bytes()
    first = get(shop.url + "/photo/1", Range="bytes=0-999")
    assert first.status_code == 206
    assert first.headers["Content-Range"] == f"bytes 0-999/{len(whole)}"
    assert shop.counts() == {}
    rest = get(shop.url + "/photo/1", Range="bytes=1000-", If_Range=first.headers["ETag"])
    assert first.content + rest.content == whole
    eventually(lambda: shop.counts() == {"photo1": 1})


def test_resuming_another_file_starts_over(shop: PhoneShop) -> None:
    answer = get(shop.url + "/photo/1", Range="bytes=1000-", If_Range='"another"')
    assert answer.status_code == 200
    assert answer.content == shop.original(1).read_bytes()


def test_part_outside_the_file_and_known_file_are_answered_without_counting(shop: PhoneShop) -> None:
    outside = get(shop.url + "/photo/1", Range="bytes=99999999-")
    assert outside.status_code == 416
    assert outside.headers["Content-Range"] == f"bytes */{shop.original(1).stat().st_size}"
    known = get(shop.url + "/photo/1", If_None_Match=f'"{shop.photos[0].content_hash}"')
    assert known.status_code == 304
    head = requests.head(shop.url + "/photo/1", timeout=TIMEOUT_S)
    assert int(head.headers["Content-Length"]) == shop.original(1).stat().st_size
    assert requests.head(shop.url + "/all.zip", timeout=TIMEOUT_S).status_code == 200
    assert shop.counts() == {}


def test_many_at_once_never_get_more_than_the_limit(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, photo_count=2, limit=5, width=400)
    answers: list[int] = []

    def download() -> None:
        answers.append(get(shop.url + "/all.zip").status_code)

    threads = [threading.Thread(target=download) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: shop.counts() == {ZIP_OBJECT: 5})
    assert answers.count(200) == 5
    assert set(answers) <= {200, 410, 429}
    assert shop.server.stop()


def test_names_of_every_kind_reach_the_phone(tmp_path: Path) -> None:
    event = PhotoEvent("ev1", "Run 🏃🏽‍♀️ <b>&" + "x" * 5000, "งานวิ่ง 🏃🏽‍♀️", TAKEN)
    shop = open_shop(tmp_path, photo_count=2, event=event, width=200)
    page = get(shop.url + "?lang=en")
    assert "<b>" not in page.text
    assert "&lt;b&gt;&amp;" in page.text
    assert "%F0%9F%8F%83" in get(shop.url + "/photo/1").headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(get(shop.url + "/all.zip?lang=th").content)) as archive:
        assert archive.namelist()[0] == "งานวิ่ง 🏃🏽‍♀️ 0041.jpg"
    assert shop.server.stop()


def test_one_photo_is_kept_as_one() -> None:
    pages = PageWriter(ZoneInfo("Asia/Bangkok"))
    kept = DataReceipt((), (KeptData(DataKind.PHOTOS, None, False),))
    bought = cast(Purchase, SimpleNamespace(photo_ids=("a",)))
    _, lines, _ = pages.receipt_lines(Language.ENGLISH, kept, bought)
    assert [line.what for line in lines] == ["Your 1 photo, for download"]


def test_receipt_tells_what_is_kept_and_deletes_the_rest_only_when_confirmed(shop: PhoneShop) -> None:
    receipt = get(shop.receipt_url + "?lang=en")
    assert "Privacy receipt" in receipt.text
    assert "until 20 Dec 2026" in receipt.text
    assert "as tax law asks" in receipt.text
    assert "so that you can save them" in receipt.text
    assert "Yes, delete now" in get(shop.receipt_url + "/delete?lang=en").text
    for body in ({}, {"confirm": "no"}, {"confirm": "yes" * 2000}):
        asked = requests.post(shop.receipt_url + "/delete?lang=en", data=body, timeout=TIMEOUT_S)
        assert "Yes, delete now" in asked.text
    assert not shop.desk.is_deleted
    done = requests.post(shop.receipt_url + "/delete?lang=en", data={"confirm": "yes"}, timeout=TIMEOUT_S)
    assert done.status_code == 200
    assert shop.desk.is_deleted
    assert "There is nothing more of yours to delete here." in done.text
    assert get(shop.url).status_code == 410
    assert "Delete the rest" not in get(shop.receipt_url + "?lang=en").text


def test_after_deleting_the_page_gives_when_and_a_number_that_proves_it(shop: PhoneShop) -> None:
    shop.desk.deletion = DeletionShown(is_done_here=False, proof_url="")
    assert "Proof number" not in get(shop.receipt_url + "?lang=en").text
    at = datetime(2026, 11, 20, 1, 21, tzinfo=UTC)
    shop.desk.deletion = DeletionShown(True, "", "AB12-CD34-EF56-0789", at)
    page = get(shop.receipt_url + "?lang=en").text
    assert "Deleted 20 Nov 2026 08:21. Proof number: <strong>AB12-CD34-EF56-0789</strong>" in page
    assert "With this number our staff can show you that it was deleted." in page


def test_photo_link_gives_no_right_to_delete(shop: PhoneShop) -> None:
    wrong = f"{shop.server.base_url}/r/{shop.tokens.download}"
    assert get(wrong).status_code == 404
    assert requests.post(wrong + "/delete", data={"confirm": "yes"}, timeout=TIMEOUT_S).status_code == 404
    assert not shop.desk.is_deleted


def test_whoever_has_only_the_link_to_the_photos_reads_what_is_kept_and_deletes_nothing(
    shop: PhoneShop,
) -> None:
    assert "/kept" in get(shop.url + "?lang=en").text
    kept = get(shop.url + "/kept?lang=en").text
    assert "until 20 Dec 2026" in kept
    assert "so that you can save them" in kept
    assert "Delete the rest" not in kept
    assert shop.tokens.receipt not in kept
    assert requests.post(shop.url + "/delete", data={"confirm": "yes"}, timeout=TIMEOUT_S).status_code in (
        404,
        405,
    )


def test_receipt_stays_readable_after_the_photos_link_has_ended(shop: PhoneShop) -> None:
    shop.clock.advance(timedelta(days=60).total_seconds())
    assert get(shop.receipt_url).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/static/../phone_app.py", "/static/fonts/1.ttf"]
)
def test_no_other_path_is_served(shop: PhoneShop, path: str) -> None:
    assert get(shop.server.base_url + path).status_code == 404
