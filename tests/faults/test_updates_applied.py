"""Updates that dpkg really installs, and what goes wrong with them, up to the power at every moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.single_instance import SingleInstance
from kiosk.updates.journal import Outcome, Step
from kiosk.updates.package import SIGNATURE_ENDING
from kiosk.updates.request import Wanted, ask
from tests.updates import Signer, UpdateSite, build, needs_dpkg

pytestmark = needs_dpkg
ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "installer/package/linux/photo-kiosk-update.sh"


@pytest.fixture
def site(tmp_path: Path) -> UpdateSite:
    site = UpdateSite(tmp_path)
    site.set_up()
    return site


def drive(site: UpdateSite, *more: str, kill_at: int | str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.update_driver", str(site.folder), *more],
        cwd=ROOT,
        env={**os.environ, "UPDATE_KILL_AT": str(kill_at)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_good_update_is_installed_and_its_data_migrated(site: UpdateSite) -> None:
    site.stage("0.2.0", revision="0002")
    result = site.apply()
    assert result is not None
    assert (result.outcome, result.version, result.from_version) == (Outcome.DONE, "0.2.0", "0.1.0")
    site.check_whole("0.2.0", "0002")
    kept = sorted(file.name for file in site.packages.glob("*.deb"))
    assert kept == ["photo-kiosk_0.1.0_amd64.deb", "photo-kiosk_0.2.0_amd64.deb"]
    assert site.apply() is None, "the same request is acted on once"


@pytest.mark.parametrize(
    ("tests", "session", "code"),
    [
        ("bad", "beats", ErrorCode.UPDATE_SELF_TEST),
        ("crash", "beats", ErrorCode.UPDATE_SELF_TEST),
        ("good", "dead", ErrorCode.UPDATE_NO_START),
        ("good", "calls", ErrorCode.UPDATE_NO_START),
    ],
)
def test_a_bad_update_goes_back_by_itself_with_the_data_of_before(
    site: UpdateSite, tests: str, session: str, code: ErrorCode
) -> None:
    site.stage("0.2.0", tests=tests, session=session, revision="0002")
    result = site.apply()
    assert result is not None
    assert (result.outcome, result.code) == (Outcome.ROLLED_BACK, code.value)
    if tests == "bad":
        assert "weights: F-102" in result.detail
    site.check_whole("0.1.0", "0001")
    site.ask()
    again = site.apply()
    assert again is not None
    assert (again.outcome, again.code) == (Outcome.REFUSED, ErrorCode.UPDATE_FAILED_BEFORE.value)
    site.check_whole("0.1.0", "0001")


def test_a_package_that_dpkg_cannot_finish_is_taken_back(site: UpdateSite) -> None:
    """It is unpacked, and what it needs is not there: half installed."""
    site.stage("0.2.0", depends="no-such-library")
    result = site.apply()
    assert result is not None
    assert (result.outcome, result.code) == (Outcome.ROLLED_BACK, ErrorCode.UPDATE_NOT_INSTALLED.value)
    assert "no-such-library" in result.detail
    site.check_whole("0.1.0")


def exchanged(site: UpdateSite, file: Path) -> None:
    """Another file under the signed name, put there after it was staged and verified."""
    other = build(site.made, "0.3.0")
    (site.staging.staged / file.name).write_bytes(other.read_bytes())


def cut_off(site: UpdateSite, file: Path) -> None:
    staged = site.staging.staged / file.name
    staged.write_bytes(staged.read_bytes()[:-1])


def signed_by_another(site: UpdateSite, file: Path) -> None:
    signature = Signer.new().sign(site.made / file.name)
    (site.staging.staged / f"{file.name}{SIGNATURE_ENDING}").write_bytes(signature)


def led_elsewhere(site: UpdateSite, file: Path) -> None:
    """A link in the place of the package: root follows none."""
    staged = site.staging.staged / file.name
    secret = site.folder / "secret"
    secret.write_bytes(staged.read_bytes())
    staged.unlink()
    staged.symlink_to(secret)


def keys_gone(site: UpdateSite, file: Path) -> None:
    site.keys.unlink()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (exchanged, ErrorCode.UPDATE_FORGED),
        (cut_off, ErrorCode.UPDATE_FORGED),
        (signed_by_another, ErrorCode.UPDATE_FORGED),
        (led_elsewhere, ErrorCode.UPDATE_INTERRUPTED),
        (keys_gone, ErrorCode.UPDATE_NO_KEYS),
    ],
)
def test_root_believes_nothing_that_the_kiosk_has_staged(
    site: UpdateSite, spoil: Callable[[UpdateSite, Path], None], code: ErrorCode
) -> None:
    spoil(site, site.stage("0.2.0"))
    result = site.apply()
    assert result is not None
    assert (result.outcome, result.code) == (Outcome.REFUSED, code.value)
    assert result.detail
    site.check_whole("0.1.0")


def test_an_old_package_played_anew_is_refused_by_root(site: UpdateSite) -> None:
    site.stage("0.2.0")
    site.apply()
    old = build(site.made, "0.1.0")
    signature = site.signer.sign(old)
    site.staging.staged.mkdir(exist_ok=True)
    for file in site.staging.staged.iterdir():
        file.unlink()
    (site.staging.staged / old.name).write_bytes(old.read_bytes())
    (site.staging.staged / f"{old.name}{SIGNATURE_ENDING}").write_bytes(signature)
    site.ask()
    result = site.apply()
    assert result is not None
    assert (result.outcome, result.code) == (Outcome.REFUSED, ErrorCode.UPDATE_OLDER.value)
    site.check_whole("0.2.0")


def test_a_signer_who_says_another_version_than_the_file_is_refused(site: UpdateSite) -> None:
    file = site.stage("0.2.0")
    other = site.made / "photo-kiosk_9.0.0_amd64.deb"
    other.write_bytes((site.made / file.name).read_bytes())
    signature = site.signer.sign(other)
    for staged in site.staging.staged.iterdir():
        staged.unlink()
    (site.staging.staged / other.name).write_bytes(other.read_bytes())
    (site.staging.staged / f"{other.name}{SIGNATURE_ENDING}").write_bytes(signature)
    result = site.apply()
    assert result is not None
    assert (result.outcome, result.code) == (Outcome.REFUSED, ErrorCode.UPDATE_UNREADABLE.value)
    site.check_whole("0.1.0")


def test_a_request_that_a_power_cut_left_behind_stops_nobody_at_noon(site: UpdateSite) -> None:
    site.stage("0.2.0")
    ask(site.staging.request, Wanted.APPLY, SystemClock().now() - timedelta(hours=1))
    assert site.apply() is None
    site.check_whole("0.1.0")


def test_undo_leads_back_and_keeps_what_was_sold_since(site: UpdateSite) -> None:
    site.stage("0.2.0")
    site.apply()
    site.sell("sold-since")
    site.ask(Wanted.UNDO)
    result = site.apply()
    assert result is not None
    assert result.outcome is Outcome.UNDONE
    site.check_whole("0.1.0")
    assert site.orders() == ["sold-before", "sold-since"]
    site.stage("0.2.0")
    again = site.apply()
    assert again is not None
    assert again.code == ErrorCode.UPDATE_FAILED_BEFORE.value


def test_undo_is_refused_where_the_version_before_could_not_read_what_was_sold(site: UpdateSite) -> None:
    site.stage("0.2.0", revision="0002")
    site.apply()
    with pytest.raises(KnownError) as refused:
        site.applier().undo()
    assert refused.value.code is ErrorCode.UPDATE_NO_WAY_BACK
    site.check_whole("0.2.0", "0002")


def test_under_a_kiosk_that_was_started_by_hand_nothing_is_changed(site: UpdateSite) -> None:
    site.stage("0.2.0")
    with SingleInstance(site.home):
        result = site.apply()
    assert result is not None
    assert (result.outcome, result.code) == (Outcome.REFUSED, ErrorCode.UPDATE_INTERRUPTED.value)
    site.check_whole("0.1.0")
    site.ask()
    again = site.apply()
    assert again is not None
    assert again.outcome is Outcome.DONE


def test_two_at_once_are_one(site: UpdateSite) -> None:
    from kiosk.runtime.file_lock import FileLock

    lock = FileLock.take(site.places.lock)
    assert lock is not None
    with pytest.raises(KnownError) as refused:
        site.apply()
    assert refused.value.code is ErrorCode.UPDATE_UNDER_WAY
    lock.release()


def test_a_new_version_that_cannot_run_at_all_is_taken_back_by_the_script(site: UpdateSite) -> None:
    """The power goes after the install, and what is installed then dies at its start."""
    site.stage("0.2.0", driver="sh -c 'kill -SEGV $$'", revision="0002")
    assert drive(site, kill_at="self_test").returncode == -signal.SIGKILL
    assert (site.journal.step, site.dpkg.version()) == (Step.TESTING, "0.2.0")
    script = subprocess.run(
        [str(SCRIPT)],
        cwd=ROOT,
        env={
            **os.environ,
            "PHOTO_KIOSK_PROGRAM": str(site.program),
            "PHOTO_KIOSK_PACKAGES": str(site.packages),
            "PHOTO_KIOSK_DPKG": f"dpkg --root={site.root}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert script.returncode == 0, script.stderr
    assert site.journal.last is not None
    assert site.journal.last.outcome is Outcome.ROLLED_BACK
    site.check_whole("0.1.0", "0001")


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [pytest.param({}, id="good", marks=pytest.mark.slow), pytest.param({"tests": "bad"}, id="taken back")],
)
def test_nothing_is_loaded_after_the_files_of_the_program_were_replaced(
    site: UpdateSite, how: dict[str, str]
) -> None:
    """The process that applies is the version before: what it has not loaded yet is not there any more."""
    site.stage("0.2.0", revision="0002", **how)
    loaded = [line for line in drive(site, "--say").stdout.splitlines() if line.startswith("loaded late")]
    assert loaded == ["loaded late: "]


def moments_of(site: UpdateSite) -> int:
    return int(drive(site).stdout.split()[-1])


def cut_at(folder: Path, kill_at: int, **how: str) -> UpdateSite:
    """The power goes at a moment of an update; the machine comes up, and systemd starts the session."""
    site = UpdateSite(folder)
    site.set_up()
    site.stage("0.2.0", revision="0002", **how)
    done = drive(site, kill_at=kill_at)
    assert done.returncode == -signal.SIGKILL, done.stderr
    site.state.unlink(missing_ok=True)
    recovered = drive(site, "--recover")
    assert recovered.returncode == 0, recovered.stderr
    subprocess.run([str(folder / "systemctl"), "start", "photo-kiosk.service"], check=False)
    after = drive(site)
    assert after.returncode == 0, after.stderr
    assert site.journal.step is Step.IDLE
    return site


def check_good_ends_new(site: UpdateSite) -> None:
    version = site.dpkg.version()
    site.check_whole(version, "0002" if version == "0.2.0" else "0001")
    if version == "0.1.0":
        site.ask()
        assert drive(site).returncode == 0
    site.check_whole("0.2.0", "0002")


@pytest.mark.slow
def test_the_power_goes_in_the_middle_and_the_update_is_whole(tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    counted = UpdateSite(tmp_path / "count")
    counted.set_up()
    counted.stage("0.2.0", revision="0002")
    moment = round(moments_of(counted) * 0.6)
    (tmp_path / "cut").mkdir()
    check_good_ends_new(cut_at(tmp_path / "cut", moment))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "how",
    [{}, {"tests": "bad"}, {"session": "dead"}],
    ids=["good", "failing its self-test", "not beating"],
)
def test_the_power_goes_at_every_moment(tmp_path: Path, how: dict[str, str]) -> None:
    (tmp_path / "count").mkdir()
    counted = UpdateSite(tmp_path / "count")
    counted.set_up()
    counted.stage("0.2.0", revision="0002", **how)
    moments = moments_of(counted)
    assert moments > 30
    for kill_at in range(1, moments + 1):
        folder = tmp_path / f"at-{kill_at}"
        folder.mkdir()
        site = cut_at(folder, kill_at, **how)
        if not how:
            check_good_ends_new(site)
            continue
        site.ask()
        assert drive(site).returncode == 0
        site.check_whole("0.1.0", "0001")
        assert "0.2.0" in site.journal.failed


@pytest.mark.slow
def test_two_power_cuts_in_one_night_are_no_fault_of_the_version(site: UpdateSite) -> None:
    site.stage("0.2.0", revision="0002")
    assert drive(site, kill_at="self_test").returncode == -signal.SIGKILL
    assert drive(site, "--recover", kill_at="self_test").returncode == -signal.SIGKILL
    assert drive(site, "--recover").returncode == 0
    assert site.journal.step is Step.STARTING
    assert drive(site).returncode == 0
    site.check_whole("0.2.0", "0002")


@pytest.mark.slow
def test_a_version_that_breaks_the_machine_down_each_time_is_given_up(site: UpdateSite) -> None:
    site.stage("0.2.0")
    for _ in range(3):
        assert "0.2.0" not in site.journal.failed
        site.ask()
        assert drive(site, kill_at="copy_data").returncode == -signal.SIGKILL
        assert drive(site, "--recover").returncode == 0
    assert "0.2.0" in site.journal.failed
