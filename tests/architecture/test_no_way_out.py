"""Nothing of the kiosk can open what is not the kiosk's: no dialog of the system, no browser.

What a visitor can try on a window is tried in `tests/gui/test_lock_down.py`, and with real keys in
`tests/journeys/test_kiosk_session.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.paths import program_root

ROOT = program_root()
_PYTHON = re.compile(
    r"QtWidgets|QtWebEngine|QtWebView|QFileDialog|QPrintDialog|QPrintPreview|QMessageBox|QColorDialog"
    r"|\bwebbrowser\b|xdg-open|gio open|startfile|\.openUrl\(|\bstartDetached\b"
)
_QML = re.compile(
    r"QtQuick\.Dialogs|Qt\.labs|QtWebEngine|QtWebView|FileDialog|FolderDialog|PrintDialog|MessageDialog"
    r"|ColorDialog|FontDialog|SystemTrayIcon|openUrlExternally|VirtualKeyboard|onLinkActivated"
)
FILES = [
    *((path, _PYTHON) for room in ("kiosk", "ui") for path in sorted((ROOT / room).rglob("*.py"))),
    *((path, _QML) for path in sorted((ROOT / "ui" / "qml").rglob("*.qml"))),
]


def found_in(path: Path, words: re.Pattern[str]) -> list[str]:
    return words.findall(path.read_text(encoding="utf-8"))


def test_no_dialog_file_picker_print_dialog_or_browser_is_in_the_program() -> None:
    assert len(FILES) > 300
    found = {
        path.relative_to(ROOT).as_posix(): words for path, rule in FILES if (words := found_in(path, rule))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "from PySide6.QtWidgets import QFileDialog\n"),
        ("a.py", "QDesktopServices.openUrl(url)\n"),
        ("a.py", "import webbrowser\n"),
        ("a.qml", "import QtQuick.Dialogs\n"),
        ("a.qml", "onClicked: Qt.openUrlExternally(link)\n"),
    ],
)
def test_the_rule_finds_one(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert found_in(tmp_path / name, _PYTHON if name.endswith("py") else _QML)
