"""System libraries: installed where allowed, named in one line where not, untouched elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from installer import system
from installer.steps import StepFailedError
from installer.system import (
    BROWSER,
    Host,
    families_in,
    install_command,
    install_system_libraries,
    missing_packages,
    update_command,
    wanted_packages,
)

DEBIAN = frozenset({"debian"})
UBUNTU = frozenset({"ubuntu", "debian"})
ABSENT = "no-such-package-in-any-archive"
needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="not a Debian system")


def host(
    platform: str = "linux",
    families: frozenset[str] = DEBIAN,
    may_install: bool = True,
    uses_sudo: bool = False,
) -> Host:
    return Host(platform, families, may_install, uses_sudo)


def test_root_installs_directly_and_others_through_sudo() -> None:
    assert install_command(host(), ["xvfb"])[0] == "env"
    assert install_command(host(uses_sudo=True), ["xvfb"])[:2] == ["sudo", "-n"]
    assert install_command(host(), ["xvfb"])[-2:] == ["--no-install-recommends", "xvfb"]
    assert update_command(host(uses_sudo=True))[:3] == ["sudo", "-n", "apt-get"]


@pytest.mark.parametrize(
    "other", [host("darwin", frozenset()), host("win32", frozenset()), host("linux", frozenset({"fedora"}))]
)
def test_nothing_is_installed_where_there_is_no_apt(other: Host) -> None:
    assert install_system_libraries(other, for_tests=True) == "nothing to do on this system"


def test_the_tests_peers_come_only_with_the_tests_and_no_browser_stub_on_ubuntu() -> None:
    assert wanted_packages(host(), for_tests=False)[1] == []
    assert BROWSER in wanted_packages(host(), for_tests=True)[1]
    assert BROWSER not in wanted_packages(host(families=UBUNTU), for_tests=True)[1]
    assert {"iproute2", "postgresql", "redis-server"} <= set(wanted_packages(host(), for_tests=True)[1])


@needs_dpkg
def test_what_is_missing_is_told_from_what_is_there() -> None:
    assert missing_packages(["dpkg", ABSENT]) == [ABSENT]
    assert missing_packages([]) == []


@needs_dpkg
def test_who_may_not_install_is_told_the_command_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "SCREEN_LIBRARIES", ("dpkg", ABSENT))
    with pytest.raises(StepFailedError) as stopped:
        install_system_libraries(host(may_install=False), for_tests=False)
    line = str(stopped.value)
    assert f"sudo apt-get install -y {ABSENT}" in line
    assert "\n" not in line
    assert "dpkg " not in line


@needs_dpkg
def test_a_missing_peer_of_the_tests_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "wanted_packages", lambda *_: (["dpkg"], [ABSENT]))
    outcome = install_system_libraries(host(may_install=False), for_tests=True)
    assert outcome == f"there; without {ABSENT}, whose tests skip"


def test_the_family_of_a_system_is_read_from_its_description(tmp_path: Path) -> None:
    described = tmp_path / "os-release"
    described.write_text('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', encoding="utf-8")
    assert families_in(described) == {"linuxmint", "ubuntu", "debian"}
    assert families_in(tmp_path / "absent") == frozenset()
