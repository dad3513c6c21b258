"""Which arithmetic this machine is quick at: what `precision: auto` becomes.

Imports no torch: a key is worked out where importing it would cost seconds.
"""

import functools
import importlib
import os
from collections.abc import Mapping
from pathlib import Path

from models.configs import Arithmetic, DeviceName, Precision

# What Linux calls a processor's own products of bfloat16: on x86 since Intel's Cooper Lake and AMD's Zen 4, and on ARM.
_NATIVE_BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
# Values of oneDNN's ONEDNN_MAX_CPU_ISA, of which no instruction multiplies bfloat16.
_WITHOUT_BF16 = ("SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI")
_GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg")  # NVIDIA's driver on Linux, and Windows' GPUs within WSL


def settle(precision: Precision, device: DeviceName) -> Arithmetic:
    """The precision of work on `device`: `auto` is bf16 on a GPU and on a CPU that multiplies bf16 itself, else fp32."""
    if precision != "auto":
        return precision
    return "bf16" if is_gpu(device) or has_native_bf16() else "fp32"


def is_emulated(precision: Precision, device: DeviceName) -> bool:
    """Whether this is bf16 on a CPU that has no instruction for it: up to 88 times as slow as fp32."""
    return precision == "bf16" and not is_gpu(device) and not has_native_bf16()


def is_gpu(device: DeviceName) -> bool:
    """Whether work on `device` is done by a GPU; one that is asked for may be another host's."""
    return device == "cuda" or (device == "auto" and _has_gpu())


@functools.cache
def has_native_bf16() -> bool:
    """Whether this processor multiplies bfloat16 by itself, and oneDNN may let it."""
    return multiplies_bf16(processor_features(), os.environ)


def multiplies_bf16(features: frozenset[str], environment: Mapping[str, str]) -> bool:
    """Whether a processor with these features does, where the environment may limit oneDNN to older instructions."""
    return bool(features & _NATIVE_BF16) and _onednn_limit(environment) not in _WITHOUT_BF16


def _onednn_limit(environment: Mapping[str, str]) -> str:
    return environment.get("ONEDNN_MAX_CPU_ISA", environment.get("DNNL_MAX_CPU_ISA", "")).upper()


def processor_features() -> frozenset[str]:
    """The names by which Linux lists what this processor can do; empty on other systems."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8", errors="replace").splitlines() if listing.exists() else []
    return frozenset(
        word
        for line in lines
        if line.lower().startswith(("flags", "features"))
        for word in line.partition(":")[2].split()
    )


def describe_processor() -> str:
    """What of it decides how quick a training is, in a few words."""
    features, limit = processor_features(), _onednn_limit(os.environ)
    widest = next((name for name in ("avx512f", "avx2", "asimd") if name in features), "no AVX2")
    limited = f" limited to {limit}" if limit else ""
    return f"{widest}{limited}, bf16 {'native' if has_native_bf16() else 'emulated'}"


@functools.cache
def _has_gpu() -> bool:
    """Only a machine with a GPU's driver pays for the import of torch, which knows whether it can be used."""
    if not any(Path(device).exists() for device in _GPU_DEVICES):
        return False
    # Not by `import`: steps that only settle a precision compute nothing with torch, whose version is not in their keys.
    return importlib.import_module("torch").cuda.is_available()
