"""The phone page in a real browser at phone size: readable, tappable, accessible, without a script."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from kiosk.sales.types import OrderState
from tests.phone_shop import PhoneShop, open_shop

pytestmark = pytest.mark.real_server

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_LEAST_TARGET = 48
LANGUAGES = ["th", "en"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(_PROGRAMS)} found, CHROME_PATH not set")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=_QUIET)
        yield started
        started.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone that runs no script of ours, because there is none; scripts stay on for axe."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PhoneShop]:
    opened = open_shop(tmp_path, photo_count=5)
    yield opened
    assert opened.server.stop()


def assert_accessible(page: Page) -> None:
    """No serious or critical finding of axe-core, nothing cut off sideways, every target large enough."""
    found = Axe().run(page).response["violations"]
    grave = [(rule["id"], rule["help"]) for rule in found if rule["impact"] in ("serious", "critical")]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for target in page.locator("a, button").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= _LEAST_TARGET, target.inner_text()


def url_in(url: str, language: str) -> str:
    return f"{url}?lang={language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_photo_page_is_accessible_and_every_picture_is_there(
    phone: Page, shop: PhoneShop, language: str
) -> None:
    failed: list[str] = []
    requested: list[str] = []

    def note(response: Response) -> None:
        requested.append(response.url)
        if response.status >= 400:
            failed.append(response.url)

    phone.on("response", note)
    complaints: list[str] = []
    phone.on("console", lambda message: complaints.append(message.text))
    phone.goto(url_in(shop.url, language))
    phone.mouse.wheel(0, 5000)
    phone.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert phone.locator("html").get_attribute("lang") == language
    assert phone.locator(".tile img").count() == 5
    assert failed == complaints == []
    assert all(url.startswith(shop.server.base_url) for url in requested)
    assert_accessible(phone)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["missing", "used_up", "unpaid", "expired", "unknown", "one_photo"])
def test_page_of_every_kind_is_accessible(phone: Page, tmp_path: Path, language: str, kind: str) -> None:
    shop = open_shop(tmp_path, photo_count=1 if kind == "one_photo" else 3, limit=1, width=400)
    url = shop.url
    if kind == "missing":
        shop.original(2).unlink()
    elif kind == "used_up":
        for photo in shop.photos[:2]:
            shop.links.count_download(shop.link.link_id, photo.photo_id)
    elif kind == "unpaid":
        shop.orders.set_state(OrderState.AWAITING_PAYMENT)
    elif kind == "expired":
        shop.clock.advance(40 * 86400)
    elif kind == "unknown":
        url = shop.url[:-4]
    phone.goto(url_in(url, language))
    expect(phone.locator("h1")).to_be_visible()
    assert_accessible(phone)
    assert shop.server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_receipt_and_deletion_are_accessible_and_take_two_taps(
    phone: Page, shop: PhoneShop, language: str
) -> None:
    phone.goto(url_in(shop.receipt_url, language))
    assert_accessible(phone)
    phone.locator("a.secondary").tap()
    phone.wait_for_url("**/delete?lang=*")
    assert_accessible(phone)
    assert not shop.desk.is_deleted
    phone.locator("button").tap()
    expect(phone.get_by_role("status")).to_be_visible()
    assert phone.locator("html").get_attribute("lang") == language
    assert shop.desk.is_deleted
    assert_accessible(phone)


def test_language_is_one_tap_away_and_stays(phone: Page, shop: PhoneShop) -> None:
    phone.goto(shop.url)
    expect(phone.locator("h1")).to_have_text("รูปของคุณ 5 รูป")
    phone.get_by_role("link", name="English").tap()
    expect(phone.locator("h1")).to_have_text("Your 5 photos")
    phone.locator(".open").first.tap()
    phone.wait_for_url("**/photo/1?lang=en")


def test_one_tap_saves_everything_as_a_zip(phone: Page, shop: PhoneShop, tmp_path: Path) -> None:
    phone.goto(url_in(shop.url, "en"))
    with phone.expect_download() as started:
        phone.get_by_role("link", name="Save all as ZIP").tap()
    saved = tmp_path / "saved.zip"
    started.value.save_as(saved)
    assert started.value.suggested_filename == "Riverside Run 2026 K7-4Q2M.zip"
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 6
    phone.reload()
    expect(phone.locator(".bar p")).to_contain_text("9 of 10")


def test_order_of_one_photo_offers_the_photo_itself(phone: Page, tmp_path: Path) -> None:
    shop = open_shop(tmp_path, photo_count=1, width=400)
    phone.goto(url_in(shop.url, "en"))
    with phone.expect_download() as started:
        phone.get_by_role("link", name="Save the photo").tap()
    assert started.value.suggested_filename == "Riverside Run 2026 0041.jpg"
    assert phone.locator('[href*="all.zip"]').count() == 0
    assert shop.server.stop()


def test_single_photo_is_saved_under_its_thai_name(phone: Page, shop: PhoneShop, tmp_path: Path) -> None:
    phone.goto(url_in(shop.url, "th"))
    with phone.expect_download() as started:
        phone.get_by_role("link", name="บันทึกรูปที่ 42").tap()
    saved = tmp_path / "saved.jpg"
    started.value.save_as(saved)
    assert started.value.suggested_filename == "งานวิ่งริมน้ำ 2569 0042.jpg"
    assert saved.read_bytes() == shop.original(2).read_bytes()


def test_tapped_photo_opens_in_full_size(phone: Page, shop: PhoneShop) -> None:
    phone.goto(shop.url)
    phone.locator(".open").nth(2).tap()
    phone.wait_for_url("**/photo/3")
    phone.wait_for_function("document.images[0].naturalWidth === 1200")
