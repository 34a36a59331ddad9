"""The sheet of a camera, what is held, and that nothing typed for one is left for the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from kiosk.visits.told import Purged, StreamCard
from kiosk.visits.types import Line, Site, StreamDraft
from tests.gui.conftest import PORTRAIT, WIDE, StoreScreen
from tests.gui.fake_store import (
    AISLE,
    CARDS,
    DOOR,
    HELD,
    NOW,
    OFF,
    SITES,
    FakeStore,
    a_store_view,
    a_stream,
    live,
)
from tests.gui.visiting import says, touch
from ui import moment

OpenStore = Callable[..., StoreScreen]
BOTH_SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])


@pytest.fixture(autouse=True)
def _at_14_32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def opened(open_store: OpenStore, stream_id: str, size: tuple[int, int] = WIDE) -> StoreScreen:
    """The sheet of a camera; of a new one with an empty id."""
    screen = open_store(FakeStore(), size)
    streams = screen.objects["Streams"]
    streams.open(stream_id) if stream_id else streams.openNew()  # type: ignore[attr-defined]
    screen.objects["StoreNavigator"].openSheet("StreamSheet")  # type: ignore[attr-defined]
    screen.wait_for("StreamSheet")
    screen.serve(30)
    return screen


def write(screen: StoreScreen, field: str, text: str) -> None:
    """Touches the field and types on a keyboard."""
    touch(screen, f"stream.{field}")
    screen.wait_for("TypingSheet")
    screen.serve(30)
    for letter in text:
        QTest.keyClick(screen.window, letter)
    touch(screen, "key.done")
    screen.until(lambda: screen.find("TypingSheet") is None)


# a new camera


@BOTH_SHAPES
def test_a_network_camera_is_added_with_its_password_apart(
    open_store: OpenStore, size: tuple[int, int]
) -> None:
    screen = opened(open_store, "", size)
    assert says(screen, "A name is missing.")
    touch(screen, "stream.save")
    assert screen.store.calls == []
    write(screen, "name", "yard gate")
    touch(screen, "stream.kind.1")
    assert says(screen, "The address begins with rtsp://")
    write(screen, "address", "192.168.1.40/stream1")
    write(screen, "user", "viewer")
    write(screen, "password", "s3cret word")
    assert not says(screen, "s3cret word")
    touch(screen, "stream.save")
    draft = StreamDraft("site-1", "yard gate", "rtsp://192.168.1.40/stream1", "viewer", "s3cret word")
    assert screen.store.calls == [("add", draft)]


def test_what_is_typed_on_the_screens_own_keys_is_the_same(open_store: OpenStore) -> None:
    screen = opened(open_store, "")
    touch(screen, "stream.name")
    screen.wait_for("TypingSheet")
    for key in ("key.shift", "key.D", "key.o", "key.o", "key.r", "key.space", "key.2", "key.done"):
        touch(screen, key)
    screen.until(lambda: screen.find("TypingSheet") is None)
    assert screen.objects["Streams"].property("name") == "Door 2"


def test_an_address_with_a_user_in_it_is_sent_to_the_fields_for_it(open_store: OpenStore) -> None:
    screen = opened(open_store, "")
    write(screen, "name", "yard")
    touch(screen, "stream.kind.1")
    write(screen, "address", "viewer:pw@192.168.1.40/stream1")
    assert says(screen, "User and password have fields of their own.")


def test_a_webcam_is_chosen_by_its_number(open_store: OpenStore) -> None:
    screen = opened(open_store, "")
    write(screen, "name", "till")
    touch(screen, "stream.numberMore")
    touch(screen, "stream.numberMore")
    touch(screen, "stream.site.1")
    touch(screen, "stream.save")
    assert screen.store.calls == [("add", StreamDraft("site-2", "till", "webcam:2", "", ""))]


def test_the_sheet_goes_when_the_camera_is_there_and_stays_when_it_was_refused(open_store: OpenStore) -> None:
    screen = opened(open_store, "")
    store = screen.store
    write(screen, "name", "till")
    touch(screen, "stream.save")
    assert screen.objects["Streams"].property("isSaving") is True
    store.tell("store.code.refused", "V-105")
    screen.until(lambda: screen.objects["Streams"].property("isSaving") is False)
    assert screen.find("StreamSheet") is not None
    assert screen.objects["Streams"].property("name") == "till"
    touch(screen, "stream.save")
    added = StreamCard(a_stream("till", "till", "webcam:0"), live("till"))
    store.show(replace(store.view, streams=(*CARDS, added), notice=None))
    screen.until(lambda: screen.find("StreamSheet") is None)


def test_a_further_shop_is_added_and_chosen(open_store: OpenStore) -> None:
    screen = opened(open_store, "")
    touch(screen, "stream.addSite")
    screen.wait_for("TypingSheet")
    screen.serve(30)
    for letter in "north":
        QTest.keyClick(screen.window, letter)
    touch(screen, "key.done")
    assert screen.store.calls == [("add_site", "north")]
    store = screen.store
    store.show(replace(store.view, sites=(*SITES, Site("site-9", "north", NOW))))
    screen.until(lambda: screen.objects["Streams"].property("site") == len(SITES))


# one that is there


@BOTH_SHAPES
def test_a_camera_is_shown_as_it_stands(open_store: OpenStore, size: tuple[int, int]) -> None:
    screen = opened(open_store, "aisle", size)
    for words in ("Aisle", "rtsp://192.168.1.31/stream1", "viewer", "as it was, never shown"):
        assert says(screen, words)
    for words in ("live, 0.3 s behind", "25.0", "9.4", "12", "Pictures a second", "Passed over"):
        assert says(screen, words)


def test_its_figures_follow_the_camera(open_store: OpenStore) -> None:
    screen = opened(open_store, "aisle")
    screen.store.stand(live("aisle", 0.8, frames_per_s=9.6, dropped=4321))
    screen.until(lambda: says(screen, "4,321"))
    assert says(screen, "live, 0.8 s behind")


def test_a_lost_camera_says_why_in_words_and_by_its_code(open_store: OpenStore) -> None:
    screen = opened(open_store, "back")
    assert says(screen, "The connection broke off. (C-102)")
    assert says(screen, "no picture for 9 s")


def test_what_was_not_changed_is_not_written_again(open_store: OpenStore) -> None:
    screen = opened(open_store, "aisle")
    touch(screen, "stream.save")
    screen.until(lambda: screen.find("StreamSheet") is None)
    assert screen.store.calls == []


def test_a_change_keeps_the_password_as_it_was(open_store: OpenStore) -> None:
    screen = opened(open_store, "aisle")
    write(screen, "name", " 2")
    touch(screen, "stream.save")
    assert screen.store.calls == [
        ("change", "aisle", StreamDraft("site-1", "Aisle 2", AISLE.source, "viewer", None, None))
    ]


def test_switches_work_at_once(open_store: OpenStore) -> None:
    screen = opened(open_store, "door")
    touch(screen, "stream.on")
    touch(screen, "stream.recognition")
    assert screen.store.calls == [
        ("switch", "door", ("is_on", False)),
        ("switch", "door", ("recognises", False)),
    ]
    off = StreamCard(replace(DOOR, is_on=False), replace(OFF, stream_id="door"))
    screen.store.show(a_store_view(streams=(off, *CARDS[1:])))
    screen.until(lambda: says(screen, "This camera is switched off"))


def test_deleting_says_what_stays_and_is_asked_about(open_store: OpenStore) -> None:
    screen = opened(open_store, "door")
    touch(screen, "stream.delete")
    screen.wait_for("StreamDeleting")
    assert says(screen, "Delete “Front door”?")
    assert says(screen, "stay in the reports")
    touch(screen, "delete.keep")
    screen.until(lambda: screen.find("StreamDeleting") is None)
    assert screen.store.calls == []
    touch(screen, "stream.delete")
    touch(screen, "delete.confirm")
    assert screen.store.calls == [("remove", "door")]
    screen.store.show(a_store_view(streams=CARDS[1:]))
    screen.until(lambda: screen.find("StreamSheet") is None)


# the line


def touch_picture(screen: StoreScreen, x: float, y: float) -> None:
    area = screen.wait_for("line.picture")
    where = area.mapToScene(QPointF(x * area.width(), y * area.height())).toPoint()
    QTest.mouseClick(screen.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(where))


@BOTH_SHAPES
def test_a_line_is_drawn_by_two_touches_and_saved(open_store: OpenStore, size: tuple[int, int]) -> None:
    screen = opened(open_store, "aisle", size)
    screen.until(lambda: screen.wait_for("stream.view").property("hasPicture"))
    touch_picture(screen, 0.5, 0.5)
    assert screen.objects["StreamLine"].property("hasBegun") is False  # not asked for yet
    touch(screen, "line.draw")
    assert says(screen, "Touch the picture where the line begins.")
    touch_picture(screen, 0.25, 0.75)
    assert says(screen, "Now where it ends.")
    touch_picture(screen, 0.75, 0.5)
    screen.wait_for("line.drawn")
    touch(screen, "stream.save")
    (command, stream_id, draft) = screen.store.calls[0]
    assert (command, stream_id) == ("change", "aisle")
    line = draft.line
    assert [round(value, 2) for value in (line.x1, line.y1, line.x2, line.y2)] == [0.25, 0.75, 0.75, 0.5]


def test_the_arrows_show_the_way_in_as_it_is_counted(open_store: OpenStore) -> None:
    """From left to right over the picture: in is down, towards whoever looks at it."""
    screen = opened(open_store, "door")
    screen.wait_for("line.drawn")
    into, out = screen.wait_for("line.in"), screen.wait_for("line.out")
    assert into.y() > out.y()
    touch(screen, "line.turn")
    assert screen.wait_for("line.in").y() < screen.wait_for("line.out").y()
    touch(screen, "stream.save")
    assert screen.store.calls[0][2].line == Line(0.8, 0.9, 0.2, 0.9)


def test_a_line_is_drawn_by_keys_alone(open_store: OpenStore) -> None:
    screen = opened(open_store, "aisle")
    screen.wait_for("line.draw").forceActiveFocus()
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    for _ in range(5):
        QTest.keyClick(screen.window, Qt.Key.Key_Right)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    line = screen.objects["StreamLine"]
    screen.until(lambda: bool(line.property("hasLine")))
    assert (round(line.property("x1"), 2), round(line.property("x2"), 2)) == (0.5, 0.6)


def test_a_line_that_was_cleared_is_not_counted_any_more(open_store: OpenStore) -> None:
    screen = opened(open_store, "door")
    touch(screen, "line.clear")
    assert screen.find("line.drawn") is None
    touch(screen, "stream.save")
    assert screen.store.calls[0][2].line is None


def test_two_touches_of_one_place_are_no_line(open_store: OpenStore) -> None:
    screen = opened(open_store, "aisle")
    touch(screen, "line.draw")
    touch_picture(screen, 0.5, 0.5)
    touch_picture(screen, 0.51, 0.51)
    assert screen.objects["StreamLine"].property("hasLine") is False
    touch(screen, "line.stop")
    assert screen.objects["StreamLine"].property("isDrawing") is False


def test_a_sheet_that_was_left_leaves_nothing_for_the_next(open_store: OpenStore) -> None:
    screen = opened(open_store, "")
    write(screen, "name", "yard")
    touch(screen, "stream.kind.1")
    write(screen, "password", "s3cret")
    touch(screen, "stream.close")
    screen.until(lambda: screen.find("StreamSheet") is None)
    streams = screen.objects["Streams"]
    assert (streams.property("name"), streams.property("passwordText")) == ("", "")
    touch(screen, "head.add")
    screen.wait_for("StreamSheet")
    assert streams.property("passwordText") == ""


def test_escape_leaves_the_sheet(open_store: OpenStore) -> None:
    screen = opened(open_store, "back")
    QTest.keyClick(screen.window, Qt.Key.Key_Escape)
    screen.until(lambda: screen.find("StreamSheet") is None)


# what is held


@pytest.fixture
def held_page(open_store: OpenStore) -> StoreScreen:
    screen = open_store(FakeStore())
    screen.go("held")
    screen.serve(30)
    return screen


def test_what_is_held_is_counted(held_page: StoreScreen) -> None:
    for words in ("212", "398", "7", "18,243", "1,204", "the oldest from 22 Oct 2026"):
        assert says(held_page, words)
    assert says(held_page, "Deleted after 30 days")
    assert says(held_page, "gone 30 minutes after they leave")
    assert says(held_page, "Deleted last: 20 Nov 2026, 03:00")
    assert not says(held_page, "guests without a name")


def test_the_figures_follow_the_store(held_page: StoreScreen) -> None:
    held_page.store.show(a_store_view(held=replace(HELD, throwaway_embeddings=11, guests=3)))
    held_page.until(lambda: says(held_page, "11"))
    assert says(held_page, "guests without a name")


def test_deleting_what_is_due_says_what_went(held_page: StoreScreen) -> None:
    touch(held_page, "held.purge")
    assert held_page.store.calls == [("purge",)]
    assert says(held_page, "Deleting")
    held_page.store.publish(Purged(NOW, {"files": 14, "visit_faces": 9, "guest_faces": 2, "copies": 1}))
    held_page.until(
        lambda: says(held_page, "Deleted: 14 pictures, 11 faces as numbers, 1 old copy of the database.")
    )


def test_deleting_when_nothing_is_due_says_so(held_page: StoreScreen) -> None:
    touch(held_page, "held.purge")
    held_page.store.publish(Purged(NOW, {}))
    held_page.until(lambda: says(held_page, "Nothing was due."))


def test_a_purge_by_itself_that_found_nothing_is_not_worth_a_word(held_page: StoreScreen) -> None:
    held_page.store.publish(Purged(NOW, {}))
    held_page.serve(50)
    assert held_page.find("held.outcome") is None


def test_a_purge_that_failed_can_be_asked_for_again(held_page: StoreScreen) -> None:
    touch(held_page, "held.purge")
    held_page.store.tell("error.general", "V-113")
    held_page.until(lambda: held_page.objects["Held"].property("isPurging") is False)
    touch(held_page, "held.purge")
    assert held_page.store.calls.count(("purge",)) == 2
