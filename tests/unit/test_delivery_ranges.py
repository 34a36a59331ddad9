"""Which part of a file a phone asks for."""

from __future__ import annotations

import io

import pytest

from kiosk.delivery.downloads import Span, asked_span, read_span


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        (None, 0, 100),
        ("bytes=0-", 0, 100),
        ("bytes=40-", 40, 100),
        ("bytes=40-49", 40, 50),
        ("bytes=40-4000", 40, 100),
        ("bytes=-10", 90, 100),
        ("bytes=-1000", 0, 100),
        ("bytes=0-0", 0, 1),
        ("bytes=-", 0, 100),
        ("bytes=50-40", 0, 100),
        ("bytes=0-1,5-6", 0, 100),
        ("chunks=0-1", 0, 100),
        ("bytes=a-b", 0, 100),
    ],
)
def test_span_that_is_asked_for(header: str | None, start: int, end: int) -> None:
    assert asked_span(header, 100) == Span(start, end, 100)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_span_outside_the_file_is_refused(header: str) -> None:
    assert asked_span(header, 100) is None


def test_parts_put_together_are_the_file() -> None:
    data = bytes(range(256)) * 1000
    parts = [asked_span(header, len(data)) for header in ("bytes=0-99999", "bytes=100000-")]
    assert b"".join(b"".join(read_span(io.BytesIO(data), part)) for part in parts if part) == data


def test_file_that_became_shorter_is_not_passed_off_as_whole() -> None:
    with pytest.raises(EOFError):
        list(read_span(io.BytesIO(b"short"), Span(0, 100, 100)))
