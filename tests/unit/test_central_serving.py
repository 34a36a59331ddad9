"""What a centre does beside its answers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

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
