"""What a version must show before it serves anybody: run by whoever has just installed it, and by anybody."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk import __version__
from kiosk.archive import DATABASE_FILE
from kiosk.at_rest.vault import PassingKeys, Vault
from kiosk.camera.types import Pixels
from kiosk.commands import archive_at, import_folder, search_picture
from kiosk.database.engine import open_database
from kiosk.errors import BugError, KnownError
from kiosk.paths import models_folder
from kiosk.settings import Settings
from kiosk.technician.looks import check_weights
from kiosk.technician.settings_file import SettingsFile

Step = Callable[[], str]
"""Does one thing for real and says what was measured; raises where it cannot."""
_EVENT = "self-test"


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one step went."""

    name: str
    is_ok: bool
    detail: str
    took_s: float


@dataclass(frozen=True, slots=True)
class StartupReport:
    """What `kiosk update selftest --json` prints; whoever updates reads `steps` and the exit status."""

    version: str
    is_ok: bool
    steps: tuple[StepResult, ...]


def startup_test(home: Path, more: Sequence[tuple[str, Step]] = ()) -> StartupReport:
    """Each step on this machine's own data, `more` after them; a step that fails keeps no other from being
    tried. The database is brought to the tables of this version."""
    steps = (
        ("settings", lambda: _read_settings(home)),
        ("database", lambda: _open_database(home)),
        ("weights", lambda: f"{check_weights(models_folder())} files"),
        ("search", _search),
        *more,
    )
    results = tuple(_tried(name, step) for name, step in steps)
    return StartupReport(__version__, all(one.is_ok for one in results), results)


def _tried(name: str, step: Step) -> StepResult:
    began_s = time.monotonic()
    try:
        is_ok, detail = True, step()
    except KnownError as known:
        is_ok, detail = False, f"{known.code} {known.detail}"
    except Exception as bug:  # noqa: BLE001 - whatever it is, this version is not to serve anybody
        is_ok, detail = False, f"{type(bug).__name__}: {bug}"
    return StepResult(name, is_ok, detail, round(time.monotonic() - began_s, 2))


def _read_settings(home: Path) -> str:
    """As at a start: the last good ones serve where somebody edited the file into nonsense."""
    read = SettingsFile(home).read()
    return f"{read.settings.kiosk.mode} mode" + (", the last good ones" if read.problem else "")


def _open_database(home: Path) -> str:
    began_s = time.monotonic()
    open_database(home / DATABASE_FILE, vault=None).close()  # the session's own keyring seals what is in it
    return f"opened in {time.monotonic() - began_s:.1f} s"


def _search() -> str:
    """A drawn face goes on sale in an archive of its own, and must be found by itself."""
    with tempfile.TemporaryDirectory(prefix="kiosk-self-test-") as folder:
        home, photos = Path(folder) / "home", Path(folder) / "photos"
        photos.mkdir()
        picture = photos / "face.png"
        if not cv2.imwrite(str(picture), drawn_face()):
            raise BugError("a picture cannot be written")
        with archive_at(home, Settings(), Vault(PassingKeys())) as archive:
            report = import_folder(archive, photos, _EVENT)
            found = search_picture(archive, picture, _EVENT)
        if report.faces != 1 or len(found.matches) != 1 or found.matches[0].similarity < _SAME:
            raise BugError(f"of a drawn face {report.faces} were seen and {len(found.matches)} found")
        return f"found at {found.matches[0].similarity:.3f}"


_SAME = 0.9
_SKIN, _HAIR, _DARK = (150, 180, 225), (30, 35, 50), (10, 10, 10)


def drawn_face() -> Pixels:
    """A face that is nobody's, which detector and recogniser take for one (BGR)."""
    picture = np.full((720, 720, 3), (150, 160, 170), np.uint8)

    def oval(centre: tuple[int, int], axes: tuple[int, int], colour: tuple[int, int, int], end: int) -> None:
        start = 0 if end == 360 or centre[1] > 400 else 180
        cv2.ellipse(picture, centre, axes, 0, start, start + end, colour, -1, cv2.LINE_AA)

    oval((360, 390), (150, 200), _SKIN, 360)
    oval((360, 280), (165, 150), _HAIR, 180)
    oval((360, 330), (140, 90), _SKIN, 180)
    cv2.rectangle(picture, (300, 560), (420, 720), (140, 170, 215), -1)
    for x in (300, 420):
        oval((x, 360), (32, 16), (245, 245, 245), 360)
        cv2.circle(picture, (x, 360), 13, (60, 70, 90), -1, cv2.LINE_AA)
        cv2.circle(picture, (x, 360), 6, _DARK, -1, cv2.LINE_AA)
        cv2.ellipse(picture, (x, 322), (40, 12), 0, 190, 350, (35, 45, 60), 8, cv2.LINE_AA)
    cv2.ellipse(picture, (360, 430), (22, 14), 0, 20, 160, (110, 140, 190), 6, cv2.LINE_AA)
    cv2.line(picture, (352, 370), (346, 425), (125, 155, 205), 5, cv2.LINE_AA)
    for x in (350, 370):
        cv2.circle(picture, (x, 438), 5, (80, 100, 140), -1, cv2.LINE_AA)
    oval((360, 490), (55, 20), (90, 90, 190), 180)
    cv2.line(picture, (305, 490), (415, 490), (60, 60, 130), 4, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8)
