"""The simulator's HTTP pages: PayNoi's contract on `/ppay_api`, and `/simulator/...` to play the payer and
the bad days."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import requests
import structlog
from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.errors import KnownError
from kiosk.money import decimal_baht, parse_baht
from kiosk.payments.paynoi_signature import sign
from kiosk.payments.qr import qr_png
from kiosk.payments.simulator.book import NotAccepted, Transaction, TransactionBook
from kiosk.payments.simulator.faults import Fault, FaultKind, FaultPlan

_log = structlog.get_logger(__name__)

_THAI_TIME = ZoneInfo("Asia/Bangkok")
_TICK_S = 0.1
_WEBHOOK_TIMEOUT_S = 5.0


class Question(BaseModel):
    """A call of `/ppay_api`."""

    method: str
    api_key: str = ""
    amount: str | float = "0"
    ref1: str = ""
    key_id: str = ""
    account: str = ""
    type: int = 1
    trans_id: str = ""


class _Control(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PayOrder(_Control):
    """Money comes. Without `amount` (baht) it is what is due; `webhooks` notices are sent."""

    trans_id: str
    amount: str | None = None
    webhooks: int = Field(default=1, ge=0, le=10)


class TransactionOrder(_Control):
    """Something is done to a transaction."""

    trans_id: str


class FaultOrder(_Control):
    """A fault from now on; see `kiosk.payments.simulator.faults`."""

    kind: FaultKind
    method: str = Field(default="create", pattern="^(create|check|cancel)$")
    times: int = Field(default=1, ge=1)
    delay_s: float = Field(default=0.0, ge=0, le=60)


class Webhook:
    """Tells the merchant of a payment, signed. Blocks: called from the server's thread pool."""

    def __init__(self, url: str | None, api_key: str) -> None:
        self._url = url
        self._api_key = api_key

    def send(self, trans_id: str, times: int = 1) -> None:
        """Posts the notice `times` times; one that does not arrive is logged and left."""
        if self._url is None:
            return
        data = json.dumps({"trans_id": trans_id})
        body = f'{{"data": {data}, "signature": "{sign(data.encode("utf-8"), self._api_key)}"}}'
        for _ in range(times):
            try:
                requests.post(
                    self._url,
                    data=body.encode("utf-8"),
                    headers={"Content-Type": "application/json"},
                    timeout=_WEBHOOK_TIMEOUT_S,
                )
            except requests.RequestException as failed:
                _log.warning("webhook_not_delivered", reason=type(failed).__name__)


def make_api(
    book: TransactionBook,
    faults: FaultPlan,
    webhook: Webhook,
    api_key: str,
    auto_pay_after_s: float | None,
) -> FastAPI:
    """The server's application. With `auto_pay_after_s`, each code is paid that long after it was made."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        payer = asyncio.create_task(_pay_waiting(book, webhook, auto_pay_after_s))
        yield
        payer.cancel()

    api = FastAPI(title="PayNoi simulator", lifespan=lifespan)

    @api.post("/ppay_api")
    async def ppay_api(request: Request) -> Response:
        try:
            question = Question.model_validate_json(await request.body())
        except ValidationError as wrong:
            return JSONResponse({"status": 0, "msg": _what_is_wrong(wrong)})
        fault = faults.take(question.method)
        if fault is not None and fault.kind is FaultKind.REFUSE:
            return JSONResponse({"status": 0, "msg": "refused on demand"})
        try:
            answer = _answer(book, question, api_key)
        except (NotAccepted, KnownError) as no:
            msg = str(no) if isinstance(no, NotAccepted) else "amount is invalid"
            answer = {"status": 0, "msg": msg}
        return await _spoil(answer, fault)

    _add_controls(api, book, faults, webhook)
    return api


def _what_is_wrong(wrong: ValidationError) -> str:
    """The contract knows no other refusal than a `msg`."""
    field = ".".join(str(part) for part in wrong.errors()[0]["loc"])
    return f"{field} is missing or invalid" if field else "the body is not a JSON object"


async def _pay_waiting(book: TransactionBook, webhook: Webhook, after_s: float | None) -> None:
    while after_s is not None:
        for transaction in book.waiting_since(after_s):
            book.pay(transaction.trans_id)
            await asyncio.to_thread(webhook.send, transaction.trans_id)
        await asyncio.sleep(_TICK_S)


def _answer(book: TransactionBook, question: Question, api_key: str) -> dict[str, Any]:
    if not hmac.compare_digest(question.api_key.encode(), api_key.encode()):
        raise NotAccepted("api_key is invalid")
    if question.method == "create":
        return _created(book.create(parse_baht(str(question.amount)), question.ref1, question.account))
    if question.method == "check":
        transaction = book.find(question.trans_id)
        return {
            "status": 1,
            "payment_status": book.status(transaction),
            "amount": decimal_baht(transaction.received_satang or transaction.due_satang),
            "ref1": transaction.ref1,
        }
    if question.method == "cancel":
        book.cancel(question.trans_id)
        return {"status": 1}
    raise NotAccepted("method is unknown")


def _created(transaction: Transaction) -> dict[str, Any]:
    return {
        "status": 1,
        "trans_id": transaction.trans_id,
        "qr_image_base64": base64.b64encode(qr_png(transaction.payload)).decode("ascii"),
        "amount": decimal_baht(transaction.due_satang),
        "amount_check": transaction.due_satang,
        "expire_at": transaction.expires_at.astimezone(_THAI_TIME).strftime("%Y-%m-%d %H:%M:%S"),
    }


async def _spoil(answer: dict[str, Any], fault: Fault | None) -> Response:
    """The answer, as the fault leaves it."""
    kind = fault.kind if fault is not None else None
    if fault is not None and kind is FaultKind.SLOW:
        await asyncio.sleep(fault.delay_s)
    if kind is FaultKind.ERROR_500:
        return Response("Internal Server Error", status_code=500)
    if kind is FaultKind.NONSENSE:
        return Response("<html>Maintenance</html>", media_type="text/html")
    if kind is FaultKind.HALF_ANSWER:
        whole = json.dumps(answer)
        return Response(whole[: len(whole) // 2], media_type="application/json")
    if kind is FaultKind.WRONG_AMOUNT and "amount" in answer:
        wrong = parse_baht(answer["amount"]) * 10
        answer = {**answer, "amount": decimal_baht(wrong), "amount_check": wrong}
    if kind is FaultKind.NO_QR:
        answer = {**answer, "qr_image_base64": base64.b64encode(b"no picture").decode("ascii")}
    return JSONResponse(answer)


def _add_controls(api: FastAPI, book: TransactionBook, faults: FaultPlan, webhook: Webhook) -> None:
    """The pages that play the payer. They need no key: the simulator is for demonstrations and tests."""

    def do(action: Callable[[], object]) -> JSONResponse:
        try:
            action()
        except (NotAccepted, KnownError) as no:
            return JSONResponse({"status": 0, "msg": str(no)}, status_code=400)
        return JSONResponse({"status": 1})

    @api.get("/simulator/transactions")
    def transactions() -> list[dict[str, Any]]:
        return [
            {
                "trans_id": t.trans_id,
                "ref1": t.ref1,
                "amount": decimal_baht(t.due_satang),
                "received": decimal_baht(t.received_satang),
                "payment_status": book.status(t),
            }
            for t in book.all()
        ]

    @api.post("/simulator/pay")
    def pay(order: PayOrder, tasks: BackgroundTasks) -> JSONResponse:
        done = do(
            lambda: book.pay(order.trans_id, None if order.amount is None else parse_baht(order.amount))
        )
        tasks.add_task(webhook.send, order.trans_id, order.webhooks if done.status_code == 200 else 0)
        return done

    @api.post("/simulator/expire")
    def expire(order: TransactionOrder) -> JSONResponse:
        return do(lambda: book.expire(order.trans_id))

    @api.post("/simulator/fault")
    def add_fault(order: FaultOrder) -> JSONResponse:
        return do(lambda: faults.add(Fault(order.kind, order.method, order.times, order.delay_s)))

    @api.post("/simulator/clear")
    def clear() -> JSONResponse:
        return do(faults.clear)
