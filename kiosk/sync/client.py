"""The centre as a kiosk sees it: questions and messages over HTTP, and the stream of news."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import structlog
from urllib3.exceptions import HTTPError

from kiosk import __version__
from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.hosts import is_near
from kiosk.sync.answers import (
    JSON_TYPE,
    check,
    check_file,
    damaged,
    is_about_login,
    is_same_origin,
    login_page,
    redirect_target,
    with_hash_of,
)
from kiosk.sync.connection import (
    BROKE_OFF,
    Answer,
    OpenSockets,
    Timeouts,
    call,
    known,
    nonsense,
    open_session,
    parse_object,
)
from kiosk.sync.login import Credentials, Login
from kiosk.sync.server_events import EVENT_STREAM_TYPE, HEARTBEAT_S, EventStream
from kiosk.sync.wire import PROTOCOL

_log = structlog.get_logger(__name__)

CLOCK_OFF_S = 300.0
PROTOCOL_HEADER = "X-Kiosk-Protocol"
LARGEST_JSON = 8_000_000
LARGEST_FILE = 100_000_000
_MOST_REDIRECTS = 3

Params = Mapping[str, str | int]
T = TypeVar("T")


class CentralClient:
    """Speaks with one centre as one device. Any thread; each has a connection of its own.

    Every call is bounded (`Timeouts`) and raises KnownError: CENTRE_UNREACHABLE (it did not happen),
    CENTRE_FAILED (it may have happened), CENTRE_BUSY (`params["retry_after_s"]`), CENTRE_LOGIN_REFUSED,
    DEVICE_REVOKED, NETWORK_LOGIN_PAGE, CENTRE_NONSENSE, or the code that the centre's answer names. Posting
    again what failed is safe where the body or the `idempotency_key` says that it is the same.

    A token that is refused is fetched anew once. Credentials go to the centre's own address only.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None,
        clock: Clock | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Without `credentials` only what needs no login can be asked. Raises
        KnownError(SETTING_INVALID) for a `url` that is none, and for one that would be spoken to in the clear
        over a public network."""
        self.url = _checked(url)
        self._clock = clock or SystemClock()
        self._timeouts = timeouts or Timeouts()
        self._login = Login(credentials, self._post_openly, self._clock) if credentials else None
        self._sockets = OpenSockets()
        self._streams: set[EventStream] = set()
        self._opening: set[OpenSockets] = set()
        self._of_thread = threading.local()
        self._lock = threading.Lock()
        self._clock_off_s = 0.0

    @property
    def clock_off_s(self) -> float:
        """How far this machine's clock is ahead of the centre's, as heard last; below 0 it is behind."""
        return self._clock_off_s

    @property
    def is_closed(self) -> bool:
        return self._sockets.is_cut

    def close(self) -> None:
        """Ends every call under way and every later one, at once; from any thread."""
        self._sockets.cut()
        with self._lock:
            streams, opening = list(self._streams), list(self._opening)
        for sockets in opening:
            sockets.cut()
        for stream in streams:
            stream.close()

    # -- asking and telling -----------------------------------------------------------------------

    def get_json(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """The object at a path."""
        return parse_object(self.get_bytes(path, params, LARGEST_JSON, JSON_TYPE))

    def post_json(
        self, path: str, body: object, idempotency_key: str | None = None, *, needs_login: bool = True
    ) -> dict[str, Any]:
        """Posts what JSON can hold; the answer's object, empty where there is none."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        answer = self._ask("POST", path, JSON_TYPE, LARGEST_JSON, needs_login, json=body, headers=headers)
        return parse_object(answer.content) if answer.status != 204 else {}

    def get_bytes(
        self,
        path: str,
        params: Params | None = None,
        limit_bytes: int = LARGEST_FILE,
        wanted_type: str | None = None,
    ) -> bytes:
        """What is at a path, of `wanted_type` where one is named. An address of a store that the centre
        leads to is followed, without credentials. Raises CENTRE_NONSENSE beyond `limit_bytes`."""
        answer = self._ask("GET", path, wanted_type, limit_bytes, params=params)
        return answer.content

    def get_file(self, path: str, *, limit_bytes: int = LARGEST_FILE) -> bytes:
        """As `get_bytes`, for a file of which the centre says the length and the sha256. Raises
        KnownError(FILE_DAMAGED) for another one."""
        try:
            answer = self._ask("GET", path, None, limit_bytes)
        except KnownError as error:
            raise damaged("truncated") if BROKE_OFF in error.params else error from None
        check_file(answer)
        return answer.content

    def get_part(self, path: str, start: int, size: int) -> bytes:
        """So many bytes of a file from `start`, fewer at its end. Raises CENTRE_NONSENSE for another part."""
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        answer = self._ask("GET", path, None, size, headers=wanted)
        if answer.status != 206 or not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise nonsense("it is not the part that was asked for")
        return answer.content

    def events(self, path: str) -> EventStream:
        """An open stream of events, to be closed by whoever asked. Raises as every call."""
        sockets = OpenSockets()
        session = open_session(sockets, self._headers(EVENT_STREAM_TYPE))
        with self._lock:
            self._opening.add(sockets)
        try:
            stream = self._with_login(lambda headers: self._open_stream(session, sockets, path, headers))
        except BaseException:
            session.close()
            raise
        finally:
            with self._lock:
                self._opening.discard(sockets)
        with self._lock:
            self._streams = {each for each in self._streams if not each.is_over} | {stream}
        if self.is_closed:
            stream.close()
        return stream

    # -- the parts --------------------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        wanted_type: str | None,
        limit_bytes: int,
        needs_login: bool = True,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        accepted = {"Accept": wanted_type or "*/*", **(headers or {})}

        def once(login: Mapping[str, str]) -> Answer:
            url = self._address(path)
            answer = call(
                self._session(),
                method,
                url,
                self._time_left(),
                limit_bytes,
                headers={**accepted, **login},
                **more,
            )
            if method == "GET":
                url, answer = self._followed(url, answer, limit_bytes, {**accepted, **login})
            check(answer, url, wanted_type)
            if is_same_origin(url, self.url):
                self._look_at_clock(answer)
            return answer

        with self._in_time():
            return self._with_login(once) if needs_login else once({})

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Logging in is a part of the call that needs it, and has no longer."""
        if getattr(self._of_thread, "until_s", None) is not None:
            yield
            return
        self._of_thread.until_s = time.monotonic() + self._timeouts.whole_s
        try:
            yield
        finally:
            self._of_thread.until_s = None

    def _time_left(self) -> Timeouts:
        left_s = self._of_thread.until_s - time.monotonic()
        if left_s <= 0:
            raise KnownError(
                ErrorCode.CENTRE_UNREACHABLE,
                "The centre took too long to log this kiosk in.",
                "Look at the network; it is tried again by itself.",
            )
        return self._timeouts.within(left_s)

    def _with_login(self, once: Callable[[Mapping[str, str]], T]) -> T:
        """With a token; a second time with a fresh one where the first is refused."""
        self._check_open()
        if self._login is None:
            return once({})
        token = self._login.token()
        try:
            return once({"Authorization": f"Bearer {token}"})
        except KnownError as refused:
            if not is_about_login(refused):
                raise
        self._login.forget(token)
        return once({"Authorization": f"Bearer {self._login.token()}"})

    def _post_openly(self, path: str, body: dict[str, object]) -> dict[str, object]:
        return self.post_json(path, body, needs_login=False)

    def _followed(
        self, url: str, answer: Answer, limit_bytes: int, headers: Mapping[str, str]
    ) -> tuple[str, Answer]:
        """Where redirects lead in the end; another host is asked as a stranger."""
        for _ in range(_MOST_REDIRECTS):
            target = redirect_target(answer, url)
            if target is None or not target.startswith(("https://", "http://")):
                break
            if is_same_origin(target, self.url):
                session, sent = self._session(), dict(headers)
            elif headers["Accept"] == "*/*":
                if url.startswith("https://") and not target.startswith("https://"):
                    raise nonsense("it leads to where nothing is encrypted")
                session, sent = self._stranger(), {}
            else:
                raise login_page()  # what was asked for comes from the centre itself
            url, told = target, answer
            answer = call(session, "GET", url, self._time_left(), limit_bytes, headers=sent)
            answer = with_hash_of(told, answer)
        return url, answer

    def _open_stream(
        self, session: requests.Session, sockets: OpenSockets, path: str, login: Mapping[str, str]
    ) -> EventStream:
        timeouts = (self._timeouts.connect_s, HEARTBEAT_S)
        try:
            response = session.get(
                self._address(path), headers=login, timeout=timeouts, stream=True, allow_redirects=False
            )
            is_stream = response.status_code == 200 and EVENT_STREAM_TYPE in response.headers.get(
                "Content-Type", ""
            )
            content = b"" if is_stream else response.raw.read(LARGEST_JSON, decode_content=True)
        except (requests.RequestException, HTTPError, OSError, ValueError) as failed:
            raise known(failed, is_question=True) from None
        answer = Answer(response.status_code, response.headers, content)
        try:
            check(answer, self._address(path), EVENT_STREAM_TYPE)
        except KnownError:
            response.close()
            raise
        self._look_at_clock(answer)
        return EventStream(response, sockets, session)

    def _look_at_clock(self, answer: Answer) -> None:
        with suppress(KeyError, ValueError, TypeError):
            told = parsedate_to_datetime(answer.headers["Date"])
            self._clock_off_s = (self._clock.now() - told).total_seconds()

    def _address(self, path: str) -> str:
        if not path.startswith("/"):
            raise nonsense("its path has no beginning")
        return self.url + path

    def _check_open(self) -> None:
        if self.is_closed:
            raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "The kiosk is being ended.")

    def _session(self) -> requests.Session:
        return self._session_of_thread("own", self._headers(JSON_TYPE))

    def _stranger(self) -> requests.Session:
        return self._session_of_thread("stranger", {})

    def _session_of_thread(self, name: str, headers: Mapping[str, str]) -> requests.Session:
        self._check_open()
        session: requests.Session | None = getattr(self._of_thread, name, None)
        if session is None:
            session = open_session(self._sockets, headers)
            setattr(self._of_thread, name, session)
        return session

    def _headers(self, accepted: str) -> dict[str, str]:
        return {
            "Accept": accepted,
            PROTOCOL_HEADER: str(PROTOCOL),
            "User-Agent": f"photo-kiosk/{__version__}",
        }


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "central.url is not the address of a centre.",
            "Write it like https://photos.example",
        )
    if parts.scheme == "http" and not is_near(parts.hostname):
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "central.url would send faces and keys unencrypted over a public network.",
            "Begin it with https://; http:// is for this machine and a network of your own.",
        )
    return url.rstrip("/")
