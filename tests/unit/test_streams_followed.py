"""How somebody in view is drawn."""

from __future__ import annotations

import pytest

from kiosk.streams.followed import FollowedFace
from kiosk.streams.vote import Verdict
from kiosk.streams.waiting import Presence
from kiosk.vision.types import Box
from kiosk.visits.types import FaceKind, SeenFace, Stay

BOX = Box(10, 10, 90, 90)


@pytest.mark.parametrize(
    ("number", "drawn"),
    [
        (None, SeenFace(1, BOX, FaceKind.VISITOR)),
        (1, SeenFace(1, BOX, FaceKind.VISITOR)),
        (2, SeenFace(1, BOX, FaceKind.KNOWN, "", 2)),
    ],
)
def test_a_guest_is_a_visitor_until_they_are_back(number: int | None, drawn: SeenFace) -> None:
    stay = Stay("stay", FaceKind.KNOWN, "guest", "", number, is_new=True)
    face = FollowedFace(1, BOX, presence=Presence(stay), verdict=Verdict.NAMELESS)
    assert face.shown() == drawn
