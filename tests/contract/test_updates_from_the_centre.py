"""A real centre that serves packages, and a kiosk that stages them: parts, shares, and no trust."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from kiosk.central.principal import Role
from kiosk.central.update_desk import update_desk_at
from kiosk.central.updates import RollOut
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.client import CentralClient
from kiosk.sync.login import Credentials
from kiosk.sync.packages import CentrePackages
from kiosk.updates.package import Installed, Package
from kiosk.updates.places import StagingPlaces
from kiosk.updates.staging import Offer, Staging
from tests.central_site import Site, code_of, site_at
from tests.centre import CentreServer
from tests.updates import ARCHITECTURE, Signer

SIZE = 2_500_000
RUNS = threading.Event()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> Iterator[Site]:
    with CentreServer(tmp_path_factory.mktemp("updates") / "centre") as server:
        yield site_at(server)


@pytest.fixture
def shelved(site: Site) -> Iterator[Site]:
    """Nothing is on the shelf before and after."""
    yield site
    for update in site.call("GET", "/api/updates", Role.ADMIN).json()["updates"]:
        site.call("DELETE", f"/api/updates/{update['file_name']}", Role.ADMIN)


@dataclass
class Kiosk:
    device_id: str
    source: CentrePackages
    staging: Staging
    places: StagingPlaces


@pytest.fixture
def signer() -> Signer:
    return Signer.new()


@pytest.fixture
def kiosk(shelved: Site, signer: Signer, tmp_path: Path) -> Iterator[Kiosk]:
    device_id, key = shelved.server.enrol_device(shelved.tenant_id)
    client = CentralClient(shelved.server.url, Credentials(device_id, key))
    places = StagingPlaces(tmp_path / "home")
    keys = signer.publish(tmp_path / "update.pub")
    staging = Staging(places, keys, Installed("0.1.0", ARCHITECTURE))
    yield Kiosk(device_id, CentrePackages(lambda: client), staging, places)
    client.close()


def upload(
    site: Site, signer: Signer, folder: Path, version: str = "0.2.0", data: bytes | None = None
) -> requests.Response:
    file = folder / f"photo-kiosk_{version}_{ARCHITECTURE}.deb"
    file.write_bytes(os.urandom(SIZE) if data is None else data)
    signature = base64.b64encode(signer.sign(file)).decode()
    return site.call(
        "POST",
        f"/api/updates/packages/{file.name}",
        Role.ADMIN,
        data=file.read_bytes(),
        headers={"X-Update-Signature": signature, "Content-Type": "application/octet-stream"},
    )


def offered_to_all(site: Site, version: str = "0.2.0", **who: object) -> None:
    name = f"photo-kiosk_{version}_{ARCHITECTURE}.deb"
    answer = site.call("PATCH", f"/api/updates/{name}", Role.ADMIN, json=who or {"share": 100})
    assert answer.status_code == 200, answer.text


def test_a_kiosk_fetches_what_an_admin_has_put_on_the_shelf(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    assert upload(shelved, signer, tmp_path).status_code == 201
    assert kiosk.staging.fetch(kiosk.source, RUNS) is None, "it is offered to nobody yet"

    offered_to_all(shelved)
    package = kiosk.staging.fetch(kiosk.source, RUNS)

    assert package == Package("photo-kiosk_0.2.0_amd64.deb", "0.2.0", ARCHITECTURE)
    assert kiosk.staging.check_ready() == package
    assert not list(kiosk.places.incoming.glob("*"))
    assert kiosk.staging.fetch(kiosk.source, RUNS) == package, "once more: it is here already"


def test_what_has_come_before_the_cable_was_cut_is_not_fetched_again(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    upload(shelved, signer, tmp_path)
    offered_to_all(shelved)
    asked: list[int] = []

    class Cut:
        """The cable is out after the first part."""

        def offer(self, installed: Installed) -> Offer | None:
            return kiosk.source.offer(installed)

        def part(self, offer: Offer, start: int, size: int) -> bytes:
            asked.append(start)
            if len(asked) == 2:
                raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "The cable is out.")
            return kiosk.source.part(offer, start, size)

    with pytest.raises(KnownError) as cut:
        kiosk.staging.fetch(Cut(), RUNS)
    assert cut.value.code is ErrorCode.CENTRE_UNREACHABLE
    assert kiosk.staging.ready() is None
    assert kiosk.staging.arrived_bytes() == 1 << 20

    assert kiosk.staging.fetch(Cut(), RUNS) is not None
    assert asked == [0, 1 << 20, 1 << 20, 2 << 20]


def test_a_centre_that_exchanges_the_package_is_found_out(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    """The centre itself is the thief: it has the store, and no key."""
    upload(shelved, signer, tmp_path)
    offered_to_all(shelved)
    store = shelved.server.centre.archive.store
    [key] = [key for key in store.keys("updates/") if key.endswith(".deb")]
    store.put(key, os.urandom(SIZE))

    with pytest.raises(KnownError) as refused:
        kiosk.staging.fetch(kiosk.source, RUNS)

    assert refused.value.code is ErrorCode.UPDATE_FORGED
    assert refused.value.next_step
    assert kiosk.staging.ready() is None
    assert kiosk.staging.arrived_bytes() == 0, "what is bad is not kept"


def test_a_package_that_another_has_signed_is_not_staged(shelved: Site, kiosk: Kiosk, tmp_path: Path) -> None:
    upload(shelved, Signer.new(), tmp_path)
    offered_to_all(shelved)
    with pytest.raises(KnownError) as refused:
        kiosk.staging.fetch(kiosk.source, RUNS)
    assert refused.value.code is ErrorCode.UPDATE_FORGED


def test_a_centre_that_offers_an_old_version_as_new_is_refused(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    upload(shelved, signer, tmp_path, "0.0.9")
    offered_to_all(shelved, "0.0.9")
    assert kiosk.staging.fetch(kiosk.source, RUNS) is None

    old = Offer(f"photo-kiosk_0.0.9_{ARCHITECTURE}.deb", SIZE, b"")

    class Lying:
        def offer(self, installed: Installed) -> Offer | None:
            return old

        def part(self, offer: Offer, start: int, size: int) -> bytes:
            raise AssertionError("nothing of it is fetched")

    with pytest.raises(KnownError) as refused:
        kiosk.staging.fetch(Lying(), RUNS)
    assert refused.value.code is ErrorCode.UPDATE_OLDER


def test_a_roll_out_reaches_named_kiosks_then_a_share_then_all(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    upload(shelved, signer, tmp_path)
    offered_to_all(shelved, device_ids=["another"])
    assert kiosk.source.offer(Installed("0.1.0", ARCHITECTURE)) is None
    offered_to_all(shelved, device_ids=[kiosk.device_id])
    assert kiosk.source.offer(Installed("0.1.0", ARCHITECTURE)) is not None
    assert kiosk.source.offer(Installed("0.1.0", "arm64")) is None, "for another machine"
    assert kiosk.source.offer(Installed("0.2.0", ARCHITECTURE)) is None, "it runs there already"
    offered_to_all(shelved, share=100, is_on=False)
    assert kiosk.source.offer(Installed("0.1.0", ARCHITECTURE)) is None


def test_a_larger_share_holds_the_smaller_one_and_comes_near_its_percent() -> None:
    devices = [f"kiosk-{number}" for number in range(2000)]
    some, more = ({each for each in devices if RollOut(share).covers(each, "0.2.0")} for share in (10, 50))
    assert some < more
    assert 150 <= len(some) <= 250
    assert 900 <= len(more) <= 1100
    assert all(RollOut(100).covers(each, "0.2.0") for each in devices)


def test_only_admins_write_and_only_own_kiosks_read(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    upload(shelved, signer, tmp_path)
    offered_to_all(shelved)
    name = f"photo-kiosk_0.2.0_{ARCHITECTURE}.deb"
    path = f"/api/updates/packages/{name}"
    for role in (None, Role.CUSTOMER, Role.PHOTOGRAPHER):
        assert shelved.call("GET", path, role).status_code in (401, 403)
        assert shelved.call("GET", "/api/updates", role).status_code in (401, 403)
    for method, where in (("PATCH", f"/api/updates/{name}"), ("DELETE", f"/api/updates/{name}")):
        assert shelved.call(method, where, Role.DEVICE, json={}).status_code == 403
    other = shelved.server.add_tenant("Others")
    answer = shelved.call("GET", path, Role.DEVICE, tenant_id=other)
    assert code_of(answer) == (404, ErrorCode.UPDATE_UNKNOWN.value)


def test_parts_are_those_that_were_asked_for(shelved: Site, signer: Signer, tmp_path: Path) -> None:
    data = bytes(range(256)) * 8
    upload(shelved, signer, tmp_path, data=data)
    path = f"/api/updates/packages/photo-kiosk_0.2.0_{ARCHITECTURE}.deb"

    def part(wanted: str) -> requests.Response:
        return shelved.call("GET", path, Role.DEVICE, headers={"Range": wanted})

    assert (part("bytes=10-19").status_code, part("bytes=10-19").content) == (206, data[10:20])
    assert part("bytes=2040-9999").content == data[2040:]
    assert part("bytes=2040-").headers["Content-Range"] == "bytes 2040-2047/2048"
    assert part("bytes=2048-").status_code == 416
    assert part("bytes=nonsense").content == data


def test_the_machine_s_own_command_puts_packages_on_the_shelf(
    shelved: Site, kiosk: Kiosk, signer: Signer, tmp_path: Path
) -> None:
    file = tmp_path / f"photo-kiosk_0.3.0_{ARCHITECTURE}.deb"
    file.write_bytes(os.urandom(1000))
    signer.sign(file)
    with shelved.server.centre.database.reading() as session:
        from kiosk.database.central_tables import TenantRow

        tenant = session.get_one(TenantRow, shelved.tenant_id).name
    with update_desk_at(shelved.server.home, tenant) as desk:
        desk.add(file, RollOut(device_ids=desk.ids_of([kiosk.device_id])))
        with pytest.raises(KnownError) as unknown:
            desk.ids_of(["nobody"])
    assert unknown.value.code is ErrorCode.DEVICE_UNKNOWN
    package = kiosk.staging.fetch(kiosk.source, RUNS)
    assert package is not None
    assert package.version == "0.3.0"


def test_a_signature_of_another_file_is_not_taken(shelved: Site, signer: Signer, tmp_path: Path) -> None:
    file = tmp_path / f"photo-kiosk_0.2.0_{ARCHITECTURE}.deb"
    file.write_bytes(b"a package")
    signature = base64.b64encode(signer.sign(file)).decode()
    other = f"/api/updates/packages/photo-kiosk_0.3.0_{ARCHITECTURE}.deb"
    for header in (signature, "nonsense!", base64.b64encode(b"nonsense").decode()):
        headers = {"X-Update-Signature": header}
        answer = shelved.call("POST", other, Role.ADMIN, data=b"a package", headers=headers)
        assert code_of(answer) == (422, ErrorCode.UPDATE_UNREADABLE.value)
