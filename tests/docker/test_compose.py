"""What docker/ promises, read from its files; `make check-docker` gives them to hadolint and compose."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tasks.artifacts.code_version import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docker"
SERVICES = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
DOCKERFILE = (FOLDER / "Dockerfile").read_text()


def test_only_the_server_has_a_port_and_only_on_this_host():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"server": ["127.0.0.1:${VERISIM_PORT:-4200}:4200"]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_healthy_or_says_so_and_comes_back(name):
    service = SERVICES[name]
    if name == "deploy":  # runs once
        assert service["restart"] == "no"
    else:
        assert "test" in service["healthcheck"] and service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_to_a_patch_version_and_its_digest_or_built_here(name):
    service = SERVICES[name]
    digest = "" if name == "redis" else r"@sha256:[0-9a-f]{64}"  # of redis none was known for sure
    assert "build" in service or re.search(rf":\d+\.\d+(\.\d+)?-\w+{digest}$", service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_memory_and_logs_of_a_service_have_limits(name):
    service = SERVICES[name]
    assert service["mem_limit"] and service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_bases_are_pinned_and_every_image_ends_as_a_user_without_rights():
    bases = re.findall(r"^FROM (\S+) AS (\w+)", DOCKERFILE, flags=re.MULTILINE)
    assert (
        re.fullmatch(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", bases[0][0])
        and [base for base, _ in bases[1:]] == ["base"] * 3
    )
    for stage in DOCKERFILE.split("\nFROM ")[2:]:
        assert re.findall(r"^USER (\S+)", stage, flags=re.MULTILINE)[-1] == "1000"
    assert all("user" in SERVICES[name] for name in ("postgres", "redis"))


def test_the_database_s_password_is_a_file_of_those_that_need_it_and_others_come_from_the_environment():
    text = (FOLDER / "compose.yaml").read_text()
    values = re.findall(r"^\s*(\S*(?:PASSWORD|AUTH_STRING)): (.*)$", text, flags=re.MULTILINE)
    assert len(values) == 2 and all(value.startswith("${VERISIM_") for _, value in values)
    with_secret = [name for name, service in SERVICES.items() if "secrets" in service]
    assert with_secret == ["postgres", "server", "services"]
    assert all(
        SERVICES[name]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database-password"
        for name in with_secret
    )


def test_the_gpu_image_has_no_blender_and_the_render_image_has_its_libraries():
    stages = {stage.split("\n")[0].split()[-1]: stage for stage in DOCKERFILE.split("\nFROM ")[1:]}
    assert "--no-install-package bpy" in stages["gpu"] and "libxrender1" not in stages["gpu"]
    assert "--no-install-package" not in stages["render"] and "libxrender1" in stages["render"]


def test_the_build_sees_code_only_and_all_that_it_copies():
    allowed = re.findall(r"^!(\S+)", (FOLDER / "Dockerfile.dockerignore").read_text(), flags=re.MULTILINE)
    assert {"flows", "tasks", "models", "blender_assets", "pyproject.toml", "prefect.yaml"} <= set(allowed)
    for path in allowed:
        assert (PROJECT_ROOT / path).exists(), path
    copied = re.findall(r"^COPY(?: --\S+)* (.*) \S+$", DOCKERFILE, flags=re.MULTILINE)
    assert {item for items in copied for item in items.split()} - {"."} <= set(allowed)


def test_an_unknown_role_is_refused_in_one_line():
    ended = subprocess.run([FOLDER / "entrypoint.sh", "cook"], capture_output=True, text=True)
    assert ended.returncode == 2
    assert (
        ended.stderr
        == "error: cook was asked for; allowed are server, services, deploy, worker POOL, prefect ...\n"
    )


def test_docker_is_no_package_that_hides_the_library_of_that_name():
    assert not list(Path(FOLDER).rglob("__init__.py"))
