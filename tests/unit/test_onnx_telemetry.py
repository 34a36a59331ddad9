"""The runtime of the networks tells its maker nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kiosk.paths import program_root

_OPENS = """
import sys
from pathlib import Path
from kiosk.vision.onnx_session import open_session
open_session(Path(sys.argv[1]).read_bytes(), 1, "a network")
"""


def test_opening_a_network_leaves_nothing_for_its_maker(tmp_path: Path) -> None:
    network = next((program_root() / "models").glob("*.onnx"))
    of_this_run = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")}
    environment = {**os.environ, **of_this_run}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run(
        [sys.executable, "-c", _OPENS, str(network)], env=environment, cwd=program_root(), check=True
    )
    assert list(tmp_path.iterdir()) == []
