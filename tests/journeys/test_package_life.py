"""The life of the Debian package by dpkg and its own maintainer scripts, on this machine's root as it is.

Nothing is changed there: what is written goes into memory. The program in the package is a stand-in;
`python3 -m installer package walk` is the long form, with the real one on a clean machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from installer.package import deb

HOME = "/var/lib/photo-kiosk"
_ASIDE = """
mount --make-rprivate /
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay none -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc none "$1/root/proc"
cp "$2"/*.deb "$1/root/"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
exec chroot "$1/root" sh -ec "$3" </dev/null
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Two versions of the package, small, in a folder."""
    missing = [name for name in ("dpkg-deb", "dpkg", "unshare", "useradd") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder, made = tmp_path / "folder", tmp_path / "packages"
    (folder / "_internal").mkdir(parents=True)
    made.mkdir()
    for name in ("kiosk", deb.NOTICES, deb.BILL):
        (folder / name).write_text("#!/bin/sh\n", "utf-8")
    for number in ("1.0", "1.1"):
        (folder / "_internal" / "number").write_text(number, "utf-8")
        deb.lay_out(folder, tmp_path / number)
        deb.write_control(tmp_path / number, number, "libc6")
        deb.pack(tmp_path / number, made / f"{number}.deb", ("-Znone",))
    return made


def _aside(packages: Path, tmp_path: Path, script: str) -> str:
    """What a script says that root runs over this machine's root; it skips where that cannot be."""
    if os.geteuid() != 0:
        pytest.skip("only root may lay something over the root of this machine")
    if "kiosk" in {user.pw_name for user in pwd.getpwall()} or Path("/opt/photo-kiosk").exists():
        pytest.skip("a kiosk is installed here")
    place = tmp_path / "aside"
    place.mkdir()
    command = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "sh",
        "-ec",
        _ASIDE,
        "sh",
        place,
        packages,
    ]
    probe = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"nothing can be laid over the root of this machine: {probe.stderr.strip()}")
    done = subprocess.run([*command, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_package_brings_a_kiosk_keeps_its_data_and_goes_without_a_trace(
    packages: Path, tmp_path: Path
) -> None:
    said = _aside(
        packages,
        tmp_path,
        f"""
        word() {{ cat "$1" 2>/dev/null || echo none; }}
        state() {{ echo "$1: $(word /opt/photo-kiosk/_internal/number), $(word {HOME}/data)"; }}
        traces() {{ find /etc /opt /usr /var -xdev -name '*photo-kiosk*' | sort; }}
        traces >/before
        dpkg -i /1.0.deb >&2
        id -nG kiosk | tr ' ' '\\n' | grep -x -e video -e lp -e lpadmin | sort
        stat -c 'folder %n: %U %a' {HOME} {HOME}-packages
        setpriv --reuid kiosk --regid kiosk --init-groups sh -c 'echo sold >{HOME}/data'
        state installed
        ls /etc/systemd/system/graphical.target.wants/photo-kiosk.service /etc/pam.d/photo-kiosk
        dpkg -i /1.1.deb >&2
        state upgraded
        dpkg -i /1.0.deb >&2
        state 'gone back'
        dpkg -r photo-kiosk >&2
        state removed
        dpkg -i /1.1.deb >&2
        state 'there again'
        dpkg -P photo-kiosk >&2
        state purged
        getent passwd kiosk || echo 'no user'
        traces >/after
        comm -13 /before /after
        """,
    )
    assert said.splitlines() == [
        "lp",
        "lpadmin",
        "video",
        f"folder {HOME}: kiosk 750",
        f"folder {HOME}-packages: root 755",
        "installed: 1.0, sold",
        "/etc/pam.d/photo-kiosk",
        "/etc/systemd/system/graphical.target.wants/photo-kiosk.service",
        "upgraded: 1.1, sold",
        "gone back: 1.0, sold",
        "removed: none, sold",
        "there again: 1.1, sold",
        "purged: none, none",
        "no user",
    ]


def test_a_person_who_is_called_kiosk_stays(packages: Path, tmp_path: Path) -> None:
    said = _aside(
        packages,
        tmp_path,
        """
        useradd --home-dir /home/kiosk kiosk
        dpkg -i /1.0.deb >&2
        dpkg -P photo-kiosk >&2
        getent passwd kiosk | cut -d: -f1,6
        """,
    )
    assert said == "kiosk:/home/kiosk\n"
