"""Settings: defaults, file, environment; nothing unknown passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import PrintSize
from kiosk.settings import FILE_NAME, load_settings


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
