"""The files that deploy a centre are what their own tools accept, and name what the program really has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from kiosk.central.settings import load_central_settings
from ui.command import app, load_commands

DEPLOY = Path(__file__).parents[2] / "installer" / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OLDEST, NEWEST = "1.25", kubernetes_validate.latest_version()


def manifests() -> list[dict[str, Any]]:
    return [document for path in MANIFESTS for document in yaml.safe_load_all(path.read_text("utf-8"))]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("manifest", manifests(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_kubernetes_accepts_every_manifest(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_interface_and_workers_are_watched_and_scaled() -> None:
    found = manifests()
    scaled = {
        one["spec"]["scaleTargetRef"]["name"] for one in found if one["kind"] == "HorizontalPodAutoscaler"
    }
    deployed = {one["metadata"]["name"]: one for one in found if one["kind"] == "Deployment"}
    assert scaled == set(deployed)
    (api,) = deployed["centre-api"]["spec"]["template"]["spec"]["containers"]
    assert {api[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")} == {
        "/healthz",
        "/readyz",
    }
    (cameras,) = deployed["centre-camera-worker"]["spec"]["template"]["spec"]["containers"]
    assert {cameras[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")} == {
        "/healthz",
        "/readyz",
    }
    for one in deployed.values():
        assert "replicas" not in one["spec"]  # applying it anew would undo what the scaler chose


def test_the_settings_that_deployments_name_exist(tmp_path: Path) -> None:
    (config,) = (one["data"] for one in manifests() if one["kind"] == "ConfigMap")
    assert load_central_settings(tmp_path, config).queue.redis_url
    composed = _composed()["x-centre"]["environment"]
    assert load_central_settings(tmp_path, composed).database.url


def test_what_containers_are_started_with_are_commands_of_the_centre() -> None:
    composed = [one.get("command") for one in _composed()["services"].values() if "build" in one]
    deployed = [
        container["args"]
        for one in manifests()
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    ]
    load_commands("central")
    root: Any = get_command(app)
    for words in (*(words for words in composed if words), *deployed):
        command = root.commands["central"].commands[words[0]]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words[1:] if word.startswith("--")} <= options


def test_no_secret_stands_in_a_deployment_file() -> None:
    for path in (*MANIFESTS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"):
        assert not re.search(
            r"(?i)(password|secret|_key)[\w]*:\s*[\"']?[0-9a-z]{12,}", path.read_text("utf-8")
        )
        assert not re.search(r"://[^@/\s]+:[^@/\s]+@", path.read_text("utf-8"))


@pytest.mark.real_server
def test_whoever_decodes_cameras_gets_no_key_that_signs_or_pays() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    worker = compose["services"]["camera-worker"]
    assert (worker["secrets"], worker["volumes"]) == ([], ["./secrets/camera-worker:/run/secrets:ro"])
    manifests = yaml.safe_load_all((DEPLOY / "kubernetes" / "camera-worker.yaml").read_text(encoding="utf-8"))
    deployment = next(one for one in manifests if one["kind"] == "Deployment")
    volumes = {one["name"]: one for one in deployment["spec"]["template"]["spec"]["volumes"]}
    of_centre = volumes["secrets"]["projected"]["sources"][0]["secret"]
    assert {item["key"] for item in of_centre["items"]} == {
        "at_rest_key",  # it keeps faces
        "database_password",
        "minio_access_key",
        "minio_secret_key",
    }


def test_compose_accepts_its_file(tmp_path: Path) -> None:
    compose = shutil.which("docker-compose")
    if compose is None:
        pytest.skip("docker-compose is not installed")
    secrets = tmp_path / "installer" / "deploy" / "secrets"
    secrets.mkdir(parents=True)
    copied = secrets.with_name("compose.yaml")
    shutil.copyfile(DEPLOY / "compose.yaml", copied)
    for name in _composed()["secrets"]:
        (secrets / name).write_text("x", encoding="utf-8")
    done = subprocess.run(
        [compose, "--file", copied, "config"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert set(services) == {"api", "worker", "camera-worker", "postgres", "redis", "minio", "milvus"}


def _composed() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return loaded
