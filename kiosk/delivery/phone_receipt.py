"""The privacy receipt on the phone, and deleting the rest."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from kiosk.delivery.phone_gate import PhoneGate, Visit
from kiosk.delivery.phone_pages import PageWriter
from kiosk.delivery.purchases import DataKind, DataReceipt, PrivacyDesk

_LONGEST_FORM_BYTES = 1024


class PhoneReceipt:
    """Routes under `/r/{token}`. Deleting needs a POST that says so: no link alone deletes anything. Whoever
    has only the link to the photos, which buyers hand on, reads what is kept at `/d/{token}/kept`."""

    def __init__(self, gate: PhoneGate, desk: PrivacyDesk, pages: PageWriter) -> None:
        self._gate = gate
        self._desk = desk
        self._pages = pages

    def add_to(self, app: FastAPI) -> None:
        """Adds the routes."""
        app.add_api_route("/r/{token}", self.receipt, methods=["GET", "HEAD"], response_model=None)
        app.add_api_route("/d/{token}/kept", self.kept, methods=["GET", "HEAD"], response_model=None)
        app.add_api_route("/r/{token}/delete", self.confirm, methods=["GET", "HEAD"], response_model=None)
        app.add_api_route("/r/{token}/delete", self.delete, methods=["POST"], response_model=None)
        app.add_api_route("/r/{token}/stop", self.stop, methods=["POST"], response_model=None)

    def receipt(self, request: Request, token: str) -> Response:
        """What is deleted and what is kept, as of now."""
        visit = self._gate.admit_to_receipt(request, token)
        return self._receipt_page(visit, token, self._desk.receipt(visit.link))

    def kept(self, request: Request, token: str) -> Response:
        """The same, to be read only."""
        visit = self._gate.admit_to_kept(request, token)
        return self._receipt_page(visit, "", self._desk.receipt(visit.link))

    def confirm(self, request: Request, token: str) -> Response:
        """Asks once more, naming what would go."""
        visit = self._gate.admit_to_receipt(request, token)
        return self._confirm_page(visit, token)

    async def delete(self, request: Request, token: str) -> Response:
        """Deletes, when the form says `confirm=yes`; else asks."""
        is_confirmed = await _is_confirmed(request)
        return await run_in_threadpool(self._delete, request, token, is_confirmed)

    def _delete(self, request: Request, token: str, is_confirmed: bool) -> Response:
        visit = self._gate.admit_to_receipt(request, token)
        if not is_confirmed:
            return self._confirm_page(visit, token)
        receipt = self._desk.delete_rest(visit.link)
        return self._receipt_page(visit, token, receipt, done_key="phone.receipt.done")

    def stop(self, request: Request, token: str) -> Response:
        """Looks for new photos of the buyer no more, and deletes what they were looked for by. The photos
        stay, so nobody is asked twice."""
        visit = self._gate.admit_to_receipt(request, token)
        receipt = self._desk.stop_new_photos(visit.link)
        return self._receipt_page(visit, token, receipt, done_key="phone.receipt.stopped")

    def _receipt_page(self, visit: Visit, token: str, receipt: DataReceipt, done_key: str = "") -> Response:
        """`token` is the receipt's; empty for whoever may only read."""
        deleted, kept, deletable = self._pages.receipt_lines(visit.language, receipt, visit.purchase)
        return HTMLResponse(
            self._pages.page(
                "receipt.html.j2",
                visit.language,
                event_name=visit.purchase.event_name(visit.language),
                deleted=deleted,
                kept=kept,
                is_reader=not token,
                can_delete=bool(deletable),
                done_key=done_key,
                can_stop=any(held.kind is DataKind.FACE_NUMBERS for held in receipt.kept),
                stop_url=f"/r/{token}/stop{visit.suffix}",
                deletion=receipt.deletion,
                done_at=self._done_at(visit, receipt),
                here=f"/r/{token}{visit.suffix}",
                delete_url=f"/r/{token}/delete{visit.suffix}",
                photos_url=visit.url(),
            )
        )

    def _done_at(self, visit: Visit, receipt: DataReceipt) -> str:
        at = receipt.deletion.done_at if receipt.deletion else None
        if at is None:
            return ""
        pages, language = self._pages, visit.language
        return f"{pages.date(language, at)} {pages.clock_time(language, at)}"

    def _confirm_page(self, visit: Visit, token: str) -> Response:
        receipt = self._desk.receipt(visit.link)
        _, _, deletable = self._pages.receipt_lines(visit.language, receipt, visit.purchase)
        return HTMLResponse(
            self._pages.page(
                "confirm.html.j2",
                visit.language,
                event_name=visit.purchase.event_name(visit.language),
                lines=deletable,
                here=f"/r/{token}{visit.suffix}",
                delete_url=f"/r/{token}/delete{visit.suffix}",
            )
        )


async def _is_confirmed(request: Request) -> bool:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM_BYTES:
            return False
    return parse_qs(body.decode("ascii", "replace")).get("confirm") == ["yes"]
