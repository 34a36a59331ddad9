"""From attract to results: consent before the camera, one search at a time, nothing of the last visitor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.capture.types import CameraChanged, CameraState, ShotRefused
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.photos.types import PhotoFilter
from kiosk.session.found import found_of, hours_of
from kiosk.session.results import passes_filter
from kiosk.session.states import Screen
from kiosk.vision.types import RejectionReason
from tests.visit import START, Visit, match, photo


@pytest.fixture
def visit() -> Visit:
    """Ten photos: 3, 1 and 7 show the visitor for sure, 5 may."""
    photos = [photo(number, place="Gate" if number < 5 else "Finish") for number in range(1, 11)]
    return Visit(photos, [match(3), match(1), match(7), match(5, 0.4)])


def sure(visit: Visit) -> list[int]:
    results = visit.view.results
    return [tile.number for tile in results.sure] if results else []


def maybe(visit: Visit) -> list[int]:
    results = visit.view.results
    return [tile.number for tile in results.maybe] if results else []


def test_the_camera_opens_only_after_the_consent_is_stored(visit: Visit) -> None:
    visit.agree()
    assert visit.live.consents_when_opened == [1]
    consent = next(iter(visit.records.consents.values()))
    assert (consent.text_version, consent.language) == ("4", Language.THAI)


@pytest.mark.parametrize(("reads_numbers", "version"), [(False, "4"), (True, "4-bib")])
def test_the_text_that_was_shown_is_the_one_that_is_recorded(
    visit: Visit, reads_numbers: bool, version: str
) -> None:
    assert visit.session.event is not None
    visit.session.event = replace(visit.session.event, reads_numbers=reads_numbers)
    visit.journey.begin()
    assert visit.view.terms.version == version
    visit.journey.agree()
    visit.jobs.run()
    assert [consent.text_version for consent in visit.records.consents.values()] == [version]


def test_no_camera_when_the_consent_cannot_be_stored(visit: Visit) -> None:
    visit.records.failure = KnownError(ErrorCode.DISK_FULL, "full")
    visit.agree()
    assert visit.screen is Screen.CONSENT
    assert not visit.live.is_on
    assert visit.view.notice is not None
    assert visit.view.notice.key == "error.storage_full"


def test_sure_photos_come_in_time_order_and_maybe_ones_apart(visit: Visit) -> None:
    visit.find()
    assert visit.screen is Screen.RESULTS
    assert sure(visit) == [1, 3, 7]
    assert maybe(visit) == [5]


def test_the_camera_is_off_once_the_picture_is_taken(visit: Visit) -> None:
    visit.find()
    assert not visit.live.is_on


def test_a_picture_without_consent_is_never_searched(visit: Visit) -> None:
    visit.journey.begin()
    visit.take_picture()
    visit.jobs.run()
    assert visit.screen is Screen.CONSENT
    assert visit.view.results is None


def test_no_sure_photo_is_a_helpful_page_with_the_maybe_ones_behind_a_touch(visit: Visit) -> None:
    visit.matches = [match(5, 0.4)]
    visit.find()
    assert visit.screen is Screen.NO_MATCH
    visit.finding.show_maybe()
    assert visit.screen is Screen.RESULTS
    assert (sure(visit), maybe(visit)) == ([], [5])
    visit.corrections.this_is_me(f"{5:032x}")
    assert (sure(visit), maybe(visit)) == ([5], [])


def test_results_for_a_visitor_who_left_are_dropped(visit: Visit) -> None:
    visit.agree()
    visit.take_picture()
    visit.journey.close()
    visit.jobs.run()
    assert visit.screen is Screen.ATTRACT
    assert visit.view.results is None


def test_results_of_a_search_that_the_visitor_left_for_a_new_picture_are_dropped(visit: Visit) -> None:
    visit.agree()
    visit.take_picture()
    visit.journey.back()
    visit.jobs.run()
    assert visit.screen is Screen.CAPTURE
    assert not visit.view.holds_face


def test_a_failed_search_keeps_the_picture_and_can_be_tried_again(visit: Visit) -> None:
    visit.search.failure = KnownError(ErrorCode.INDEX_DAMAGED, "torn")
    visit.find()
    assert visit.screen is Screen.SEARCHING
    assert visit.view.holds_face
    assert visit.view.notice is not None
    assert visit.view.notice.key == "error.search_failed"
    visit.search.failure = None
    visit.finding.search_again()
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS


def test_a_slow_search_says_so_and_a_lost_one_offers_to_try_again(visit: Visit) -> None:
    visit.agree()
    visit.take_picture()
    for seconds, is_slow, key in ((3, True, None), (8, True, "error.search_failed")):
        for _ in range(seconds):
            visit.clock.advance(1)
            visit.journey.tick()
        assert visit.view.is_search_slow is is_slow
        assert (visit.view.notice.key if visit.view.notice else None) == key


def test_not_me_takes_the_photo_out_remembers_it_and_can_be_undone(visit: Visit) -> None:
    visit.find()
    wrong = f"{3:032x}"
    visit.finding.open_photo(wrong)
    visit.corrections.not_me(wrong)
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS
    assert sure(visit) == [1, 7]
    assert visit.records.not_me == [(wrong, 0)]
    visit.corrections.undo_not_me(wrong)
    assert sure(visit) == [1, 3, 7]


def test_filters_narrow_and_are_lifted(visit: Visit) -> None:
    visit.find()
    visit.finding.set_filter(place="Finish")
    assert sure(visit) == [7]
    visit.finding.toggle_favourite(f"{3:032x}")
    visit.finding.set_filter(favourites_only=True)
    assert sure(visit) == [3]
    visit.finding.set_filter()
    assert sure(visit) == [1, 3, 7]


def test_an_unknown_time_is_no_fact_on_tiles_in_filters_or_among_the_hours() -> None:
    found = found_of([photo(1), replace(photo(2), is_time_known=False)])
    known, unknown = found.tiles.values()
    assert (known.is_time_known, unknown.is_time_known) == (True, False)
    assert found.times == (START,)
    assert hours_of([replace(photo(2), is_time_known=False)]) == ()
    for wanted in (PhotoFilter(since=START), PhotoFilter(until=photo(9).taken_at)):
        assert [passes_filter(tile, wanted) for tile in (known, unknown)] == [True, False]
    assert passes_filter(unknown, PhotoFilter())


def test_without_a_face_by_time_place_number_or_everything(visit: Visit) -> None:
    visit.journey.go_manual()
    visit.finding.find_by_number("4")
    visit.jobs.run()
    assert sure(visit) == [4]
    visit.journey.back()
    visit.finding.find_by_time(photo(2).taken_at, photo(6).taken_at, "Gate")
    visit.jobs.run()
    assert sure(visit) == [2, 3, 4]
    visit.journey.back()
    visit.finding.find_all()
    visit.jobs.run()
    assert len(sure(visit)) == 10
    assert visit.live.consents_when_opened == []


@pytest.mark.parametrize("typed", ["", "99", "-1", "abc", "٣", "1e3", "9" * 40])
def test_a_number_that_is_not_there_is_told_and_the_page_stays(visit: Visit, typed: str) -> None:
    visit.journey.go_manual()
    visit.finding.find_by_number(typed)
    visit.jobs.run()
    assert visit.screen is Screen.MANUAL or sure(visit) == [3]
    if visit.screen is Screen.MANUAL:
        assert visit.view.notice is not None
        assert visit.view.notice.key == "manual.none"


def test_a_touched_shot_that_cannot_be_used_says_why(visit: Visit) -> None:
    visit.agree()
    visit.bus.publish(ShotRefused(RejectionReason.SEVERAL_FACES))
    assert visit.view.notice is not None
    assert visit.view.notice.key == "guide.one"


def test_the_cameras_state_is_on_the_screens(visit: Visit) -> None:
    visit.agree()
    visit.bus.publish(CameraChanged(CameraState.LOST, "C-102"))
    assert visit.view.camera is CameraState.LOST


def test_two_minutes_without_a_touch_delete_the_face_everywhere(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.wait(119)
    assert visit.view.holds_face
    visit.wait(2)
    assert visit.screen is Screen.PAYMENT
    assert not visit.view.holds_face
    consent = next(iter(visit.records.consents.values()))
    assert consent.face_deleted_at is not None


def test_withdrawing_deletes_the_face_now_and_keeps_the_basket(visit: Visit) -> None:
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.together.withdraw()
    visit.jobs.run()
    assert visit.screen is Screen.MANUAL
    assert not visit.view.holds_face
    assert visit.view.shop is not None
    assert visit.view.shop.basket.digital == (f"{1:032x}",)
    consent = next(iter(visit.records.consents.values()))
    assert consent.withdrawn_at is not None
    assert consent.face_deleted_at is not None


@pytest.mark.parametrize(
    "page", ["consent", "capture", "searching", "results", "lightbox", "basket", "payment"]
)
def test_withdrawing_works_on_every_page_is_recorded_and_back_leads_out(visit: Visit, page: str) -> None:
    visit.agree()
    if page == "consent":
        visit.journey.back()
    elif page != "capture":
        visit.take_picture()
    if page not in ("consent", "capture", "searching"):
        visit.jobs.run()
        visit.buying.choose(f"{1:032x}")
    if page == "lightbox":
        visit.finding.open_photo(f"{1:032x}")
    if page in ("basket", "payment"):
        visit.buying.open_basket()
    if page == "payment":
        visit.buying.pay()
        visit.jobs.run()
    assert visit.screen == page
    visit.together.withdraw()
    visit.jobs.run()
    consent = next(iter(visit.records.consents.values()))
    assert consent.withdrawn_at is not None
    assert visit.view.notice is not None
    assert visit.view.notice.key == "consent.withdraw.done"
    seen = []
    while visit.view.can_go_back and len(seen) < 10:
        visit.journey.back()
        seen.append(visit.screen)
        assert visit.view.results is None
        assert not visit.live.is_on
    assert visit.screen is Screen.ATTRACT


def test_finish_leaves_nothing_but_the_privacy_receipt(visit: Visit) -> None:
    fresh = visit.view
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.journey.set_language(Language.ENGLISH)
    visit.journey.finish()
    assert visit.screen is Screen.THANKS
    assert visit.view.language is Language.ENGLISH
    receipt = visit.view.receipt
    assert receipt is not None
    assert receipt.had_consent
    assert receipt.face_deleted_at == START
    assert visit.view.results is None
    assert not visit.view.holds_face
    visit.journey.close()
    assert visit.view == fresh
    assert visit.pictures_forgotten >= 1


def test_whoever_withdrew_gets_a_privacy_receipt_all_the_same(visit: Visit) -> None:
    visit.find()
    visit.together.withdraw()
    visit.journey.finish()
    assert visit.screen is Screen.THANKS
    receipt = visit.view.receipt
    assert receipt is not None
    assert receipt.had_consent
    assert receipt.face_deleted_at == START


def test_finish_without_anything_held_just_ends(visit: Visit) -> None:
    visit.journey.go_manual()
    visit.journey.finish()
    assert visit.screen is Screen.ATTRACT


def test_an_abandoned_page_warns_then_clears_to_attract(visit: Visit) -> None:
    fresh = visit.view
    visit.find()
    visit.wait(90)
    assert visit.view.is_idle_warning
    visit.journey.keep_alive()
    assert not visit.view.is_idle_warning
    visit.wait(121)
    assert visit.view == fresh


def test_touches_that_come_too_late_for_their_page_do_nothing(visit: Visit) -> None:
    visit.journey.begin()
    visit.journey.begin()
    visit.journey.agree()
    visit.journey.agree()
    visit.jobs.run()
    assert visit.screen is Screen.CAPTURE
    visit.finding.retake()
    visit.finding.close_photo()
    visit.finding.open_photo(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.pay()
    visit.finding.show_maybe()
    visit.jobs.run()
    assert visit.screen is Screen.CAPTURE


def test_back_leads_through_the_pages_to_attract(visit: Visit) -> None:
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    seen = []
    while visit.view.can_go_back:
        visit.journey.back()
        seen.append(visit.screen)
    assert seen == [Screen.RESULTS, Screen.CAPTURE, Screen.CONSENT, Screen.ATTRACT]
    assert visit.view.shop is not None
    assert visit.view.shop.basket.is_empty


def test_every_change_publishes_one_snapshot(visit: Visit) -> None:
    visit.find()
    before = len(visit.views)
    visit.buying.choose_all()
    assert len(visit.views) == before + 1
    assert visit.views[-1] == visit.view


def test_a_second_touch_on_agree_is_one_consent(visit: Visit) -> None:
    visit.journey.begin()
    visit.journey.agree()
    visit.journey.agree()
    visit.jobs.run()
    assert len(visit.records.consents) == 1
    assert visit.screen is Screen.CAPTURE


def test_a_consent_that_could_not_be_stored_is_not_told_to_the_next_visitor(visit: Visit) -> None:
    visit.journey.begin()
    visit.journey.agree()
    visit.journey.close()
    visit.records.failure = KnownError(ErrorCode.DISK_FULL, "on demand")
    visit.jobs.run()
    assert visit.view.notice is None


@pytest.mark.parametrize("page", [Screen.CAPTURE, Screen.RESULTS, Screen.BASKET])
def test_after_withdrawing_no_way_leads_to_the_camera_without_a_new_consent(
    visit: Visit, page: Screen
) -> None:
    visit.agree()
    if page is not Screen.CAPTURE:
        visit.take_picture()
        visit.jobs.run()
    if page is Screen.BASKET:
        visit.buying.open_basket()
    assert visit.screen is page
    visit.together.withdraw()
    visit.journey.back()
    visit.finding.retake()
    visit.jobs.run()
    assert visit.screen in (Screen.CONSENT, Screen.MANUAL, Screen.ATTRACT)
    assert not visit.live.is_on


def test_back_never_runs_in_a_circle(visit: Visit) -> None:
    visit.find()
    visit.finding.open_photo(f"{1:032x}")
    visit.finding.close_photo()
    visit.journey.go_manual()
    visit.finding.find_all()
    visit.jobs.run()
    visit.journey.go_manual()
    pages = []
    while visit.screen is not Screen.ATTRACT and len(pages) < 10:
        pages.append(visit.screen)
        visit.journey.back()
    assert pages == [Screen.MANUAL, Screen.RESULTS, Screen.CAPTURE, Screen.CONSENT]


def test_choosing_all_of_a_big_event_is_one_basket(visit: Visit) -> None:
    visit.photo_list = [photo(number) for number in range(1, 2001)]
    visit.journey.go_manual()
    visit.finding.find_all()
    visit.jobs.run()
    visit.buying.choose_all()
    visit.buying.choose_all()
    assert len(visit.session.visitor.basket.digital) == 2000
