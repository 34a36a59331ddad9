"""A scripted visitor in a real window: run under a display server by test_demo.

Usage: python -m tests.journeys.screen_program HOME CLIP OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.app import Outside, open_kiosk
from kiosk.language import Language
from kiosk.payments.simulator import PayNoiSimulator
from tests.whole_kiosk import gateway_at, settings_for
from ui.application import application
from ui.scripted_visitor import walk
from ui.window_size import PORTRAIT


def main() -> int:
    home, clip, out = map(Path, sys.argv[1:])
    with PayNoiSimulator(auto_pay_after_s=1.0) as bank:
        kiosk = open_kiosk(home, settings_for(clip), Outside(gateway=gateway_at(bank.base_url)))
        kiosk.start()
        try:
            status = walk(kiosk, out, PORTRAIT, Language.ENGLISH)
        finally:
            kiosk.stop()
    print(f"platform {application().platformName()}")
    return status


if __name__ == "__main__":
    sys.exit(main())
