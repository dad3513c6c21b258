from pathlib import Path

import pytest

from flows.watching.gpu_use import GpuUse, read_gpus


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Puts a command in the place of the driver's; what it prints is as nvidia-smi 570 prints it."""

    def put(script: str) -> None:
        path: Path = tmp_path / "nvidia-smi"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return put


def test_each_gpu_says_how_busy_it_is(command):
    command("echo '0, NVIDIA H200, 87, 2048, 143771'; echo '1, NVIDIA H200, [N/A], 0, 143771'")
    total = 143771 * 2**20
    assert read_gpus() == [
        GpuUse("0", "NVIDIA H200", 0.87, 2 * 2**30, total),
        GpuUse("1", "NVIDIA H200", None, 0.0, total),
    ]


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'", "echo"])
def test_a_driver_that_does_not_answer_is_no_gpu(command, script):
    command(script)
    assert read_gpus() == []


def test_a_machine_without_the_command_has_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_gpus() == []
