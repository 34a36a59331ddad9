"""Qt's own messages go to the kiosk's log; a warning of QML is a fault of ours."""

from __future__ import annotations

import structlog
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_log = structlog.get_logger("qt")


def log_qt_messages() -> None:
    """From now on Qt's messages are log lines with their place."""
    qInstallMessageHandler(_take)


def _take(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    place = f"{context.file or ''}:{context.line}"
    if kind is QtMsgType.QtDebugMsg:
        _log.debug("qt_message", message=message, place=place)
    elif kind is QtMsgType.QtInfoMsg:
        _log.info("qt_message", message=message, place=place)
    elif kind is QtMsgType.QtWarningMsg:
        _log.warning("qt_message", message=message, place=place)
    else:
        _log.error("qt_message", message=message, place=place)
