"""What a centre does beside its answers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kiosk.central import serving
from kiosk.central.centre import Centre
from kiosk.central.settings import CentralSettings


class EnoughError(Exception):
    """Ends the centre before it serves anybody."""


def test_what_is_done_beside_goes_on_after_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Centre] = []
    again = threading.Event()

    def check(centre: Centre, _stop: threading.Event) -> None:
        begun.append(centre)
        if len(begun) == 1:
            raise RuntimeError("a bug")
        again.set()

    def on_ready(_centre: Centre, _url: str) -> None:
        assert again.wait(10), "nobody began again"
        raise EnoughError

    monkeypatch.setattr(serving, "check_index", check)
    with pytest.raises(EnoughError):
        serving.serve(tmp_path, CentralSettings(), "127.0.0.1", 0, on_ready)


def ended_at_once(home: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address that is told."""
    told: list[str] = []

    def on_ready(_centre: Centre, url: str) -> None:
        told.append(url)
        raise EnoughError

    monkeypatch.setattr(serving, "check_index", lambda _centre, _stop: None)
    with pytest.raises(EnoughError):
        serving.serve(home, CentralSettings(), host, 0, on_ready)
    return told[0]


def test_that_nobody_is_paid_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logs:
        ended_at_once(tmp_path, "127.0.0.1", monkeypatch)
    assert [each["event"] for each in logs].count("nobody_is_paid") == 1


def test_one_that_listens_everywhere_tells_an_address_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "local_address", lambda: "192.168.1.20")
    assert ended_at_once(tmp_path, "0.0.0.0", monkeypatch).startswith("http://192.168.1.20:")
