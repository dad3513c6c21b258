"""Templates of pools, against those that Prefect's own package comes with."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import prefect
import pytest
import yaml
from prefect.utilities.templating import apply_values

from flows.server.pool_templates import PoolSettings, base_job_template, read_pools
from tasks.artifacts.code_version import PROJECT_ROOT

EXAMPLES = PROJECT_ROOT / "docker" / "pools"
_METADATA = "server/api/collections_data/views/aggregate-worker-metadata.json"


@pytest.fixture(scope="module")
def api() -> Any:
    """What a server of this version answers."""
    metadata = json.loads((Path(prefect.__file__).parent / _METADATA).read_text())
    return SimpleNamespace(url="http://server/api", get=lambda path: metadata)


def template(api: Any, pool: str = "gpu", **settings: Any) -> dict[str, Any]:
    return base_job_template(api, pool, PoolSettings(type=settings.pop("type", "kubernetes"), **settings))


def job_of(found: dict[str, Any], **job_variables: Any) -> dict[str, Any]:
    """The job configuration that Prefect makes of a template for one run."""
    variables = found["variables"]["properties"].items()
    defaults = {name: variable["default"] for name, variable in variables if "default" in variable}
    return apply_values(found["job_configuration"], defaults | job_variables)


@pytest.mark.parametrize("example", ["kubernetes", "docker"])
def test_the_examples_fit_the_forms_of_their_kind(api, example):
    for pool, settings in read_pools(EXAMPLES / f"{example}.yaml").items():
        found = base_job_template(api, pool, settings)
        assert job_of(found)["image" if example == "docker" else "namespace"]
        assert settings.type == example


def test_a_run_on_kubernetes_gets_its_image_gpu_node_volumes_and_secrets(api):
    found = base_job_template(api, "gpu", read_pools(EXAMPLES / "kubernetes.yaml")["gpu"])
    job = job_of(found, image="registry/verisim-gpu:2", command=["prefect", "flow-run", "execute"])
    pod = job["job_manifest"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (container["name"], container["image"]) == ("prefect-job", "registry/verisim-gpu:2")
    assert container["args"] == ["prefect", "flow-run", "execute"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": 1, "memory": "16Gi"}
    assert container["resources"]["requests"] == {"cpu": "4", "memory": "8Gi"}
    assert container["envFrom"] == [{"secretRef": {"name": "verisim-store"}}]
    assert container["env"] == {"AWS_DEFAULT_REGION": "<region>"}
    assert pod["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert {volume["name"] for volume in pod["volumes"]} == {
        mount["name"] for mount in container["volumeMounts"]
    }
    assert (pod["restartPolicy"], pod["serviceAccountName"]) == ("Never", "verisim-runs")


def test_pools_of_processes_are_what_a_file_need_not_name(tmp_path):
    (tmp_path / "pools.yaml").write_text("gpu: {type: docker}")
    kinds = {pool: settings.type for pool, settings in read_pools(tmp_path / "pools.yaml").items()}
    assert kinds == {"render": "process", "gpu": "docker"}
    assert {settings.type for settings in read_pools(None).values()} == {"process"}


def test_runs_find_the_pools_under_their_prefix(api, monkeypatch):
    monkeypatch.setenv("VERISIM_POOL_PREFIX", "verisim-")
    found = template(api, job_variables={"env": {"A": "1"}})
    assert job_of(found)["env"] == {"VERISIM_POOL_PREFIX": "verisim-", "A": "1"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"job_variables": {"imgae": "x"}},
            r"gpu.job_variables.imgae: a pool of the type kubernetes has no such variable",
        ),
        (
            {"job_variables": {"finished_job_ttl": "a day"}},
            r"gpu.job_variables.finished_job_ttl: 'a day' is not of type",
        ),
        (
            {"type": "docker", "job_variables": {"volumes": "/a:/b"}},
            r"gpu.job_variables.volumes: '/a:/b' is not of type",
        ),
        (
            {"job_configuration": {"job_manifest": {"kind": "{{ kind }}"}}},
            r"{{ kind }} is no variable of a pool",
        ),
    ],
)
def test_what_does_not_fit_the_kind_is_named_with_what_does(api, settings, said):
    with pytest.raises(ValueError, match=said):
        template(api, **settings)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"rendering": {"type": "docker"}}, "has the keys render and gpu, but has rendering"),
        ({"gpu": {"type": "ecs"}}, "gpu: type"),
        ({"gpu": {"type": "docker", "image": "x"}}, "gpu: image"),
        (["gpu"], "has the keys render and gpu, but has list"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_name(tmp_path, content, said):
    (tmp_path / "pools.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(ValueError, match=rf"pools\.yaml: .*{said}"):
        read_pools(tmp_path / "pools.yaml")


def test_a_server_that_does_not_know_the_kind_is_named(api):
    old = SimpleNamespace(url=api.url, get=lambda path: {"prefect": {"process": {}}})
    with pytest.raises(
        ValueError, match=r"http://server/api knows no workers of the type kubernetes, only process"
    ):
        template(old)
