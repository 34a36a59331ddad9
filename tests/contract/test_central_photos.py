"""Photos at a real centre: what is uploaded is on sale once, and files come whole."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from starlette.datastructures import UploadFile

from kiosk.central.principal import Role
from kiosk.database.central_tables import UploadFileRow
from kiosk.database.tables import OrderLineRow, OrderRow
from kiosk.database.uploads import FileState
from tests.bad_pictures import REFUSED, TAKEN, write_mixed_folder
from tests.central_site import NOON, Site, code_of, site_at
from tests.centre import CentreServer
from tests.photo_fakes import drawn, encoded


@pytest.fixture(scope="module")
def server(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentreServer]:
    with CentreServer(tmp_path_factory.mktemp("centre")) as running:
        yield running


@pytest.fixture
def site(server: CentreServer) -> Site:
    return site_at(server)


def test_a_batch_is_on_sale_with_who_took_it_and_where(site: Site) -> None:
    files = {f"IMG_{number}.jpg": encoded(drawn(number)) for number in range(3)}
    sent = site.send(files, place="Finish line", photographer="Ploy", is_public="true")

    assert sent.status_code == 200, sent.text
    states = {name: file["state"] for name, file in site.settled(sent.json()["upload_id"]).items()}
    assert states == dict.fromkeys(files, "taken")
    photos = site.server.centre.archive.photos.photos(site.event_id)
    assert sorted(photo.file_name for photo in photos) == sorted(files)
    assert {(photo.place, photo.photographer, photo.is_public) for photo in photos} == {
        ("Finish line", "Ploy", True)
    }
    assert sorted(photo.number for photo in photos) == [1, 2, 3]
    assert list(site.server.centre.archive.store.keys("uploads/")) == []


def test_files_that_are_no_pictures_are_refused_by_name_and_the_rest_goes_on(
    site: Site, tmp_path: Path
) -> None:
    folder = tmp_path / "card"
    write_mixed_folder(folder)
    sent = site.send({path.name: path.read_bytes() for path in sorted(folder.iterdir())})

    files = site.settled(sent.json()["upload_id"])
    assert {name for name, file in files.items() if file["state"] == "taken"} == set(TAKEN)
    assert {name: file["error_code"] for name, file in files.items() if file["state"] == "refused"} == dict(
        REFUSED
    )
    assert all(files[name]["error_detail"] for name in REFUSED)


def test_a_call_that_is_made_again_doubles_nothing_and_more_calls_go_on(site: Site) -> None:
    first, second = encoded(drawn(1)), encoded(drawn(2))
    upload_id = site.send({"a.jpg": first}).json()["upload_id"]
    again = site.send({"a.jpg": first, "b.jpg": second}, upload_id=upload_id)

    assert [file["ordinal"] for file in again.json()["files"]] == [1, 2]
    assert {name: file["state"] for name, file in site.settled(upload_id).items()} == {
        "a.jpg": "taken",
        "b.jpg": "taken",
    }
    third = site.send({"a.jpg": first}, upload_id=upload_id)
    assert [file["state"] for file in third.json()["files"]] == ["taken"]
    assert site.server.centre.archive.photos.count(site.event_id) == 2


def test_the_same_content_under_another_name_is_a_duplicate(site: Site) -> None:
    data = encoded(drawn(1))
    first = site.send({"a.jpg": data, "b.jpg": data}).json()["upload_id"]
    states = sorted(file["state"] for file in site.settled(first).values())
    second = site.send({"a.jpg": data}).json()["upload_id"]

    assert states == ["duplicate", "taken"]
    assert site.settled(second)["a.jpg"]["state"] == "duplicate"
    assert site.server.centre.archive.photos.count(site.event_id) == 1


def test_a_file_that_was_imported_but_not_marked_is_known_for_its_own(site: Site) -> None:
    centre = site.server.centre
    upload_id = site.send({"a.jpg": encoded(drawn(1))}).json()["upload_id"]
    site.settled(upload_id)
    with centre.database.writing() as session:
        row = session.get_one(UploadFileRow, (upload_id, 1))
        row.state = FileState.IMPORTING.value
    centre.imports.submit([(upload_id, 1)])

    assert site.settled(upload_id)["a.jpg"]["state"] == "taken"


@pytest.mark.parametrize(
    ("role", "fields", "code"),
    [
        (None, {}, (401, "N-102")),
        (Role.DEVICE, {}, (403, "N-117")),
        (Role.CUSTOMER, {}, (403, "N-117")),
        (Role.PHOTOGRAPHER, {"event_id": "nowhere"}, (404, "E-101")),
        (Role.PHOTOGRAPHER, {"event_id": "a\0b"}, (422, "N-123")),
        (Role.PHOTOGRAPHER, {"upload_id": "../x"}, (422, "N-123")),
        (Role.PHOTOGRAPHER, {"is_public": "perhaps"}, (422, "N-123")),
        (Role.PHOTOGRAPHER, {"colour": "red"}, (422, "N-123")),
    ],
)
def test_who_may_not_upload_or_says_nonsense_is_told_so(
    site: Site, role: Role | None, fields: dict[str, str], code: tuple[int, str]
) -> None:
    answer = site.call(
        "POST",
        "/api/photos/batch-upload",
        role,
        data={"event_id": site.event_id, **fields},
        files=[("files", ("a.jpg", b"x"))],
    )
    assert code_of(answer) == code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"--x--", "multipart/form-data"),
        (
            b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nno file\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_body_that_is_no_form_is_refused(site: Site, body: bytes, kind: str) -> None:
    for path, role in (("/api/photos/batch-upload", Role.PHOTOGRAPHER), ("/api/face/search", Role.DEVICE)):
        answer = site.call("POST", path, role, data=body, headers={"Content-Type": kind})
        assert code_of(answer) == (422, "N-123")


def test_another_tenants_uploads_and_photos_are_as_unknown_as_none(site: Site) -> None:
    data = encoded(drawn(1))
    upload_id = site.send({"a.jpg": data}).json()["upload_id"]
    site.settled(upload_id)
    stranger = site.server.add_tenant("stranger")

    def asked(path: str, role: Role, tenant_id: str) -> requests.Response:
        return site.call("GET", path, role, tenant_id=tenant_id)

    for path, role in (
        (f"/api/uploads/{upload_id}", Role.PHOTOGRAPHER),
        (f"/api/photos/{site.photo_id(data)}", Role.DEVICE),
        (f"/api/photos/{site.photo_id(data)}/preview/small", Role.DEVICE),
        (f"/api/photos/{site.photo_id(data)}/original", Role.DEVICE),
        (f"/api/photos/{site.photo_id(data)}/metadata", Role.DEVICE),
    ):
        nothing = path.replace(upload_id, "0" * 32).replace(site.photo_id(data), "0" * 32)
        refused, missing = asked(path, role, stranger), asked(nothing, role, stranger)
        assert refused.status_code == 404
        assert refused.json() == missing.json()
        assert asked(path, role, site.tenant_id).status_code == 200


def test_previews_tell_their_length_and_hash_and_are_sent_once(site: Site) -> None:
    data = encoded(drawn(1))
    site.settled(site.send({"a.jpg": data}).json()["upload_id"])
    photo = f"/api/photos/{site.photo_id(data)}"

    for path in (photo, *(f"{photo}/preview/{size}" for size in ("small", "medium", "large", "watermarked"))):
        got = site.call("GET", path, Role.DEVICE)
        assert got.headers["Content-Type"] == "image/jpeg"
        assert int(got.headers["Content-Length"]) == len(got.content)
        assert got.headers["X-Content-SHA256"] == sha256(got.content).hexdigest()
        again = site.call("GET", path, Role.DEVICE, headers={"If-None-Match": got.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert code_of(site.call("GET", f"{photo}/preview/huge", Role.DEVICE)) == (422, "N-123")
    assert code_of(site.call("GET", f"{photo}/preview/small", Role.CUSTOMER)) == (403, "N-117")


def bought(site: Site, customer_id: str, photo_id: str, state: str) -> None:
    order_id = uuid.uuid4().hex
    with site.server.centre.database.writing() as session:
        session.add(
            OrderRow(
                order_id=order_id,
                tenant_id=site.tenant_id,
                kiosk_id="",
                customer_id=customer_id,
                code="C1-0001",
                event_id=site.event_id,
                language="th",
                state=state,
                total_satang=100,
                discount_satang=0,
                created_at=NOON,
                paid_at=NOON,
                voucher_code=None,
            )
        )
        session.flush()
        session.add(
            OrderLineRow(
                line_id=uuid.uuid4().hex,
                order_id=order_id,
                position=0,
                kind="digital",
                photo_id=photo_id,
                amount_satang=100,
                print_size=None,
                finish=None,
                copies=1,
            )
        )


def test_an_original_is_for_kiosks_and_for_who_paid_it(site: Site) -> None:
    data = encoded(drawn(1))
    site.settled(site.send({"a.jpg": data}).json()["upload_id"])
    path = f"/api/photos/{site.photo_id(data)}/original"
    bought(site, "paid-it", site.photo_id(data), "paid")
    bought(site, "ordered-it", site.photo_id(data), "awaiting_payment")

    for role, subject in ((Role.DEVICE, None), (Role.CUSTOMER, "paid-it")):
        got = site.call("GET", path, role, subject=subject)
        assert got.content == data
        assert got.headers["X-Content-SHA256"] == sha256(data).hexdigest()
        assert int(got.headers["Content-Length"]) == len(data)
        assert "River%20Run" in got.headers["Content-Disposition"]
    for subject in ("ordered-it", "somebody"):
        assert code_of(site.call("GET", path, Role.CUSTOMER, subject=subject)) == (403, "N-117")
    assert code_of(site.call("GET", path, Role.PHOTOGRAPHER)) == (403, "N-117")


def test_a_withdrawn_photo_is_off_sale_and_told_to_kiosks_until_it_is_approved(site: Site) -> None:
    data = encoded(drawn(1))
    site.settled(site.send({"a.jpg": data}).json()["upload_id"])
    photo = f"/api/photos/{site.photo_id(data)}"

    assert code_of(site.call("POST", f"{photo}/withdraw", Role.DEVICE)) == (403, "N-117")
    assert site.call("POST", f"{photo}/withdraw", Role.PHOTOGRAPHER).json()["state"] == "withdrawn"
    assert site.server.centre.archive.photos.photos(site.event_id) == []
    assert code_of(site.call("GET", photo, Role.CUSTOMER)) == (404, "P-111")
    assert site.call("POST", f"{photo}/approve", Role.ADMIN).json()["state"] == "on_sale"
    assert site.call("GET", f"{photo}/metadata", Role.CUSTOMER).json()["sha256"] == sha256(data).hexdigest()


@pytest.mark.parametrize("charset", ["undefined", "punycode", "no-such-charset"])
def test_fields_in_a_charset_that_cannot_be_read_are_refused(site: Site, charset: str) -> None:
    form = (
        b'--B\r\nContent-Disposition: form-data; name="event_id"\r\n\r\n\xff\r\n'
        b'--B\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\nabc\r\n--B--\r\n'
    )
    headers = {"Content-Type": f"multipart/form-data; boundary=B; charset={charset}"}
    sent = site.call("POST", "/api/photos/batch-upload", Role.PHOTOGRAPHER, data=form, headers=headers)
    assert code_of(sent) == (422, "N-123")


def test_files_for_which_there_is_no_room_are_refused_by_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(_file: UploadFile, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(UploadFile, "write", write)
    assert code_of(site.send({"a.jpg": b"no picture"})) == (507, "D-101")
