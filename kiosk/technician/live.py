"""Settings that work at once: the newest ones, and who is told when they change."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.runtime.crash import record_crash
from kiosk.settings import Settings

Listener = Callable[[Settings, Settings], None]
"""Is given the settings before and after, the same where only a secret is another one; raises KnownError
where it cannot go along."""

LIVE: frozenset[str] = frozenset(
    {
        *("kiosk.language", "kiosk.operator", "kiosk.contact"),
        *("camera", "sales", "session", "printing", "mail", "line", "staff", "hours", "revenue", "updates"),
        *("vision.match_threshold", "vision.maybe_threshold"),
        *("vision.sure_false_hits", "vision.maybe_false_hits"),
        *("payment.gateway", "payment.promptpay_id", "payment.receiver_name", "payment.paynoi_url"),
        *("payment.paynoi_key_id", "payment.paynoi_account", "payment.paynoi_type"),
        *("delivery.public_url", "delivery.wifi_name", "delivery.link_days", "delivery.download_limit"),
    }
)
"""Sections, and keys of sections, that work at once; all others from the next start on."""


def is_live(section: str, key: str) -> bool:
    """Whether a setting works as soon as it is changed."""
    return section in LIVE or f"{section}.{key}" in LIVE


class LiveSettings:
    """Holds the newest settings. `on_change` listeners hear of a change in the order in which they came, on
    the thread that changes; where one fails, those before it are told the way back, in the opposite order,
    and the settings stay as they were. Any thread."""

    def __init__(self, settings: Settings) -> None:
        self._started = settings
        self._newest = settings
        self._listeners: list[Listener] = []
        self._lock = threading.RLock()

    @property
    def settings(self) -> Settings:
        return self._newest

    @property
    def pending(self) -> tuple[str, ...]:
        """Settings that were changed and wait for the next start, as "section.key"."""
        return tuple(name for name in changed(self._started, self._newest) if not is_live(*name.split(".")))

    def on_change(self, listener: Listener) -> None:
        """From now on `listener` is told of each change."""
        with self._lock:
            self._listeners.append(listener)

    def change(self, settings: Settings) -> None:
        """Makes these the newest. Raises what a listener raises, with nothing changed."""
        with self._lock:
            before = self._newest
            self._newest = settings
            told: list[Listener] = []
            try:
                for listener in self._listeners:
                    told.append(listener)
                    listener(before, settings)
            except BaseException:
                self._newest = before
                for listener in reversed(told):
                    _go_back(listener, settings, before)
                raise


def changed(before: Settings, after: Settings) -> tuple[str, ...]:
    """The settings in which two differ, as "section.key", in their order."""
    names = []
    for section in Settings.model_fields:
        old, new = getattr(before, section), getattr(after, section)
        names += [
            f"{section}.{key}" for key in type(old).model_fields if getattr(old, key) != getattr(new, key)
        ]
    return tuple(names)


def _go_back(listener: Listener, failed: Settings, before: Settings) -> None:
    """The way back must not end half-way: one who cannot go it is in the crash log."""
    try:
        listener(failed, before)
    except Exception as error:  # noqa: BLE001 - the others go back all the same
        record_crash("settings", error)
