"""The process environment, kept fit for Qt."""

from __future__ import annotations

import os


def clean_qt_environment() -> None:
    """Takes back what importing `cv2` sets: paths that lead Qt to the plugins of OpenCV's own, older Qt.

    To be called after the imports and before the first Qt application; harmless at any other moment. A path
    that somebody set on purpose stays.
    """
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        parts = os.environ.get(name, "").replace("\\", "/").split("/")
        if "cv2" in parts:
            del os.environ[name]
