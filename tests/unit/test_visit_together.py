"""Several people together: each agrees first, nobody's photos are lost, and every face can go alone."""

from __future__ import annotations

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import GroupRule
from kiosk.language import Language
from kiosk.photos.face_search import MOST_PEOPLE
from kiosk.session.pictures import Pictures
from kiosk.session.states import Screen
from tests.visit import Visit, match, photo

FRIEND, THIRD, STRANGER = 1, 2, 9


@pytest.fixture
def visit() -> Visit:
    """The first visitor is in 1, 3 and 7; the friend in 3 and 8, and in 7 perhaps; the third in 3."""
    made = Visit([photo(number) for number in range(1, 11)], [match(1), match(3), match(7)])
    made.search.of = {
        FRIEND: [match(3, ordinal=1), match(8), match(7, 0.4, ordinal=1)],
        THIRD: [match(3, ordinal=2)],
    }
    return made


def sure(visit: Visit) -> list[int]:
    results = visit.view.results
    return [tile.number for tile in results.sure] if results else []


def maybe(visit: Visit) -> list[int]:
    results = visit.view.results
    return [tile.number for tile in results.maybe] if results else []


def ids(visit: Visit) -> list[str]:
    return [person.person_id for person in visit.view.group.people]


def said(visit: Visit) -> str:
    return visit.view.notice.key if visit.view.notice else ""


def faces_in_memory(visit: Visit) -> int:
    return sum(person.shot is not None for person in visit.session.visitor.everyone)


def test_a_friend_agrees_before_the_camera_opens_and_each_consent_is_recorded(visit: Visit) -> None:
    visit.find()
    visit.journey.set_language(Language.ENGLISH)
    visit.together.add_friend()
    assert visit.screen is Screen.CONSENT
    assert visit.view.group.is_adding
    assert not visit.live.is_on
    visit.journey.agree()
    visit.jobs.run()
    assert visit.live.consents_when_opened == [1, 2]
    first, second = visit.records.consents.values()
    assert (first.language, second.language) == (Language.THAI, Language.ENGLISH)
    assert first.consent_id != second.consent_id


def test_any_of_us_shows_everybodys_photos_and_all_of_us_only_those_with_everyone(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    assert visit.screen is Screen.RESULTS
    assert len(ids(visit)) == 2
    assert (sure(visit), maybe(visit)) == ([1, 3, 7, 8], [])
    visit.together.show(GroupRule.ALL)
    assert (sure(visit), maybe(visit)) == ([3], [7])
    visit.add_friend(THIRD)
    assert (sure(visit), maybe(visit)) == ([3], [])
    visit.together.show(GroupRule.ANY)
    assert sure(visit) == [1, 3, 7, 8]


def test_where_nobody_stands_together_the_page_stays_and_any_of_us_leads_back(visit: Visit) -> None:
    visit.search.of[FRIEND] = [match(8)]
    visit.find()
    visit.add_friend(FRIEND)
    visit.together.show(GroupRule.ALL)
    assert visit.screen is Screen.RESULTS
    results = visit.view.results
    assert results is not None
    assert (results.total, results.maybe) == (0, ())
    visit.together.show(GroupRule.ANY)
    assert sure(visit) == [1, 3, 7, 8]


def test_basket_favourites_and_what_was_confirmed_stay_when_a_friend_joins(visit: Visit) -> None:
    visit.matches.append(match(5, 0.4))
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.finding.toggle_favourite(f"{3:032x}")
    visit.corrections.this_is_me(f"{5:032x}")
    visit.add_friend(FRIEND)
    assert sure(visit) == [1, 3, 5, 7, 8]
    results = visit.view.results
    assert results is not None
    marks = {tile.number: (tile.is_chosen, tile.is_favourite) for tile in results.sure}
    assert (marks[1], marks[3]) == ((True, False), (False, True))


@pytest.mark.parametrize("way", ["decline", "back", "camera", "picture", "search"])
def test_a_friend_who_turns_back_changes_nothing(visit: Visit, way: str) -> None:
    visit.find()
    before = visit.view
    visit.together.add_friend()
    if way == "decline":
        visit.journey.decline()
    elif way == "back":
        visit.journey.back()
    else:
        visit.journey.agree()
        visit.jobs.run()
        if way == "camera":
            visit.journey.go_manual()
        else:
            visit.take_picture(FRIEND)
            if way == "picture":
                visit.journey.back()
                visit.journey.back()
                visit.journey.back()
            else:
                visit.search.failure = KnownError(ErrorCode.INDEX_DAMAGED, "torn")
                visit.jobs.run()
                assert said(visit) == "error.search_failed"
                visit.journey.decline()
    visit.jobs.run()
    assert visit.view == before
    assert faces_in_memory(visit) == 1
    assert not visit.live.is_on


@pytest.mark.parametrize(("person", "key"), [(0, "together.same"), (STRANGER, "together.none")])
def test_a_friend_who_cannot_join_is_told_why_and_their_face_is_gone(
    visit: Visit, person: int, key: str
) -> None:
    visit.find()
    visit.add_friend(person)
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS
    assert said(visit) == key
    assert sure(visit) == [1, 3, 7]
    assert faces_in_memory(visit) == 1
    first, second = visit.records.consents.values()
    assert first.face_deleted_at is None
    assert second.face_deleted_at is not None


def test_a_search_for_a_friend_that_stopped_can_be_tried_again_with_the_same_picture(visit: Visit) -> None:
    visit.find()
    visit.search.failure = KnownError(ErrorCode.INDEX_DAMAGED, "torn")
    visit.add_friend(FRIEND)
    assert visit.screen is Screen.SEARCHING
    visit.search.failure = None
    visit.finding.search_again()
    visit.jobs.run()
    assert sure(visit) == [1, 3, 7, 8]


def test_whoever_is_taken_out_leaves_no_face_and_no_photo_behind(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    gone = ids(visit)[1]
    visit.together.take_out(gone)
    assert faces_in_memory(visit) == 1
    visit.jobs.run()
    assert visit.records.consents[gone].face_deleted_at is not None
    assert visit.records.consents[gone].withdrawn_at is None
    assert visit.screen is Screen.RESULTS
    assert sure(visit) == [1, 3, 7]
    assert ids(visit) != [gone]
    pictures = Pictures(visit.session, lambda *_: pytest.fail("no photo"), lambda: None)
    assert pictures.face_of(gone) is None
    assert pictures.face_of(ids(visit)[0]) is not None


def test_the_first_visitor_can_be_taken_out_too(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.together.show(GroupRule.ALL)
    visit.together.take_out(ids(visit)[0])
    visit.jobs.run()
    assert (sure(visit), maybe(visit)) == ([3, 8], [7])
    assert visit.view.can_go_back
    visit.together.take_out(ids(visit)[0])
    assert len(ids(visit)) == 1


def test_without_who_was_found_the_others_meet_the_helpful_page(visit: Visit) -> None:
    visit.search.of[FRIEND] = [match(8, 0.4)]
    visit.find()
    visit.add_friend(FRIEND)
    assert (sure(visit), maybe(visit)) == ([1, 3, 7], [8])
    visit.together.take_out(ids(visit)[0])
    visit.jobs.run()
    assert visit.screen is Screen.NO_MATCH


def test_a_search_that_stops_after_somebody_left_shows_none_of_their_photos(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.search.failure = KnownError(ErrorCode.INDEX_DAMAGED, "torn")
    visit.together.take_out(ids(visit)[1])
    visit.jobs.run()
    assert visit.screen is Screen.SEARCHING
    assert said(visit) == "error.search_failed"
    assert visit.view.results is None
    visit.search.failure = None
    visit.finding.search_again()
    visit.jobs.run()
    assert sure(visit) == [1, 3, 7]


def test_who_left_during_the_payment_is_searched_for_no_more(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.buying.choose(f"{8:032x}")
    visit.buying.open_basket()
    gone = ids(visit)[1]
    visit.together.withdraw(gone)
    visit.jobs.run()
    assert visit.screen is Screen.BASKET
    assert visit.session.visitor.basket.digital == (f"{8:032x}",)
    visit.journey.back()
    assert sure(visit) == [1, 3, 7]


def test_one_of_several_takes_the_consent_back_for_themselves_alone(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    stays, gone = ids(visit)
    visit.buying.choose(f"{8:032x}")
    visit.together.withdraw(gone)
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS
    assert said(visit) == "together.withdrawn"
    assert visit.records.consents[gone].withdrawn_at is not None
    assert visit.records.consents[gone].face_deleted_at is not None
    assert visit.records.consents[stays].withdrawn_at is None
    assert sure(visit) == [1, 3, 7]
    assert visit.session.visitor.basket.digital == (f"{8:032x}",)


def test_all_take_their_consents_back_at_once(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.together.withdraw()
    visit.jobs.run()
    assert visit.screen is Screen.MANUAL
    assert faces_in_memory(visit) == 0
    for consent in visit.records.consents.values():
        assert consent.withdrawn_at is not None
        assert consent.face_deleted_at is not None


def test_a_friend_before_the_camera_can_take_the_consent_back(visit: Visit) -> None:
    visit.find()
    visit.together.add_friend()
    visit.journey.agree()
    visit.jobs.run()
    looking = visit.session.visitor.looking
    assert looking is not None
    assert ids(visit)[1] == looking.person_id
    visit.together.withdraw(looking.person_id)
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS
    assert not visit.live.is_on
    assert visit.records.consents[looking.person_id].withdrawn_at is not None
    assert faces_in_memory(visit) == 1


@pytest.mark.parametrize("page", ["consent", "camera", "search"])
def test_who_goes_while_another_is_asked_or_looked_at_takes_their_photos_along(
    visit: Visit, page: str
) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    gone = ids(visit)[1]
    visit.together.add_friend()
    if page != "consent":
        visit.journey.agree()
        visit.jobs.run()
    if page == "search":
        visit.take_picture(THIRD)
    visit.together.withdraw(gone)
    if page == "search":
        visit.jobs.run()
        assert len(ids(visit)) == 2
    else:
        visit.jobs.run()
        visit.journey.decline()
    assert visit.screen is Screen.RESULTS
    assert sure(visit) == [1, 3, 7]
    assert gone not in ids(visit)


def test_who_looks_again_while_another_goes_keeps_the_old_picture_until_the_new_one_is_taken(
    visit: Visit,
) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    stays, gone = ids(visit)
    visit.together.look_again(stays)
    visit.together.withdraw(gone)
    visit.jobs.run()
    assert visit.screen is Screen.CAPTURE
    assert visit.live.is_on
    visit.journey.back()
    assert sure(visit) == [1, 3, 7]
    assert ids(visit) == [stays]
    assert faces_in_memory(visit) == 1


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_friend_whose_company_takes_the_consent_back_goes_on_as_a_visitor(
    visit: Visit, is_taken: bool
) -> None:
    visit.find()
    first = ids(visit)[0]
    visit.together.add_friend()
    visit.journey.agree()
    visit.jobs.run()
    if is_taken:
        visit.take_picture(FRIEND)
    visit.together.withdraw(first)
    visit.jobs.run()
    assert not visit.view.group.is_adding
    if not is_taken:
        assert visit.screen is Screen.CAPTURE
        assert visit.view.results is None
        visit.take_picture(FRIEND)
        visit.jobs.run()
    assert (sure(visit), maybe(visit)) == ([3, 8], [7])
    assert first not in ids(visit)
    assert visit.records.consents[first].withdrawn_at is not None


def test_a_friend_whose_company_went_finds_none_of_their_photos_on_the_way_without_a_face(
    visit: Visit,
) -> None:
    visit.find()
    first = ids(visit)[0]
    visit.together.add_friend()
    visit.journey.agree()
    visit.jobs.run()
    visit.together.withdraw(first)
    visit.journey.go_manual()
    visit.jobs.run()
    assert visit.screen is Screen.MANUAL
    assert visit.view.results is None
    assert faces_in_memory(visit) == 0


def test_a_second_touch_takes_back_nobody_elses_consent(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    stays, gone = ids(visit)
    visit.together.withdraw(gone)
    visit.together.withdraw(gone)
    visit.jobs.run()
    assert visit.records.consents[stays].withdrawn_at is None
    assert sure(visit) == [1, 3, 7]


def test_who_is_taken_out_when_all_faces_are_gone_already_leaves_no_photo_behind(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.finding.open_photo(f"{8:032x}")
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.pay()
    visit.jobs.run()
    visit.wait(121)
    visit.journey.back()
    visit.journey.back()
    assert visit.screen is Screen.RESULTS
    visit.together.take_out(ids(visit)[1])
    visit.jobs.run()
    assert visit.screen is Screen.SEARCHING
    assert said(visit) == "error.search_failed"
    assert visit.view.results is None


def test_silence_deletes_every_face_and_records_each(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.pay()
    visit.wait(121)
    assert visit.screen is Screen.PAYMENT
    assert faces_in_memory(visit) == 0
    assert all(consent.face_deleted_at for consent in visit.records.consents.values())
    assert not visit.view.group.can_add


def test_a_friend_who_comes_after_the_faces_time_takes_nobodys_photos_away(visit: Visit) -> None:
    times = visit.session.settings.session.model_copy(update={"face_keep_s": 60.0})
    visit.session.settings = visit.session.settings.model_copy(update={"session": times})
    visit.find()
    visit.together.add_friend()
    visit.journey.agree()
    visit.jobs.run()
    visit.wait(61)
    assert visit.screen is Screen.RESULTS
    visit.take_picture(FRIEND)
    visit.jobs.run()
    assert sure(visit) == [1, 3, 7]
    assert faces_in_memory(visit) == 0
    assert not visit.live.is_on


def test_the_end_of_a_group_leaves_nothing_for_the_next(visit: Visit) -> None:
    fresh = visit.view
    visit.find()
    visit.add_friend(FRIEND)
    visit.together.show(GroupRule.ALL)
    visit.corrections.not_me(f"{3:032x}")
    visit.journey.finish()
    visit.jobs.run()
    receipt = visit.view.receipt
    assert receipt is not None
    assert receipt.had_consent
    assert receipt.face_deleted_at is not None
    assert receipt.face_count == 2
    assert all(consent.face_deleted_at for consent in visit.records.consents.values())
    visit.journey.close()
    assert visit.view == fresh


def test_the_receipt_of_a_friend_who_joined_only_for_a_moment_knows_of_the_consent(visit: Visit) -> None:
    visit.find()
    visit.together.withdraw()
    visit.journey.finish()
    receipt = visit.view.receipt
    assert receipt is not None
    assert receipt.had_consent


def test_a_new_picture_of_one_keeps_the_group_and_is_searched_with(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    before = ids(visit)
    visit.together.look_again(before[0])
    assert visit.screen is Screen.CAPTURE
    visit.jobs.run()
    assert visit.live.is_on
    visit.take_picture(THIRD)
    visit.jobs.run()
    assert ids(visit) == before
    assert (sure(visit), maybe(visit)) == ([3, 8], [7])
    assert faces_in_memory(visit) == 2


def test_whoever_turns_back_from_a_new_picture_keeps_the_old_one(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    before = visit.view
    visit.together.look_again(ids(visit)[0])
    visit.jobs.run()
    visit.journey.back()
    visit.jobs.run()
    assert visit.view == before
    assert faces_in_memory(visit) == 2
    assert not any(consent.face_deleted_at for consent in visit.records.consents.values())


def test_back_never_leads_a_group_away_from_its_photos(visit: Visit) -> None:
    visit.find()
    assert visit.view.can_go_back
    visit.add_friend(FRIEND)
    assert not visit.view.can_go_back
    visit.finding.open_photo(f"{3:032x}")
    assert visit.view.can_go_back
    visit.journey.back()
    assert visit.screen is Screen.RESULTS


def test_after_a_friend_came_and_went_back_leads_where_it_led(visit: Visit) -> None:
    visit.find()
    visit.add_friend(FRIEND)
    visit.together.take_out(ids(visit)[1])
    visit.jobs.run()
    seen = []
    while visit.view.can_go_back:
        visit.journey.back()
        seen.append(visit.screen)
    assert seen == [Screen.CAPTURE, Screen.CONSENT, Screen.ATTRACT]
    assert faces_in_memory(visit) == 0


def test_no_more_than_eight_search_together(visit: Visit) -> None:
    visit.find()
    for person in range(1, MOST_PEOPLE + 1):
        visit.search.of[person] = [match(3, ordinal=person)]
        visit.add_friend(person)
    assert len(ids(visit)) == MOST_PEOPLE
    assert not visit.view.group.can_add
    assert visit.screen is Screen.RESULTS


def test_no_friend_is_asked_while_nobody_can_be_searched_for(visit: Visit) -> None:
    visit.find()
    visit.session.face_search_fault = "V-501"
    visit.together.add_friend()
    assert visit.screen is Screen.RESULTS
    assert said(visit) == "error.face_search_out"


def test_a_friend_who_left_while_the_search_ran_joins_nobody(visit: Visit) -> None:
    visit.find()
    visit.together.add_friend()
    visit.journey.agree()
    visit.jobs.run()
    visit.take_picture(FRIEND)
    visit.journey.go_manual()
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS
    assert sure(visit) == [1, 3, 7]
    assert faces_in_memory(visit) == 1
