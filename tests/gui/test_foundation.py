"""What carries the pages: bridge, translator, breaks of Thai, list of photos, images, linter."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, QThread
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from kiosk.gallery.types import Certainty
from kiosk.language import Language, sentences
from kiosk.payments.qr import QUIET_MODULES
from kiosk.photos.types import PreviewSize
from kiosk.session.states import Screen as Page
from kiosk.session.view import ConsentTerms, PhotoTile, SessionChanged, SessionView
from kiosk.settings import KioskSection
from kiosk.vision.types import Pixels
from tests.gui.conftest import Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.qml_types import write_module
from tests.gui.visiting import says
from ui import pictures
from ui.bridge import Bridge
from ui.pictures import PhotoView, covering
from ui.qr import qr_image
from ui.responsiveness import ResponsivenessMeter
from ui.screenshots import grab
from ui.thai_breaks import ZERO_WIDTH_SPACE, mark_breaks
from ui.translator import show_date, show_time, tr
from ui.view_models.photo_list import PhotoListModel, PhotoRole

OpenScreen = Callable[..., Screen]


def test_events_of_any_thread_arrive_on_the_ui_thread_and_only_the_newest(qtbot: QtBot) -> None:
    kiosk = FakeKiosk()
    bridge = Bridge(kiosk)
    got: list[tuple[SessionView, bool]] = []
    ui_thread = QThread.currentThread()
    bridge.viewChanged.connect(lambda view: got.append((view, QThread.currentThread() is ui_thread)))
    views = [a_view(Page.CONSENT, single_price_satang=price) for price in range(50)]
    thread = threading.Thread(target=lambda: [kiosk.publish(SessionChanged(view)) for view in views])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(got))
    qtbot.wait(20)
    assert got == [(views[-1], True)]
    bridge.close()
    kiosk.publish(SessionChanged(views[0]))
    qtbot.wait(20)
    assert len(got) == 1


def test_closing_the_window_while_pictures_load_does_not_hang(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.SEARCHING))
    started = threading.Event()
    slow = kiosk.pictures.photo_pixels

    def slower(photo_id: str, size: object) -> Pixels:
        started.set()
        threading.Event().wait(0.02)
        return slow(photo_id, size)  # type: ignore[arg-type]

    kiosk.pictures.photo_pixels = slower  # type: ignore[method-assign]
    screen = open_screen(kiosk)
    screen.until(started.is_set)
    screen.kiosk_window.close()


def test_no_number_of_signals_ends_the_process(open_screen: OpenScreen) -> None:
    open_screen(FakeKiosk()).wait_for("page.attract")
    model = PhotoListModel()
    for _ in range(20_000):
        model.countChanged.emit()


def test_dates_are_of_the_venue_and_thai_years_are_buddhist() -> None:
    moment = datetime(2026, 11, 19, 18, 30, tzinfo=UTC)
    assert show_date(moment, Language.ENGLISH) == "20 Nov 2026"
    assert show_date(moment, Language.THAI) == "20 พ.ย. 2569"
    assert show_time(moment) == "01:30"


def test_times_are_those_of_the_venue_in_the_settings(open_screen: OpenScreen) -> None:
    moment = datetime(2026, 11, 19, 18, 30, tzinfo=UTC)
    open_screen(FakeKiosk(a_view(Page.ATTRACT, timezone="Asia/Tokyo")))
    assert show_time(moment) == "03:30"
    open_screen(FakeKiosk(a_view(Page.ATTRACT)))
    assert show_time(moment) == "01:30"


def test_a_missing_sentence_shows_nothing_rather_than_its_key() -> None:
    assert tr(Language.ENGLISH, "no.such.key") == ""


def test_thai_may_wrap_between_words_and_never_before_a_mark() -> None:
    marked = mark_breaks("กล้องจะถ่ายใบหน้าของคุณ 1 รูป")
    assert marked == "กล้อง\u200bจะ\u200bถ่าย\u200bใบหน้า\u200bของ\u200bคุณ 1 รูป"
    assert mark_breaks("Wi-Fi 12") == "Wi-Fi 12"
    for text in sentences(Language.THAI).values():
        shown = mark_breaks(text)
        assert shown.replace(ZERO_WIDTH_SPACE, "") == text
        for after in shown.split(ZERO_WIDTH_SPACE)[1:]:
            assert after[0] not in "ะัาำิีึืฺุูๅๆ็่้๊๋์ํ๎"


@pytest.mark.parametrize(
    ("language", "words"),
    [(Language.THAI, "ติดต่อ เจ้าหน้าที่ของงาน"), (Language.ENGLISH, "contact our staff at this event")],
)
def test_without_a_contact_of_its_own_the_consent_names_the_staff_in_the_visitors_language(
    open_screen: OpenScreen, language: Language, words: str
) -> None:
    terms = ConsentTerms(contact=KioskSection().contact)
    screen = open_screen(FakeKiosk(a_view(Page.CONSENT, language=language, terms=terms)))
    screen.wait_for("page.consent")
    screen.objects["Navigator"].openSheet("ConsentTextSheet")
    screen.wait_for("ConsentTextSheet")
    assert says(screen, words)


def _tile(number: int, is_chosen: bool = False) -> PhotoTile:
    when = datetime(2026, 11, 20, 1, number % 60, tzinfo=UTC)
    return PhotoTile(f"photo-{number}", number, when, "Start", "Nok", 100, 100, Certainty.MATCH, is_chosen)


def test_a_chosen_photo_is_told_to_its_tile_alone(qtbot: QtBot) -> None:
    model = PhotoListModel()
    model.show([_tile(number) for number in range(3000)])
    heard: list[tuple[str, int]] = []
    model.dataChanged.connect(lambda first, _last: heard.append(("changed", first.row())))
    model.rowsInserted.connect(lambda *_: heard.append(("inserted", 0)))
    model.rowsRemoved.connect(lambda *_: heard.append(("removed", 0)))
    model.modelReset.connect(lambda: heard.append(("reset", 0)))
    model.show([_tile(number, is_chosen=number == 7) for number in range(3000)])
    assert heard == [("changed", 7)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1, 2, 3], [1, 3]),
        ([1, 3], [1, 2, 3]),
        ([1, 2, 3], []),
        ([], [4, 5]),
        ([1, 2, 3], [9, 8]),
        ([1, 1], [1]),
    ],
)
def test_the_list_becomes_what_is_shown(qtbot: QtBot, before: list[int], after: list[int]) -> None:
    model = PhotoListModel()
    model.show([_tile(number) for number in before])
    model.show([_tile(number) for number in after])
    shown = [model.data(model.index(row), PhotoRole.NUMBER) for row in range(model.rowCount())]
    assert shown == after
    assert model.property("count") == len(after)


def _photos(screen: Screen, photo_id: str) -> list[PhotoView]:
    """Those of that photo, shown or not."""
    children = [child for item in screen.items() for child in item.childItems()]
    return [it for it in children if isinstance(it, PhotoView) and it.property("photoId") == photo_id]


def test_a_photo_that_cannot_be_had_is_a_flat_tile_and_the_rest_is_shown(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.SEARCHING))
    kiosk.missing.add("photo-1")
    screen = open_screen(kiosk)
    screen.until(lambda: any(photo.property("isMissing") for photo in _photos(screen, "photo-1")))
    screen.until(lambda: any(photo.property("isReady") for photo in _photos(screen, "photo-2")))
    assert not any(photo.property("isReady") for photo in _photos(screen, "photo-1"))


def test_a_photo_that_is_elsewhere_comes_by_itself_when_it_can_be_reached(
    open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_TRY_AGAIN_MS", 60)
    kiosk = FakeKiosk(a_view(Page.SEARCHING))
    kiosk.away.add("photo-1")
    kiosk.missing.add("photo-2")
    screen = open_screen(kiosk)
    screen.until(lambda: any(photo.property("isMissing") for photo in _photos(screen, "photo-1")))
    screen.until(lambda: any(photo.property("isMissing") for photo in _photos(screen, "photo-2")))
    states: list[bool] = []
    for photo in _photos(screen, "photo-1"):
        photo.stateChanged.connect(lambda photo=photo: states.append(photo.property("isMissing")))
    screen.serve(300)
    assert all(states)  # a flat tile all the while, without flickering
    asked: list[str] = []
    usual = kiosk.pictures.photo_pixels

    def noted(photo_id: str, size: PreviewSize) -> Pixels:
        asked.append(photo_id)
        return usual(photo_id, size)

    kiosk.pictures.photo_pixels = noted  # type: ignore[method-assign]
    kiosk.away.clear()
    screen.until(lambda: all(photo.property("isReady") for photo in _photos(screen, "photo-1")))
    screen.serve(200)
    assert set(asked) == {"photo-1"}  # what is nowhere is not asked for again
    assert len(asked) <= len(_photos(screen, "photo-1"))


def test_corners_are_round_in_the_picture_itself(qapp: object) -> None:
    square = QImage(300, 200, QImage.Format.Format_RGB32)
    square.fill(0xFFFFFF)
    cut = covering(square, QSize(306, 384), 14)
    assert (cut.width(), cut.height()) == (306, 384)
    assert cut.pixelColor(0, 0).alpha() == 0
    assert cut.pixelColor(150, 200).alpha() == 255


def test_a_qr_code_is_readable_and_has_its_clear_modules(qapp: object) -> None:
    import cv2
    import numpy as np

    picture = qr_image("https://kiosk.local/k/abc")
    white = [
        picture.pixelColor(at, row).value() for row in range(QUIET_MODULES) for at in range(picture.width())
    ]
    assert set(white) == {255}
    large = picture.scaled(picture.width() * 8, picture.height() * 8)
    rows = np.array(large.constBits()).reshape(large.height(), large.bytesPerLine())[:, : large.width()]
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(rows))
    assert text == "https://kiosk.local/k/abc"


def test_a_blocked_ui_thread_is_seen(qtbot: QtBot) -> None:
    import time

    meter = ResponsivenessMeter()
    meter.start()
    qtbot.wait(50)
    time.sleep(0.12)
    qtbot.wait(50)
    assert meter.stop().max_ms >= 90


def test_a_screenshot_has_the_window_s_pixels(open_screen: OpenScreen, tmp_path: Path) -> None:
    from PIL import Image

    screen = open_screen(FakeKiosk())
    screen.wait_for("page.attract")
    with Image.open(grab(screen.window, tmp_path / "pictures" / "attract.png")) as picture:
        assert picture.size == (1080, 1920)


def test_the_linter_has_nothing_to_say_about_the_qml(tmp_path: Path) -> None:
    linter = Path(sysconfig.get_path("scripts")) / (
        "pyside6-qmllint" + (".exe" if sys.platform == "win32" else "")
    )
    if not linter.is_file():
        pytest.skip("pyside6-qmllint is not installed beside this Python")
    qml = Path(__file__).parents[2] / "ui" / "qml"
    # The linter does not find a singleton's own qmldir; its use is checked in all other files.
    files = [str(path) for path in sorted(qml.rglob("*.qml")) if path.name != "I18n.qml"]
    done = subprocess.run(
        [str(linter), "-I", str(write_module(tmp_path)), "-W", "0", *files], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
