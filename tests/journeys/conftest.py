"""What the journeys begin with: the demo's pictures, its visitor, and an event that is imported once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from kiosk import rounds
from kiosk.paths import program_root
from kiosk.payments.simulator import PayNoiSimulator
from tests.bad_pictures import write_mixed_folder
from tests.command_line import answer, kiosk

EVENT = "Riverside Run"
_IN_FRONT = 300  # of the clip's frames: the visitor stands still before the camera


@pytest.fixture(scope="session", autouse=True)
def _payments_are_asked_about_often() -> Iterator[None]:
    """A journey is about what follows when money is seen, not about how long that takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "POLL_EVERY_S", 0.3)
        yield


@pytest.fixture(scope="session")
def demo() -> Path:
    """The folder of the demo's `photos/` and `visitor.mp4`."""
    folder = program_root() / ".cache" / "demo"
    if not (folder / "made.json").is_file() or not (folder / "visitor.mp4").is_file():
        pytest.skip("the demo pictures are not here; python3 -m installer setup fetches them")
    return folder


@pytest.fixture(scope="session")
def visitor_picture(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's visitor before the camera: another picture than any in the event."""
    clip = cv2.VideoCapture(str(demo / "visitor.mp4"))
    clip.set(cv2.CAP_PROP_POS_FRAMES, _IN_FRONT)
    is_read, frame = clip.read()
    clip.release()
    assert is_read
    path = tmp_path_factory.mktemp("visitor") / "visitor.png"
    assert cv2.imwrite(str(path), frame)
    return path


@pytest.fixture(scope="session")
def imported_home(demo: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo event, imported by the real command. To be copied, not to be changed."""
    home = tmp_path_factory.mktemp("imported") / "home"
    report = answer(kiosk(home, "import", demo / "photos", "--event", EVENT, "--public", "--json"))
    assert report["refused"] == []
    return home


@pytest.fixture
def home(imported_home: Path, tmp_path: Path) -> Path:
    """A data folder of one's own with the demo event in it."""
    return Path(shutil.copytree(imported_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def imported_drawings(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an event of drawn pictures, which needs no demo. To be copied, not to be changed."""
    folder = tmp_path_factory.mktemp("drawings")
    write_mixed_folder(folder / "card")
    answer(kiosk(folder / "home", "import", folder / "card", "--event", EVENT, "--json"))
    return folder / "home"


@pytest.fixture
def drawn_home(imported_drawings: Path, tmp_path: Path) -> Path:
    """A data folder of one's own with the event of drawn pictures in it."""
    return Path(shutil.copytree(imported_drawings, tmp_path / "drawn-home"))


@pytest.fixture
def bank() -> Iterator[PayNoiSimulator]:
    """A PayNoi gateway over HTTP."""
    with PayNoiSimulator() as simulator:
        yield simulator
