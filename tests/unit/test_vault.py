"""What is sealed opens under its own key, for its own purpose and unchanged, or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kiosk.at_rest.own_keys import IDS_FILE, OwnKeys
from kiosk.at_rest.vault import OVERHEAD_BYTES, GivenKeys, PassingKeys, Vault, id_of, is_sealed
from kiosk.errors import ErrorCode, KnownError

PLAIN = bytes(range(256)) * 8


class Ring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def find(self, name: str) -> str | None:
        return self.kept.get(name)

    def write(self, name: str, value: str) -> None:
        self.kept[name] = value

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)


def code_of(error: pytest.ExceptionInfo[KnownError]) -> ErrorCode:
    return error.value.code


def test_it_opens_for_its_own_purpose_only_and_never_when_a_bit_of_it_changed() -> None:
    vault = Vault(PassingKeys())
    sealed = vault.seal(PLAIN, b"embedding")
    assert len(sealed) == len(PLAIN) + OVERHEAD_BYTES
    assert is_sealed(sealed)
    assert PLAIN[:16] not in sealed
    assert vault.unseal(sealed, b"embedding") == PLAIN
    assert vault.seal(PLAIN, b"embedding") != sealed, "equal faces do not look equal"
    with pytest.raises(KnownError) as other:
        vault.unseal(sealed, b"picture of another")
    assert code_of(other) is ErrorCode.SEALED_DAMAGED
    for place in range(11, len(sealed), 97):
        with pytest.raises(KnownError) as broken:
            vault.unseal(sealed[:place] + bytes([sealed[place] ^ 4]) + sealed[place + 1 :], b"embedding")
        assert code_of(broken) is ErrorCode.SEALED_DAMAGED
    with pytest.raises(KnownError):
        vault.unseal(sealed[:40], b"embedding")


def test_what_is_under_a_secret_that_is_gone_is_said_to_be_lost_with_the_way_on() -> None:
    sealed = Vault(PassingKeys()).seal(PLAIN, b"embedding")
    with pytest.raises(KnownError) as lost:
        Vault(PassingKeys()).unseal(sealed, b"embedding")
    assert code_of(lost) is ErrorCode.KEY_LOST
    assert "kiosk templates recover" in lost.value.next_step


def test_a_data_folder_has_one_secret_that_no_file_of_it_holds(tmp_path: Path) -> None:
    ring = Ring()
    assert OwnKeys(tmp_path, ring).current_id() is None
    sealed = Vault(OwnKeys(tmp_path, ring)).seal(PLAIN, b"x")
    assert Vault(OwnKeys(tmp_path, ring)).unseal(sealed, b"x") == PLAIN
    (value,) = ring.kept.values()
    assert [file.name for file in tmp_path.iterdir()] == [IDS_FILE]
    assert value not in (tmp_path / IDS_FILE).read_text()
    assert id_of(bytes.fromhex(value)).hex() == (tmp_path / IDS_FILE).read_text()


def test_of_several_that_make_the_first_secret_one_is_first(tmp_path: Path) -> None:
    ring = Ring()
    roots: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: roots.append(OwnKeys(tmp_path, ring).current())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(roots)) == 1
    assert len(ring.kept) == 1


def test_while_a_secret_is_replaced_both_open_and_in_the_end_one(tmp_path: Path) -> None:
    ring = Ring()
    keys = OwnKeys(tmp_path, ring)
    vault = Vault(keys)
    before = vault.seal(PLAIN, b"x")
    turned = vault.rotation("tenant")
    keys.renew()
    vault.forget_keys()
    after = vault.seal(PLAIN, b"x")
    assert vault.unseal(before, b"x") == vault.unseal(after, b"x") == PLAIN
    assert vault.rotation("tenant") is not turned
    assert keys.older_ids()
    keys.retire()
    fresh = Vault(OwnKeys(tmp_path, ring))
    assert fresh.unseal(after, b"x") == PLAIN
    assert len(ring.kept) == 1
    with pytest.raises(KnownError) as lost:
        fresh.unseal(before, b"x")
    assert code_of(lost) is ErrorCode.KEY_LOST


def test_a_secret_that_was_taken_out_of_the_keyring_is_missed_and_none_is_made_in_its_place(
    tmp_path: Path,
) -> None:
    ring = Ring()
    Vault(OwnKeys(tmp_path, ring)).key_id()
    ring.kept.clear()
    with pytest.raises(KnownError) as lost:
        Vault(OwnKeys(tmp_path, ring)).seal(PLAIN, b"x")
    assert code_of(lost) is ErrorCode.KEY_LOST
    assert ring.kept == {}


@pytest.mark.parametrize("damage", [b"", b"\x00" * 16, b"not hex at all!", b"abcd"])
def test_a_damaged_list_of_ids_loses_nothing(tmp_path: Path, damage: bytes) -> None:
    ring = Ring()
    sealed = Vault(OwnKeys(tmp_path, ring)).seal(PLAIN, b"x")
    (tmp_path / IDS_FILE).write_bytes(damage)
    after = Vault(OwnKeys(tmp_path, ring))
    assert after.unseal(sealed, b"x") == PLAIN
    again = after.seal(PLAIN, b"x")
    assert Vault(OwnKeys(tmp_path, ring)).unseal(again, b"x") == PLAIN
    assert OwnKeys(tmp_path, ring).current_id() == again[3:11]


def test_secrets_of_a_backup_open_what_lies_in_it_here_and_elsewhere(tmp_path: Path) -> None:
    here, elsewhere = OwnKeys(tmp_path / "a", Ring()), OwnKeys(tmp_path / "b", Ring())
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    sealed = Vault(here).seal(PLAIN, b"x")
    taken = here.all_there_are()
    elsewhere.take_over(taken)
    assert Vault(elsewhere).unseal(sealed, b"x") == PLAIN
    assert elsewhere.current_id() == here.current_id()
    here.renew()
    here.retire()
    here.take_over(taken)  # an older backup, on the machine itself
    assert Vault(here).unseal(sealed, b"x") == PLAIN
    assert here.current_id() != elsewhere.current_id()
    assert here.older_ids() == [elsewhere.current_id()]
    here.take_over([])
    assert len(here.all_there_are()) == 2


def test_a_backup_helps_where_the_secret_that_came_after_it_is_gone(tmp_path: Path) -> None:
    ring = Ring()
    keys = OwnKeys(tmp_path, ring)
    sealed = Vault(keys).seal(PLAIN, b"x")
    taken = keys.all_there_are()
    keys.renew()
    keys.retire()
    ring.kept.clear()
    keys.take_over(taken)
    assert Vault(keys).unseal(sealed, b"x") == PLAIN
    assert Vault(keys).unseal(Vault(keys).seal(PLAIN, b"y"), b"y") == PLAIN


def test_each_tenant_is_turned_by_a_rotation_of_their_own() -> None:
    vault = Vault(PassingKeys())
    assert vault.rotation("a") is vault.rotation("a")
    assert vault.rotation("a") is not vault.rotation("b")


def test_processes_of_a_centre_are_handed_one_secret_and_while_it_is_replaced_two() -> None:
    def vault(**given: str) -> Vault:
        return Vault(GivenKeys(lambda name: given[name], given.get))

    old, new = "11" * 32, "22" * 32
    sealed = vault(at_rest_key=old).seal(PLAIN, b"x")
    assert vault(at_rest_key=old).unseal(sealed, b"x") == PLAIN
    both = vault(at_rest_key=new, at_rest_key_before=old)
    assert both.unseal(sealed, b"x") == PLAIN
    assert both.older_ids() == [vault(at_rest_key=old).key_id()]
    with pytest.raises(KnownError):
        vault(at_rest_key=new).unseal(sealed, b"x")
    with pytest.raises(KnownError) as short:
        vault(at_rest_key="11" * 16).key_id()
    assert code_of(short) is ErrorCode.SETTING_INVALID
    assert "openssl rand -hex 32" in short.value.next_step
