"""Download links in SQL (`kiosk.delivery.types.LinkRepository`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kiosk.database.engine import Database
from kiosk.database.tables import LinkDownloadRow, LinkRow
from kiosk.delivery.links import downloads_used
from kiosk.delivery.types import DownloadLink
from kiosk.errors import ErrorCode, KnownError


class SqlLinkRepository:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_link(self, link: DownloadLink) -> None:
        """Stores a new link; one that is there already stays as it is."""
        with self._database.writing() as session:
            if session.get(LinkRow, link.link_id) is not None:
                return
            session.add(
                LinkRow(
                    link_id=link.link_id,
                    order_id=link.order_id,
                    token_hash=link.token_hash,
                    created_at=link.created_at,
                    expires_at=link.expires_at,
                    download_limit=link.download_limit,
                )
            )

    def link_by_token_hash(self, token_hash: str) -> DownloadLink | None:
        with self._database.reading() as session:
            row = session.scalar(select(LinkRow).where(LinkRow.token_hash == token_hash))
            return None if row is None else _link(session, row)

    def newest_link(self, order_id: str) -> DownloadLink | None:
        """The link that an order got last, to be shown again; None if it never had one."""
        query = (
            select(LinkRow)
            .where(LinkRow.order_id == order_id)
            .order_by(LinkRow.created_at.desc(), LinkRow.link_id)
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else _link(session, row)

    def valid_links(self, now: datetime) -> list[DownloadLink]:
        """All that are good at `now`."""
        query = select(LinkRow).where(LinkRow.expires_at > now).order_by(LinkRow.created_at)
        with self._database.reading() as session:
            return [_link(session, row) for row in session.scalars(query)]

    def expire_links(self, order_id: str, at: datetime) -> None:
        """Ends all links of an order that would last beyond `at`; they stay readable for the receipt."""
        late = (LinkRow.order_id == order_id) & (LinkRow.expires_at > at)
        with self._database.writing() as session:
            session.execute(update(LinkRow).where(late).values(expires_at=at))

    def object_downloads(self, link_id: str) -> Mapping[str, int]:
        with self._database.reading() as session:
            return _counts(session, link_id)

    def count_download(self, link_id: str, object_name: str) -> DownloadLink:
        with self._database.writing() as session:
            row = session.get(LinkRow, link_id, with_for_update=True)
            if row is None:
                raise KnownError(ErrorCode.LINK_UNKNOWN, f"There is no link {link_id}.")
            if downloads_used(_counts(session, link_id), object_name) >= row.download_limit:
                raise KnownError(
                    ErrorCode.LINK_EXHAUSTED,
                    f"Link {link_id} has reached its download limit.",
                    "Make a new link for the order.",
                    {"n": str(row.download_limit)},
                )
            counter = session.get(LinkDownloadRow, (link_id, object_name))
            if counter is None:
                counter = LinkDownloadRow(link_id=link_id, object_name=object_name, downloads=0)
                session.add(counter)
            counter.downloads += 1
            session.flush()
            return _link(session, row)


def _counts(session: Session, link_id: str) -> dict[str, int]:
    query = select(LinkDownloadRow.object_name, LinkDownloadRow.downloads).where(
        LinkDownloadRow.link_id == link_id
    )
    return {row.object_name: row.downloads for row in session.execute(query)}


def _link(session: Session, row: LinkRow) -> DownloadLink:
    return DownloadLink(
        link_id=row.link_id,
        order_id=row.order_id,
        token_hash=row.token_hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        download_limit=row.download_limit,
        downloads=downloads_used(_counts(session, row.link_id)),
    )
