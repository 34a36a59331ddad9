"""The settings' file: changed with its comments, kept, undone, mended from the last good one, never torn."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.settings import Settings
from kiosk.technician.settings_file import SettingsFile, settings_at_start

WRITTEN = """\
# The kiosk at the gate
[camera]   # the eye
source = "auto"
fps = 30  # as the lamp flickers

[sales.print_baht]
"10x15" = 50  # small
"20x25" = 150

[payment]
promptpay_id = "0812345678"
"""


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    (tmp_path / "kiosk.toml").write_text(WRITTEN, encoding="utf-8")
    return SettingsFile(tmp_path, ManualClock(), environment={})


def text(home: Path) -> str:
    return (home / "kiosk.toml").read_text(encoding="utf-8")


def test_a_change_touches_its_own_line_only(tmp_path: Path, file: SettingsFile) -> None:
    settings = file.change("camera", "fps", "25", "Nok")
    assert settings.camera.fps == 25
    assert text(tmp_path) == WRITTEN.replace("fps = 30", "fps = 25")


def test_a_table_keeps_its_order_and_comments(tmp_path: Path, file: SettingsFile) -> None:
    file.change("sales", "print_baht", {"10x15": "60", "20x25": 150}, "Nok")
    assert text(tmp_path) == WRITTEN.replace("= 50 ", "= 60 ")


def test_a_new_setting_gets_its_section_and_none_takes_it_out(tmp_path: Path, file: SettingsFile) -> None:
    file.change("printing", "queues", {"10x15/glossy": "631"}, "Nok")
    assert tomllib.loads(text(tmp_path))["printing"] == {"queues": {"10x15/glossy": "631"}}
    assert text(tmp_path).startswith(WRITTEN)
    file.change("camera", "fps", 25, "Nok")
    assert file.change("camera", "fps", None, "Nok").camera.fps == Settings().camera.fps
    assert "fps" not in text(tmp_path)


def test_packages_are_typed_as_rows(file: SettingsFile) -> None:
    rows = {"One": "1: 20", "Five": "5:50", "All of them": "All: 99"}
    packages = file.change("sales", "packages", rows, "Nok").sales.packages
    assert [(one.name, one.photos, one.baht) for one in packages] == [
        ("One", 1, 20),
        ("Five", 5, 50),
        ("All of them", None, 99),
    ]


@pytest.mark.parametrize(
    ("section", "key", "value", "code"),
    [
        ("camera", "fps", 300, ErrorCode.SETTING_INVALID),
        ("camera", "fps", "many", ErrorCode.SETTING_INVALID),
        ("camera", "feet", 3, ErrorCode.SETTING_UNKNOWN),
        ("camra", "fps", 3, ErrorCode.SETTING_UNKNOWN),
        ("payment", "gateway", "cash", ErrorCode.SETTING_INVALID),
        ("payment", "promptpay_id", "123", ErrorCode.PROMPTPAY_ID_INVALID),
        ("sales", "packages", {"One": "free"}, ErrorCode.SETTING_INVALID),
        ("sales", "packages", {"One": "1: 20", "Uno": "1: 30"}, ErrorCode.SETTING_INVALID),
        ("sales", "packages", "1: 20", ErrorCode.SETTING_INVALID),
        ("kiosk", "timezone", "Mars/Base", ErrorCode.SETTING_INVALID),
    ],
)
def test_what_does_not_fit_changes_nothing(
    tmp_path: Path, file: SettingsFile, section: str, key: str, value: str, code: ErrorCode
) -> None:
    with pytest.raises(KnownError) as refused:
        file.change(section, key, value, "Nok")
    assert refused.value.code is code
    assert text(tmp_path) == WRITTEN
    assert file.versions() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_gets_to_read_it(tmp_path: Path, file: SettingsFile) -> None:
    (tmp_path / "kiosk.toml").chmod(0o600)
    file.change("camera", "fps", 25, "Nok")
    assert (tmp_path / "kiosk.toml").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "settings").stat().st_mode & 0o077 == 0


def test_a_masked_value_sent_back_changes_nothing(tmp_path: Path, file: SettingsFile) -> None:
    assert file.change("payment", "promptpay_id", "••••••5678", "Nok").payment.promptpay_id == "0812345678"
    assert file.versions() == ()


def test_what_a_variable_says_is_not_changed(tmp_path: Path, file: SettingsFile) -> None:
    ruled = SettingsFile(tmp_path, ManualClock(), environment={"KIOSK_CAMERA__FPS": "15"})
    with pytest.raises(KnownError, match="variable") as refused:
        ruled.change("camera", "fps", 20, "Nok")
    assert refused.value.code is ErrorCode.SETTING_INVALID
    assert ruled.change("camera", "width", 640, "Nok").camera.fps == 15


def test_undo_goes_back_step_by_step(tmp_path: Path, file: SettingsFile) -> None:
    file.change("camera", "fps", 25, "Nok")
    file.change("camera", "fps", 20, "Lek")
    newest, first = file.versions()
    assert (newest.by, newest.changed, first.by) == ("Lek", ("camera.fps",), "Nok")
    assert file.undo().camera.fps == 25
    assert file.undo().camera.fps == 30
    assert text(tmp_path) == WRITTEN
    with pytest.raises(KnownError) as nothing:
        file.undo()
    assert nothing.value.code is ErrorCode.NOTHING_TO_UNDO


def test_the_last_ten_are_kept(file: SettingsFile) -> None:
    for fps in range(1, 14):
        file.change("camera", "fps", fps, "Nok")
    assert len(file.versions()) == 10
    assert [file.undo().camera.fps for _ in range(10)] == list(range(12, 2, -1))


def test_what_cannot_be_put_to_work_is_taken_back(tmp_path: Path, file: SettingsFile) -> None:
    def refuse(_: Settings) -> None:
        raise KnownError(ErrorCode.PORT_TAKEN, "no")

    with pytest.raises(KnownError, match="no"):
        file.change("camera", "fps", 25, "Nok", refuse)
    assert text(tmp_path) == WRITTEN
    assert file.versions() == ()
    file.change("camera", "fps", 20, "Nok")
    with pytest.raises(KnownError, match="no"):
        file.undo(refuse)
    assert file.read().settings.camera.fps == 20
    assert len(file.versions()) == 1


@pytest.mark.parametrize(
    ("nonsense", "line"),
    [
        ("[camera]\nfps = 3o\n", "line 2"),
        ("# a\n\n[camera]\nfps = 3000\n", "line 4"),
        ("# a\n[camra]\nfps = 30\n", "line 2"),
        ("[camera]\nfsp = 30\n", "line 2"),
    ],
)
def test_a_file_edited_into_nonsense_is_told_with_its_line_and_the_last_good_one_is_used(
    tmp_path: Path, file: SettingsFile, nonsense: str, line: str
) -> None:
    file.change("camera", "fps", 25, "Nok")
    (tmp_path / "kiosk.toml").write_text(nonsense, encoding="utf-8")
    read = settings_at_start(tmp_path, {})
    assert read.settings.camera.fps == 25
    assert read.problem is not None
    assert line in read.problem.detail
    assert text(tmp_path) == nonsense  # theirs to mend
    assert file.change("camera", "width", 640, "Lek").camera.fps == 25
    assert [path.read_text() for path in (tmp_path / "settings").glob("broken-*")] == [nonsense]


def test_a_file_that_is_no_text_is_told(tmp_path: Path, file: SettingsFile) -> None:
    settings_at_start(tmp_path, {})
    (tmp_path / "kiosk.toml").write_bytes(b"[camera]\nfps = \xff\n")
    read = file.read()
    assert read.problem is not None
    assert read.settings.camera.fps == 30


def test_reading_writes_nothing_and_a_start_keeps_the_good_file(tmp_path: Path, file: SettingsFile) -> None:
    file.read()
    assert [path.name for path in tmp_path.iterdir()] == ["kiosk.toml"]
    settings_at_start(tmp_path, {})
    assert (tmp_path / "settings" / "good.toml").read_text() == WRITTEN


def test_a_folder_that_takes_nothing_is_no_reason_not_to_start(tmp_path: Path, file: SettingsFile) -> None:
    (tmp_path / "settings").write_text("in the way")
    assert settings_at_start(tmp_path, {}).settings.camera.fps == 30
    with pytest.raises(KnownError) as failed:
        file.change("camera", "fps", 25, "Nok")
    assert failed.value.code is ErrorCode.SETTINGS_NOT_SAVED
    assert text(tmp_path) == WRITTEN


PIECES = st.sampled_from(
    [
        *("[camera]\n", "fps = ", "25\n", '"x"', "[[sales.packages]]\n", "camera = 3\n", "=", "[", "\x00"),
        *("é", "\n", "payment.promptpay_id = 1\n", "nan", "1979-05-27\n", "{", "}", "'", "#", "[" * 2000),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nonsense=st.one_of(
        st.binary(max_size=60), st.lists(PIECES, max_size=8).map(lambda few: "".join(few).encode())
    )
)
def test_no_nonsense_keeps_a_kiosk_from_starting(tmp_path: Path, nonsense: bytes) -> None:
    good = b"[camera]\nfps = 17\n"
    (tmp_path / "kiosk.toml").write_bytes(good)
    settings_at_start(tmp_path, {})
    (tmp_path / "kiosk.toml").write_bytes(nonsense)
    read = settings_at_start(tmp_path, {})
    if read.problem is not None:
        assert read.settings.camera.fps == 17
    (tmp_path / "kiosk.toml").write_bytes(nonsense)
    SettingsFile(tmp_path, ManualClock(), {}).change("camera", "fps", 18, "Nok")
    assert SettingsFile(tmp_path, ManualClock(), {}).read().settings.camera.fps == 18


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_disk_that_takes_nothing_leaves_the_old_file(
    tmp_path: Path, file: SettingsFile, fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(fault, "no")

    monkeypatch.setattr("kiosk.runtime.whole_file.os.fsync", refuse)
    with pytest.raises(KnownError) as failed:
        file.change("camera", "fps", 25, "Nok")
    assert failed.value.code is ErrorCode.SETTINGS_NOT_SAVED
    monkeypatch.undo()
    assert text(tmp_path) == WRITTEN
    assert file.versions() == ()
    assert not list(tmp_path.rglob(".kiosk.toml.????????"))


def test_without_a_good_file_the_mistake_is_raised(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("[camera]\nfps = 3o\n", encoding="utf-8")
    with pytest.raises(KnownError, match="line 2"):
        settings_at_start(tmp_path, {})


def test_a_damaged_version_is_passed_over(tmp_path: Path, file: SettingsFile) -> None:
    file.change("camera", "fps", 25, "Nok")
    file.change("camera", "fps", 20, "Nok")
    (tmp_path / "settings" / "00000002.json").write_text('{"at": "20')
    assert file.undo().camera.fps == 30


def test_no_power_cut_between_keeping_and_changing_makes_a_version(
    tmp_path: Path, file: SettingsFile
) -> None:
    file.change("camera", "fps", 25, "Nok")
    (tmp_path / "kiosk.toml").write_text(WRITTEN, encoding="utf-8")  # as if it had not come so far
    assert file.versions() == ()


_CHANGES = """
import sys
from pathlib import Path
from kiosk.technician.settings_file import SettingsFile
file = SettingsFile(Path(sys.argv[1]))
print("ready", flush=True)
for step in range(100000):
    file.change("camera", "fps", 10 + step % 20, "Nok")
"""


def _killed_while_saving(home: Path, times: int) -> None:
    for turn in range(times):
        process = subprocess.Popen([sys.executable, "-c", _CHANGES, str(home)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.013 * turn)
        process.kill()
        process.wait()
        process.stdout.close()
        read = SettingsFile(home, environment={}).read()
        assert read.problem is None
        assert text(home) == re.sub("fps = 30", f"fps = {read.settings.camera.fps}", WRITTEN)
        for version in SettingsFile(home, environment={}).versions():
            assert version.changed == ("camera.fps",)


def test_killed_while_saving_the_file_is_whole(tmp_path: Path, file: SettingsFile) -> None:
    _killed_while_saving(tmp_path, 3)
    before = len(file.versions())
    file.undo()
    assert len(file.versions()) < before


@pytest.mark.slow
def test_killed_many_times_while_saving_the_file_is_whole(tmp_path: Path, file: SettingsFile) -> None:
    _killed_while_saving(tmp_path, 40)
