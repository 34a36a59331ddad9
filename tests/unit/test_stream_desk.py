"""What staff do to cameras: rows, passwords and the wall follow, and every refusal is a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentences
from kiosk.streams.stream_desk import StreamDesk
from kiosk.visits.told import StoreNotice
from kiosk.visits.types import StreamDraft
from tests.fake_streams import FakeStreams

DOOR = StreamDraft("shop", "Door", "rtsp://door.example:8554/live", "guard", "hidden")


class FakeSecrets:
    """A keyring in memory, which may be missing."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_there = True

    def read(self, name: str) -> str:
        self._check()
        if name not in self.kept:
            raise KnownError(ErrorCode.SECRET_MISSING, "There is none.", "Set it.")
        return self.kept[name]

    def write(self, name: str, value: str) -> None:
        self._check()
        self.kept[name] = value

    def delete(self, name: str) -> None:
        self._check()
        self.kept.pop(name, None)

    def _check(self) -> None:
        if not self.is_there:
            raise KnownError(ErrorCode.SECRET_MISSING, "There is no keyring.", "Install one.")


class FakeWall:
    """Remembers how often it was refreshed."""

    def __init__(self) -> None:
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1


class Office:
    """A desk whose jobs are done at once."""

    def __init__(self) -> None:
        self.streams = FakeStreams()
        self.secrets = FakeSecrets()
        self.wall = FakeWall()
        self.told: list[StoreNotice] = []
        self.jobs: list[Callable[[], None]] = []
        self.desk = StreamDesk(
            self.streams,
            self.wall,  # type: ignore[arg-type]
            lambda job: job(),
            self.secrets,
            self.told.append,
        )

    def added(self, draft: StreamDraft = DOOR) -> str:
        self.desk.add(draft)
        assert self.told[-1].is_success, self.told[-1]
        return next(one.stream_id for one in self.streams.streams() if one.name == draft.name)


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_camera_is_added_its_password_kept_as_a_secret_and_the_wall_told(office: Office) -> None:
    stream_id = office.added()
    stream = office.streams.stream(stream_id)
    assert (stream.source, stream.user) == ("rtsp://door.example:8554/live", "guard")
    assert office.secrets.kept == {f"stream.{stream_id}": "hidden"}
    assert office.wall.refreshed == 1
    assert office.told == [StoreNotice("store.notice.stream_added", params={"name": "Door"})]


def test_commands_are_done_by_a_job_not_by_whoever_gives_them() -> None:
    jobs: list[Callable[[], None]] = []
    office = Office()
    desk = StreamDesk(office.streams, office.wall, jobs.append, office.secrets, office.told.append)  # type: ignore[arg-type]
    desk.add(DOOR)
    assert office.streams.streams() == []
    jobs.pop()()
    assert len(office.streams.streams()) == 1


@pytest.mark.parametrize(
    ("typed", "user", "password"),
    [
        ("rtsp://guard:hidden@door.example/live", "guard", "hidden"),
        ("rtsp://the%20guard:p%40ss%3A%2F@door.example/live", "the guard", "p@ss:/"),
        ("rtsp://guard:p@ss@door.example/live", "guard", "p@ss"),
        ("RTSP://guard:hidden@door.example/live", "guard", "hidden"),
    ],
)
def test_a_password_typed_into_the_address_is_taken_out_of_it(
    office: Office, typed: str, user: str, password: str
) -> None:
    stream_id = office.added(StreamDraft("shop", "Door", typed))
    stream = office.streams.stream(stream_id)
    assert (stream.source, stream.user) == ("rtsp://door.example/live", user)
    assert office.secrets.kept == {f"stream.{stream_id}": password}


def refused(office: Office) -> str:
    """The key of the refusal told last; both languages have a sentence for it."""
    notice = office.told[-1]
    assert not notice.is_success
    for language in Language:
        assert notice.key in sentences(language)
        sentences(language)[notice.key].format(**notice.params)
    return notice.key.removeprefix("store.stream.")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": "  "}, "name_missing"),
        ({"name": "x" * 81}, "refused.name_long"),
        ({"source": ""}, "refused.source"),
        ({"source": "webcam"}, "refused.source"),
        ({"source": "webcam:front"}, "refused.source"),
        ({"source": "no/such/clip.mp4"}, "refused.path"),
        ({"source": "http://door.example/live"}, "refused.scheme"),
        ({"source": "rtps://door.example/live"}, "refused.scheme"),
        ({"source": "rtsp:///live"}, "refused.address"),
        ({"source": "rtsp://"}, "refused.address"),
        ({"source": "http://"}, "refused.scheme"),
        ({"source": "rtsp://guard:pa/ss@door.example/live"}, "refused.address"),
        ({"source": "rtsp://door.example:port/live"}, "refused.address"),
        ({"password": None}, "refused.password"),
        ({"password": ""}, "refused.password"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_nothing_is_written(
    office: Office, changes: dict[str, str | None], key: str
) -> None:
    office.desk.add(replace(DOOR, **changes))  # type: ignore[arg-type]
    assert refused(office) == key
    assert office.streams.streams() == []
    assert office.secrets.kept == {}
    assert office.wall.refreshed == 0


def test_no_notice_and_no_log_repeats_a_password(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    for source in ("rtsp://guard:hidden@door.example:port/live", "http://guard:hidden@door.example/"):
        office.desk.add(StreamDraft("shop", "Door", source))
    shown = capfd.readouterr()
    assert "hidden" not in f"{office.told}{shown.out}{shown.err}"
    assert len(office.told) == 2


def test_webcams_and_clips_have_no_user_and_no_password(office: Office, tmp_path: Path) -> None:
    office.added(StreamDraft("shop", "Till", "webcam:1", "guard", ""))
    clip = tmp_path / "door.mp4"
    clip.touch()
    stream_id = office.added(StreamDraft("shop", "Clip", str(clip), "", ""))
    assert office.streams.stream(stream_id).source == str(clip)
    assert {one.user for one in office.streams.streams()} == {""}
    assert office.secrets.kept == {}


def test_a_name_that_is_taken_is_said_so(office: Office) -> None:
    office.added()
    office.desk.add(DOOR)
    assert refused(office) == "refused.taken"


def test_without_a_keyring_a_camera_with_a_password_is_not_half_added(office: Office) -> None:
    office.secrets.is_there = False
    office.desk.add(DOOR)
    assert refused(office) == "refused.keyring"
    assert office.streams.streams() == []


def test_a_rename_keeps_the_password_and_does_not_connect_anew(office: Office) -> None:
    stream_id = office.added()
    office.desk.change(stream_id, replace(DOOR, name="Front door", password=None))
    assert office.told[-1].is_success
    assert office.streams.stream(stream_id).name == "Front door"
    assert office.secrets.kept == {f"stream.{stream_id}": "hidden"}
    assert office.streams.stream(stream_id).access_revision == 0
    assert office.wall.refreshed == 2


def test_a_new_password_connects_anew(office: Office) -> None:
    stream_id = office.added()
    office.desk.change(stream_id, replace(DOOR, password="other"))
    assert office.secrets.kept == {f"stream.{stream_id}": "other"}
    assert office.streams.stream(stream_id).access_revision == 1
    assert office.wall.refreshed == 2


@pytest.mark.parametrize("changes", [{"source": "rtsp://elsewhere.example:8554/live"}, {"user": "someone"}])
def test_a_kept_password_goes_to_no_other_machine_and_no_other_user(
    office: Office, changes: dict[str, str]
) -> None:
    stream_id = office.added()
    office.desk.change(stream_id, replace(DOOR, password=None, **changes))  # type: ignore[arg-type]
    assert refused(office) == "refused.password"
    assert office.streams.stream(stream_id).source == DOOR.source


def test_another_path_at_the_same_machine_keeps_the_password(office: Office) -> None:
    stream_id = office.added()
    office.desk.change(stream_id, replace(DOOR, source="rtsp://door.example:8554/sub", password=None))
    assert office.told[-1].is_success


def test_a_camera_without_a_user_any_more_has_no_password_either(office: Office) -> None:
    stream_id = office.added()
    office.desk.change(stream_id, replace(DOOR, user="", password=None))
    assert office.told[-1].is_success
    assert office.secrets.kept == {}


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ({"is_on": False}, "stream_off"),
        ({"is_on": True}, "stream_on"),
        ({"recognises": False}, "recognition_off"),
        ({"recognises": True}, "recognition_on"),
    ],
)
def test_switching_is_told(office: Office, wanted: dict[str, bool], key: str) -> None:
    stream_id = office.added()
    office.desk.switch(stream_id, **wanted)
    assert office.told[-1] == StoreNotice(f"store.notice.{key}", params={"name": "Door"})
    for language in Language:
        assert office.told[-1].key in sentences(language)
    assert office.wall.refreshed == 2


def test_removing_takes_row_and_password_away(office: Office) -> None:
    stream_id = office.added()
    office.desk.remove(stream_id)
    assert office.told[-1] == StoreNotice("store.notice.stream_removed", params={"name": "Door"})
    assert office.streams.streams() == []
    assert office.secrets.kept == {}
    assert office.wall.refreshed == 2
    office.desk.remove(stream_id)
    assert refused(office) == "refused.unknown"


def test_a_change_that_is_refused_leaves_the_password_as_it_was(office: Office) -> None:
    office.added(replace(DOOR, name="Till"))
    stream_id = office.added()
    office.desk.change(stream_id, replace(DOOR, name="Till", password="other"))
    assert refused(office) == "refused.taken"
    assert office.secrets.kept[f"stream.{stream_id}"] == "hidden"


def test_a_change_that_is_refused_leaves_no_password_where_there_was_none(office: Office) -> None:
    office.added(replace(DOOR, name="Till"))
    stream_id = office.added(replace(DOOR, user="", password=None))
    office.desk.change(stream_id, replace(DOOR, name="Till"))
    assert refused(office) == "refused.taken"
    assert f"stream.{stream_id}" not in office.secrets.kept


def test_a_password_without_a_user_is_not_kept(office: Office) -> None:
    stream_id = office.added(replace(DOOR, user=""))
    assert office.secrets.kept == {}
    office.desk.change(stream_id, replace(DOOR, user="", password="other"))
    assert office.told[-1].is_success
    assert office.secrets.kept == {}


def test_removing_takes_away_also_a_password_that_nobody_asks_for(office: Office) -> None:
    stream_id = office.added(replace(DOOR, user="", password=None))
    office.secrets.kept[f"stream.{stream_id}"] = "left over"
    office.desk.remove(stream_id)
    assert office.secrets.kept == {}


def test_removing_needs_no_keyring(office: Office) -> None:
    stream_id = office.added()
    office.secrets.is_there = False
    office.desk.remove(stream_id)
    assert office.streams.streams() == []


def test_trouble_with_the_database_is_told_by_its_code(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(draft: StreamDraft) -> None:
        raise KnownError(ErrorCode.DISK_FULL, "full", "Make room.")

    monkeypatch.setattr(office.streams, "add", fail)
    office.desk.add(DOOR)
    assert (office.told[-1].key, office.told[-1].code) == ("store.notice.failed", "D-101")
