"""The wall: live pictures with who is in them, how each camera stands, today's figures, and the ways on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.vision.types import Box
from kiosk.visits.ports import Today
from kiosk.visits.told import StreamCard, StreamFaces
from kiosk.visits.types import FaceKind, SeenFace, StreamState
from tests.gui.conftest import PORTRAIT, WIDE, StoreScreen
from tests.gui.drawn_shop import PLACES
from tests.gui.fake_store import (
    CARDS,
    CONNECTING,
    LOST,
    NOW,
    OFF,
    TODAY,
    FakeStore,
    a_store_view,
    a_stream,
    live,
)
from tests.gui.visiting import says, touch
from ui import moment
from ui.stream_view import StreamView

ONE = (SeenFace(7, Box(100, 200, 200, 320), FaceKind.KNOWN, "Mali", 5),)
OpenStore = Callable[..., StoreScreen]
BOTH_SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])


@pytest.fixture(autouse=True)
def _at_14_32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def tile(screen: StoreScreen, stream_id: str) -> QQuickItem:
    return screen.wait_for(f"tile.{stream_id}")


def part(item: QQuickItem, name: str) -> QQuickItem | None:
    """The visible part of that name inside an item."""
    for child in item.childItems():
        if child.isVisible() and child.objectName() == name:
            return child
        if child.isVisible() and (found := part(child, name)) is not None:
            return found
    return None


def view_of(screen: StoreScreen, stream_id: str) -> StreamView:
    found = part(tile(screen, stream_id), "tile.view")
    assert isinstance(found, StreamView)
    return found


def faces_of(screen: StoreScreen, stream_id: str) -> list[dict[str, object]]:
    return list(view_of(screen, stream_id).property("faces").rows)


def place_of(item: QQuickItem) -> QRectF:
    return QRectF(item.mapToScene(QPointF(0, 0)), item.size())


# who is in the pictures


def test_names_and_kinds_are_drawn_over_the_picture_they_were_found_in(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    screen.until(lambda: view_of(screen, "door").property("hasPicture"))
    store.see("door")
    screen.until(lambda: len(faces_of(screen, "door")) == 3)
    assert [row["kind"] for row in faces_of(screen, "door")] == ["visitor", "known", "visitor"]
    assert [row["label"] for row in faces_of(screen, "door")] == ["", "Mali · visit 5", ""]
    store.see("aisle")
    screen.until(lambda: says(screen, "Staff · Nok"))
    assert [row["kind"] for row in faces_of(screen, "aisle")] == ["staff", "looking"]


def test_labels_follow_the_language(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.see("door")
    screen.until(lambda: says(screen, "Mali · visit 5"))
    touch(screen, "foot.thai")
    assert ("show_language", Language.THAI) in store.calls
    store.see("door")
    screen.until(lambda: says(screen, "Mali · มาครั้งที่ 5"))


def test_a_box_lies_around_its_face_on_the_screen(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.see("door")
    screen.until(lambda: len(faces_of(screen, "door")) == 3)
    view = view_of(screen, "door")
    scale = max(view.width() / 1280, view.height() / 720)
    for drawn, row in zip(PLACES["door"], faces_of(screen, "door"), strict=True):
        middle_x = (view.width() - 1280 * scale) / 2 + drawn.x * scale
        middle_y = (view.height() - 720 * scale) / 2 + drawn.y * scale
        box = QRectF(row["faceX"], row["faceY"], row["faceWidth"], row["faceHeight"])  # type: ignore[call-overload]
        assert box.contains(QPointF(middle_x, middle_y))
        assert box.width() < drawn.size * scale * 1.3


def test_faces_of_a_picture_that_is_not_drawn_are_not_drawn(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.see("door", age_s=1.5)  # found too late
    frame = store.pictures.shoot("aisle")
    store.publish(StreamFaces("aisle", frame.sequence - 1, frame.captured_at_s - 0.1, 1280, 720, ONE))
    screen.until(lambda: view_of(screen, "aisle").property("hasPicture"))
    screen.serve(300)
    assert faces_of(screen, "door") == []
    assert faces_of(screen, "aisle") == []


def test_boxes_go_when_nothing_newer_is_seen(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.see("door")
    screen.until(lambda: len(faces_of(screen, "door")) == 3)
    screen.until(lambda: faces_of(screen, "door") == [])


def test_a_face_that_goes_on_keeps_what_draws_it(open_store: OpenStore) -> None:
    """Ten looks a second at several cameras: no box is made anew for a face that only moved."""
    store = FakeStore()
    screen = open_store(store)
    store.see("door", *ONE)
    screen.until(lambda: part(tile(screen, "door"), "face.known") is not None)
    before = part(tile(screen, "door"), "face.known")
    moved = replace(ONE[0], box=Box(400, 200, 500, 320))
    store.see("door", moved)
    screen.until(lambda: faces_of(screen, "door")[0]["faceX"] > 150)  # type: ignore[operator]
    assert part(tile(screen, "door"), "face.known") is before


@BOTH_SHAPES
def test_labels_never_lie_on_a_face_or_leave_the_picture(
    open_store: OpenStore, size: tuple[int, int]
) -> None:
    store = FakeStore()
    screen = open_store(store, size)
    edges = ((0, 0), (1140, 20), (30, 560), (1130, 590), (560, 10), (600, 300), (700, 330))
    crowd = [
        SeenFace(number, Box(x, y, x + 110, y + 130), FaceKind.KNOWN, "Chulaphat Wongsawat", number + 2)
        for number, (x, y) in enumerate(edges)
    ]
    store.see("door", *crowd)
    screen.until(lambda: len(faces_of(screen, "door")) == len(crowd))
    view = view_of(screen, "door")
    rows = faces_of(screen, "door")
    faces = [QRectF(*(row[f"face{side}"] for side in ("X", "Y", "Width", "Height"))) for row in rows]  # type: ignore[call-overload]
    labels = [
        QRectF(row["labelX"], row["labelY"], row["labelWidth"], 40)  # type: ignore[call-overload]
        for row in rows
        if row["label"]
    ]
    assert len(labels) >= 4
    for number, label in enumerate(labels):
        assert QRectF(0, 0, view.width(), view.height()).contains(label)
        assert not any(label.intersects(face) for face in faces)
        assert not any(label.intersects(other) for other in labels[:number])


def test_a_guest_of_the_long_term_way_has_a_number_and_no_name(open_store: OpenStore) -> None:
    store = FakeStore(a_store_view(knows_returning=True))
    screen = open_store(store)
    store.see("door", SeenFace(1, Box(500, 300, 600, 420), FaceKind.KNOWN, "", 4))
    screen.until(lambda: says(screen, "visit 4"))


# how cameras stand


def test_a_lost_camera_says_when_its_last_picture_was_and_when_it_tries_again(open_store: OpenStore) -> None:
    screen = open_store(FakeStore())
    back = tile(screen, "back")
    lost = part(back, "tile.lost")
    assert lost is not None
    assert lost.property("text").replace("\u00a0", " ") == "Last picture 14:31:52 · third try in 4 s"
    assert says(screen, "Reconnecting by itself")
    assert says(screen, "no picture for 9 s")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("C-104", "The camera refuses. Are user and password right"),
        ("A-106", "Its password is missing on this machine."),
        ("A-102", "the code tells technicians why"),
    ],
)
@BOTH_SHAPES
def test_a_camera_that_somebody_must_mend_says_why_with_its_code(
    open_store: OpenStore, size: tuple[int, int], code: str, words: str
) -> None:
    lost = replace(LOST, code=code, last_picture_at=None)
    screen = open_store(FakeStore(a_store_view(streams=(*CARDS[:3], replace(CARDS[3], status=lost)))), size)
    back = tile(screen, "back")
    said, title = part(back, "tile.lost"), part(back, "tile.title")
    assert said is not None
    assert title is not None
    assert title.property("text") == "Somebody has to look after this camera"
    text = str(said.property("text")).replace("\u00a0", " ")
    assert words in text
    assert text.endswith(f"({code})")
    assert place_of(back).contains(place_of(said))
    recognition = part(back, "tile.recognition")
    assert recognition is not None
    assert not place_of(said).intersects(place_of(recognition))
    assert not says(screen, "Reconnecting by itself")


def test_the_seconds_until_the_next_try_count_on_by_themselves(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = open_store(FakeStore())
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(seconds=3))
    screen.until(lambda: says(screen, "third try in 1 s"))
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(seconds=6))
    screen.until(lambda: says(screen, "third try now"))


def test_a_camera_that_comes_back_is_live_again(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.stand(live("back", 0.4))
    screen.until(lambda: says(screen, "live, 0.4 s behind"))
    assert not says(screen, "Reconnecting by itself")


def test_a_picture_that_waited_long_for_its_faces_is_said_to_be_so_far_behind(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.see("aisle", age_s=0.75)
    screen.until(lambda: says(screen, "Staff · Nok"))
    status = part(tile(screen, "aisle"), "tile.status")
    assert status is not None
    text = status.property("text")
    assert 0.7 <= float(text.split()[1]) <= 1.5
    assert says(screen, "live, 0.2 s behind")  # the others are not


def test_a_lost_camera_keeps_no_boxes_over_its_last_picture(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.see("door")
    screen.until(lambda: says(screen, "Mali · visit 5"))
    store.stand(live("door", state=StreamState.RECONNECTING, attempt=1))
    screen.until(lambda: part(tile(screen, "door"), "face.known") is None)


def test_a_camera_that_is_off_can_be_started(open_store: OpenStore) -> None:
    off = StreamCard(a_stream("back", "Back door", "webcam:1", is_on=False), OFF)
    store = FakeStore(a_store_view(streams=(off,)))
    screen = open_store(store)
    assert says(screen, "This camera is switched off")
    touch(screen, "tile.start")
    assert store.calls == [("switch", "back", ("is_on", True))]


def test_a_first_connection_is_no_loss(open_store: OpenStore) -> None:
    store = FakeStore(a_store_view(streams=(StreamCard(CARDS[3].stream, CONNECTING),)))
    screen = open_store(store)
    assert says(screen, "connecting")
    assert not says(screen, "Reconnecting by itself")


def test_the_switch_of_recognition_turns_at_once_and_tells_the_store(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    toggle = part(tile(screen, "aisle"), "tile.recognition")
    assert toggle is not None
    assert toggle.property("isOn") is True
    screen.touch(toggle)
    assert store.calls == [("switch", "aisle", ("recognises", False))]
    assert toggle.property("isOn") is False
    store.tell("error.general", "D-101")  # it was refused: the switch tells the truth again
    screen.until(lambda: toggle.property("isOn") is True)


def test_touching_a_picture_opens_its_camera(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    opener = part(tile(screen, "counter"), "tile.open")
    assert opener is not None
    screen.touch(opener)
    screen.wait_for("StreamSheet")
    assert screen.objects["Streams"].property("streamId") == "counter"


# how many


@BOTH_SHAPES
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_up_to_four_pictures_stand_apart_and_one_is_the_largest(
    open_store: OpenStore, size: tuple[int, int], count: int
) -> None:
    screen = open_store(FakeStore(a_store_view(streams=CARDS[:count])), size)
    places = [place_of(tile(screen, card.stream.stream_id)) for card in CARDS[:count]]
    screen.window.grabWindow()
    glass = QRectF(0, 0, *size)
    assert all(glass.contains(place) for place in places)
    assert not any(one.intersects(other) for number, one in enumerate(places) for other in places[:number])
    assert not any(place_of(screen.wait_for("today")).intersects(place) for place in places)
    assert (places[0].width() > 900) == (count == 1)


def test_more_than_four_cameras_come_in_pages(open_store: OpenStore) -> None:
    fifth = StreamCard(a_stream("yard", "Yard", "webcam:2", site_id="site-2"), live("yard"))
    screen = open_store(FakeStore(a_store_view(streams=(*CARDS, fifth))))
    assert screen.find("tile.yard") is None
    assert says(screen, "Cameras 1–4 of 5")
    touch(screen, "wall.more")
    tile(screen, "yard")
    assert screen.find("tile.door") is None
    assert says(screen, "Old town shop")  # it is not this shop's
    touch(screen, "wall.more")
    tile(screen, "door")


def test_the_page_is_left_when_its_last_camera_is_deleted(open_store: OpenStore) -> None:
    fifth = StreamCard(a_stream("yard", "Yard", "webcam:2"), live("yard"))
    store = FakeStore(a_store_view(streams=(*CARDS, fifth)))
    screen = open_store(store)
    touch(screen, "wall.more")
    tile(screen, "yard")
    store.show(replace(store.view, streams=CARDS))
    tile(screen, "door")


def test_a_wall_without_cameras_leads_to_the_first_one(open_store: OpenStore) -> None:
    screen = open_store(FakeStore(a_store_view(streams=(), today=Today(TODAY.since))))
    touch(screen, "wall.first")
    screen.wait_for("StreamSheet")
    assert screen.objects["Streams"].property("isNew") is True


# today


@BOTH_SHAPES
def test_today_tells_what_was_counted(open_store: OpenStore, size: tuple[int, int]) -> None:
    screen = open_store(FakeStore(), size)
    assert says(screen, "Today, since 10:00")
    assert screen.wait_for("today.visitors").property("text") == "128"
    assert screen.wait_for("today.returning").property("text") == "23"
    for words in ("Staff present", "not counted", "131", "118", "Mali", "visit 5", "14:31"):
        assert says(screen, words)
    assert says(screen, "14:00 still running")
    assert says(screen, "Names appear only for people who agreed.")


def test_in_and_out_are_told_only_where_there_is_a_line(open_store: OpenStore) -> None:
    without = tuple(replace(card, stream=replace(card.stream, line=None)) for card in CARDS)
    store = FakeStore(a_store_view(streams=without))
    screen = open_store(store)
    assert screen.find("today.lines") is None
    store.show(a_store_view())
    screen.wait_for("today.lines")


def test_the_long_term_way_says_what_it_does(open_store: OpenStore) -> None:
    store = FakeStore(a_store_view(knows_returning=True, returning_days=1))
    screen = open_store(store)
    assert "for 1 day after" in screen.wait_for("today.promise").property("text").replace("\u00a0", " ")
    store.show(a_store_view(knows_returning=True, returning_days=45))
    screen.until(lambda: says(screen, "kept for 45 days"))
    promise = screen.wait_for("today.promise").property("text")
    assert "kept for 45 days" in promise.replace("\u00a0", " ")
    assert "not asked" in promise
    assert not says(screen, "agreed to be known")


def test_hours_without_visitors_are_in_the_chart_and_those_before_the_first_are_not(
    open_store: OpenStore,
) -> None:
    since = TODAY.since
    hours = ((since, 0, 0), (since + timedelta(hours=1), 4, 1), (since + timedelta(hours=4), 2, 0))
    screen = open_store(FakeStore(a_store_view(today=replace(TODAY, hours=hours))))
    shown = screen.objects["Wall"].property("hours")
    assert [(hour["time"], hour["new"], hour["returning"]) for hour in shown] == [
        ("11:00", 4, 1),
        ("12:00", 0, 0),
        ("13:00", 0, 0),
        ("14:00", 2, 0),
    ]
    assert [hour["isRunning"] for hour in shown] == [False, False, False, True]


def test_the_shop_its_day_and_time_stand_above(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    assert says(screen, "Riverside shop")
    assert says(screen, "Friday 20 November 2026 · 14:32")
    store.show(replace(store.view, language=Language.THAI))
    screen.until(lambda: says(screen, "วันศุกร์ที่ 20 พฤศจิกายน 2569 · 14:32 น."))


# the ways from here, and what is said


def test_the_head_leads_to_the_other_pages_and_back(open_store: OpenStore) -> None:
    screen = open_store(FakeStore())
    for place in ("reports", "people", "held"):
        touch(screen, f"head.{place}")
        screen.wait_for(f"page.{place}")
        touch(screen, "head.back")
        screen.wait_for("page.wall")


def test_closing_is_asked_about_first(open_store: OpenStore) -> None:
    screen = open_store(FakeStore())
    touch(screen, "head.close")
    touch(screen, "close.stay")
    screen.until(lambda: screen.find("CloseSheet") is None)
    assert screen.window.isVisible()
    touch(screen, "head.close")
    touch(screen, "close.close")
    screen.until(lambda: not screen.window.isVisible())


def test_what_went_wrong_is_said_with_its_code_and_cleared_when_it_was_read(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    store.tell("store.code.refused", "C-104")
    screen.until(lambda: says(screen, "The camera refuses."))
    assert says(screen, "(C-104)")
    touch(screen, "toast.action")
    screen.until(lambda: ("clear_notice",) in store.calls)


@BOTH_SHAPES
def test_a_word_of_the_moment_covers_no_switch_and_nothing_said_of_privacy(
    open_store: OpenStore, size: tuple[int, int]
) -> None:
    store = FakeStore()
    screen = open_store(store, size)
    store.tell("store.code.refused", "C-104")
    toast = place_of(screen.wait_for("toast"))
    below = [part(tile(screen, card.stream.stream_id), "tile.recognition") for card in CARDS]
    for item in (*below, *map(screen.wait_for, ("today.promise", "today.visitors", "head.add"))):
        assert item is not None
        assert not toast.intersects(place_of(item)), item.objectName()


def test_the_keyboard_reaches_every_control_of_the_wall(open_store: OpenStore) -> None:
    screen = open_store(FakeStore())
    reached: list[str] = []
    for _ in range(40):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focus = screen.window.activeFocusItem()
        assert focus is not None
        if focus.objectName() in reached[:1]:
            break
        reached.append(focus.objectName())
    assert reached[:5] == ["head.reports", "head.people", "head.held", "head.add", "head.close"]
    assert reached.count("tile.open") == 4
    assert reached.count("tile.recognition") == 4
    assert reached[-2:] == ["foot.thai", "foot.english"]


def test_names_and_numbers_are_not_left_on_an_unattended_screen(open_store: OpenStore) -> None:
    screen = open_store(FakeStore())
    for place in ("people", "visits"):
        screen.go(place)
        screen.store_window.engine.navigator.rest()
        screen.wait_for("page.wall")
    screen.go("reports")
    screen.store_window.engine.navigator.rest()
    screen.serve(100)
    assert screen.find("page.reports") is not None


def test_a_window_that_closes_while_pictures_come_ends_what_prepares_them(open_store: OpenStore) -> None:
    store = FakeStore()
    screen = open_store(store)
    thread = screen.store_window.engine.stream_pictures
    for _ in range(20):
        store.see("door")
        screen.serve(5)
    assert thread.is_alive()
    screen.store_window.close()
    store.see("door")
    screen.until(lambda: not thread.is_alive())
