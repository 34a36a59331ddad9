"""A real Milvus server, as `python3 -m installer test` unpacks it, in a network namespace of its own."""

from __future__ import annotations

import http.client
import os
import re
import shutil
from pathlib import Path
from types import TracebackType

from installer.peers import MILVUS, milvus_is_ready
from tests.peers.network import NetworkNamespace
from tests.peers.processes import PeerMissingError, ServerProcess

_PORT = 19530
_HEALTH_PORT = 9091
_READY_TIMEOUT_S = 90
# Its standard pace makes each strongly consistent read wait for 200 ms, each loading for seconds, and whoever
# comes after a kill for half a minute.
_PACE = {
    "COMMON_SESSION_TTL": "10",
    "PROXY_TIMETICKINTERVAL": "50",
    "QUERYCOORD_CHECKCHANNELINTERVAL": "50",
    "QUERYCOORD_CHECKSEGMENTINTERVAL": "50",
    "QUERYCOORD_DISTPULLINTERVAL": "50",
}
# As the README asks of a server with HNSW: a segment that has seen some thousand faces gets an interim index,
# which misses faces, even where only a few of them are left.
_EXACT = {"QUERYNODE_SEGCORE_INTERIMINDEX_ENABLEINDEX": "false"}
_BLANK = re.compile(r"\{\{\s*(?P<name>\w+)(?:\(\w+\))?(?::\s*(?P<standard>[^}]*?))?\s*\}\}")


class MilvusServer:
    """Runs in `network`, since it listens on every address that it finds; `folder` is new for each run."""

    def __init__(self, folder: Path, network: NetworkNamespace) -> None:
        self.network = network
        self._folder = folder
        self._process = ServerProcess(folder / "milvus.log")

    @property
    def url(self) -> str:
        return f"http://{self.network.host}:{_PORT}"

    def __enter__(self) -> MilvusServer:
        if not milvus_is_ready():
            raise PeerMissingError("no Milvus server here: `python3 -m installer test` did not get it")
        try:
            self._configure()
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
        """Starts it, or starts it again after `kill`, with what it held."""
        programs = MILVUS / "bin"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "LD_LIBRARY_PATH": str(programs),
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(_HEALTH_PORT),
            "MILVUS_RUN_DIR": str(self._folder / "run"),
            **_PACE,
            **_EXACT,
        }
        command = self.network.command([programs / "milvus", "run", "standalone"])
        self._process.start(command, self._folder, environment)
        self._process.wait_until(self._is_ready, _READY_TIMEOUT_S)

    def kill(self) -> None:
        """Dies at once, as with a power cut."""
        self._process.kill()

    def drop_collections(self) -> None:
        """Makes it empty; the next one takes two seconds to make, so that many tests rather drop its rows."""
        from pymilvus import MilvusClient

        client = MilvusClient(uri=self.url)
        try:
            for name in client.list_collections():
                client.drop_collection(name)
        finally:
            client.close()

    def _configure(self) -> None:
        """Fills in the form that comes with it; the program reads it below the folder that it starts in."""
        values = {
            "etcd_log_path": "stdout",
            "etcd_data_dir": str(self._folder / "etcd"),
            "local_storage_dir": str(self._folder / "data"),
            "rocksmq_data_dir": str(self._folder / "rocksmq"),
            "system_log_path": "",
        }
        form = (MILVUS / "config.yaml.template").read_text(encoding="utf-8")
        filled = _BLANK.sub(lambda blank: values.get(blank["name"], blank["standard"] or ""), form)
        for name in ("configs", "logs"):
            (self._folder / name).mkdir(exist_ok=True)
        (self._folder / "configs" / "milvus.yaml").write_text(filled, encoding="utf-8")
        shutil.copy(MILVUS / "glog.conf", self._folder / "configs" / "glog.conf")

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.network.host, _HEALTH_PORT, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return b"OK" in connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
