"""The walk: a package's whole life on a clean machine, really lived.

Installed from one file, sold from with no network, upgraded from the version before with its data, gone back,
updated by a signed package, kept from a bad one, removed, installed again over what was left, purged. Each
step is checked; the first that is not as it should be ends it.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from installer.environment import program
from installer.package.clean_root import USED, CleanRoot
from installer.package.deb import file_name, pack, version
from installer.package.folder import DIST, WORK
from installer.package.session_walk import AS_KIOSK, HOME, SCREEN, colours_of, live_session
from installer.steps import CACHE, ROOT, StepFailedError, run_logged, run_step

BEFORE = "0.0.9"
"""The version before: the same program packed under this number, with a database as an older one left it."""
AFTER, BROKEN = "999.1", "999.2"
"""Versions that come signed: the same program, and one whose weights are missing."""
_OLD_DATABASE = ROOT / "tests" / "databases" / "0005.sql"
DEMO = "/opt/photo-kiosk/_internal/.cache/demo"
_SHOWN = f"{HOME}/demo"
"""The home of the scripted visitor's kiosk, which has an event, staff and a sale."""
_LOOKS = (
    "audit --verify",
    "bundle --out /tmp/bundle",
    "events",
    f"revenue payouts --out {HOME}/papers",
    "selftest --json || true",
    "settings show",
    "staff list",
    "sync status",
    f"visits report --pdf {HOME}/visits.pdf",
)
_SYSTEMCTL = """#!/bin/sh
[ "$1" != show ] || printf 'ActiveState=active\\nStatusText=serves\\n'
"""
"""Nothing boots in a clean root: a session that always comes up. All else of an update is real."""


def walk() -> None:
    """Every step in order. Raises StepFailedError at the first that is not as it should be."""
    life = Life(CleanRoot(USED), DIST / file_name(version()))
    run_step("Version before", life.make_version_before)
    run_step("Install", life.install_before)
    run_step("What it brings", life.look_at_what_is_there)
    run_step("Sale, no network", life.sell)
    run_step("Screen", life.show_attract)
    run_step("Commands", life.use_commands)
    run_step("Session", life.live_session)
    run_step("Upgrade", life.upgrade)
    run_step("Sale after it", life.sell_again)
    run_step("Roll back", life.roll_back)
    run_step("Signed update", life.update)
    run_step("Bad update", life.update_badly)
    run_step("Remove", life.remove)
    run_step("Install again", life.install_again)
    run_step("Purge", life.purge)


class Life:
    """A package in a clean root. The steps build upon each other; each returns its outcome in words."""

    def __init__(self, root: CleanRoot, package: Path) -> None:
        self._root = root
        self._new = package
        self._old = WORK / file_name(BEFORE)
        self._sold: list[str] = []

    def make_version_before(self) -> str:
        """The same files under an older number."""
        if not self._new.is_file():
            _fail(f"{self._new.name} is not there", "Make it first: python3 -m installer package deb")
        self._pack_as(BEFORE, self._old)
        for package in (self._old, self._new):
            shutil.copyfile(package, USED / package.name)
        return f"packed as {BEFORE}"

    def _pack_as(self, number: str, target: Path, without: str = "") -> None:
        """The same files under another number, `without` some of them."""
        tree = WORK / "another"
        shutil.rmtree(tree, ignore_errors=True)
        run_logged(["dpkg-deb", "--raw-extract", self._new, tree], "Walk", "Make the package anew.")
        control = tree / "DEBIAN" / "control"
        lines = control.read_text(encoding="utf-8").replace(f"Version: {version()}\n", f"Version: {number}\n")
        control.write_text(lines, encoding="utf-8")
        for file in tree.glob(without) if without else ():
            file.unlink()
        pack(tree, target, ("-Zgzip", "-z1"))  # as it is, it would be larger than an update may be
        shutil.rmtree(tree)

    def install_before(self) -> str:
        """By one command, which asks nothing; its dependencies come from Debian."""
        said = self._root.run(
            f"apt-get install -y --no-install-recommends /{self._old.name} </dev/null", may_reach_out=True
        )
        _must("Setting up photo-kiosk" in said, said[-500:])
        number = self._root.run("dpkg-query -W -f '${Version} ${db:Status-Abbrev}' photo-kiosk")
        _must(number.strip() == f"{BEFORE} ii", number)
        return f"{BEFORE} installed"

    def look_at_what_is_there(self) -> str:
        """The user and its rights, folders, menu entry, notices; every file as it was packed."""
        groups = self._root.run("id -nG kiosk").split()
        _must({"kiosk", "video", "lp", "lpadmin"} <= set(groups), f"groups {groups}")
        modes = self._root.run(f"stat -c '%U %a' {HOME} {HOME}-packages").split("\n")[:2]
        _must(modes == ["kiosk 750", "root 755"], f"folders {modes}")
        for path in (
            "/usr/bin/kiosk",
            "/usr/share/applications/photo-kiosk.desktop",
            "/usr/share/doc/photo-kiosk/copyright",
            "/usr/share/doc/photo-kiosk/sbom.cdx.json",
            "/usr/share/icons/hicolor/scalable/apps/photo-kiosk.svg",
            "/usr/lib/udev/rules.d/70-photo-kiosk.rules",
            "/etc/systemd/system/graphical.target.wants/photo-kiosk.service",
        ):
            _must(self._root.has(path), f"no {path}")
        _must(self._root.run("dpkg --verify photo-kiosk") == "", "files differ from the package")
        _must(self._kiosk("version").strip() == version(), "kiosk version")
        installed_kib = int(self._root.run("dpkg-query -W -f '${Installed-Size}' photo-kiosk"))
        return f"as packed, {installed_kib * 1.024 / 1000:.0f} MB"

    def sell(self) -> str:
        """A scripted visitor looks into a filmed camera, is found, buys, pays and takes the photos; no
        network."""
        self._bring_demo()
        report = self._visit("walk")
        order = report["order"]
        _must(report["delivery"]["files"] > 0, "no files were delivered")
        _must(bool(report["matches"]), "the visitor was not found")
        self._sold.append(order["code"])
        self._set_up()
        return f"order {order['code']}, {report['delivery']['files']} originals delivered"

    def show_attract(self) -> str:
        """`kiosk run` fills the virtual display with its first page, and ends when it is asked to; there is
        nothing but what the package depends on."""
        said = self._root.run(
            f"""
            {SCREEN}
            {AS_KIOSK} KIOSK_HOME={_SHOWN} KIOSK_SOFTWARE=1 DISPLAY=:7 \\
                timeout --preserve-status --signal TERM 25 kiosk run & sleep 20
            cp /tmp/Xvfb_screen0 /screen.xwd
            wait $!
            """,
            longest_s=60,
        )
        _must("Traceback" not in said, said[-800:])
        crashes = self._root.run(f"cat {_SHOWN}/logs/crash* 2>/dev/null || true").strip()
        _must(not crashes, f"it left a crash file: {crashes[-400:]}")
        colours = colours_of(USED / "screen.xwd")
        return f"{colours} colours on it, ended when asked to"

    def use_commands(self) -> str:
        """What a technician calls: every part is looked at, a backup is made and read back."""
        found = json.loads(self._kiosk("doctor --json || true", _SHOWN))
        wrong = {one["part"]: one["detail"] for one in found if not one["is_ok"]}
        _must(not wrong, f"doctor: {wrong}")
        parts = {one["part"]: one["detail"] for one in found}
        _must(parts["secrets"].endswith("encrypted, bound to this machine"), parts["secrets"])
        file, other = f"{HOME}/stick.kiosk", f"{HOME}/other"
        words = "printf 'a passphrase of the walk\\n' |"
        self._kiosk(f"backup {file} --json", _SHOWN, before=words)
        self._kiosk(f"restore {file} --old-machine-is-gone --json", other, before=words)
        _must(self._orders(other) == self._orders() == self._sold, f"orders {self._orders(other)}")
        for command in _LOOKS:
            self._kiosk(command, _SHOWN)
        self._root.run(f"rm -r {file} {other}")
        return f"doctor, backup, restore, {len(_LOOKS)} more"

    def live_session(self) -> str:
        """The session as the unit starts it, with what the package recommends: shown, killed, ended."""
        return live_session(self._root, _SHOWN)

    def upgrade(self) -> str:
        """From the version before with its data: an older database's photos, and the sale."""
        self._leave_old_database()
        self._root.run(f"dpkg -i /{self._new.name}")
        _must(self._number() == version(), self._number())
        events = json.loads(self._kiosk("events --json"))
        _must([event["photos"] for event in events] == [1], f"events {events}")
        _must(self._orders() == self._sold, f"orders {self._orders()}")
        with closing(sqlite3.connect(USED / HOME.lstrip("/") / "kiosk.db")) as connection:
            ((revision,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        _must(revision > _OLD_DATABASE.stem, f"revision {revision}")
        return f"{BEFORE} to {version()}, database {_OLD_DATABASE.stem} to {revision}"

    def sell_again(self) -> str:
        """The upgraded program sells over the data of the one before."""
        self._bring_demo()
        code = self._visit("walk-again")["order"]["code"]
        self._sold.append(code)
        _must(sorted(self._orders()) == sorted(self._sold), f"orders {self._orders()}")
        return f"order {code}"

    def roll_back(self) -> str:
        """To the version before, whose program reads what the newer one wrote."""
        self._root.run(f"dpkg -i /{self._old.name}")
        _must(self._number() == BEFORE, self._number())
        _must(sorted(self._orders()) == sorted(self._sold), f"orders {self._orders()}")
        return f"{BEFORE} again, {len(self._sold)} orders kept"

    def update(self) -> str:
        """Signed, staged by the kiosk's user, applied by root: tested by the new version itself, and kept."""
        systemctl = USED / "stand-in/systemctl"
        systemctl.parent.mkdir()
        systemctl.write_text(_SYSTEMCTL, encoding="utf-8")
        systemctl.chmod(0o755)
        last = self._update_to(AFTER)
        _must((last["outcome"], self._number()) == ("done", AFTER), f"{last}")
        return f"{BEFORE} to {AFTER} in {last['took_s']:.0f} s, with the database's copy and the self-test"

    def update_badly(self) -> str:
        """Of one without weights the self-test fails: the version before is back by itself, with its data."""
        last = self._update_to(BROKEN, without="opt/photo-kiosk/_internal/models/*.onnx")
        _must((last["outcome"], self._number()) == ("rolled_back", AFTER), f"{last}")
        _must(last["code"] == "U-110", f"{last}")
        shutil.rmtree(USED / "stand-in")
        return f"taken back in {last['took_s']:.0f} s: {last['detail'][:60]}"

    def _update_to(self, number: str, without: str = "") -> dict[str, Any]:
        file = USED / file_name(number)
        self._pack_as(number, file, without)
        keys = USED / "opt/photo-kiosk/update.pub"
        run_logged([program("python"), "-m", "installer.package.walk_keys", file, keys], "Walk", "")
        self._kiosk(f"update stage /{file.name}")
        self._root.run(f"PATH=/stand-in:$PATH KIOSK_HOME={HOME} /opt/photo-kiosk/photo-kiosk-update.sh --now")
        for brought in (file, file.with_name(f"{file.name}.minisig")):
            brought.unlink()
        _must(sorted(self._orders()) == sorted(self._sold), f"orders {self._orders()}")
        last: dict[str, Any] = json.loads(self._kiosk("update status --json"))["last"]
        return last

    def remove(self) -> str:
        """The program goes, the data stays."""
        shutil.rmtree(USED / DEMO.lstrip("/"))
        self._root.run("apt-get remove -y photo-kiosk")
        for path in (
            "/opt/photo-kiosk/kiosk",
            "/usr/bin/kiosk",
            "/usr/share/applications/photo-kiosk.desktop",
        ):
            _must(not self._root.has(path), f"{path} is left")
        _must(self._root.has(f"{HOME}/kiosk.db"), "the data is gone")
        return "program gone, data kept"

    def install_again(self) -> str:
        """Over the data that was left."""
        self._root.run(f"dpkg -i /{self._new.name}")
        _must(sorted(self._orders()) == sorted(self._sold), f"orders {self._orders()}")
        return f"{len(self._sold)} orders there"

    def purge(self) -> str:
        """Everything goes: data, user, packages kept to go back to."""
        self._root.run("apt-get purge -y photo-kiosk")
        for path in (HOME, f"{HOME}-packages", "/opt/photo-kiosk", "/usr/share/doc/photo-kiosk"):
            _must(not self._root.has(path), f"{path} is left")
        users = self._root.run("getent passwd kiosk || true")
        _must(not users, f"user {users}")
        left = self._root.run("find / -xdev -name '*photo-kiosk*' ! -name '*.deb' ! -path '/proc/*'").split()
        _must(not left, f"left: {left}")
        return "nothing left"

    def _bring_demo(self) -> None:
        """The demo's photos and film, which are not in the package."""
        target = USED / DEMO.lstrip("/")
        if not target.exists():
            shutil.copytree(CACHE / "demo", target)

    def _set_up(self) -> None:
        """What a technician says before anybody can be served. A demo keeps its secrets with the kiosk whose
        demo it is; here it is looked at as a kiosk of its own."""
        self._root.run(f"cp -a {HOME}/keyring {_SHOWN}/")
        for setting in ("payment.promptpay_id 0812345678", f"camera.source {DEMO}/visitor.mp4"):
            self._kiosk(f"settings set {setting}", _SHOWN)

    def _visit(self, name: str) -> dict[str, dict[str, Any]]:
        """A scripted visitor's journey; its report. Raises StepFailedError where they got stuck."""
        said = self._root.run(
            f"""
            {SCREEN}
            {AS_KIOSK} KIOSK_SOFTWARE=1 DISPLAY=:7 QT_QPA_PLATFORM=xcb \\
                kiosk demo --headless --out {HOME}/{name}
            """,
            longest_s=240,
        )
        journey = USED / HOME.lstrip("/") / name / "journey.json"
        _must(journey.is_file(), said[-800:])
        report: dict[str, dict[str, Any]] = json.loads(journey.read_text(encoding="utf-8"))
        _must(not report["stuck"], f"{report['stuck']}")
        return report

    def _leave_old_database(self) -> None:
        """What an older version of the program left behind in the home folder."""
        home = USED / HOME.lstrip("/")
        for file in home.glob("kiosk.db*"):
            file.unlink()
        with closing(sqlite3.connect(home / "kiosk.db")) as connection:
            connection.executescript(_OLD_DATABASE.read_text(encoding="utf-8"))
        owner = home.stat()
        (home / "kiosk.db").chmod(0o600)
        shutil.chown(home / "kiosk.db", owner.st_uid, owner.st_gid)

    def _kiosk(self, words: str, home: str = HOME, before: str = "") -> str:
        return self._root.run(f"{before} {AS_KIOSK} KIOSK_HOME={home} kiosk {words}")

    def _orders(self, home: str = _SHOWN) -> list[str]:
        """The codes of the paid orders in a kiosk's home, the newest first."""
        orders = json.loads(self._kiosk("orders --days 2 --json", home))
        return [order["code"] for order in orders if order["state"] not in ("awaiting_payment", "cancelled")]

    def _number(self) -> str:
        return self._root.run("dpkg-query -W -f '${Version}' photo-kiosk").strip()


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        _fail(otherwise, "")


def _fail(why: str, next_step: str) -> None:
    raise StepFailedError.because("Walk", why, next_step)
