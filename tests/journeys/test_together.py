"""A friend at a real kiosk: joins by their own look, leaves without a trace; what was not me stays away."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.capture.types import Shot, ShotTaken
from kiosk.database.consents import SqlConsentRepository
from kiosk.gallery.types import GroupRule
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.photos.decoding import load_upright
from kiosk.session.states import Screen
from kiosk.session.types import ConsentRecord
from tests.whole_kiosk import Guest, running, settings_for


def look_of(guest: Guest, picture: Path) -> ShotTaken:
    """A still of somebody else, as the camera would take it."""
    engine = guest.kiosk.archive.engines.live
    pixels = load_upright(picture).pixels()
    face = engine.detect(pixels)[0]
    return ShotTaken(Shot(pixels, face.box, engine.embed(pixels, [face])[0], 0.9, 0.0))


def ask_friend(guest: Guest) -> None:
    guest.kiosk.together.add_friend()
    guest.wait_for(Screen.CONSENT)
    guest.kiosk.journey.agree()
    guest.wait_for(Screen.CAPTURE)


def consents(guest: Guest) -> list[ConsentRecord]:
    event = guest.kiosk.view.event
    assert event is not None
    return SqlConsentRepository(guest.kiosk.archive.database).consents(event.event_id)


def test_a_friend_joins_and_leaves_and_no_face_of_the_group_stays(
    home: Path, demo: Path, bank: PayNoiSimulator
) -> None:
    with running(home, settings_for(demo / "visitor.mp4"), bank.base_url) as guest:
        guest.find_by_face()
        friend = look_of(guest, demo / "photos" / "biden.jpg")

        ask_friend(guest)  # and the first visitor looks once more
        guest.wait(lambda: guest.notice == "together.same")
        assert guest.file_names() == {"obama.jpg", "obama3.jpg"}

        ask_friend(guest)
        guest.kiosk.bus.publish(friend)
        guest.wait_for(Screen.RESULTS)
        assert guest.file_names() == {"obama.jpg", "obama3.jpg", "biden.jpg"}
        guest.kiosk.together.show(GroupRule.ALL)
        assert guest.file_names() == set()
        guest.kiosk.together.show(GroupRule.ANY)

        _, joined = guest.kiosk.view.group.people
        guest.kiosk.together.take_out(joined.person_id)
        guest.wait(lambda: guest.file_names() == {"obama.jpg", "obama3.jpg"})
        guest.kiosk.journey.finish()
        guest.wait_for(Screen.THANKS)
        guest.wait(lambda: all(consent.face_deleted_at for consent in consents(guest)))
        assert len(consents(guest)) == 3


@pytest.mark.slow
def test_what_was_not_me_stays_away_from_a_new_picture(home: Path, demo: Path, bank: PayNoiSimulator) -> None:
    with running(home, settings_for(demo / "visitor.mp4"), bank.base_url) as guest:
        guest.find_by_face()
        results = guest.kiosk.view.results
        assert results is not None
        names = {tile.photo_id: guest.kiosk.archive.photos.photo(tile.photo_id) for tile in results.sure}
        [wrong] = [photo_id for photo_id, photo in names.items() if photo.file_name == "obama3.jpg"]

        guest.kiosk.corrections.not_me(wrong)
        assert "obama3.jpg" not in guest.file_names()
        event_id = names[wrong].event_id
        guest.wait(lambda: guest.kiosk.archive.photos.not_me_counts(event_id) == {wrong: 1})

        guest.kiosk.finding.retake()
        guest.wait_for(Screen.CAPTURE)
        guest.wait_for(Screen.RESULTS, Screen.NO_MATCH)
        results = guest.kiosk.view.results
        shown = [*results.sure, *results.maybe] if results else []
        assert wrong not in {tile.photo_id for tile in shown}
