"""Settings: defaults, file, environment; nothing unknown passes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.sales.types import PrintSize
from kiosk.settings import Settings, load_settings
from kiosk.settings_reading import FILE_NAME


def write(home: Path, text: str) -> Path:
    (home / FILE_NAME).write_text(text, encoding="utf-8")
    return home


def test_no_file_means_the_standard_price_list(tmp_path: Path) -> None:
    packages = load_settings(tmp_path, {}).sales.package_set().packages
    assert [(package.photo_count, package.price_satang) for package in packages] == [
        (1, 7900),
        (5, 29900),
        (10, 49900),
        (20, 89900),
        (None, 149900),
    ]


def test_file_gives_values_and_the_environment_wins(tmp_path: Path) -> None:
    home = write(tmp_path, '[camera]\nsource = "webcam:1"\nfps = 25\n')
    settings = load_settings(home, {"KIOSK_CAMERA__SOURCE": "rtsp://door", "KIOSK_HOME": "/x"})
    assert (settings.camera.source, settings.camera.fps) == ("rtsp://door", 25)


def test_other_packages_by_setting(tmp_path: Path) -> None:
    home = write(
        tmp_path,
        '[[sales.packages]]\nname = "One"\nphotos = 1\nbaht = 60\n'
        '[[sales.packages]]\nname = "Everything"\nbaht = 500\n',
    )
    packages = load_settings(home, {}).sales.package_set().packages
    assert [(package.name_key, package.price_satang) for package in packages] == [
        ("One", 6000),
        ("Everything", 50000),
    ]


def test_prints_are_offered_only_when_switched_on(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).sales.print_prices() == {}
    home = write(tmp_path, '[sales]\nprints = true\nprint_baht = { "10x15" = 40 }\n')
    assert load_settings(home, {}).sales.print_prices() == {PrintSize.S10X15: 4000}


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ("[camera]\nsorce = 'x'\n", {}, "camera.sorce"),
        ("[cammera]\nsource = 'x'\n", {}, "cammera"),
        ("", {"KIOSK_CAMERA__SORCE": "x"}, "camera.sorce"),
        ("", {"KIOSK_CAMMERA__SOURCE": "x"}, "cammera"),
        ("", {"KIOSK_CAMERA": "1"}, "KIOSK_CAMERA"),
        ("", {"KIOSK_CAMERA_SOURCE": "webcam:1"}, "KIOSK_CAMERA_SOURCE"),
    ],
)
def test_an_unknown_setting_is_refused_by_name(
    tmp_path: Path, text: str, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(KnownError) as refused:
        load_settings(write(tmp_path, text), environment)
    assert refused.value.code is ErrorCode.SETTING_UNKNOWN
    assert named in refused.value.detail


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[camera]\nfps = 0\n", "camera.fps"),
        ("[session]\nidle_warning_s = 'soon'\n", "session.idle_warning_s"),
        ("kiosk = 3\n", "kiosk"),
        ("[kiosk]\ntimezone = 'Asia/Nowhere'\n", "kiosk.timezone"),
        ("[kiosk]\ntimezone = '/etc/passwd'\n", "kiosk.timezone"),
        ("[sales]\nprint_baht = { '10x15' = -40 }\n", "sales.print_baht"),
        ("[camera\n", FILE_NAME),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(KnownError) as refused:
        load_settings(write(tmp_path, text), {"KIOSK_KIOSK__LANGUAGE": "en"})
    assert refused.value.code is ErrorCode.SETTING_INVALID
    assert named in refused.value.detail


def test_the_data_folder_and_the_drawing_are_variables_but_no_settings(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"KIOSK_HOME": "/x", "KIOSK_SOFTWARE": "1"}) == Settings()


def test_the_readme_lists_every_setting_with_its_default_and_nothing_else(tmp_path: Path) -> None:
    readme = (program_root() / "README.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^```toml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert load_settings(write(tmp_path, listed), {}) == Settings()
    # Unset by default, so they stand there as comments.
    unset = {
        (section, key)
        for section, values in Settings().model_dump().items()
        for key, value in values.items()
        if value is None
    }
    commented, section = set(), ""
    for line in listed.splitlines():
        if head := re.match(r"\[(\w+)\]", line):
            section = head[1]
        if comment := re.match(r"# (\w+) = ", line):
            commented.add((section, comment[1]))
    assert commented == unset
    written = {(name, key) for name, keys in tomllib.loads(listed).items() for key in keys}
    assert written | unset == {
        (section, key) for section, values in Settings().model_dump().items() for key in values
    }


def test_nobody_is_challenged_unless_the_settings_say_so(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).capture.liveness == "off"
    challenged = load_settings(tmp_path, {"KIOSK_CAPTURE__LIVENESS": "challenge"})
    assert challenged.capture.liveness == "challenge"
    with pytest.raises(KnownError) as caught:
        load_settings(tmp_path, {"KIOSK_CAPTURE__LIVENESS": "yes"})
    assert caught.value.code is ErrorCode.SETTING_INVALID
