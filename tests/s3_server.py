"""A real S3 server in a process of its own: SeaweedFS, where its program is at hand."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

_READY_TIMEOUT_S = 40


def s3_program() -> str | None:
    """SeaweedFS's `weed`: the one beside this Python (it is among the locked tools), else on the path."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


class S3Server:
    """Runs on loopback with keys of its own while the context lasts."""

    access_key = "kiosk-test"
    secret_key = "kiosk-test-secret"

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> S3Server:
        ports = _free_ports(8)
        self._port = ports[0]
        config = {
            "identities": [
                {
                    "name": "kiosk",
                    "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
                    "actions": ["Admin", "Read", "Write", "List"],
                }
            ]
        }
        (self._folder / "s3.json").write_text(json.dumps(config))
        flags = {
            "dir": self._folder,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "s3.port": ports[0],
            "s3.port.grpc": ports[1],
            "filer.port": ports[2],
            "filer.port.grpc": ports[3],
            "master.port": ports[4],
            "master.port.grpc": ports[5],
            "volume.port": ports[6],
            "volume.port.grpc": ports[7],
            "s3.config": self._folder / "s3.json",
            "master.volumeSizeLimitMB": 32,
            "volume.max": 1000,
        }
        log = (self._folder / "weed.log").open("wb")
        with log:
            self._process = subprocess.Popen(
                [
                    self._program,
                    "server",
                    "-filer",
                    "-s3",
                    *(f"-{name}={value}" for name, value in flags.items()),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _wait_until_ready(self) -> None:
        from minio import Minio

        client = Minio(self.endpoint, self.access_key, self.secret_key, secure=False)
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while True:
            try:
                client.make_bucket("ready")
                return
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)


def _free_ports(count: int) -> list[int]:
    """Free ports below 50000: `weed` also counts from a port to its gRPC port."""
    sockets = []
    try:
        for _ in range(count):
            one = socket.socket()
            one.bind(("127.0.0.1", 0))
            sockets.append(one)
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
