"""Logs: JSON lines in a rotating file, readable lines on a console when asked; nothing personal in either."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from kiosk.runtime.blotting import blot_fields

_FILE_BYTES = 5_000_000
_KEPT_FILES = 5


def blot(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    """structlog processor: passes only what may be written down (see `kiosk.runtime.blotting`)."""
    internal = {key: fields[key] for key in ("_record", "_from_structlog") if key in fields}
    kept: MutableMapping[str, object] = blot_fields({k: v for k, v in fields.items() if k not in internal})
    return {**kept, **internal}


def configure_logging(folder: Path, console: bool = False, level: int = logging.INFO) -> None:
    """Sends all logs, of structlog and of libraries, to `folder`/kiosk.jsonl and, if asked, to stderr.

    Libraries are heard from WARNING on. Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.CallsiteParameterAdder({structlog.processors.CallsiteParameter.THREAD_NAME}),
        structlog.processors.format_exc_info,
        blot,
    ]
    file = RotatingFileHandler(
        folder / "kiosk.jsonl", maxBytes=_FILE_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
    )
    file.setFormatter(_formatter(shared, structlog.processors.JSONRenderer(ensure_ascii=False)))
    handlers: list[logging.Handler] = [file]
    if console:
        stream = logging.StreamHandler(sys.stderr)
        stream.setFormatter(_formatter(shared, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())))
        handlers.append(stream)
    _replace_handlers(handlers)
    for name in ("kiosk", "ui"):
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(shared: list[Processor], renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _replace_handlers(handlers: list[logging.Handler]) -> None:
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for old in [handler for handler in root.handlers if getattr(handler, "_is_kiosk", False)]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler._is_kiosk = True  # type: ignore[attr-defined]
        root.addHandler(handler)
