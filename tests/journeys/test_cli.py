"""The real command on real and on bad input: what it finds, what it refuses, what a program reads of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from PIL import Image

from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode
from kiosk.paths import program_root
from kiosk.payments.simulator.faults import FaultKind
from kiosk.runtime.single_instance import SingleInstance
from tests.bad_pictures import REFUSED, ROTATED_SIZE, TAKEN, write_mixed_folder
from tests.command_line import answer, command, environment, fresh_kiosk, kiosk, refusal
from tests.journeys.conftest import EVENT
from ui.bench import BENCHMARKS

_SEARCH = ("search", "nobody.jpg", "--event", EVENT, "--json")


# -- finding -----------------------------------------------------------------------------------------


def test_the_visitor_is_found_on_their_own_photos_and_on_nobody_elses(
    home: Path, visitor_picture: Path
) -> None:
    found = answer(kiosk(home, "search", visitor_picture, "--event", EVENT, "--json"))
    sure = {row["file_name"] for row in found["matches"] if row["certainty"] == "match"}
    assert sure == {"obama.jpg", "obama3.jpg"}
    assert {row["file_name"] for row in found["matches"]} == sure
    for row in found["matches"]:
        assert 0.4 < row["similarity"] < 1
        assert row["boxes"][0]["x2"] > row["boxes"][0]["x1"]
    assert len({row["photo_id"] for row in found["matches"]}) == len(found["matches"])


def test_a_picture_without_a_face_says_why_nothing_was_found(home: Path, demo: Path) -> None:
    found = answer(
        kiosk(home, "search", demo / "scenes" / "Lake" / "lake-road.jpg", "--event", EVENT, "--json")
    )
    assert found == {"matches": [], "reasons": ["no_face"]}
    told = kiosk(home, "search", demo / "scenes" / "Lake" / "lake-road.jpg", "--event", EVENT)
    assert "Nothing was searched: no face in the picture." in told.stdout


def test_a_poor_picture_is_searched_and_said_to_be_poor(
    home: Path, visitor_picture: Path, tmp_path: Path
) -> None:
    with Image.open(visitor_picture) as picture:
        small = picture.resize((picture.width // 12, picture.height // 12))
    around = Image.new("RGB", (800, 600), (120, 120, 120))
    around.paste(small, (300, 200))
    around.save(tmp_path / "small.png")
    found = answer(kiosk(home, "search", tmp_path / "small.png", "--event", EVENT, "--json"))
    assert "too_small" in found["reasons"]
    told = kiosk(home, "search", tmp_path / "small.png", "--event", EVENT)
    assert "A poor picture to search with, its face: too small" in told.stdout


def test_an_event_without_a_name_is_not_made(home: Path, demo: Path) -> None:
    before = answer(kiosk(home, "events", "--json"))
    assert kiosk(home, "import", demo / "photos", "--event", " ").returncode == 2
    assert answer(kiosk(home, "events", "--json")) == before


@pytest.mark.slow
def test_a_second_import_of_the_same_pictures_takes_none_twice(home: Path, demo: Path) -> None:
    again = answer(fresh_kiosk(home, "import", demo / "photos", "--event", EVENT, "--json"))
    assert (again["taken"], again["refused"]) == (0, [])
    (event,) = answer(kiosk(home, "events", "--json"))
    assert (event["name"], event["photos"]) == (EVENT, again["duplicates"])


def test_recognition_is_measured_on_a_labelled_folder(
    demo: Path, visitor_picture: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "labelled"
    for name, people in {"obama.jpg": "o", "obama3.jpg": "o", "biden.jpg": "b"}.items():
        _put(demo / "photos" / name, folder / "gallery" / name)
        _add_row(folder / "gallery.csv", "file,identity", f"gallery/{name},{people}")
    for source, row in (
        (visitor_picture, "probes/visitor.png,o,enrolled"),
        (demo / "photos" / "astronaut.png", "probes/astronaut.png,a,non-enrolled"),
    ):
        _put(source, folder / row.partition(",")[0])
        _add_row(folder / "probes.csv", "file,identity,role", row)

    home, scores = tmp_path / "home", tmp_path / "scores.npz"
    result = answer(kiosk(home, "evaluate", folder, "--json", "--scores", scores))

    assert result["rank_1"] == 1.0
    assert (result["probes"], result["enrolled_probes"], result["gallery"]) == (2, 1, 3)
    assert [point["fpir"] for point in result["points"]] == [0.002, 0.01, 0.05]
    assert all(point["photo_recall"] == 1.0 for point in result["points"])
    assert scores.is_file()
    assert not (home / "kiosk.db").exists(), "measuring leaves nothing in the kiosk's own data"


def test_a_face_that_the_border_cuts_off_is_named_and_taken_for_nobody(
    home: Path, visitor_picture: Path, tmp_path: Path
) -> None:
    with Image.open(visitor_picture) as whole:
        middle = whole.width // 2
        whole.crop((middle, 0, whole.width, whole.height)).save(tmp_path / "half.png")
    found = answer(kiosk(home, "search", tmp_path / "half.png", "--event", EVENT, "--json"))
    assert "cut_off" in found["reasons"]
    assert [row["file_name"] for row in found["matches"] if row["certainty"] == "match"] == []


def test_of_several_people_the_main_one_is_searched(home: Path, demo: Path) -> None:
    found = answer(kiosk(home, "search", demo / "photos" / "t1.jpg", "--event", EVENT, "--json"))
    assert [row["file_name"] for row in found["matches"]] == ["t1.jpg"]
    assert found["matches"][0]["similarity"] > 0.99


# -- pictures as they come ---------------------------------------------------------------------------


@pytest.mark.slow
def test_bad_pictures_are_named_with_their_code_and_the_others_are_taken(
    weights: Path, tmp_path: Path
) -> None:
    home, folder = tmp_path / "home", tmp_path / "card"
    write_mixed_folder(folder)
    shutil.copy(folder / "plain.jpg", folder / "plain-copy.jpg")

    report = answer(kiosk(home, "import", folder, "--event", "Mixed", "--json"))

    refused = {row["file_name"]: row["code"] for row in report["refused"]}
    assert refused == {name: str(code) for name, code in REFUSED.items()}
    assert all(row["reason"] for row in report["refused"])
    assert (report["taken"], report["duplicates"]) == (len(TAKEN), 1)
    photos = _photos_of(home, "Mixed")
    assert set(photos) | {"plain.jpg", "plain-copy.jpg"} == {*TAKEN, "plain-copy.jpg"}
    assert photos["rotated.jpg"] == ROTATED_SIZE
    lines = kiosk(home, "import", folder, "--event", "Mixed")
    assert lines.returncode == 0
    for name, code in REFUSED.items():
        assert f"not taken: {name}: {code}" in lines.stdout


def test_a_folder_without_a_picture_is_refused(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("Dear runner")
    (tmp_path / "nothing").mkdir()
    for folder in ("papers", "nothing"):
        done = kiosk(tmp_path / "home", "import", tmp_path / folder, "--event", "Run", "--json")
        assert refusal(done) == ErrorCode.FOLDER_WITHOUT_PHOTOS
    assert answer(kiosk(tmp_path / "home", "events", "--json")) == [], "no empty event is left on the screen"


def test_a_folder_that_is_not_there_is_refused(weights: Path, tmp_path: Path) -> None:
    done = kiosk(tmp_path / "home", "import", tmp_path / "nowhere", "--event", "Run", "--json")
    assert refusal(done) == ErrorCode.FOLDER_MISSING
    assert answer(kiosk(tmp_path / "home", "events", "--json")) == []


# -- refusals ----------------------------------------------------------------------------------------


def test_a_search_for_an_unknown_event_or_in_a_missing_file_is_refused(
    home: Path, visitor_picture: Path
) -> None:
    unknown = kiosk(home, "search", visitor_picture, "--event", "Other Run", "--json")
    assert refusal(unknown) == ErrorCode.EVENT_UNKNOWN
    assert refusal(kiosk(home, *_SEARCH)) == ErrorCode.PHOTO_UNREADABLE


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("[camera]\nsorce = 'webcam:1'\n")
    done = kiosk(tmp_path, "events", "--json")
    assert refusal(done) == ErrorCode.SETTING_UNKNOWN
    assert "camera.sorce" in done.stdout
    (tmp_path / "kiosk.toml").unlink()
    done = kiosk(tmp_path, "events", "--json", KIOSK_CAMERA__SORCE="webcam:1")
    assert refusal(done) == ErrorCode.SETTING_UNKNOWN


def test_settings_that_are_not_toml_or_out_of_range_are_refused(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("[camera\nsource = webcam")
    assert refusal(kiosk(tmp_path, "events", "--json")) == ErrorCode.SETTING_INVALID
    (tmp_path / "kiosk.toml").write_bytes(b"\xff\xfe\x00\x01")
    assert refusal(kiosk(tmp_path, "events", "--json")) == ErrorCode.SETTING_INVALID
    (tmp_path / "kiosk.toml").write_text("[delivery]\nport = 99999\n")
    done = kiosk(tmp_path, "events", "--json")
    assert refusal(done) == ErrorCode.SETTING_INVALID
    assert "delivery.port" in done.stdout


def test_for_people_a_refusal_is_one_line_with_its_code(tmp_path: Path) -> None:
    done = kiosk(tmp_path, "evaluate", tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert line.startswith(f"{ErrorCode.EVALUATION_FOLDER_INVALID} ")


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = kiosk(tmp_path / "file", "events", "--json")
    assert (done.returncode, done.stderr.split()[0]) == (2, str(ErrorCode.FOLDER_NOT_WRITABLE))
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_kiosk_that_nobody_could_pay_at_starts_and_says_what_is_missing(home: Path) -> None:
    words = command("run", "--windowed")
    environ = environment(home, QT_QPA_PLATFORM="offscreen")
    with subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        process.terminate()
    assert said.split()[0] == ErrorCode.GATEWAY_NOT_CONFIGURED
    assert "out of service" in said


@pytest.mark.slow
def test_a_kiosk_without_its_event_and_camera_says_so_and_goes_on(home: Path) -> None:
    toml = "[event]\nname = 'Other Run'\n[payment]\npromptpay_id = '0812345678'\n[delivery]\nport = 0\n"
    (home / "kiosk.toml").write_text(toml)
    with running_kiosk(home, "--windowed", "--camera", home / "gone.mp4") as (told, is_running):
        assert {told(), told()} == {str(ErrorCode.EVENT_UNKNOWN), str(ErrorCode.CAMERA_NOT_FOUND)}
        assert is_running()


@contextmanager
def running_kiosk(
    home: Path, *arguments: str | Path
) -> Iterator[tuple[Callable[[], str], Callable[[], bool]]]:
    """`kiosk run` while it runs: what gives the code of its next line, and whether it still runs."""
    process = subprocess.Popen(
        command("run", *arguments),
        cwd=program_root(),
        env=environment(home, QT_QPA_PLATFORM="offscreen"),
        stderr=subprocess.PIPE,
        text=True,
    )
    stderr = process.stderr
    assert stderr is not None
    try:
        yield lambda: stderr.readline().partition(" ")[0], lambda: process.poll() is None
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_second_kiosk_on_the_same_data_is_refused(home: Path) -> None:
    with SingleInstance(home):
        done = kiosk(home, "run", QT_QPA_PLATFORM="offscreen")
    assert (done.returncode, done.stderr.split()[0]) == (2, str(ErrorCode.ALREADY_RUNNING))


@pytest.mark.slow
def test_a_demo_of_pictures_that_are_not_there_or_in_no_language_is_refused(tmp_path: Path) -> None:
    done = kiosk(tmp_path, "demo", "--headless", "--photos", tmp_path / "nowhere")
    assert (done.returncode, done.stderr.split()[0]) == (2, str(ErrorCode.FOLDER_MISSING))
    done = kiosk(tmp_path, "demo", "--headless", "--language", "xx")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# -- the shop's side ---------------------------------------------------------------------------------


def test_a_voucher_is_issued_once(home: Path) -> None:
    done = kiosk(home, "voucher", "wel-come", "--percent", "10")
    assert done.returncode == 0, done.stderr
    assert "WELCOME" in done.stdout
    for code, refused in (("WELCOME", ErrorCode.VOUCHER_TAKEN), ("ฟรี", ErrorCode.VOUCHER_CODE_INVALID)):
        done = kiosk(home, "voucher", code, "--free")
        assert (done.returncode, done.stderr.split()[0]) == (2, str(refused))
    for arguments in (["--percent", "10", "--baht", "5"], []):
        done = kiosk(home, "voucher", "other", *arguments)
        assert (done.returncode, done.stderr.split()[0]) == (2, str(ErrorCode.SETTING_INVALID))


def test_an_order_that_does_not_exist_cannot_be_confirmed(home: Path) -> None:
    (home / "kiosk.toml").write_text("[payment]\npromptpay_id = '0812345678'\n")
    for code, amount, refused in (
        ("K1-ZZZZ", "79", ErrorCode.ORDER_UNKNOWN),
        ("K1-ZZZZ", "lots", ErrorCode.AMOUNT_INVALID),
    ):
        done = kiosk(home, "confirm", code, "--received", amount, "--staff", "Nok")
        assert (done.returncode, done.stderr.split()[0]) == (2, str(refused))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="asks root")
@pytest.mark.parametrize("words", [("doctor",), ("update", "check"), ("update", "apply", "--tonight")])
def test_root_leaves_nothing_in_a_folder_of_the_kiosks_user(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    done = kiosk(home, *words)
    assert (done.returncode, done.stderr.split()[0]) == (2, str(ErrorCode.FOLDER_NOT_WRITABLE))
    assert list(home.iterdir()) == []


def test_the_doctor_tells_of_every_part_that_it_is_well_or_why_not(home: Path, demo: Path) -> None:
    (home / "kiosk.toml").write_text(
        f"[camera]\nsource = '{demo / 'visitor.mp4'}'\n[payment]\npromptpay_id = '0812345678'\n"
    )
    done = kiosk(home, "doctor", "--json")
    found = {row["part"]: row for row in json.loads(done.stdout)}
    assert set(found) == {
        *("camera", "weights", "database", "event", "watch", "certainty", "index", "photos"),
        *("disk", "prices", "printer", "payment", "centre", "delivery", "mail", "line", "secrets"),
    }
    assert [part for part, row in found.items() if not row["is_ok"] and part != "disk"] == []
    assert "0812345678" not in done.stdout
    (home / "kiosk.toml").unlink()
    done = kiosk(home, "doctor", "--json", KIOSK_CAMERA__SOURCE=str(home / "gone.mp4"))
    assert done.returncode == 1
    found = {row["part"]: row for row in json.loads(done.stdout)}
    for part, code in (("camera", "C-"), ("payment", ErrorCode.GATEWAY_NOT_CONFIGURED)):
        assert found[part]["code"].startswith(code)
        assert found[part]["next_step"]
    assert found["database"]["is_ok"]


# -- the simulated gateway ---------------------------------------------------------------------------


@contextmanager
def simulator(home: Path, *arguments: str) -> Iterator[str]:
    """`kiosk simulate paynoi`; its address, which it prints."""
    process = subprocess.Popen(
        command("simulate", "paynoi", "--port", "0", *arguments),
        cwd=program_root(),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def ask(url: str, method: str, **more: object) -> requests.Response:
    question = {"method": method, "api_key": "simulator", **more}
    return requests.post(f"{url}/ppay_api", json=question, timeout=20)


@pytest.mark.slow
def test_the_simulated_gateway_answers_and_fails_on_demand(tmp_path: Path) -> None:
    with simulator(tmp_path) as url:
        bill = {"amount": "79.00", "ref1": "a1", "key_id": "1", "account": "0812345678", "type": 1}
        made = ask(url, "create", **bill).json()
        assert made["status"] == 1
        assert 7900 < made["amount_check"] < 8000
        status = ask(url, "check", trans_id=made["trans_id"]).json()["payment_status"]
        assert status == "pending"
        requests.post(f"{url}/simulator/pay", json={"trans_id": made["trans_id"]}, timeout=20)
        assert ask(url, "check", trans_id=made["trans_id"]).json()["payment_status"] == "completed"
        assert ask(url, "create", **{**bill, "api_key": "wrong"}).json()["status"] == 0

        for kind, is_so in (
            ("error_500", lambda got: got.status_code == 500),
            ("nonsense", lambda got: "html" in got.text),
            ("half_answer", lambda got: not got.text.endswith("}")),
            ("wrong_amount", lambda got: got.json()["amount_check"] > 70_000),
            ("refuse", lambda got: got.json()["status"] == 0),
        ):
            requests.post(f"{url}/simulator/fault", json={"kind": kind}, timeout=20).raise_for_status()
            assert is_so(ask(url, "create", **bill)), kind
        assert ask(url, "create", **bill).json()["status"] == 1


@pytest.mark.slow
def test_the_simulator_and_its_help_tell_every_page_the_key_and_every_fault(tmp_path: Path) -> None:
    told = _told_at_start(tmp_path)
    shown = kiosk(tmp_path, "simulate", "paynoi", "--help", COLUMNS="120").stdout
    for text in (told, shown):
        for page in ("/ppay_api", "pay", "expire", "fault", "clear", "transactions"):
            assert page in text
        assert all(kind in text for kind in FaultKind)
        assert "simulator" in text
    assert "curl http://127.0.0.1:" in told


def _told_at_start(home: Path) -> str:
    process = subprocess.Popen(
        command("simulate", "paynoi", "--port", "0"),
        cwd=program_root(),
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("For example"):
            break
    process.terminate()
    process.communicate(timeout=30)
    return "".join(lines)


def test_a_benchmark_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    done = kiosk(tmp_path, "bench", "--only", "nonsense", "--json")
    assert refusal(done) == ErrorCode.BENCHMARK_UNKNOWN
    assert all(name in done.stdout for name in BENCHMARKS)


@pytest.mark.slow
def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with simulator(tmp_path) as url:
        done = kiosk(tmp_path, "simulate", "paynoi", "--port", url.rpartition(":")[2])
    assert (done.returncode, done.stderr.split()[0]) == (2, str(ErrorCode.PORT_TAKEN))


# -- the parts ---------------------------------------------------------------------------------------


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _add_row(path: Path, head: str, row: str) -> None:
    text = path.read_text() if path.exists() else f"{head}\n"
    path.write_text(f"{text}{row}\n")


def _photos_of(home: Path, event_name: str) -> dict[str, tuple[int, int]]:
    database = open_database(home / "kiosk.db")
    try:
        photos = SqlPhotoRepository(database)
        event = photos.event_by_name(event_name)
        assert event is not None
        return {photo.file_name: (photo.width, photo.height) for photo in photos.photos(event.event_id)}
    finally:
        database.close()
