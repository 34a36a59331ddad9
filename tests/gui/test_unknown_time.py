"""A photo whose camera told no time shows none: that of the file is no fact."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from kiosk.session.states import Screen as Page
from tests.gui.fake_kiosk import TILES, some_results
from tests.gui.visiting import OpenScreen, on_page
from ui.view_models.photo_list import PhotoListModel, PhotoRole


def test_the_grid_shows_a_time_only_where_it_is_known(qtbot: QtBot) -> None:
    model = PhotoListModel()
    model.show([TILES[0], replace(TILES[1], is_time_known=False)])
    known, unknown = (model.data(model.index(row), PhotoRole.TIME) for row in (0, 1))
    assert known
    assert unknown == ""


def test_the_large_photo_tells_its_place_and_a_time_only_where_it_is_known(open_screen: OpenScreen) -> None:
    tiles = (TILES[0], replace(TILES[1], is_time_known=False))
    known, unknown = (
        on_page(open_screen, Page.LIGHTBOX, results=some_results(sure=tiles), lightbox_photo_id=tile.photo_id)
        .objects["Lightbox"]
        .property("taken")
        for tile in tiles
    )
    assert known.endswith(f" · {TILES[0].place}")
    assert unknown == TILES[1].place
