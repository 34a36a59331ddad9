"""A search by a picture at a real centre: by consent, bounded, and the picture is kept nowhere."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests

from kiosk.central.principal import Role
from kiosk.central.settings import CentralSettings
from kiosk.database.tables import ConsentRow
from tests.central_site import Site, code_of, site_at
from tests.centre import UNHURRIED, CentreServer
from tests.photo_fakes import drawn, encoded

SIX_PEOPLE = Path(str(files("insightface"))) / "data" / "images" / "t1.jpg"


@pytest.fixture(scope="module")
def server(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentreServer]:
    ten_a_minute = CentralSettings(access=UNHURRIED.model_copy(update={"searches_a_minute": 10}))
    with CentreServer(tmp_path_factory.mktemp("centre"), ten_a_minute) as running:
        yield running


@pytest.fixture(scope="module")
def site(server: CentreServer) -> Site:
    """An event with one photo of six people and one of nobody."""
    site = site_at(server)
    sent = site.send({"group.jpg": SIX_PEOPLE.read_bytes(), "nobody.jpg": encoded(drawn(1, people=0))})
    assert {file["state"] for file in site.settled(sent.json()["upload_id"]).values()} == {"taken"}
    return site


@pytest.fixture(scope="module")
def portrait(site: Site) -> bytes:
    """One of the six, cut out of the photo and a little smaller."""
    photos = site.server.centre.archive.photos
    (box, *_) = [face.box for face in photos.photo_faces(site.photo_id(SIX_PEOPLE.read_bytes()))]
    picture = cv2.imread(str(SIX_PEOPLE))
    assert picture is not None
    around = int(box.x2 - box.x1)
    left, top = max(0, int(box.x1) - around), max(0, int(box.y1) - around)
    cut = picture[top : int(box.y2) + around, left : int(box.x2) + around]
    _, jpeg = cv2.imencode(".jpg", cv2.resize(cut, None, fx=0.8, fy=0.8))
    return np.asarray(jpeg).tobytes()


def search(site: Site, picture: bytes, subject: str = "", **fields: str) -> requests.Response:
    said = {"event_id": site.event_id, "consent_id": uuid.uuid4().hex, "consent_version": "3", **fields}
    return site.call(
        "POST",
        "/api/face/search",
        Role.CUSTOMER,
        subject=subject or uuid.uuid4().hex,
        data={name: value for name, value in said.items() if value},
        files=[("picture", ("me.jpg", picture))],
    )


def test_somebody_finds_their_photo_and_nothing_of_the_picture_stays(site: Site, portrait: bytes) -> None:
    store = site.server.centre.archive.store
    before = list(store.keys(""))
    consent_id = uuid.uuid4().hex
    began_s = time.monotonic()
    found = search(site, portrait, consent_id=consent_id)
    took_s = time.monotonic() - began_s

    assert found.status_code == 200, found.text
    (match,) = found.json()["sure"]
    assert match["photo_id"] == site.photo_id(SIX_PEOPLE.read_bytes())
    assert match["similarity"] > 0.5
    assert took_s < 2.0
    assert list(store.keys("")) == before
    with site.server.centre.database.reading() as session:
        consent = session.get_one(ConsentRow, consent_id)
        assert (consent.text_version, consent.tenant_id) == ("3", site.tenant_id)


def test_a_picture_without_a_face_finds_nothing_and_says_why(site: Site) -> None:
    assert search(site, encoded(drawn(2, people=0))).json() == {
        "sure": [],
        "maybe": [],
        "reasons": ["no_face"],
    }


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"consent_id": ""}, (422, "N-123")),
        ({"consent_version": ""}, (422, "N-123")),
        ({"event_id": "nowhere"}, (404, "E-101")),
        ({"language": "xx"}, (422, "N-123")),
    ],
)
def test_without_consent_or_event_nobody_is_searched(
    site: Site, fields: dict[str, str], code: tuple[int, str]
) -> None:
    assert code_of(search(site, b"x", **fields)) == code


def test_a_consent_that_was_withdrawn_or_given_elsewhere_opens_nothing(site: Site, portrait: bytes) -> None:
    consent_id = uuid.uuid4().hex
    assert search(site, portrait, consent_id=consent_id).status_code == 200
    assert search(site, portrait, consent_id=consent_id).status_code == 200
    other = search(site, portrait, consent_id=consent_id, consent_version="4")
    with site.server.centre.database.writing() as session:
        consent = session.get_one(ConsentRow, consent_id)
        consent.withdrawn_at = consent.agreed_at
    withdrawn = search(site, portrait, consent_id=consent_id)

    assert code_of(other) == code_of(withdrawn) == (422, "N-123")


@pytest.mark.parametrize(
    ("picture", "code"),
    [(b"", "P-101"), (b"no picture at all", "P-105"), (SIX_PEOPLE.read_bytes()[:5000], "P-103")],
)
def test_what_is_no_picture_is_refused_by_name(site: Site, picture: bytes, code: str) -> None:
    assert code_of(search(site, picture)) == (422, code)


def test_the_eleventh_search_of_a_minute_is_refused(site: Site) -> None:
    answers = [search(site, b"x", subject="busy") for _ in range(11)]

    assert [code_of(answer) for answer in answers[:10]] == [(422, "P-105")] * 10
    assert code_of(answers[10]) == (429, "N-111")
    assert search(site, b"x", subject="calm").status_code == 422


def test_not_me_is_noted_of_photos_of_the_tenant_only(site: Site) -> None:
    photo_id = site.photo_id(SIX_PEOPLE.read_bytes())
    said = {"event_id": site.event_id, "photo_id": photo_id, "ordinal": 2}
    stranger = site.server.add_tenant("stranger")

    assert site.call("POST", "/api/face/feedback", Role.DEVICE, json=said).status_code == 204
    assert site.server.centre.archive.photos.not_me_counts(site.event_id) == {photo_id: 1}
    theirs = site.call("POST", "/api/face/feedback", Role.DEVICE, json=said, tenant_id=stranger)
    assert code_of(theirs) == (404, "P-111")
    nonsense = site.call("POST", "/api/face/feedback", Role.DEVICE, json={**said, "ordinal": -1})
    assert code_of(nonsense) == (422, "N-123")
