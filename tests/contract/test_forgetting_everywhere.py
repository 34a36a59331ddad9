"""Over real HTTP: what was asked for is forgotten by the centre and by every kiosk, and the proof says so."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import func, select, update

from kiosk.central.deletions import CentralDeletions
from kiosk.central.principal import Principal, Role
from kiosk.central.proofs import verify_proof
from kiosk.central.settings import CentralSettings, DatabaseSection
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.deletions import (
    OWN_HOLDERS,
    SqlDeletions,
    ask_centre_to_forget,
    deletion_id_for,
    holder_of_kiosk,
)
from kiosk.database.devices import SqlDevices
from kiosk.database.forgetting import SqlForgetting
from kiosk.database.links import SqlLinkRepository
from kiosk.database.outbox import add_to_outbox
from kiosk.database.people_tables import PersonRow, VisitRow
from kiosk.database.people_taking import take_person
from kiosk.database.sync_tables import DeletionRow, OutboxRow
from kiosk.database.tables import FaceRow, PhotoRow
from kiosk.delivery.links import token_hash
from kiosk.delivery.types import DownloadLink
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.language import Language
from kiosk.photos.erasure import Erasure
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import ObjectStore, Photo, PhotoState, PreviewSize, key_of_original, preview_key
from kiosk.session.types import ConsentRecord
from kiosk.settings import GallerySection, PhotosSection
from kiosk.sync.forgetting import Forgetting
from kiosk.sync.records import DeletionRecord, Kind
from tests.centre import UNHURRIED, CentreServer
from tests.photo_fakes import drawn, encoded
from tests.sync_kiosk import (
    MADE_AT,
    SyncKiosk,
    enrolled_kiosk,
    make_event,
    make_faces,
    make_order,
    make_payment,
)
from tests.sync_records import a_person, a_visit

PATIENCE_S = 30.0
EVENT = "run"


@dataclass
class Kiosk:
    """A kiosk that synchronises, with an index and files of its own."""

    link: SyncKiosk
    home: Path
    index: ExactIndex
    store: FolderObjectStore
    forgetting: Forgetting

    @property
    def holder(self) -> str:
        return holder_of_kiosk(self.link.kiosk_id)

    def sync(self) -> None:
        assert self.link.sync.once() is None

    def comes_back(self) -> None:
        """Hears what is new, does it, and says so."""
        self.sync()
        self.forgetting.once()
        self.sync()


@dataclass
class Site:
    """A centre with two photos of an event, their files and faces."""

    server: CentreServer
    tenant_id: str
    event_id: str
    photos: tuple[Photo, Photo]

    @property
    def admin(self) -> dict[str, str]:
        return self.server.headers(self.tenant_id, Role.ADMIN)

    def ask(self, headers: dict[str, str] | None = None, **wish: Any) -> requests.Response:
        return requests.post(
            f"{self.server.url}/api/deletions", json=wish, headers=headers or self.admin, timeout=10
        )

    def proof(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.server.url + path, headers=headers, timeout=10)

    def states(self, deletion_id: str) -> dict[str, str]:
        """By holder."""
        url = f"{self.server.url}/api/deletions/{deletion_id}"
        answer = requests.get(url, headers=self.admin, timeout=10)
        assert answer.status_code == 200, answer.text
        return {holder["holder"]: holder["state"] for holder in answer.json()["holders"]}

    def await_centre(self, deletion_id: str) -> None:
        """Till the centre has confirmed for itself."""
        eventually(
            lambda: all(self.states(deletion_id)[holder] == "confirmed" for holder in OWN_HOLDERS),
            "the centre does not forget",
        )


def eventually(is_so: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, otherwise
        time.sleep(0.05)


def embedded(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> CentralSettings:
    return CentralSettings(access=UNHURRIED)


def on_servers(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> CentralSettings:
    postgres = request.getfixturevalue("postgres_server")
    s3 = request.getfixturevalue("s3_server")
    milvus = request.getfixturevalue("milvus_server")
    folder.mkdir()
    (folder / "minio_access_key").write_text(s3.access_key)
    (folder / "minio_secret_key").write_text(s3.secret_key)
    (folder / "proof_key").write_text(PROOF_KEY)
    monkeypatch.setenv("CENTRAL_SECRETS", str(folder))
    photos = PhotosSection(
        store="minio", minio_endpoint=s3.endpoint, minio_bucket=f"b{uuid4().hex[:12]}", minio_secure=False
    )
    return CentralSettings(
        database=DatabaseSection(url=postgres.new_database("forgetting")),
        gallery=GallerySection(index="milvus", milvus_uri=milvus.url),
        photos=photos,
        access=UNHURRIED,
    )


PROOF_KEY = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----"""


@pytest.fixture(
    params=[
        pytest.param(embedded, id="embedded"),
        pytest.param(on_servers, id="servers", marks=pytest.mark.real_server),
    ]
)
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    settings = request.param(request, monkeypatch, tmp_path / "secrets")
    with CentreServer(tmp_path / "centre", settings) as server:
        yield filled(server)


@pytest.fixture
def small_site(tmp_path: Path) -> Iterator[Site]:
    with CentreServer(tmp_path / "centre") as server:
        yield filled(server)


def filled(server: CentreServer) -> Site:
    tenant_id = server.add_tenant("Run of the year")
    archive, event_id = server.centre.archive, uuid4().hex
    archive.photos.add_event(make_event(event_id, tenant_id))
    photos = (add_photo(server, event_id, 1), add_photo(server, event_id, 2))
    verify_and_rebuild(archive.index, archive.photos, event_id)
    assert archive.index.count(event_id) == 4
    if server.settings.database.url == "":
        server.centre.database.back_up()
    return Site(server, tenant_id, event_id, photos)


def add_photo(server: CentreServer, event_id: str, number: int) -> Photo:
    archive, jpeg = server.centre.archive, encoded(drawn(number))
    photo = Photo(
        photo_id=uuid4().hex,
        event_id=event_id,
        number=number,
        file_name=f"IMG_{number}.jpg",
        content_hash=hashlib.sha256(jpeg).hexdigest(),
        width=320,
        height=240,
        taken_at=MADE_AT,
        imported_at=MADE_AT,
    )
    faces = make_faces(number, 2, archive.index.contract_id)
    archive.photos.add_photo(photo, faces)
    store_files(archive.store, photo, jpeg)
    return photo


def store_files(store: ObjectStore, photo: Photo, jpeg: bytes) -> None:
    for key in keys_of(photo):
        store.put(key, jpeg)


def keys_of(photo: Photo) -> list[str]:
    previews = [preview_key(photo.event_id, photo.photo_id, size) for size in PreviewSize]
    return [key_of_original(photo), *previews]


@contextmanager
def kiosk_at(site: Site, home: Path, prefix: str) -> Iterator[Kiosk]:
    with enrolled_kiosk(site.server, home, site.tenant_id, prefix) as link:
        index = ExactIndex(home / "index", site.server.centre.archive.index.contract_id)
        store = FolderObjectStore(home / "objects")
        rows = SqlForgetting(link.database, link.clock)
        forgetting = Forgetting(
            SqlDeletions(link.database),
            Erasure(rows, link.photos, index, store, lambda _: None),
            rows,
            link.database.keep_no_traces,
            link.clock,
            holder_of_kiosk(link.kiosk_id),
        )
        kiosk = Kiosk(link, home, index, store, forgetting)
        try:
            yield kiosk
        finally:
            index.close()


def pulled_whole(site: Site, kiosk: Kiosk) -> None:
    """Rows, index and files of the event are on this kiosk, and in a copy of its database."""
    kiosk.sync()
    verify_and_rebuild(kiosk.index, kiosk.link.photos, site.event_id)
    assert kiosk.index.count(site.event_id) == 4
    for photo in site.photos:
        for key in keys_of(photo):
            kiosk.store.put(key, site.server.centre.archive.store.get(key))
    kiosk.link.database.back_up()


def traces(home: Path, needles: list[bytes]) -> list[str]:
    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def needles_of(site: Site, photo: Photo) -> list[bytes]:
    """The embeddings' bytes, a piece of the file, and the photo's name."""
    archive = site.server.centre.archive
    vectors = [
        face.embedding.vector.astype("<f4").tobytes() for face in archive.photos.photo_faces(photo.photo_id)
    ]
    assert len(vectors) == 2
    return [*vectors, archive.store.get(key_of_original(photo))[-300:], photo.file_name.encode()]


def test_a_photo_is_forgotten_everywhere_and_the_proof_comes_when_the_last_kiosk_is_back(
    site: Site, tmp_path: Path
) -> None:
    gone, kept = site.photos
    archive = site.server.centre.archive
    with kiosk_at(site, tmp_path / "k1", "K1") as here, kiosk_at(site, tmp_path / "k2", "K2") as away:
        for kiosk in (here, away):
            pulled_whole(site, kiosk)
        needles, others = needles_of(site, gone), needles_of(site, kept)
        asked = site.ask(photo_ids=[gone.photo_id]).json()
        assert set(site.states(asked["deletion_id"])) == {*OWN_HOLDERS, here.holder, away.holder}
        site.await_centre(asked["deletion_id"])
        here.comes_back()
        here.comes_back()

        states = site.states(asked["deletion_id"])
        assert (states[here.holder], states[away.holder]) == ("confirmed", "waiting")
        waiting = site.proof(asked["proof_path"]).json()
        assert (waiting["waiting"], waiting["proof"], waiting["completed_at"]) == (1, None, None)
        page = site.proof(asked["proof_path"], Accept="text/html", **{"Accept-Language": "en"})
        assert "1 of 5 places have not confirmed yet" in page.text
        assert traces(here.home, needles) == []
        assert traces(away.home, needles) != []

        away.comes_back()
        done = site.proof(asked["proof_path"])
        assert done.json()["waiting"] == 0
        check_proof(site, done.json(), asked["deletion_id"])
        assert gone.photo_id not in done.text
        assert "ลบครบทุกแห่งแล้ว" in site.proof(asked["proof_path"], Accept="text/html").text

        assert [traces(kiosk.home, needles) for kiosk in (here, away)] == [[], []]
        assert traces(here.home, others) != []
        assert here.link.photos.photo(kept.photo_id).number == 2
        removed = {one["holder"]: one["removed"] for one in done.json()["holders"]}
        assert removed[away.holder] | {"copies": 0} == {
            "faces": 2,
            "photos": 1,
            "index_entries": 2,
            "originals": 1,
            "previews": 4,
            "copies": 0,
        }
        assert removed["files"] == {"originals": 1, "previews": 4}
        assert removed["index"] == {"index_entries": 2}
    assert [key for key in keys_of(gone) if archive.store.has(key)] == []
    assert all(archive.store.has(key) for key in keys_of(kept))
    assert {face.photo_id for face in archive.index.faces(site.event_id)} == {kept.photo_id}
    with site.server.centre.database.reading() as session:
        for rows in (PhotoRow, FaceRow):
            left = select(func.count()).select_from(rows).where(rows.photo_id == gone.photo_id)
            assert session.scalar(left) == 0
    if not site.server.settings.database.url:
        assert traces(site.server.home, needles) == []
        assert traces(site.server.home, others) != []
    assert archive.photos.has_content(site.event_id, gone.content_hash)


def check_proof(site: Site, proof: dict[str, Any], deletion_id: str) -> None:
    key = requests.get(f"{site.server.url}/api/deletions/key", timeout=10).json()
    assert key["key_id"] == proof["key_id"]
    claims = verify_proof(proof["proof"], key["public_key_pem"])
    assert claims["sub"] == deletion_id
    assert claims["is_complete"] is True
    assert {holder["state"] for holder in claims["holders"]} == {"confirmed"}
    head, payload, signature = proof["proof"].split(".")
    changed = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed["holders"] = changed["holders"][:1]
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    for bad in (
        f"{head}.{forged}.{signature}",
        f"{unsigned}.{payload}.",
        f"{head}.{payload}.{signature[:-4]}AAAA",
    ):
        with pytest.raises(KnownError) as refused:
            verify_proof(bad, key["public_key_pem"])
        assert refused.value.code is ErrorCode.RECORD_INVALID


def test_a_single_face_is_forgotten_everywhere_and_its_photo_stays(site: Site, tmp_path: Path) -> None:
    photo = site.photos[0]
    with kiosk_at(site, tmp_path / "k1", "K1") as kiosk:
        pulled_whole(site, kiosk)
        gone = kiosk.link.photos.photo_faces(photo.photo_id)[0]
        needle = [gone.embedding.vector.astype("<f4").tobytes()]
        asked = site.ask(faces=[{"photo_id": photo.photo_id, "ordinal": gone.ordinal}]).json()
        site.await_centre(asked["deletion_id"])
        kiosk.comes_back()
        assert traces(kiosk.home, needle) == []
        assert FaceKey(photo.photo_id, gone.ordinal) not in kiosk.index.faces(site.event_id)
        assert kiosk.index.count(site.event_id) == 3
        assert len(kiosk.link.photos.photo_faces(photo.photo_id)) == 1
        assert site.proof(asked["proof_path"]).json()["waiting"] == 0
    assert site.server.centre.archive.index.count(site.event_id) == 3
    if not site.server.settings.database.url:
        assert traces(site.server.home, needle) == []


def test_a_kiosk_that_is_shut_out_is_told_as_such_and_the_proof_does_not_say_complete(
    small_site: Site, tmp_path: Path
) -> None:
    with kiosk_at(small_site, tmp_path / "k1", "K1") as kiosk:
        asked = small_site.ask(photo_ids=[small_site.photos[0].photo_id]).json()
        small_site.await_centre(asked["deletion_id"])
        at = small_site.server.centre.clock.now()
        SqlDevices(small_site.server.centre.database).revoke(small_site.tenant_id, kiosk.link.kiosk_id, at)
        proof = small_site.proof(asked["proof_path"]).json()
    (revoked,) = [holder for holder in proof["holders"] if holder["state"] == "revoked"]
    assert revoked["holder"] == kiosk.holder
    assert revoked["revoked_at"] is not None
    key = requests.get(f"{small_site.server.url}/api/deletions/key", timeout=10).json()
    assert verify_proof(proof["proof"], key["public_key_pem"])["is_complete"] is False


def test_a_buyers_deletion_at_one_kiosk_ends_the_links_at_another(small_site: Site, tmp_path: Path) -> None:
    with (
        kiosk_at(small_site, tmp_path / "k1", "K1") as one,
        kiosk_at(small_site, tmp_path / "k2", "K2") as other,
    ):
        order = make_order(one.link.kiosk_id, 1, small_site.event_id, small_site.photos[0].photo_id)
        one.link.orders.open_order(order, make_payment(order))
        for kiosk in (one, other):
            kiosk.sync()
        links, now = SqlLinkRepository(other.link.database), other.link.clock.now()
        links.add_link(DownloadLink("l", order.order_id, "h", now, now + timedelta(days=30), 3))
        token = "the-token-of-the-buyer-01"
        record = asked_here(
            one, order_id=order.order_id, deletion_id=deletion_id_for("order", order.order_id)
        )
        with one.link.database.writing() as session:
            assert ask_centre_to_forget(session, record, one.link.kiosk_id, now, token_hash(token))
            assert not ask_centre_to_forget(session, record, one.link.kiosk_id, now, token_hash(token))
        one.comes_back()
        small_site.await_centre(record.deletion_id)
        other.comes_back()
        proof = small_site.proof(f"/api/deletions/{record.deletion_id}/proof?token={token}").json()
        assert proof["waiting"] == 0
        link = links.newest_link(order.order_id)
        assert link is not None
        assert link.expires_at <= other.link.clock.now()
        assert other.link.orders.order(order.order_id).total_satang == order.total_satang
        assert one.link.outbox.counts() == (0, 0)


def asked_here(kiosk: Kiosk, **named: Any) -> DeletionRecord:
    asked = {"event_id": None, "photo_ids": (), "faces": (), "order_id": None, "consent_id": None}
    at = {"requested_at": kiosk.link.clock.now(), "requested_by": "buyer", "person_id": None}
    return DeletionRecord.model_validate(asked | at | named)


def test_a_consent_taken_back_at_a_kiosk_reaches_the_centre_and_the_other_kiosks(
    small_site: Site, tmp_path: Path
) -> None:
    with (
        kiosk_at(small_site, tmp_path / "k1", "K1") as one,
        kiosk_at(small_site, tmp_path / "k2", "K2") as other,
    ):
        one.sync()
        consents = SqlConsentRepository(one.link.database)
        now = one.link.clock.now()
        consents.add_consent(ConsentRecord("c1", small_site.event_id, "1", Language.THAI, now))
        one.sync()
        consents.set_withdrawn("c1", now + timedelta(seconds=1))
        one.sync()
        deletion_id = deletion_id_for("consent", "c1")
        small_site.await_centre(deletion_id)
        for kiosk in (one, other, one):
            kiosk.comes_back()
        assert set(small_site.states(deletion_id).values()) == {"confirmed"}
    with small_site.server.centre.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(DeletionRow)) == 1


def test_a_person_is_forgotten_and_a_late_visit_of_theirs_is_counted_as_nobodys(
    small_site: Site, tmp_path: Path
) -> None:
    database, now = small_site.server.centre.database, small_site.server.centre.clock.now()
    with database.writing() as session:
        take_person(session, a_person("p1"), small_site.tenant_id, now)
    with kiosk_at(small_site, tmp_path / "k1", "K1") as kiosk:
        kiosk.sync()
        asked = small_site.ask(person_id="p1").json()
        small_site.await_centre(asked["deletion_id"])
        visit = a_visit("v1", kiosk.link.kiosk_id, person_id="p1")
        with kiosk.link.database.writing() as session:
            add_to_outbox(session, Kind.VISIT, visit, now)
        kiosk.comes_back()
        with kiosk.link.database.reading() as session:
            assert session.get(PersonRow, "p1") is None
    with database.reading() as session:
        assert session.get_one(VisitRow, "v1").person_id is None
        assert session.get(PersonRow, "p1") is None
    assert small_site.proof(asked["proof_path"]).json()["waiting"] == 0


def test_what_this_kiosk_has_forgotten_a_centre_that_does_not_know_it_yet_cannot_give_it_again(
    small_site: Site, tmp_path: Path
) -> None:
    gone = small_site.photos[0]
    with kiosk_at(small_site, tmp_path / "k1", "K1") as kiosk:
        pulled_whole(small_site, kiosk)
        now, kiosk_id = kiosk.link.clock.now(), kiosk.link.kiosk_id
        record = asked_here(kiosk, photo_ids=(gone.photo_id,), deletion_id="d1")
        with kiosk.link.database.writing() as session:
            ask_centre_to_forget(session, record, kiosk_id, now)
        kiosk.forgetting.once()
        kiosk.link.pulled_store.start_over("")
        small_site.server.centre.archive.photos.set_state(gone.photo_id, PhotoState.ON_SALE)
        with kiosk.link.database.writing() as session:  # the message is held up
            session.execute(update(OutboxRow).values(state="parked"))
        kiosk.sync()
        assert gone.photo_id not in kiosk.link.photos.photos_by_id([gone.photo_id])
        assert [photo.photo_id for photo in kiosk.link.photos.photos(small_site.event_id)] == [
            small_site.photos[1].photo_id
        ]
        with kiosk.link.database.writing() as session:
            session.execute(update(OutboxRow).values(state="waiting"))
        kiosk.sync()
        small_site.await_centre("d1")
        assert set(small_site.states("d1").values()) == {"confirmed"}


def test_what_was_asked_before_the_centre_stopped_is_done_when_it_starts(small_site: Site) -> None:
    server = small_site.server
    server.stop()
    server.start()
    principal = Principal("boss", small_site.tenant_id, Role.ADMIN)
    wish = {"photo_ids": [small_site.photos[0].photo_id], "faces": [], "event_id": None}
    wish |= {"order_id": None, "consent_id": None, "person_id": None}
    state, _ = CentralDeletions(server.centre).ask(principal, wish)
    server.stop()
    server.start()
    small_site.await_centre(state.deletion.deletion_id)


def test_nobody_sees_or_deletes_what_is_another_tenants(small_site: Site) -> None:
    server, photo = small_site.server, small_site.photos[0]
    stranger = server.headers(server.add_tenant("Another"), Role.ADMIN)
    assert small_site.ask(stranger, photo_ids=[photo.photo_id]).status_code == 404
    asked = small_site.ask(photo_ids=[photo.photo_id]).json()
    url = f"{server.url}/api/deletions/{asked['deletion_id']}"
    assert requests.get(url, headers=stranger, timeout=10).status_code == 404
    assert requests.get(url, timeout=10).status_code == 401
    for wrong in ("x" * 27, asked["token"][:-1] + "_"):
        assert requests.get(f"{url}/proof?token={wrong}", timeout=10).status_code == 404
    assert small_site.proof(asked["proof_path"]).status_code == 200
    photographer = server.headers(small_site.tenant_id, Role.PHOTOGRAPHER)
    assert small_site.ask(photographer, photo_ids=[photo.photo_id]).status_code == 403


@pytest.mark.parametrize(
    "wish", [{}, {"photo_ids": ["x"]}, {"order_id": "a\0b"}, {"photo_ids": ["0" * 32] * 1001}]
)
def test_a_wish_that_names_nothing_or_nonsense_is_refused(small_site: Site, wish: dict[str, Any]) -> None:
    assert small_site.ask(**wish).status_code == 422
