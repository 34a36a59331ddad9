"""A real S3 server in a process of its own: SeaweedFS, where its program is at hand."""

from __future__ import annotations

import json
import shutil
import sys
from io import BytesIO
from pathlib import Path
from types import TracebackType

from tests.peers.processes import LOOPBACK, PeerMissingError, ServerProcess, free_ports

_READY_TIMEOUT_S = 40
_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
)


class S3Server:
    """Runs on loopback with keys of its own while the context lasts."""

    access_key = "kiosk-test"
    secret_key = "kiosk-test-secret"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = ServerProcess(folder / "weed.log")
        self._is_filled = False
        self._ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))

    @property
    def endpoint(self) -> str:
        return f"{LOOPBACK}:{self._ports['s3.port']}"

    def __enter__(self) -> S3Server:
        identity = {
            "name": "kiosk",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (self._folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Starts it, or starts it again on the same port with what it held."""
        flags = {
            "dir": self._folder,
            "ip": LOOPBACK,
            "ip.bind": LOOPBACK,
            **self._ports,
            "s3.port.iceberg": 0,  # neither is asked for, and their ports are the same for all
            "s3.port.lance": 0,
            "s3.config": self._folder / "s3.json",
            "master.electionTimeout": "1s",
            "master.telemetry": "false",
            "master.volumeSizeLimitMB": 32,
            "volume.max": 1000,
        }
        command = [_program(), "server", "-filer", "-s3"]
        self._process.start([*command, *(f"-{name}={value}" for name, value in flags.items())])
        self._process.wait_until(self._is_ready, _READY_TIMEOUT_S)

    def kill(self) -> None:
        """Ends the server at once."""
        self._process.kill()

    def _is_ready(self) -> bool:
        """It takes an object, and after a restart also gives the former one."""
        from minio import Minio
        from minio.error import MinioException
        from urllib3 import PoolManager
        from urllib3.exceptions import HTTPError

        pool = PoolManager(retries=False, timeout=5)
        client = Minio(self.endpoint, self.access_key, self.secret_key, secure=False, http_client=pool)
        try:
            if self._is_filled:
                client.get_object("ready", "ready").close()
            elif not client.bucket_exists("ready"):
                client.make_bucket("ready")
            client.put_object("ready", "ready", BytesIO(b"ready"), 5)
        except (MinioException, HTTPError, OSError):
            return False
        finally:
            pool.clear()
        self._is_filled = True
        return True


def _program() -> str:
    """SeaweedFS's `weed`: the one beside this Python (it is among the locked tools), else on the path."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise PeerMissingError("no S3 server here: `weed` is neither beside this Python nor on the path")
    return found
