"""Runs the PayNoi simulator: in a thread for tests and the demo, or as a program."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType

import uvicorn

from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.settlement import VALID_FOR_S
from kiosk.payments.simulator.api import Webhook, make_api
from kiosk.payments.simulator.book import Transaction, TransactionBook
from kiosk.payments.simulator.faults import Fault, FaultKind, FaultPlan

DEFAULT_API_KEY = "simulator"
_STOP_WITHIN_S = 5.0
_START_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.01


class PayNoiSimulator:
    """The simulated gateway at `base_url`, while it runs.

    A context manager: the server lives in a thread of its own inside the `with`. `pay`, `expire` and `fail`
    do what the control pages do, without HTTP. Transactions live in memory only. `port` 0 takes a free one.
    Raises KnownError(PORT_TAKEN) when made.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str = DEFAULT_API_KEY,
        auto_pay_after_s: float | None = None,
        webhook_url: str | None = None,
        valid_for_s: float = VALID_FOR_S,
        clock: Clock | None = None,
    ) -> None:
        self._socket = _listen(host, port)
        self.base_url = f"http://{host}:{self._socket.getsockname()[1]}"
        self.api_key = api_key
        self._book = TransactionBook(clock or SystemClock(), valid_for_s)
        self._faults = FaultPlan()
        self._webhook = Webhook(webhook_url, api_key)
        api = make_api(self._book, self._faults, self._webhook, api_key, auto_pay_after_s)
        self._server = uvicorn.Server(
            uvicorn.Config(
                api, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1, lifespan="on"
            )
        )
        self._thread = threading.Thread(target=self.run, name="paynoi-simulator", daemon=True)

    def run(self) -> None:
        """Serves on the calling thread until stopped, on the main thread also by Ctrl-C."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> PayNoiSimulator:
        self._thread.start()
        waited_s = 0.0
        while not self._server.started and waited_s < _START_WITHIN_S:
            self._thread.join(_LOOK_EVERY_S)
            waited_s += _LOOK_EVERY_S
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_WITHIN_S)
        self._socket.close()

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """Every transaction, oldest first."""
        return self._book.all()

    def pay(self, trans_id: str, amount_satang: int | None = None, webhooks: int = 1) -> None:
        """The payer pays: what is due, or another amount; now, however late it is."""
        self._book.pay(trans_id, amount_satang)
        self._webhook.send(trans_id, webhooks)

    def expire(self, trans_id: str) -> None:
        """Ends a transaction's time now."""
        self._book.expire(trans_id)

    def fail(self, kind: FaultKind, method: str = "create", times: int = 1, delay_s: float = 0.0) -> None:
        """Shows a fault at the next `times` calls of `method`."""
        self._faults.add(Fault(kind, method, times, delay_s))


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # who connects before the server runs waits for it
    except OSError as taken:
        listener.close()
        raise KnownError(
            ErrorCode.PORT_TAKEN, f"Port {port} of {host} cannot be used.", "Choose another port."
        ) from taken
    return listener


def serve(
    host: str = "127.0.0.1",
    port: int = 8378,
    api_key: str = DEFAULT_API_KEY,
    auto_pay_after_s: float | None = None,
    webhook_url: str | None = None,
    on_ready: Callable[[str], None] = lambda base_url: None,
) -> None:
    """Runs the simulator as a program, until Ctrl-C. `on_ready` is called with its address before it serves.
    Raises KnownError(PORT_TAKEN)."""
    simulator = PayNoiSimulator(host, port, api_key, auto_pay_after_s, webhook_url)
    on_ready(simulator.base_url)
    simulator.run()
