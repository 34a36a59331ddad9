"""People on the store's screen: found, enrolled only after they agreed, changed, merged, split, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.errors import ErrorCode
from kiosk.language import Language
from kiosk.vision.types import RejectionReason
from kiosk.visits.person_rules import MOST_FACES, MOST_LISTED
from kiosk.visits.told import EnrolmentChanged, PeopleListed, PersonSaved, PersonShown
from kiosk.visits.types import Gender, Person, PersonDraft, PersonKind
from tests.gui.conftest import PORTRAIT, WIDE, StoreScreen
from tests.gui.fake_store import LOST, NOW, FakeStore, a_person, a_store_view
from tests.gui.store_samples import BEN, GUEST, KIT, LONG, MALI, NOK, PEOPLE, SOMSRI, many_people, visits_of
from tests.gui.visiting import says, touch
from ui import moment
from ui.store_faces import FaceView
from ui.view_models.store_facts import Facts

OpenStore = Callable[..., StoreScreen]
BOTH_SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
ONE_SHOT, TWO_SHOTS = EnrolmentChanged(("shot-1",), 2), EnrolmentChanged(("shot-1", "shot-2"), 2)


@pytest.fixture(autouse=True)
def _at_14_32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def commands(screen: StoreScreen, *names: str) -> list[tuple[Any, ...]]:
    """Those that the store got, of these names."""
    return [call for call in screen.store.calls if call[0] in names]


def on_people(
    open_store: OpenStore, *people: Person, size: tuple[int, int] = WIDE, **view: Any
) -> StoreScreen:
    screen = open_store(FakeStore(a_store_view(**view)), size)
    screen.go("people")
    screen.store.publish(PeopleListed(people or PEOPLE))
    screen.until(lambda: screen.objects["People"].property("count") == len(people or PEOPLE))
    return screen


def on_person(
    open_store: OpenStore, person: Person = MALI, size: tuple[int, int] = WIDE, **view: Any
) -> StoreScreen:
    screen = on_people(open_store, size=size, **view)
    shown(screen, person)
    return screen


def shown(screen: StoreScreen, person: Person) -> None:
    screen.objects["Person"].open(person.person_id)
    screen.go("person")
    tell(screen, person)


def tell(screen: StoreScreen, person: Person) -> None:
    visits = () if person.kind is PersonKind.STAFF else visits_of(person)
    screen.store.publish(PersonShown(person, visits))
    screen.until(lambda: screen.objects["Person"].person == person)


def typed(screen: StoreScreen, field: str, letters: str) -> None:
    """Touches a field and types into the sheet, key by key, on the screen."""
    touch(screen, field)
    screen.wait_for("TypeSheet")
    for letter in letters:
        touch(screen, f"key.{letter}")
    touch(screen, "key.done")
    screen.until(lambda: screen.find("TypeSheet") is None)


def faces(screen: StoreScreen) -> list[FaceView]:
    return [item for item in screen.items() if isinstance(item, FaceView)]


# finding


@BOTH_SHAPES
def test_everybody_is_asked_for_and_listed_with_what_is_known_of_them(
    open_store: OpenStore, size: tuple[int, int]
) -> None:
    screen = on_people(open_store, size=size)
    assert commands(screen, "find") == [("find", "", None)]
    screen.wait_for("person.person-mali")
    assert says(screen, "Mali")
    assert says(screen, "Customer · 5 visits · last visit today, 14:31")
    assert says(screen, "Staff · not counted")
    screen.until(lambda: bool(faces(screen)) and all(face.property("isReady") for face in faces(screen)))


def test_searching_asks_for_what_was_typed_on_the_screen_and_forgets_the_answer_to_before(
    open_store: OpenStore,
) -> None:
    screen = on_people(open_store)
    typed(screen, "people.search", "kit")
    assert commands(screen, "find")[-1] == ("find", "kit", None)
    screen.store.publish(PeopleListed(PEOPLE, ""))
    screen.store.publish(PeopleListed((KIT,), "kit"))
    screen.until(lambda: screen.objects["People"].property("count") == 1)
    touch(screen, "people.clear")
    assert commands(screen, "find")[-1] == ("find", "", None)


def test_search_that_finds_nobody_says_so(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    screen.objects["People"].search("zz")
    screen.store.publish(PeopleListed((), "zz"))
    screen.until(lambda: says(screen, "Nobody matches “zz”."))


def test_staff_and_customers_are_listed_apart(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    touch(screen, "people.kind.1")
    assert commands(screen, "find")[-1] == ("find", "", PersonKind.STAFF)
    screen.store.publish(PeopleListed((BEN, NOK)))
    screen.until(lambda: screen.objects["People"].property("count") == 2)
    touch(screen, "people.kind.2")
    assert commands(screen, "find")[-1] == ("find", "", PersonKind.CUSTOMER)


@pytest.mark.parametrize("knows_returning", [False, True])
def test_guests_are_offered_only_where_the_long_term_way_is_on(
    open_store: OpenStore, knows_returning: bool
) -> None:
    screen = on_people(open_store, knows_returning=knows_returning)
    assert (screen.find("people.kind.3") is not None) is knows_returning
    screen.store.publish(PeopleListed(()))
    screen.until(
        lambda: says(screen, "Nobody is known by name" if knows_returning else "Nobody is known here")
    )
    if knows_returning:
        touch(screen, "people.kind.3")
        screen.store.publish(PeopleListed((GUEST,)))
        screen.until(lambda: says(screen, "Guests were not asked."))
        screen.until(lambda: says(screen, "Guest without a name"))


def test_a_full_list_says_that_it_is_not_everybody(open_store: OpenStore) -> None:
    screen = on_people(open_store, *many_people(MOST_LISTED))
    listed = screen.wait_for("people.list")
    screen.until(lambda: float(listed.property("contentHeight")) > 2000)
    listed.setProperty("contentY", float(listed.property("contentHeight")) - listed.height())
    screen.until(lambda: says(screen, "Only the first 200 are shown."))


def test_nobody_is_held_when_the_page_is_left(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    screen.go("wall")
    assert screen.objects["People"].property("people") == []
    screen.store.publish(PeopleListed(PEOPLE))
    screen.serve(30)
    assert screen.objects["People"].property("people") == []


def test_a_picture_that_is_gone_leaves_the_sign_for_somebody(open_store: OpenStore) -> None:
    store = FakeStore()
    store.pictures.missing.add("people/person-mali/0.jpg")
    screen = open_store(store)
    screen.go("people")
    store.publish(PeopleListed((MALI, KIT)))
    screen.until(lambda: any(face.property("isReady") for face in faces(screen)))
    views = [child for item in screen.items() for child in item.childItems() if isinstance(child, FaceView)]
    screen.until(lambda: any(face.property("isMissing") for face in views))


# enrolling


@BOTH_SHAPES
def test_a_whole_enrolment_by_touch_reaches_the_store_in_order(
    open_store: OpenStore, size: tuple[int, int]
) -> None:
    screen = on_people(open_store, size=size)
    screen.store.calls.clear()
    touch(screen, "people.add")
    touch(screen, "add.staff")
    screen.wait_for("consent.agree")
    assert says(screen, "Text version 2026-11.")
    assert says(screen, "Pictures are deleted after 30 days.")
    assert says(screen, "Riverside Books takes pictures of your face")
    assert commands(screen, "begin", "capture", "save") == []  # nothing before they agreed
    touch(screen, "consent.agree")
    assert not screen.wait_for("enrol.toPictures").isEnabled()  # a name is needed
    typed(screen, "field.name", "mint")
    touch(screen, "field.gender.0")
    touch(screen, "enrol.toPictures")
    screen.wait_for("enrol.take")
    assert says(screen, "2 more pictures needed")
    assert not screen.wait_for("enrol.save").isEnabled()
    touch(screen, "enrol.take")
    screen.until(lambda: screen.objects["Enrolment"].property("isTaking"))
    screen.store.publish(ONE_SHOT)
    screen.until(lambda: says(screen, "1 more picture needed"))
    assert not screen.wait_for("enrol.save").isEnabled()
    touch(screen, "enrol.take")
    screen.store.publish(TWO_SHOTS)
    screen.until(lambda: screen.wait_for("enrol.save").isEnabled())
    touch(screen, "enrol.save")
    draft = PersonDraft(PersonKind.STAFF, "mint", Gender.FEMALE)
    assert commands(screen, "begin", "capture", "save", "cancel") == [
        ("begin", PersonKind.STAFF),
        ("capture", "door"),
        ("capture", "door"),
        ("save", draft, ("has_agreed", True)),
    ]
    screen.store.publish(PersonSaved("person-mint", "enrolled"))
    screen.wait_for("page.person")
    assert commands(screen, "show")[-1] == ("show", "person-mint")
    assert commands(screen, "cancel") == []
    screen.objects["StoreNavigator"].back()
    screen.wait_for("page.people")  # not the enrolment once more


def test_who_does_not_agree_is_not_enrolled_and_nothing_was_begun(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    touch(screen, "people.add")
    touch(screen, "add.customer")
    agree, refuse = screen.wait_for("consent.agree"), screen.wait_for("consent.refuse")
    assert (agree.width(), agree.height()) == (refuse.width(), refuse.height())
    touch(screen, "consent.refuse")
    screen.until(lambda: says(screen, "Nothing was kept."))
    assert commands(screen, "begin", "capture", "save", "save_faces") == []
    touch(screen, "enrol.toPeople")
    screen.wait_for("page.people")


def test_the_text_is_read_in_either_language_before_the_answer(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    touch(screen, "people.add")
    touch(screen, "add.customer")
    screen.wait_for("consent.agree")
    assert says(screen, "May we recognise you")
    touch(screen, "foot.thai")
    screen.until(lambda: says(screen, "ขออนุญาตจดจำคุณ"))
    assert ("show_language", Language.THAI) in screen.store.calls
    assert screen.objects["Enrolment"].property("step") == "asked"


def enrolling(open_store: OpenStore, kind: str = "customer") -> StoreScreen:
    screen = on_people(open_store)
    screen.objects["Enrolment"].ask(kind)
    screen.go("enrol")
    screen.objects["Enrolment"].agree()
    screen.objects["Enrolment"].setFact("name", "Mint")
    screen.objects["Enrolment"].toPictures()
    screen.wait_for("enrol.take")
    return screen


@pytest.mark.parametrize("reason", [*RejectionReason, "other_person", "same_picture"])
def test_a_face_that_was_not_usable_is_told_in_words(open_store: OpenStore, reason: str) -> None:
    screen = enrolling(open_store)
    touch(screen, "enrol.take")
    screen.store.publish(EnrolmentChanged((), 1, str(reason)))
    screen.until(lambda: not screen.objects["Enrolment"].property("isTaking"))
    sentence = str(screen.wait_for("enrol.sentence").property("text"))
    assert sentence
    assert sentence != "Stand before the camera and look into it."
    assert "_" not in sentence


def test_a_picture_can_be_removed_again(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    screen.store.publish(TWO_SHOTS)
    touch(screen, "enrol.drop.1")
    assert commands(screen, "drop_shot") == [("drop_shot", "shot-2")]


def test_leaving_drops_everything(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    screen.store.publish(ONE_SHOT)
    screen.until(lambda: screen.objects["Enrolment"].property("shots") == ["shot-1"])
    touch(screen, "head.back")
    screen.wait_for("page.people")
    assert commands(screen, "begin", "cancel") == [("begin", PersonKind.CUSTOMER), ("cancel",)]
    assert screen.objects["Enrolment"].property("shots") == []
    assert screen.objects["Enrolment"].property("facts")["name"] == ""


def test_nobody_there_for_long_drops_everything_too(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    screen.store_window.engine.navigator.rest()
    screen.wait_for("page.wall")
    assert commands(screen, "cancel") == [("cancel",)]


def test_what_was_refused_can_be_mended_and_saved_again(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    screen.store.publish(EnrolmentChanged(("shot-1",), 1))
    screen.until(lambda: screen.wait_for("enrol.save").isEnabled())
    touch(screen, "enrol.save")
    assert screen.objects["Enrolment"].property("isSaving")
    screen.store.tell("store.notice.failed", str(ErrorCode.STORE_FIELD_INVALID))
    screen.until(lambda: not screen.objects["Enrolment"].property("isSaving"))
    assert screen.objects["Enrolment"].property("shots") == ["shot-1"]
    touch(screen, "enrol.save")
    assert len(commands(screen, "save")) == 2


def test_somebody_who_is_known_already_is_shown_instead(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    screen.store.publish(EnrolmentChanged(("shot-1",), 1, "", MALI))
    screen.until(lambda: says(screen, "This looks like Mali, who is known already."))
    touch(screen, "enrol.openKnown")
    screen.wait_for("page.person")
    assert commands(screen, "show")[-1] == ("show", MALI.person_id)
    assert commands(screen, "cancel") == [("cancel",)]


def test_a_camera_without_a_picture_takes_none(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    touch(screen, "enrol.stream.back")
    screen.until(lambda: says(screen, "This camera gives no picture right now."))
    assert not screen.wait_for("enrol.take").isEnabled()
    touch(screen, "enrol.stream.aisle")
    touch(screen, "enrol.take")
    assert commands(screen, "capture") == [("capture", "aisle")]


def test_where_no_camera_is_on_that_is_said(open_store: OpenStore) -> None:
    screen = enrolling(open_store)
    screen.store.show(replace(screen.store.view, streams=()))
    screen.until(lambda: says(screen, "No camera is switched on."))
    assert LOST.stream_id not in str(screen.objects["Enrolment"].property("streams"))


def test_more_pictures_of_somebody_ask_for_nothing_but_pictures(open_store: OpenStore) -> None:
    screen = on_person(open_store, SOMSRI)
    touch(screen, "person.addFace")
    screen.wait_for("enrol.take")
    assert says(screen, "More pictures of Somsri")
    screen.store.publish(EnrolmentChanged(("shot-1",), 1))
    screen.until(lambda: screen.wait_for("enrol.save").isEnabled())
    touch(screen, "enrol.save")
    assert commands(screen, "begin", "save", "save_faces") == [
        ("begin", PersonKind.CUSTOMER, SOMSRI.person_id),
        ("save_faces",),
    ]
    screen.store.publish(PersonSaved(SOMSRI.person_id, "changed"))
    screen.wait_for("page.person")
    assert commands(screen, "cancel") == []


# facts


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (Facts(), "store.facts.name_missing"),
        (Facts("  "), "store.facts.name_missing"),
        (Facts("Mint"), ""),
        (Facts("Mint", birth_year="90"), "store.facts.year_wrong"),
        (Facts("Mint", birth_year="2030"), "store.facts.year_wrong"),
        (Facts("Mint", birth_year="1990"), ""),
        (Facts("Mint", birth_year="2533"), ""),
        (Facts("Mint", birth_year="2599"), "store.facts.year_wrong"),
        (Facts("Mint", email="mint"), "store.facts.email_wrong"),
        (Facts("Mint", email="mint@"), "store.facts.email_wrong"),
        (Facts("Mint", email="mint@example.com"), ""),
    ],
)
def test_only_the_name_must_be_there_and_the_rest_must_make_sense(facts: Facts, problem: str) -> None:
    assert facts.problem_key == problem


def test_a_buddhist_year_of_birth_is_understood() -> None:
    assert Facts("Mint", birth_year="2533").draft(PersonKind.CUSTOMER).birth_year == 1990
    assert Facts("Mint", birth_year="1990").draft(PersonKind.CUSTOMER).birth_year == 1990


# one person


@BOTH_SHAPES
def test_a_person_is_shown_with_facts_faces_and_visits(open_store: OpenStore, size: tuple[int, int]) -> None:
    screen = on_person(open_store, size=size)
    for words in ("Mali", "Customer · 5 visits", "1991", "081 234 5678", "mali@example.com"):
        assert says(screen, words), words
    assert says(screen, "Agreed on 1 Sep 2026 to text 2026-11.")
    assert says(screen, "today, 14:31, still here")


@BOTH_SHAPES
@pytest.mark.parametrize("language", Language)
def test_a_long_name_is_shown_whole(open_store: OpenStore, size: tuple[int, int], language: Language) -> None:
    screen = on_person(open_store, LONG, size, language=language)
    name = screen.wait_for("person.name")
    assert not name.property("truncated")
    area = QRectF(name.mapToScene(QPointF(0, 0)), name.size())
    assert QRectF(0, 0, *size).contains(area)
    assert float(name.property("contentWidth")) <= name.width() + 1


def test_facts_are_changed_from_what_is_known(open_store: OpenStore) -> None:
    screen = on_person(open_store)
    touch(screen, "person.edit")
    screen.wait_for("page.edit")
    typed(screen, "field.name", "x")
    touch(screen, "edit.save")
    draft = PersonDraft(PersonKind.CUSTOMER, "Malix", Gender.FEMALE, 1991, "081 234 5678", "mali@example.com")
    assert commands(screen, "change") == [("change", MALI.person_id, draft)]
    screen.store.publish(PersonSaved(MALI.person_id, "changed"))
    screen.wait_for("page.person")
    assert commands(screen, "show")[-1] == ("show", MALI.person_id)


def test_becoming_staff_says_what_happens_to_the_counts_first(open_store: OpenStore) -> None:
    screen = on_person(open_store)
    touch(screen, "person.turn")
    screen.wait_for("PersonKindSheet")
    assert says(screen, "Their visits are taken out of the counts")
    assert commands(screen, "change") == []
    touch(screen, "kind.confirm")
    changed = commands(screen, "change")
    assert [call[2].kind for call in changed] == [PersonKind.STAFF]
    assert changed[0][2].birth_year == 1991


def test_whoever_has_one_picture_cannot_become_staff_yet(open_store: OpenStore) -> None:
    screen = on_person(open_store, SOMSRI)
    assert not screen.wait_for("person.turn").isEnabled()
    assert says(screen, "Staff need two pictures")
    assert not screen.wait_for("person.split").isEnabled()


def test_faces_go_one_by_one_but_never_the_last_that_are_needed(open_store: OpenStore) -> None:
    screen = on_person(open_store, NOK)
    touch(screen, "person.removeFace.2")
    assert commands(screen, "remove_face") == [("remove_face", NOK.person_id, 2)]
    tell(screen, replace(NOK, faces=NOK.faces[:2]))
    screen.until(lambda: screen.find("person.removeFace.1") is None)
    assert says(screen, "These pictures are needed to recognise Nok.")


def test_pictures_are_added_until_somebody_has_as_many_as_are_kept(open_store: OpenStore) -> None:
    def known_by(count: int) -> Person:
        return a_person("Somsri", person_id=SOMSRI.person_id, faces=count)

    screen = on_person(open_store, known_by(MOST_FACES - 1))
    assert screen.wait_for("person.addFace").isVisible()
    tell(screen, known_by(MOST_FACES))
    screen.until(lambda: screen.find("person.addFace") is None)


def test_a_guest_can_be_merged_or_forgotten_and_nothing_else(open_store: OpenStore) -> None:
    screen = on_person(open_store, GUEST, knows_returning=True)
    assert screen.find("person.merge") is not None
    assert screen.find("person.forget") is not None
    for action in ("person.edit", "person.turn", "person.split", "person.addFace"):
        assert screen.find(action) is None, action
    assert says(screen, "Was not asked and has no name.")


def test_forgetting_says_what_goes_and_what_stays_and_asks(open_store: OpenStore) -> None:
    screen = on_person(open_store)
    touch(screen, "person.forget")
    screen.wait_for("ForgetSheet")
    for words in (
        "Forget Mali?",
        "at the centre and at every machine of the chain",
        "2 faces: the pictures and their numbers",
        "2 pictures of visits",
        "5 visits in the counts, without a name",
    ):
        assert says(screen, words), words
    touch(screen, "forget.cancel")
    screen.until(lambda: screen.find("ForgetSheet") is None)
    assert commands(screen, "forget") == []
    touch(screen, "person.forget")
    touch(screen, "forget.confirm")
    assert commands(screen, "forget") == [("forget", MALI.person_id)]
    screen.store.publish(PersonSaved(MALI.person_id, "forgotten"))
    screen.wait_for("page.people")
    assert screen.objects["Person"].person is None


def test_somebody_who_is_held_no_more_is_said_to_be_gone(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    touch(screen, "person.person-kit")
    screen.wait_for("page.person")
    assert commands(screen, "show") == [("show", KIT.person_id)]
    screen.store.tell("store.notice.failed", str(ErrorCode.PERSON_UNKNOWN))
    screen.until(lambda: says(screen, "This person is not held here any more."))


def test_what_is_told_of_somebody_else_is_not_shown(open_store: OpenStore) -> None:
    screen = on_person(open_store)
    screen.store.publish(PersonShown(KIT, ()))
    screen.serve(30)
    assert screen.objects["Person"].person == MALI


# two that are one


def merging(open_store: OpenStore, other: Person, person: Person = MALI) -> StoreScreen:
    screen = on_person(open_store, person)
    touch(screen, "person.merge")
    screen.wait_for("page.merge")
    screen.store.publish(PeopleListed(PEOPLE))
    screen.until(lambda: bool(screen.objects["Merge"].property("people")))
    touch(screen, f"person.{other.person_id}")
    screen.wait_for("merge.confirm")
    return screen


def test_two_are_merged_into_the_one_that_was_chosen(open_store: OpenStore) -> None:
    screen = merging(open_store, KIT)
    assert says(screen, "The faces, pictures and visits of Kit become those of Mali.")
    touch(screen, "merge.other")
    screen.until(lambda: says(screen, "The faces, pictures and visits of Mali become those of Kit."))
    assert commands(screen, "merge") == []
    touch(screen, "merge.confirm")
    assert commands(screen, "merge") == [("merge", KIT.person_id, MALI.person_id)]
    screen.store.publish(PersonSaved(KIT.person_id, "merged"))
    screen.wait_for("page.person")
    assert commands(screen, "show")[-1] == ("show", KIT.person_id)


def test_nobody_is_offered_to_be_merged_with_themselves(open_store: OpenStore) -> None:
    screen = on_person(open_store)
    touch(screen, "person.merge")
    screen.wait_for("page.merge")
    screen.store.publish(PeopleListed(PEOPLE))
    screen.wait_for("person.person-kit")
    assert screen.find("person.person-mali") is None


def test_merging_with_staff_says_that_nothing_of_it_counts(open_store: OpenStore) -> None:
    screen = merging(open_store, NOK)
    assert says(screen, "Then they are staff, and none of these visits is counted.")
    touch(screen, "merge.again")
    screen.wait_for("person.person-kit")


def test_a_guest_goes_into_whoever_has_a_name(open_store: OpenStore) -> None:
    screen = merging(open_store, KIT, GUEST)
    touch(screen, "merge.confirm")
    assert commands(screen, "merge") == [("merge", KIT.person_id, GUEST.person_id)]


def test_a_merge_that_failed_can_be_tried_again(open_store: OpenStore) -> None:
    screen = merging(open_store, KIT)
    touch(screen, "merge.confirm")
    screen.store.tell("store.notice.failed", str(ErrorCode.PERSON_UNKNOWN))
    screen.until(lambda: screen.wait_for("merge.confirm").isEnabled())


# one that is two


def splitting(open_store: OpenStore) -> StoreScreen:
    person = replace(MALI, faces=NOK.faces)
    screen = on_person(open_store, person)
    touch(screen, "person.split")
    screen.wait_for("page.split")
    return screen


def test_faces_and_visits_become_another_persons_who_agreed(open_store: OpenStore) -> None:
    screen = splitting(open_store)
    assert not screen.wait_for("split.next").isEnabled()
    assert says(screen, "Choose at least one face.")
    touch(screen, "split.face.1")
    touch(screen, "visit.visit-101")
    screen.until(lambda: says(screen, "1 face chosen · 1 visit"))
    touch(screen, "split.next")
    typed(screen, "field.name", "ann")
    touch(screen, "split.toConsent")
    screen.wait_for("consent.agree")
    assert commands(screen, "split") == []
    touch(screen, "consent.agree")
    assert commands(screen, "split") == [
        (
            "split",
            MALI.person_id,
            [1],
            ["visit-101"],
            PersonDraft(PersonKind.CUSTOMER, "ann"),
            ("has_agreed", True),
        )
    ]
    screen.store.calls.clear()
    screen.store.publish(PersonSaved("person-ann", "split"))
    screen.wait_for("page.person")
    assert commands(screen, "show") == [("show", MALI.person_id)]  # what is left of them


def test_without_the_others_agreement_nothing_is_split(open_store: OpenStore) -> None:
    screen = splitting(open_store)
    touch(screen, "split.face.1")
    touch(screen, "split.next")
    typed(screen, "field.name", "ann")
    touch(screen, "split.toConsent")
    touch(screen, "consent.refuse")
    screen.until(lambda: says(screen, "Without their agreement nothing is changed."))
    touch(screen, "split.toPerson")
    screen.wait_for("page.person")
    assert commands(screen, "split") == []


def test_a_face_must_stay_and_staff_need_two(open_store: OpenStore) -> None:
    screen = splitting(open_store)
    for ordinal in range(3):
        touch(screen, f"split.face.{ordinal}")
    screen.until(lambda: says(screen, "At least one face must stay with Mali."))
    assert not screen.wait_for("split.next").isEnabled()
    touch(screen, "split.face.1")
    touch(screen, "split.face.2")
    touch(screen, "split.next")
    touch(screen, "split.kind.1")
    screen.objects["Split"].setFact("name", "Ann")
    screen.until(lambda: says(screen, "Staff need two faces: choose two."))
    assert not screen.wait_for("split.toConsent").isEnabled()


# with the keyboard, and how it stands


def test_the_list_is_reached_and_opened_by_keyboard_alone(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    for _ in range(20):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focused = screen.window.activeFocusItem()
        if focused is not None and focused.objectName() == "person.person-ben":
            break
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    screen.wait_for("page.person")
    assert commands(screen, "show") == [("show", BEN.person_id)]


def test_a_name_is_typed_on_a_real_keyboard_too(open_store: OpenStore) -> None:
    screen = on_people(open_store)
    touch(screen, "people.search")
    screen.wait_for("TypeSheet")
    for key in (Qt.Key.Key_K, Qt.Key.Key_I, Qt.Key.Key_T, Qt.Key.Key_X, Qt.Key.Key_Backspace):
        QTest.keyClick(screen.window, key)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    screen.until(lambda: commands(screen, "find")[-1] == ("find", "kit", None))


def test_thai_is_typed_on_the_screen(open_store: OpenStore) -> None:
    screen = on_people(open_store, language=Language.THAI)
    typed(screen, "people.search", "มะลิ")
    assert commands(screen, "find")[-1] == ("find", "มะลิ", None)


def targets(screen: StoreScreen) -> list[QQuickItem]:
    return [item for item in screen.items() if item.inherits("QQuickAbstractButton") and item.isEnabled()]


PAGES: dict[str, Callable[[OpenStore, tuple[int, int]], StoreScreen]] = {
    "people": lambda open_store, size: on_people(open_store, size=size),
    "person": lambda open_store, size: on_person(open_store, size=size),
    "guest": lambda open_store, size: on_person(open_store, GUEST, size, knows_returning=True),
}


@BOTH_SHAPES
@pytest.mark.parametrize("page", PAGES)
def test_what_is_touched_is_large_enough(open_store: OpenStore, page: str, size: tuple[int, int]) -> None:
    screen = PAGES[page](open_store, size)
    screen.window.grabWindow()
    small = [
        (item.objectName(), item.width(), item.height())
        for item in targets(screen)
        if min(item.width(), item.height()) < 64
    ]
    assert small == []


@BOTH_SHAPES
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("page", PAGES)
def test_words_are_large_enough_and_stay_on_the_screen(
    open_store: OpenStore, page: str, size: tuple[int, int], language: Language
) -> None:
    screen = PAGES[page](open_store, size)
    screen.store.show(replace(screen.store.view, language=language))
    screen.serve(50)
    for item in screen.items():
        if item.inherits("QQuickText") and item.property("text"):
            assert item.property("font").pixelSize() >= 20, item.property("text")
            left = item.mapToScene(QPointF(0, 0)).x()
            assert -1 <= left <= size[0], item.property("text")
            assert left + float(item.property("contentWidth")) <= size[0] + 1, item.property("text")


def test_dates_of_today_and_yesterday_are_words(open_store: OpenStore) -> None:
    late = replace(KIT, last_visit_at=datetime(2026, 11, 19, 16, 59, tzinfo=UTC))
    earlier = replace(KIT, person_id="person-k", last_visit_at=datetime(2026, 11, 18, 16, 59, tzinfo=UTC))
    screen = on_people(open_store, late, earlier)
    screen.wait_for("person.person-k")
    assert says(screen, "last visit yesterday, 23:59")
    assert says(screen, "last visit 18 Nov 2026, 23:59")
