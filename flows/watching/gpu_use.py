"""How busy this machine's GPUs are, as NVIDIA's own command says it."""

import contextlib
import shutil
import subprocess
from dataclasses import dataclass

_QUERY = "--query-gpu=index,name,utilization.gpu,memory.used,memory.total"
_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class GpuUse:
    """One GPU: the share of the last second or so in which it worked, and its memory in bytes.

    None where the driver does not say it, as of a GPU that is divided into instances.
    """

    index: str
    name: str
    busy_share: float | None
    used_bytes: float | None
    total_bytes: float | None


def read_gpus() -> list[GpuUse]:
    """Empty where there is no GPU, and where its driver does not answer."""
    if shutil.which("nvidia-smi") is None:
        return []
    command = ["nvidia-smi", _QUERY, "--format=csv,noheader,nounits"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=True)
        lines = done.stdout.decode(errors="replace").splitlines()
        return [_parse(line) for line in lines if line.count(",") >= 4]
    return []


def _parse(line: str) -> GpuUse:
    index, *name, busy, used, total = (word.strip() for word in line.split(","))
    return GpuUse(index, ", ".join(name), _number(busy, 0.01), _number(used, 2**20), _number(total, 2**20))


def _number(text: str, unit: float) -> float | None:
    """`[N/A]` and the like are None."""
    try:
        return float(text) * unit
    except ValueError:
        return None
