"""The pages of people, visits and reports as they are drawn by `tests.gui.render_store`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.visits.told import (
    EnrolmentChanged,
    PeopleListed,
    PersonShown,
    ReportReady,
    ReportSaved,
    VisitsListed,
)
from kiosk.visits.types import Person, PersonKind
from tests.gui.fake_store import a_store_view
from tests.gui.render_store import Picture
from tests.gui.store_samples import (
    GUEST,
    LONG,
    MALI,
    NOK,
    PEOPLE,
    a_report,
    many_people,
    some_visits,
    visits_of,
)

if TYPE_CHECKING:
    from tests.gui.render_store import Scene

Step = Callable[["Scene"], object]


def _asked(scene: Scene, command: str) -> tuple[object, ...]:
    """The last such command."""
    return next(call for call in reversed(scene.store.calls) if call[0] == command)


def _people(*people: Person, text: str = "", kind: str = "") -> Step:
    def step(scene: Scene) -> None:
        scene.go("people")
        if text:
            scene.named("People").search(text)
        if kind:
            scene.named("People").filter(kind)
        scene.serve(100)
        scene.store.publish(PeopleListed(people, text))

    return step


def _person(person: Person, *, place: str = "person", sheet: str = "") -> Step:
    def step(scene: Scene) -> None:
        scene.go("people")
        scene.named("Person").open(person.person_id)
        scene.go("person")
        scene.serve(200)
        staff = person.kind is PersonKind.STAFF
        scene.store.publish(PersonShown(person, () if staff else visits_of(person)))
        scene.serve(200)
        if place != "person":
            if place == "edit":
                scene.named("Person").beginEditing()
            scene.go(place)
            scene.serve(300)
        if sheet:
            scene.sheet(sheet)

    return step


def _merge(scene: Scene) -> None:
    _person(MALI, place="merge")(scene)
    scene.store.publish(PeopleListed(PEOPLE))
    scene.serve(100)


def _merge_pair(person: Person) -> Step:
    def step(scene: Scene) -> None:
        _merge(scene)
        scene.named("Merge").choose(person.person_id)

    return step


def _split(scene: Scene) -> None:
    _person(NOK, place="split")(scene)
    scene.store.publish(PersonShown(replace(MALI, person_id=NOK.person_id, faces=NOK.faces), visits_of(MALI)))
    scene.serve(100)
    scene.named("Split").toggleFace(1)
    scene.named("Split").toggleVisit("visit-102")


def _split_facts(scene: Scene) -> None:
    _split(scene)
    scene.named("Split").goOn()


def _enrol(kind: str, *steps: Step) -> Step:
    def step(scene: Scene) -> None:
        scene.go("people")
        scene.named("Enrolment").ask(kind)
        scene.go("enrol")
        scene.serve(300)
        for further in steps:
            further(scene)
            scene.serve(100)

    return step


def _agree(scene: Scene) -> None:
    scene.named("Enrolment").agree()


def _fill(scene: Scene) -> None:
    for field, value in (("name", "ณัฐธิดา ศรีสุวรรณ"), ("birth_year", "1990"), ("phone", "081 234 5678")):
        scene.named("Enrolment").setFact(field, value)


def _to_pictures(scene: Scene) -> None:
    scene.named("Enrolment").toPictures()
    scene.serve(100)
    scene.store.see("door")


def _taken(event: EnrolmentChanged) -> Step:
    def step(scene: Scene) -> None:
        scene.store.publish(event)
        scene.store.see("door")

    return step


def _type(kind: str) -> Step:
    def step(scene: Scene) -> None:
        scene.named("Typing").ask("name", "Name", "ณัฐธิดา", kind, False)
        scene.sheet("TypeSheet")

    return step


def _report(
    days: str, by: str = "", site: str | None = None, *, only_here: bool = False, path: str = ""
) -> Step:
    def step(scene: Scene) -> None:
        scene.go("reports")
        scene.serve(250)
        scene.named("Period").pick(days)
        if site is not None:
            scene.named("Period").pickSite(site)
        if by:
            scene.named("Reports").divide(by)
        query = _asked(scene, "ask")[1]
        scene.store.publish(ReportReady(a_report(query, covers_chain=not only_here)))  # type: ignore[arg-type]
        scene.serve(100)
        if path:
            scene.named("Reports").save("csv")
            scene.store.publish(ReportSaved(Path(path)))

    return step


def _days(scene: Scene) -> None:
    _report("month")(scene)
    scene.named("Period").beginPicking()
    scene.named("Period").pickDay("2026-11-03")
    scene.named("Period").pickDay("2026-11-12")
    scene.sheet("ReportsDaysSheet")


def _visits(scene: Scene) -> None:
    scene.go("visits")
    scene.serve(250)
    scene.store.publish(VisitsListed(some_visits(), 0, has_more=True))


def _no_visits(scene: Scene) -> None:
    scene.go("visits")
    scene.serve(250)
    scene.store.publish(VisitsListed((), 0, has_more=False))


_VIEW = a_store_view()
_RETURNING = a_store_view(knows_returning=True)
_ONE = EnrolmentChanged(("shot-1",), 2)
_REFUSED = EnrolmentChanged(("shot-1",), 2, "too_dark")
_KNOWN = EnrolmentChanged(("shot-1", "shot-2"), 2, "", MALI)
_FILLED = (_agree, _fill, _to_pictures)
STORED = "/var/lib/photo-kiosk/reports/visits-riverside-shop-2026-11-01-2026-11-20-by-day.csv"

PICTURES: dict[str, Picture] = {
    "people": Picture(_VIEW, _people(*PEOPLE)),
    "people-many": Picture(_VIEW, _people(*many_people(200))),
    "people-guests": Picture(_RETURNING, _people(GUEST, kind="guest")),
    "people-empty": Picture(_VIEW, _people()),
    "people-none": Picture(_VIEW, _people(text="Somchai")),
    "people-add": Picture(_VIEW, lambda scene: (_people(*PEOPLE)(scene), scene.sheet("PeopleAddSheet"))),
    "person": Picture(_VIEW, _person(MALI)),
    "person-staff": Picture(_VIEW, _person(NOK)),
    "person-long": Picture(_VIEW, _person(LONG)),
    "person-guest": Picture(_RETURNING, _person(GUEST)),
    "person-edit": Picture(_VIEW, _person(LONG, place="edit")),
    "person-kind": Picture(_VIEW, _person(MALI, sheet="PersonKindSheet")),
    "person-forget": Picture(_VIEW, _person(MALI, sheet="ForgetSheet")),
    "merge": Picture(_VIEW, _merge),
    "merge-pair": Picture(_VIEW, _merge_pair(LONG)),
    "merge-staff": Picture(_VIEW, _merge_pair(NOK)),
    "split": Picture(_VIEW, _split),
    "split-facts": Picture(_VIEW, _split_facts),
    "enrol-customer": Picture(_VIEW, _enrol("customer")),
    "enrol-staff": Picture(_VIEW, _enrol("staff")),
    "enrol-refused": Picture(_VIEW, _enrol("customer", lambda scene: scene.named("Enrolment").refuse())),
    "enrol-facts": Picture(_VIEW, _enrol("customer", _agree, _fill)),
    "enrol-facts-empty": Picture(_VIEW, _enrol("customer", _agree)),
    "enrol-pictures": Picture(_VIEW, _enrol("staff", *_FILLED)),
    "enrol-one": Picture(_VIEW, _enrol("staff", *_FILLED, _taken(_REFUSED))),
    "enrol-known": Picture(_VIEW, _enrol("staff", *_FILLED, _taken(_KNOWN))),
    "type-text": Picture(_VIEW, _enrol("customer", _agree, _type("text"))),
    "type-email": Picture(_VIEW, _enrol("customer", _agree, _type("email"))),
    "type-phone": Picture(_VIEW, _enrol("customer", _agree, _type("phone"))),
    "report-day": Picture(_VIEW, _report("today")),
    "report-month": Picture(_VIEW, _report("last_month", "day", path=STORED)),
    "report-weekday": Picture(_VIEW, _report("last_month", "weekday")),
    "report-week": Picture(_VIEW, _report("last_month", "week")),
    "report-hours": Picture(_VIEW, _report("week", "hour")),
    "report-chain": Picture(_VIEW, _report("month", "day", "", only_here=True)),
    "report-days": Picture(_VIEW, _days),
    "visits": Picture(_VIEW, _visits),
    "visits-none": Picture(_VIEW, _no_visits),
}
