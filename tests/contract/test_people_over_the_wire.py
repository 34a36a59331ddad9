"""Over real HTTP: two shops of a chain and their centre know the same people, and forget them together."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.at_rest.vault import GivenKeys, Vault
from kiosk.database.central_tables import TenantRow
from kiosk.database.deletions import SqlDeletions, holder_of_kiosk
from kiosk.database.forgetting import SqlForgetting
from kiosk.gallery.exact_index import ExactIndex
from kiosk.photos.erasure import Erasure
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.sync.forgetting import Forgetting
from kiosk.visits.types import PersonKind
from tests.centre import CentreServer, on_postgres
from tests.forgetting_machine import traces
from tests.peers.postgres import PostgresServer
from tests.people_chain import everybody
from tests.people_worlds import AGREED, CONTRACT, SqlPeopleWorld, a_draft, a_vector, faces, keys_of, who_is
from tests.sync_kiosk import SyncKiosk, enrolled_kiosk
from tests.watching import wait_until


class Shop(SqlPeopleWorld):
    """A kiosk that knows people, forgets, and meets its centre."""

    def __init__(self, link: SyncKiosk, home: Path) -> None:
        super().__init__(link.database, FolderObjectStore(home / "objects"))
        self.link, self.home = link, home
        rows = SqlForgetting(link.database, link.clock)
        self.index = ExactIndex(home / "index", CONTRACT)
        self.forgetting = Forgetting(
            SqlDeletions(link.database),
            Erasure(rows, link.photos, self.index, self.store, lambda _: None),
            rows,
            link.database.keep_no_traces,
            link.clock,
            holder_of_kiosk(link.kiosk_id),
        )

    def meets(self) -> None:
        """Tells and hears what is new, does what is to be forgotten, and says so."""
        for _ in range(2):
            assert self.link.sync.once() is None
            self.forgetting.once()
        assert self.link.outbox.counts() == (0, 0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real_server)])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentreServer]:
    settings = None
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        settings = on_postgres(server.new_database(f"people{uuid.uuid4().hex}"))
    with CentreServer(tmp_path / "centre", settings) as one:
        yield one


@pytest.fixture
def shops(centre: CentreServer, tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    tenant_id = centre.add_tenant("Chain")
    one_home, other_home = tmp_path / "one", tmp_path / "other"
    with (
        enrolled_kiosk(centre, one_home, tenant_id, "K1") as one,
        enrolled_kiosk(centre, other_home, tenant_id, "K2") as other,
    ):
        opened = Shop(one, one_home), Shop(other, other_home)
        yield opened
        for shop in opened:
            shop.index.close()


def tenant_of(centre: CentreServer) -> str:
    with centre.centre.database.reading() as session:
        return session.scalars(select(TenantRow.tenant_id)).one()


def known_at(centre: CentreServer) -> dict[str, object]:
    return everybody(centre.centre.database, tenant_of(centre))


def test_people_are_enrolled_merged_and_made_staff_in_both_shops_and_all_agree(
    centre: CentreServer, shops: tuple[Shop, Shop]
) -> None:
    one, other = shops
    malee = one.people.enrol(a_draft("มาลี", phone="0812345678"), AGREED, faces(1)).person_id
    mali = other.people.enrol(a_draft("Mali"), AGREED, faces(2, 3)).person_id
    for shop in (one, other, one):
        shop.meets()
    one.visit(malee, "v1")
    one.people.merge(malee, mali)
    other.people.merge(mali, malee)
    other.people.change(mali, a_draft("Mali S.", PersonKind.STAFF))
    for shop in (other, one, other, one):
        shop.meets()
    assert everybody(one.database, "") == everybody(other.database, "") == known_at(centre)
    assert who_is(one.people) == who_is(other.people) == dict.fromkeys(keys_of([1, 2, 3]), mali)
    assert (one.people.person(malee).name, one.people.person(malee).kind) == ("Mali S.", PersonKind.STAFF)
    assert one.visits() == {}


@pytest.mark.slow
def test_somebody_who_is_forgotten_is_in_no_file_of_both_shops_and_the_centre_proves_it(
    centre: CentreServer, shops: tuple[Shop, Shop]
) -> None:
    one, other = shops
    malee = one.people.enrol(a_draft("Malee", phone="0812345678"), AGREED, faces(1)).person_id
    mali = other.people.enrol(a_draft("Mali"), AGREED, faces(2)).person_id
    for shop in (one, other, one):
        shop.meets()
        shop.database.back_up()
    one.people.merge(malee, mali)
    deletion_id = other.people.forget(mali)  # who has not heard that they are one
    for shop in (one, other, one, other):
        shop.meets()
        wait_until(lambda: not SqlDeletions(centre.centre.database).pending())
    for shop in (one, other):
        shop.meets()
    needles = [a_vector(seed).astype("<f4").tobytes()[:400] for seed in (1, 2)] + [b"0812345678"]
    homes = [one.home, other.home] + ([] if centre.settings.database.url else [centre.home])
    assert [traces(home, *needles) for home in homes] == [[]] * len(homes)
    assert everybody(one.database, "") == everybody(other.database, "") == known_at(centre)
    assert not list(one.store.keys("")) + list(other.store.keys(""))
    state = SqlDeletions(centre.centre.database).state(deletion_id, tenant_of(centre))
    assert (state.waiting, state.done_at is not None) == (0, True)


def a_vault(key: str, before: str = "") -> Vault:
    given = {"at_rest_key": key, **({"at_rest_key_before": before} if before else {})}
    return Vault(GivenKeys(given.__getitem__, given.get))


def test_shops_with_secrets_of_their_own_agree_also_when_one_gets_a_new_one_while_it_is_off_line(
    centre: CentreServer, tmp_path: Path
) -> None:
    tenant_id, homes = centre.add_tenant("Chain"), (tmp_path / "one", tmp_path / "other")
    with enrolled_kiosk(centre, homes[0], tenant_id, "K1", vault=a_vault("11" * 32)) as link:
        one = Shop(link, homes[0])
        with enrolled_kiosk(centre, homes[1], tenant_id, "K2", vault=a_vault("22" * 32)) as before:
            other = Shop(before, homes[1])
            malee = one.people.enrol(a_draft("Malee"), AGREED, faces(1)).person_id
            for shop in (one, other):
                shop.meets()
            mali = other.people.enrol(a_draft("Mali"), AGREED, faces(2, 3)).person_id  # nobody was told
            key = before.secrets[before.key_name]
            other.index.close()
        nok = one.people.enrol(a_draft("Nok"), AGREED, faces(4)).person_id
        one.meets()
        again = SyncKiosk(homes[1], centre.url, key, vault=a_vault("33" * 32, before="22" * 32))
        other = Shop(again, homes[1])
        for shop in (other, one, other):
            shop.meets()
        assert everybody(one.database, "") == everybody(other.database, "") == known_at(centre)
        whose = {**dict.fromkeys(keys_of([1]), malee), **dict.fromkeys(keys_of([2, 3]), mali)}
        assert who_is(one.people) == who_is(other.people) == {**whose, **dict.fromkeys(keys_of([4]), nok)}
        needles = [a_vector(seed).astype("<f4").tobytes()[:400] for seed in (1, 2, 3, 4)]
        needles += [base64.b64encode(needle)[:400] for needle in needles]
        kept = [*homes] + ([] if centre.settings.database.url else [centre.home])
        assert [traces(home, *needles) for home in kept] == [[]] * len(kept)
        for shop in (one, other):
            shop.index.close()
        again.close()
