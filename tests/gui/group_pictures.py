"""The pages of several people together, as `render_pages` draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.gallery.types import GroupRule
from kiosk.session.states import Screen
from kiosk.session.view import Notice, SessionView
from tests.gui.fake_kiosk import CHOSEN, MAYBE, RECEIPT, TILES, a_group, a_shop, a_view, some_results

OF_TWO = some_results(CHOSEN, people=("person-1", "person-2"))
OF_ALL = replace(OF_TWO, rule=GroupRule.ALL)
_Step = Callable[[Any], None]


def _sheet(name: str) -> _Step:
    return lambda scene: scene.sheet(name)


def _aid(name: str) -> _Step:
    return lambda scene: scene.aid(name)


def _results(count: int = 2, **changes: Any) -> SessionView:
    return a_view(Screen.RESULTS, **({"group": a_group(count), "results": OF_TWO} | changes))


PICTURES_OF_GROUPS: dict[str, tuple[SessionView, _Step | None]] = {
    "group": (_results(), None),
    "group-all": (_results(3, results=replace(OF_ALL, sure=TILES[:3], total=3, maybe=MAYBE[:2])), None),
    "group-nothing": (_results(results=replace(OF_ALL, sure=(), total=0, maybe=()), shop=a_shop()), None),
    "group-maybe": (_results(results=replace(OF_ALL, sure=(), total=0), shop=a_shop()), None),
    "group-larger": (_results(), _aid("largerText")),
    "group-lower": (_results(), _aid("lower")),
    "group-none": (_results(1, results=some_results(), notice=Notice("together.none")), None),
    "group-same": (_results(notice=Notice("together.same")), None),
    "group-kind": (_results(notice=Notice("results.not_me.kind", (("n", "3"),), is_success=True)), None),
    "group-sheet": (_results(3), _sheet("TogetherSheet")),
    "group-sheet-full": (_results(8), _sheet("TogetherSheet")),
    "group-my-data": (_results(3), _sheet("MyDataSheet")),
    "group-my-data-full": (_results(8), _sheet("MyDataSheet")),
    "group-lightbox": (a_view(Screen.LIGHTBOX, group=a_group(2), results=OF_TWO), None),
    "group-consent": (a_view(Screen.CONSENT, group=a_group(1, is_adding=True)), None),
    "group-capture": (a_view(Screen.CAPTURE, group=a_group(1, is_adding=True)), None),
    "group-searching": (a_view(Screen.SEARCHING, group=a_group(1, is_adding=True)), None),
    "group-thanks": (a_view(Screen.THANKS, receipt=replace(RECEIPT, face_count=3)), None),
}
