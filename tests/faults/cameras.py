"""A camera in the network that dies and comes back under a visitor who looks into it."""

from __future__ import annotations

import random
import time
from pathlib import Path

from kiosk.capture.types import CameraState
from kiosk.payments.simulator import PayNoiSimulator
from tests.faults.kiosk_process import keyring_of, stocked_home
from tests.faults.world import Trouble
from tests.file_keyring import this_process_has
from tests.peers.processes import PeerMissingError
from tests.rtsp_server import RtspServer, rtsp_server_is_here
from tests.watching import wait_until
from tests.whole_kiosk import running, settings_for

_WITHIN_S = 60.0


def camera_lost(folder: Path, times: int) -> Trouble:
    """Killed and started again; back is from when it answers again until pictures are live."""
    if not rtsp_server_is_here():
        raise PeerMissingError("no camera in the network here: gst-rtsp-server is not installed")
    trouble, chance = Trouble("camera lost"), random.Random(4)
    home = stocked_home(folder / "stocked")
    server = RtspServer()
    server.start()
    try:
        with (
            this_process_has(keyring_of(home)),
            PayNoiSimulator() as bank,
            running(home, settings_for(server.url), bank.base_url) as guest,
        ):
            guest.agree()
            guest.wait(lambda: guest.kiosk.view.camera is CameraState.LIVE)
            for number in range(times):
                server.stop()
                guest.kiosk.journey.keep_alive()
                guest.wait(lambda: guest.kiosk.view.camera is not CameraState.LIVE)
                time.sleep(chance.uniform(0.0, 2.0))
                server.start()
                back_s = time.monotonic()
                try:
                    wait_until(lambda: guest.kiosk.view.camera is CameraState.LIVE, _WITHIN_S)
                except AssertionError:
                    trouble.wrong.append(f"time {number}: not live again in {_WITHIN_S:.0f} s")
                trouble.back_s.append(time.monotonic() - back_s)
    finally:
        server.stop()
    return trouble
