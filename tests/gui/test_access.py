"""Every page and sheet for whoever cannot see well, reach high or use a finger: keyboard and switch walk it
in the order in which it is read, all of it has names, and each aid works everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.session.states import Screen as Page
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view, some_results
from tests.gui.render_pages import PICTURES, Scene
from tests.gui.visiting import MANY, OpenScreen, many_tiles

SIDE_X, FOOT_Y = {PORTRAIT: 1e9, WIDE: 1400}, {PORTRAIT: 1770, WIDE: 936}
REACH_TOP = {PORTRAIT: 1280, WIDE: 540}
MOST_STEPS = 200

WALKED = (
    "attract",
    "consent",
    "consent-text",
    "capture",
    "capture-none",
    "searching-failed",
    "results",
    "results-none",
    "results-maybe",
    "results-filter",
    "group",
    "group-sheet",
    "no-match",
    "manual",
    "manual-number",
    "lightbox",
    "lightbox-maybe",
    "basket-prints",
    "basket-voucher",
    "voucher",
    "print",
    "payment",
    "payment-slip",
    "payment-expired",
    "no-bank-app",
    "slip",
    "problem-short",
    "problem-slip",
    "delivery-sent",
    "mail",
    "line",
    "keep",
    "receipt",
    "thanks-kept",
    "out",
    "idle",
    "my-data",
    "aids",
    "finish",
    "order",
)
"""A picture of each page and sheet, with all that can be touched on it."""
SHORT = ("results", "delivery-sent", "mail")
"""Those that show most kinds of control; the others are walked in the long form."""


def _pictures(short: Iterable[str]) -> Iterable[object]:
    for name in WALKED:
        yield pytest.param(name, marks=() if name in short else pytest.mark.slow, id=name)


EACH = pytest.mark.parametrize("name", list(_pictures(SHORT)))
EACH_OF_WORDS = pytest.mark.parametrize("name", list(_pictures(("payment-slip",))))
SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
LANGUAGES = pytest.mark.parametrize("language", list(Language))


def opened(
    open_screen: OpenScreen, name: str, size: tuple[int, int], language: Language, *aids: str
) -> Screen:
    """The picture of that name, with these of Theme's switches on."""
    view, step = PICTURES[name]
    screen = open_screen(FakeKiosk(replace(view, language=language)), size)
    for aid in aids:
        screen.objects["Theme"].setProperty(aid, True)
    screen.wait_for(f"page.{view.screen}")
    if step is not None:
        step(Scene(screen.kiosk, screen.kiosk_window))
    screen.serve(60)
    screen.window.grabWindow()  # lays everything out
    screen.window.requestActivate()
    return screen


def place(item: QQuickItem) -> QRectF:
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def is_control(item: QQuickItem) -> bool:
    return item.inherits("QQuickAbstractButton") and item.isEnabled()


def top_sheet(screen: Screen) -> QQuickItem | None:
    """The sheet that lies on top; None where there is none."""
    sheets = [item for item in screen.items() if item.objectName().endswith("Sheet")]
    return sheets[-1] if sheets else None


def controls(screen: Screen) -> list[QQuickItem]:
    """What can be touched: of the sheet where there is one, else of the page."""
    sheet = top_sheet(screen)
    return [
        item
        for item in screen.items()
        if is_control(item) and (sheet is None or sheet.isAncestorOf(item)) and not _is_behind(item)
    ]


def _is_behind(item: QQuickItem) -> bool:
    """Whether something folded away covers it."""
    above: QQuickItem | None = item
    while above is not None:
        if above.objectName() == "results.maybePanel":
            return bool(not above.property("isOpen") and item.objectName() != "results.maybe")
        above = above.parentItem()
    return False


def walk(screen: Screen) -> list[QQuickItem]:
    """What Tab comes to, from the first in reading order on, until it comes to it again."""
    came: list[QQuickItem] = []
    for _ in range(MOST_STEPS):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focused = screen.window.activeFocusItem()
        assert focused is not None
        if focused in came:
            break
        came.append(focused)
    again = came.index(screen.window.activeFocusItem())
    circle = came[again:]
    first = min(range(len(circle)), key=lambda at: _start(screen, circle[at]))
    return circle[first:] + circle[:first]


def _start(screen: Screen, item: QQuickItem) -> tuple[float, ...]:
    """By which the first is found: its region, its area and its place in it."""
    outermost = [item, *_areas(item)][-1]
    return (*_region(screen, item), *_spot(outermost), *_spot(item))


def _region(screen: Screen, item: QQuickItem) -> tuple[int]:
    """A sheet is one; a page has its content, in landscape the action column, and the foot."""
    if top_sheet(screen) is not None:
        return (0,)
    where, size = place(item), (screen.window.width(), screen.window.height())
    if item.objectName().startswith("foot."):
        return (2,)
    return (1,) if where.x() >= SIDE_X[size] else (0,)


def _spot(item: QQuickItem) -> tuple[float, float]:
    where = place(item)
    return where.y(), where.x()


def is_read_before(screen: Screen, one: QQuickItem, other: QQuickItem) -> bool:
    """Whether it stands above, or to the left in the same row. What scrolls stands where its area does; in
    it rows are those of the list, and each of them is read as a whole."""
    regions = _region(screen, one), _region(screen, other)
    if regions[0] != regions[1]:
        return regions[0] < regions[1]
    shared = next((area for area in _areas(one) if area in _areas(other)), None)
    one, other = _stands_for(one, shared, other), _stands_for(other, shared, one)
    here, there = place(one), place(other)
    is_row = (
        there.top() < here.center().y() < there.bottom() or here.top() < there.center().y() < here.bottom()
    )
    return here.x() <= there.x() if is_row else here.y() < there.y()


def _areas(item: QQuickItem) -> list[QQuickItem]:
    """What it scrolls in, the innermost first."""
    found, above = [], item.parentItem()
    while above is not None:
        if above.inherits("QQuickFlickable"):
            found.append(above)
        above = above.parentItem()
    return found


def _stands_for(item: QQuickItem, shared: QQuickItem | None, other: QQuickItem) -> QQuickItem:
    """In an area that two share: the row or the inner area that it is part of, itself where the two are in
    the same row."""
    areas = _areas(item)
    inner = areas[: areas.index(shared)] if shared is not None else areas
    if inner:
        return inner[-1]
    row = _cell(item, shared)
    return item if row.isAncestorOf(other) else row


def _cell(item: QQuickItem, area: QQuickItem | None) -> QQuickItem:
    """What of the area's content it is part of, or is."""
    while area is not None and item.parentItem() is not area.property("contentItem"):
        item = item.parentItem()
    return item


@EACH
@SHAPES
def test_keyboard_and_switch_walk_all_of_it_once_in_reading_order(
    open_screen: OpenScreen, name: str, size: tuple[int, int]
) -> None:
    screen = opened(open_screen, name, size, Language.ENGLISH)
    wanted = controls(screen)
    steps = walk(screen)
    names = [item.objectName() or item.property("text") for item in steps]
    missed = [item.objectName() or item.property("text") for item in wanted if item not in steps]
    assert missed == [], names
    sheet = top_sheet(screen)
    for item in steps:
        assert sheet is None or sheet.isAncestorOf(item), "the focus left the sheet"
    reached = [item for item in steps if is_control(item)]
    for one, other in pairwise(reached):
        assert is_read_before(screen, one, other), (one.objectName(), other.objectName(), names)


@EACH
@LANGUAGES
def test_whatever_has_the_focus_has_a_role_a_name_and_a_ring(
    open_screen: OpenScreen, name: str, language: Language
) -> None:
    screen = opened(open_screen, name, PORTRAIT, language)
    for item in walk(screen):
        told = QAccessible.queryAccessibleInterface(item)
        label = item.objectName() or item.metaObject().className()
        assert told is not None, label
        assert told.role() not in (QAccessible.Role.NoRole, QAccessible.Role.Client), label
        assert told.text(QAccessible.Text.Name).strip(), label
        item.setFocus(False)
        item.forceActiveFocus(Qt.FocusReason.TabFocusReason)
        rings = [each for each in item.childItems() if each.property("isShown") is not None]
        if is_control(item):
            assert any(ring.property("isShown") for ring in rings), label


@EACH
@SHAPES
def test_brought_lower_everything_is_within_reach(
    open_screen: OpenScreen, name: str, size: tuple[int, int]
) -> None:
    screen = opened(open_screen, name, size, Language.THAI, "lower")
    for item in controls(screen):
        item.forceActiveFocus(Qt.FocusReason.TabFocusReason)
        screen.serve(1)
        where = place(item)
        assert where.top() >= REACH_TOP[size] - 1, (item.objectName() or item.property("text"), where)
        assert where.top() + min(54, where.height()) <= size[1], (item.objectName(), where)


@EACH_OF_WORDS
@SHAPES
@LANGUAGES
@pytest.mark.parametrize("aids", [("largerText",), ("lower",), ("largerText", "lower")], ids="-".join)
def test_with_an_aid_no_words_are_cut_and_none_lie_on_others(
    open_screen: OpenScreen, name: str, size: tuple[int, int], language: Language, aids: tuple[str, ...]
) -> None:
    screen = opened(open_screen, name, size, language, *aids)
    sheet = top_sheet(screen)
    words = [
        item
        for item in screen.items()
        if item.inherits("QQuickText")
        and item.property("text")
        and (sheet is None or sheet.isAncestorOf(item))
        and not _is_behind(item)
    ]
    window = QRectF(0, 0, *size).adjusted(-1, -1, 1, 1)
    for item in words:
        text = item.property("text")
        assert not item.property("truncated"), text
        assert item.property("contentWidth") <= item.width() + 1, text
        if not _scrolls(item):
            assert window.contains(place(item)), text
    shown = [item for item in words if not _scrolls(item)]
    for index, one in enumerate(shown):
        for other in shown[index + 1 :]:
            shared = _ink(one).intersected(_ink(other))
            assert min(shared.width(), shared.height()) <= 2, (one.property("text"), other.property("text"))


def _ink(item: QQuickItem) -> QRectF:
    """Where its letters stand, without the room above and below its lines."""
    ink = item.mapRectToScene(item.boundingRect())
    margin = ink.height() / max(1, item.property("lineCount")) * 0.25
    return ink.adjusted(0, margin, 0, -margin)


def _scrolls(item: QQuickItem) -> bool:
    above = item.parentItem()
    while above is not None:
        if above.clip():
            return True
        above = above.parentItem()
    return False


@pytest.mark.parametrize("page", [page for page in Page if page is not Page.SEARCHING])
def test_a_page_says_what_it_is_when_it_comes(open_screen: OpenScreen, page: Page) -> None:
    screen = open_screen(FakeKiosk(a_view(page)))
    item = screen.wait_for(f"page.{page}")
    told = QAccessible.queryAccessibleInterface(item)
    assert told is not None
    assert told.text(QAccessible.Text.Name).strip()


def _luminance(colour: object) -> float:
    parts = (getattr(colour, name)() for name in ("redF", "greenF", "blueF"))
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_high_contrast_is_seven_to_one_for_all_words_and_three_to_one_for_all_else(
    open_screen: OpenScreen,
) -> None:
    theme = open_screen(FakeKiosk(a_view(Page.ATTRACT))).objects["Theme"]
    theme.setProperty("highContrast", True)

    def contrast(one: str, other: str) -> float:
        lights = sorted(_luminance(theme.property(name)) for name in (one, other))
        return (lights[1] + 0.05) / (lights[0] + 0.05)

    for ground in ("bg", "s1", "s2"):
        for ink in ("text", "text2", "gold", "ok", "bad", "edge"):
            assert contrast(ink, ground) >= 7, (ink, ground)
        assert contrast("line", ground) >= 3
    for ink, ground in (("onGold", "gold"), ("onGold", "goldPressed"), ("onPaper", "paper")):
        assert contrast(ink, ground) >= 7, (ink, ground)
    assert contrast("paperText2", "paper") >= 7


def test_the_aids_hold_for_this_visitor_and_fall_back_at_the_end(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.CONSENT))
    screen = open_screen(kiosk)
    theme = screen.objects["Theme"]
    screen.touch(screen.wait_for("foot.aids"))
    for name in ("aids.largerText", "aids.contrast", "aids.lower"):
        screen.touch(screen.wait_for(name))
        screen.serve(30)
        screen.window.grabWindow()
    kiosk.show(a_view(Page.PAYMENT))
    screen.wait_for("page.payment")
    assert all(theme.property(name) for name in ("largerText", "highContrast", "lower"))
    kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    assert not any(theme.property(name) for name in ("largerText", "highContrast", "lower"))


@SHAPES
def test_the_aids_can_always_be_left(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = opened(open_screen, "aids", size, Language.THAI, "largerText", "lower")
    done = place(screen.wait_for("aids.close"))
    assert REACH_TOP[size] < done.top() < done.bottom() <= size[1]
    screen.touch(screen.wait_for("aids.close"))
    screen.until(lambda: screen.find("AidsSheet") is None)


def test_a_point_that_is_touched_on_a_lowered_page_is_what_is_seen_there(open_screen: OpenScreen) -> None:
    screen = opened(open_screen, "no-match", PORTRAIT, Language.THAI, "lower")
    way = screen.wait_for("noMatch.number")
    assert way.mapToScene(QPointF(0, 0)).y() >= REACH_TOP[PORTRAIT]
    screen.touch(way)
    assert ("go_manual",) in screen.kiosk.calls


def test_of_thousands_of_photos_the_keyboard_walks_one_after_the_other_each_in_view(
    open_screen: OpenScreen,
) -> None:
    results = some_results(sure=many_tiles(), total=MANY, maybe=())
    screen = open_screen(FakeKiosk(a_view(Page.RESULTS, results=results)))
    screen.window.requestActivate()
    grid = screen.wait_for("results.grid")
    first = screen.wait_for("results.tile.photo-0")
    first.forceActiveFocus(Qt.FocusReason.TabFocusReason)

    def stands_on() -> str:
        focused = screen.window.activeFocusItem()
        assert focused is not None
        assert place(grid).contains(place(focused).center())
        return focused.objectName()

    steps = [stands_on()]
    for _ in range(59):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        steps.append(stands_on())
    wanted = [f"results.{kind}.photo-{number}" for number in range(30) for kind in ("tile", "disc")]
    assert steps == wanted
    for expected in reversed(wanted[:-1]):
        QTest.keyClick(screen.window, Qt.Key.Key_Backtab)
        assert stands_on() == expected
