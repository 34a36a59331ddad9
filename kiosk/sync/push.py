"""What a kiosk tells goes up: the waiting messages in their order, each until the centre has answered it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.answers import AT_WORK
from kiosk.sync.connection import nonsense
from kiosk.sync.wire import PROTOCOL, Answer, Answers, Message, Messages

_log = structlog.get_logger(__name__)

MESSAGES_PATH = "/api/sync/messages"
MOST_MESSAGES = 100
_MOST_BYTES = 1_000_000
"""Of records in one call; a single one that is larger goes alone."""

REFUSED_WHOLE = frozenset(
    {
        ErrorCode.REQUEST_INVALID,
        ErrorCode.RECORD_INVALID,
        ErrorCode.MESSAGE_REFUSED,
        ErrorCode.WRONG_KEY_REUSE,
    }
)
"""The centre could not even read the call: one of its messages is not as it should be."""

_PATIENT_TIMES = 3
"""So often in a row a centre may fail at the same first message, before each is told alone; and so often at
one alone, saying so, before it takes others, until that one is parked."""
_FRUITLESS_S = 20.0
"""So long messages are told alone while the centre fails at each."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is to be told; `size` of its record in bytes."""

    message: Message
    size: int


class Outbox(Protocol):
    """The messages that wait. Each method is one transaction. Raises KnownError DATABASE_*, DISK_FULL."""

    def waiting(self, limit: int) -> list[Waiting]:
        """Those to be told next, the oldest first."""
        ...

    def taken(self, message_ids: Iterable[str], refused: Mapping[str, KnownError]) -> None:
        """The centre has answered: these are told, those are parked, with a notice to staff."""
        ...

    def failed(self, message_ids: Iterable[str], code: str) -> None:
        """It has not; they stay first."""
        ...


class Messenger(Protocol):
    """Who posts (`kiosk.sync.client.CentralClient`)."""

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, Any]: ...


class Troubles:
    """At which messages a centre failed, from one push to the next: one that makes it fail every time must
    not keep the others back for ever."""

    def __init__(self) -> None:
        self._first: str | None = None
        self._in_a_row = 0
        self._alone: dict[str, int] = {}

    def note(self, first: str) -> None:
        """The centre failed at a call that begins with this message."""
        self._in_a_row = self._in_a_row + 1 if first == self._first else 1
        self._first = first

    def are_with(self, message_ids: Sequence[str]) -> bool:
        """Whether these are to be told one by one."""
        is_stuck = message_ids[0] == self._first and self._in_a_row >= _PATIENT_TIMES
        return is_stuck or any(each in self._alone for each in message_ids)

    def failed_alone(self, message_ids: Iterable[str], *, others_passed: bool) -> list[str]:
        """The centre failed at each of these alone; those at which it did so once too often while it took
        others. A centre that fails for everything says nothing of a message."""
        self._in_a_row = 0
        if not others_passed:
            return []
        failed = {each: self._alone.get(each, 0) + 1 for each in message_ids}
        self._alone = {each: count for each, count in failed.items() if count < _PATIENT_TIMES}
        return [each for each in failed if each not in self._alone]


class Pusher:
    """Pushes on one thread at a time. A message is told again until its answer is stored: the centre takes it
    once by its id, however often it comes."""

    def __init__(self, centre: Messenger, outbox: Outbox, troubles: Troubles | None = None) -> None:
        """`troubles` outlast one pusher, where there is another after it."""
        self._centre = centre
        self._outbox = outbox
        self._troubles = troubles or Troubles()

    def push(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """Tells what waits until nothing does or it is over; how many were answered.

        Raises KnownError: what the client raises; the messages stay first then, with one attempt more.
        CENTRE_NONSENSE for answers that are none to these messages.
        """
        answered = 0
        while not is_over():
            batch = _first_of(self._outbox.waiting(MOST_MESSAGES))
            if not batch:
                break
            if self._troubles.are_with([each.message.message_id for each in batch]):
                answered += self._each_alone(batch, is_over)
            else:
                answered += self._together(batch)
        return answered

    def _together(self, batch: Sequence[Waiting]) -> int:
        try:
            return self._tell(batch)
        except KnownError as error:
            if error.code is ErrorCode.CENTRE_FAILED:
                self._troubles.note(batch[0].message.message_id)
            raise

    def _each_alone(self, batch: Sequence[Waiting], is_over: Callable[[], bool]) -> int:
        """So that one at which the centre fails every time keeps none of the others back; in the end it is
        parked. Raises the failure where one stays, so that there is a pause before the next try."""
        failed: dict[str, KnownError] = {}
        outlived: list[str] = []
        answered = 0
        until_s = time.monotonic() + _FRUITLESS_S
        for each in batch:
            if is_over() or (not answered and time.monotonic() > until_s):
                break
            try:
                answered += self._tell([each])
                # It is there: so it was not that it died, or that the network did, at those before.
                outlived = [one for one, error in failed.items() if AT_WORK in error.params]
            except KnownError as error:
                if error.code is not ErrorCode.CENTRE_FAILED:
                    raise
                failed[each.message.message_id] = error
        given_up = self._troubles.failed_alone(outlived, others_passed=answered > 0)
        if given_up:
            _log.warning("messages_parked", message_ids=given_up, code=ErrorCode.CENTRE_FAILED)
            self._outbox.taken([], {each: failed.pop(each) for each in given_up})
        if failed:
            raise next(iter(failed.values()))
        return answered + len(given_up)

    def _tell(self, batch: Sequence[Waiting]) -> int:
        message_ids = [each.message.message_id for each in batch]
        try:
            answers = self._ask(batch)
        except KnownError as error:
            if error.code in REFUSED_WHOLE:
                return self._one_by_one(batch, error)
            self._outbox.failed(message_ids, error.code)
            raise
        refused = {answer.message_id: _why(answer) for answer in answers if not answer.is_taken}
        for message_id, why in refused.items():
            _log.warning("message_refused", message_id=message_id, code=why.code)
        self._outbox.taken([each for each in message_ids if each not in refused], refused)
        return len(batch)

    def _one_by_one(self, batch: Sequence[Waiting], error: KnownError) -> int:
        """So that one that the centre cannot read keeps none of the others back."""
        if len(batch) == 1:
            self._outbox.taken([], {batch[0].message.message_id: error})
            return 1
        return sum(self._tell([each]) for each in batch)

    def _ask(self, batch: Sequence[Waiting]) -> Sequence[Answer]:
        messages = Messages(protocol=PROTOCOL, messages=tuple(each.message for each in batch))
        told = self._centre.post_json(MESSAGES_PATH, messages.model_dump(mode="json"))
        try:
            answers = Answers.model_validate(told).answers
        except ValidationError:
            raise nonsense("it does not answer the messages") from None
        if [answer.message_id for answer in answers] != [each.message.message_id for each in batch]:
            raise nonsense("it answers other messages")
        return answers


def _first_of(waiting: Sequence[Waiting]) -> list[Waiting]:
    batch: list[Waiting] = []
    size = 0
    for each in waiting:
        size += each.size
        if batch and size > _MOST_BYTES:
            break
        batch.append(each)
    return batch


def _why(answer: Answer) -> KnownError:
    try:
        code = ErrorCode(answer.code or "")
    except ValueError:
        code = ErrorCode.MESSAGE_REFUSED
    return KnownError(code, answer.detail or "No reason was given.")
