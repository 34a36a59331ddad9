"""How often a caller may ask: counted by the `limits` library, in memory or in a Redis that processes share.

A Redis that is away takes nothing down: this process then counts alone, and looks for it again after seconds.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from kiosk.central.settings import AccessSection
from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)
_REDIS_TIMEOUT_S = 0.5
_LOOK_AGAIN_AFTER_S = 5.0
_GUESSES_A_MINUTE = 10

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Counters:
    storage: Any
    limiter: Any


class RateLimits:
    """Counts by caller over a sliding minute. Any thread; each method may take half a second where Redis has
    just gone away.

    `redis_url` empty means that this process counts alone.
    """

    def __init__(self, access: AccessSection, redis_url: str = "", redis_password: str | None = None) -> None:
        self._access = access
        self._requests = RateLimitItemPerMinute(access.requests_a_minute)
        self._device_requests = RateLimitItemPerMinute(access.device_requests_a_minute)
        self._device_files = RateLimitItemPerMinute(access.device_files_a_minute)
        self._searches = RateLimitItemPerMinute(access.searches_a_minute)
        self._guesses = RateLimitItemPerMinute(_GUESSES_A_MINUTE)
        self._own = _counters(MemoryStorage())
        self._shared = _counters(_redis(redis_url, redis_password)) if redis_url else None
        self._away_until_s = 0.0
        self._lock = threading.Lock()

    @property
    def asks_server(self) -> bool:
        """Whether counting may have to wait for a server."""
        return self._shared is not None

    def count_request(self, address: str, device_id: str | None, *, is_for_file: bool = False) -> None:
        """A request: of a device that is known by its token, else of an address. A device brings thousands
        of previews, whose files are counted by themselves, so that they never take the place of a sale.
        Raises KnownError(CENTRE_BUSY)."""
        if device_id is not None:
            item = self._device_files if is_for_file else self._device_requests
            self._count(item, "device", device_id)
        else:
            self._count(self._requests, "address", caller_address(address))

    def count_search(self, caller: str) -> None:
        """A face search. Raises KnownError(CENTRE_BUSY)."""
        self._count(self._searches, "search", caller)

    def check_guesses(self, address: str) -> None:
        """Whether an address may try another code. Raises KnownError(CENTRE_BUSY)."""
        who = ("guess", caller_address(address))
        if not self._ask(lambda counters: counters.limiter.test(self._guesses, *who)):
            raise self._busy(self._guesses, who)

    def note_guess(self, address: str) -> None:
        """An address tried a code that is none."""
        who = ("guess", caller_address(address))
        self._ask(lambda counters: counters.limiter.hit(self._guesses, *who))

    def _count(self, item: RateLimitItem, kind: str, caller: str) -> None:
        if not self._ask(lambda counters: counters.limiter.hit(item, kind, caller)):
            raise self._busy(item, (kind, caller))

    def _busy(self, item: RateLimitItem, who: tuple[str, str]) -> KnownError:
        stats = self._ask(lambda counters: counters.limiter.get_window_stats(item, *who))
        wait_s = max(1, math.ceil(float(stats.reset_time) - time.time()))
        return busy("Too many requests in a minute.", wait_s)

    def _ask(self, question: Callable[[_Counters], Answer]) -> Answer:
        shared = self._shared
        if shared is not None and time.monotonic() >= self._away_until_s:
            try:
                return question(shared)
            except StorageError as away:
                self._note_away(away)
        return question(self._own)

    def _note_away(self, away: StorageError) -> None:
        with self._lock:
            is_news = time.monotonic() >= self._away_until_s
            self._away_until_s = time.monotonic() + _LOOK_AGAIN_AFTER_S
        if is_news:
            _log.warning("rate_limits_count_alone", reason=type(away.storage_error).__name__)


def busy(detail: str, wait_s: int) -> KnownError:
    """That somebody asks too often, and when they may again."""
    return KnownError(
        ErrorCode.CENTRE_BUSY, detail, f"Ask again in {wait_s} s.", {"retry_after_s": str(wait_s)}
    )


def caller_address(address: str) -> str:
    """What an address is counted as: of IPv6 the network, of which everybody has a whole one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if known.version == 6:
        mapped = known.ipv4_mapped
        return str(mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def _counters(storage: Any) -> _Counters:
    return _Counters(storage, SlidingWindowCounterRateLimiter(storage))


def _redis(url: str, password: str | None) -> Any:
    options: dict[str, Any] = {
        "socket_timeout": _REDIS_TIMEOUT_S,
        "socket_connect_timeout": _REDIS_TIMEOUT_S,
        **({"password": password} if password else {}),
    }
    return RedisStorage(url, wrap_exceptions=True, key_prefix="kiosk-centre", **options)
