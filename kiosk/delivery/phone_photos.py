"""The photo page and its files: grid, previews, single originals, everything as one ZIP."""

from __future__ import annotations

import io
from typing import BinaryIO
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from kiosk.clock import Clock
from kiosk.delivery.downloads import DownloadCounter, Hold, Span, Transfer, asked_span, read_span
from kiosk.delivery.file_names import content_disposition, photo_file_name, photo_media_type, zip_file_name
from kiosk.delivery.links import ZIP_OBJECT, downloads_used
from kiosk.delivery.phone_gate import Line, PhoneGate, RefusedError, Visit
from kiosk.delivery.phone_headers import FILE_POLICY, PRIVATE_CACHE
from kiosk.delivery.phone_pages import PageWriter, Tile
from kiosk.delivery.photo_archive import stream_archive
from kiosk.delivery.purchases import PaidOrders
from kiosk.delivery.types import LinkRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import Photo, PreviewSize

_SIZES = {"medium": PreviewSize.MEDIUM, "large": PreviewSize.LARGE}

_BUSY_WAIT_S = "60"  # until then a phone that walked off in mid-transfer is given up


class PhonePhotos:
    """Routes under `/d/{token}`; each asks the gate first. Runs on the server's worker threads."""

    def __init__(
        self,
        gate: PhoneGate,
        links: LinkRepository,
        orders: PaidOrders,
        pages: PageWriter,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._gate = gate
        self._links = links
        self._orders = orders
        self._pages = pages
        self._clock = clock
        self._zone = zone
        self._counter = DownloadCounter(links)

    def add_to(self, app: FastAPI) -> None:
        """Adds the routes."""
        for path, endpoint in (
            ("/d/{token}", self.page),
            ("/d/{token}/preview/{n:int}", self.preview),
            ("/d/{token}/photo/{n:int}", self.photo),
            ("/d/{token}/all.zip", self.archive),
        ):
            app.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)

    def page(self, request: Request, token: str) -> Response:
        """The grid of bought photos."""
        visit = self._gate.admit(request, token)
        counts = self._links.object_downloads(visit.link.link_id)
        limit = visit.link.download_limit
        tiles = [
            self._tile(visit, index, photo_id, downloads_used(counts, photo_id) < limit)
            for index, photo_id in enumerate(visit.purchase.photo_ids, start=1)
        ]
        left = max(0, limit - downloads_used(counts))
        return HTMLResponse(
            self._pages.page(
                "photos.html.j2",
                visit.language,
                visit=visit,
                event_name=visit.purchase.event_name(visit.language),
                tiles=tiles,
                missing=sum(not tile.is_there and not tile.is_deleted for tile in tiles),
                forgotten=sum(tile.is_deleted for tile in tiles),
                limit=limit,
                left=left,
                until=self._pages.date(visit.language, visit.link.expires_at),
            )
        )

    def preview(self, request: Request, token: str, n: int) -> Response:
        """A thumbnail for the grid; never counted."""
        visit = self._gate.admit(request, token)
        size = _SIZES.get(request.query_params.get("size", ""), PreviewSize.MEDIUM)
        photo = self._photo(visit, n)
        try:
            data = self._orders.preview(photo, size)
        except KnownError as error:
            raise self._missing_or(error, visit) from error
        headers = {"Cache-Control": PRIVATE_CACHE, "Content-Security-Policy": FILE_POLICY}
        return Response(data, media_type="image/jpeg", headers=headers)

    def photo(self, request: Request, token: str, n: int) -> Response:
        """An original: opened on the phone, or saved as a file with `?save=1`. Whole or in part."""
        visit = self._gate.admit(request, token)
        photo = self._photo(visit, n)
        etag = f'"{photo.content_hash}"'
        headers = {
            "Content-Type": photo_media_type(photo),
            "Content-Disposition": content_disposition(
                "attachment" if "save" in request.query_params else "inline",
                photo_file_name(visit.purchase.event_name(visit.language), photo),
            ),
            "Content-Security-Policy": FILE_POLICY,
            "Cache-Control": PRIVATE_CACHE,
            "Accept-Ranges": "bytes",
            "ETag": etag,
        }
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        try:
            self._counter.check(visit.link, photo.photo_id)
            original = self._orders.open_original(photo)
        except KnownError as error:
            raise self._missing_or(error, visit) from error
        size = original.seek(0, io.SEEK_END)
        is_same_file = request.headers.get("if-range", etag) == etag
        span = asked_span(request.headers.get("range") if is_same_file else None, size)
        if span is None:
            original.close()
            return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
        headers["Content-Length"] = str(span.end - span.start)
        if not span.is_whole:
            headers["Content-Range"] = span.header
        status = 200 if span.is_whole else 206
        if request.method == "HEAD":
            original.close()
            return Response(status_code=status, headers=headers)
        return self._photo_transfer(visit, photo, original, span, headers, status)

    def archive(self, request: Request, token: str) -> Response:
        """All originals and their metadata as one ZIP."""
        visit = self._gate.admit(request, token)
        event_name = visit.purchase.event_name(visit.language)
        name = zip_file_name(event_name, visit.purchase.order.code)
        headers = {
            "Content-Type": "application/zip",
            "Content-Disposition": content_disposition("attachment", name),
        }
        if not visit.purchase.photos:
            raise self._deleted(visit)
        if not any(self._orders.has_original(photo) for photo in visit.purchase.photos.values()):
            raise self._missing(visit)
        if request.method == "HEAD":
            return Response(headers=headers)
        hold = self._begin(visit, ZIP_OBJECT)
        return Transfer(
            stream_archive(self._orders, visit.purchase, visit.language, self._zone, self._clock.now()),
            headers,
            on_complete=hold.complete,
            on_end=hold.release,
        )

    def _photo_transfer(
        self,
        visit: Visit,
        photo: Photo,
        original: BinaryIO,
        span: Span,
        headers: dict[str, str],
        status: int,
    ) -> Response:
        """Counted when the span holds the file's last byte."""
        if not span.reaches_end:
            return Transfer(read_span(original, span), headers, _nothing, original.close, status)
        try:
            hold = self._begin(visit, photo.photo_id)
        except BaseException:
            original.close()
            raise

        def end() -> None:
            original.close()
            hold.release()

        chunks = read_span(original, span)
        return Transfer(chunks, headers, hold.complete, end, status)

    def _begin(self, visit: Visit, object_name: str) -> Hold:
        """Holds one download of the link's limit, or raises the page that says why not."""
        try:
            hold = self._counter.begin(visit.link, object_name)
        except KnownError as error:
            raise self._missing_or(error, visit) from error
        if hold is None:
            raise RefusedError(
                429,
                "phone.busy.title",
                Line("phone.busy.text"),
                action_key="phone.back",
                action_url=visit.url(),
                headers={"Retry-After": _BUSY_WAIT_S},
            )
        return hold

    def _tile(self, visit: Visit, index: int, photo_id: str, has_downloads: bool) -> Tile:
        photo = visit.purchase.photos.get(photo_id)
        if photo is None:
            return Tile(index, None, "", is_there=False, is_open=False, is_deleted=True)
        time = self._pages.clock_time(visit.language, photo.taken_at) if photo.is_time_known else ""
        is_there = self._orders.has_original(photo)
        return Tile(index, photo.number, time, is_there, is_open=is_there and has_downloads)

    def _photo(self, visit: Visit, n: int) -> Photo:
        ids = visit.purchase.photo_ids
        if not 1 <= n <= len(ids):
            raise self._missing(visit)
        photo = visit.purchase.photos.get(ids[n - 1])
        if photo is None:
            raise self._deleted(visit)
        return photo

    def _missing_or(self, error: KnownError, visit: Visit) -> Exception:
        """The page for a missing file or a used-up link; anything else is told as a failure."""
        if error.code is ErrorCode.OBJECT_MISSING:
            return self._missing(visit)
        if error.code is ErrorCode.LINK_EXHAUSTED:
            return RefusedError(
                410,
                "phone.limit.title",
                Line("error.download_limit", {"n": visit.link.download_limit}),
                Line("phone.expired.next", {"code": visit.purchase.order.code}),
                action_key="phone.back",
                action_url=visit.url(),
            )
        return error

    def _deleted(self, visit: Visit) -> RefusedError:
        """A photo without a row is gone for good: somebody in it asked for it."""
        return RefusedError(
            410,
            "phone.photo_deleted.title",
            Line("phone.photo_deleted.text", {"code": visit.purchase.order.code}),
            action_key="phone.back",
            action_url=visit.url(),
        )

    def _missing(self, visit: Visit) -> RefusedError:
        return RefusedError(
            404,
            "phone.photo_missing.title",
            Line("phone.photo_missing.text", {"code": visit.purchase.order.code}),
            action_key="phone.back",
            action_url=visit.url(),
        )


def _nothing() -> None:
    """A part without the last byte completes no download."""
