"""`flows up`: what it starts, and that nothing of it is left; test_survival.py has what it starts again, and its end."""

import socket
import time
from pathlib import Path

import pytest
import yaml

from flows.commands.up import Serving, check_port, up
from flows.pipelines.registry import each_pipeline
from flows.server.deploy import PREFECT_FILE
from tests.flows.serving import Served, free_port, start_up


def wait_until(condition, *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_it_applies_every_pool_and_deployment_of_the_file(served: Served):
    file = yaml.safe_load(PREFECT_FILE.read_text())
    pools = {pool["name"]: pool for pool in served.call("work_pools/filter", {})}
    assert set(pools) >= {"render", "gpu"} and {pool["type"] for pool in pools.values()} == {"process"}
    assert (pools["gpu"]["concurrency_limit"], pools["render"]["concurrency_limit"]) == (1, None)
    deployments = served.call("deployments/filter", {})
    written = {item["entrypoint"] for item in file["deployments"]}
    of_pipelines = {pipeline.flow for pipeline in each_pipeline()}
    assert {item["entrypoint"] for item in deployments} == written | of_pipelines
    assert all(
        item["job_variables"] == {"command": "python -m flows.server.flow_process"} for item in deployments
    )
    sweep = next(item for item in deployments if item["entrypoint"] == "flows.sweeps.flow:sweep")
    assert sweep["global_concurrency_limit"]["limit"] == 1
    assert sweep["concurrency_options"]["collision_strategy"] == "ENQUEUE"


def test_it_listens_on_this_machine_only(served: Served):
    port = int(served.url.rpartition(":")[2])
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {words[1] for words in lines if words[3] == "0A" and words[1].endswith(f":{port:04X}")}
    assert listening == {f"0100007F:{port:04X}"}


def test_nothing_outlives_a_killed_up(tmp_path):
    served = start_up(tmp_path)
    assert wait_until(lambda: len(served.children()) == 4)
    children = served.children().values()
    served.process.kill()
    served.process.wait()
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_an_address_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = (
            f"cannot listen on 127.0.0.1:{port}: Address already in use; end it, or choose another --port"
        )
        with pytest.raises(ValueError, match=message):
            check_port(Serving("127.0.0.1", port, "store"))


@pytest.mark.parametrize("port", [0, 99999])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(ValueError, match=f"--port must be from 1 to 65535, but was {port}"):
        check_port(Serving("127.0.0.1", port, "store"))


def test_a_bucket_does_not_hold_the_server_s_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="--store is s3://bucket, but the server's database lies in it"):
        up(Serving("127.0.0.1", free_port(), "s3://bucket"))
    assert not list(tmp_path.iterdir())


def test_a_folder_of_other_things_does_not_become_a_store(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="is no store and not empty; give a store's folder, or a new one"):
        up(Serving("127.0.0.1", free_port(), str(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
