import time

import pytest
import torch
from torch.nn import functional

from models.arithmetic import precision
from models.arithmetic.precision import has_native_bf16, is_emulated, multiplies_bf16, settle
from tests.models.processor import needs_native_bf16

GENOA = frozenset({"avx2", "avx512f", "avx512_bf16"})
MILAN = frozenset({"avx2"})


@pytest.mark.parametrize(
    ("features", "environment", "is_native"),
    [
        (GENOA, {}, True),
        (frozenset({"avx512f", "amx_bf16"}), {}, True),
        (frozenset({"asimd", "bf16"}), {}, True),
        (MILAN, {}, False),
        (frozenset({"avx2", "avx512f", "avx512_vnni"}), {}, False),
        (frozenset(), {}, False),
        (GENOA, {"ONEDNN_MAX_CPU_ISA": "AVX2"}, False),
        (GENOA, {"DNNL_MAX_CPU_ISA": "avx512_core"}, False),
        (GENOA, {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"}, True),
        (GENOA, {"ONEDNN_MAX_CPU_ISA": "ALL"}, True),
    ],
)
def test_bf16_is_native_where_the_processor_multiplies_it_and_onednn_may(features, environment, is_native):
    assert multiplies_bf16(features, environment) is is_native


@pytest.mark.parametrize(
    ("device", "has_gpu", "is_native", "expected"),
    [
        ("auto", False, True, "bf16"),
        ("auto", False, False, "fp32"),
        ("auto", True, False, "bf16"),
        ("cpu", True, False, "fp32"),
        ("cpu", True, True, "bf16"),
        ("cuda", False, False, "bf16"),
    ],
)
def test_auto_is_bf16_on_gpus_and_where_the_cpu_is_quick_at_it(
    monkeypatch, device, has_gpu, is_native, expected
):
    monkeypatch.setattr(precision, "_has_gpu", lambda: has_gpu)
    monkeypatch.setattr(precision, "has_native_bf16", lambda: is_native)
    assert settle("auto", device) == expected
    assert [settle(asked, device) for asked in ("fp32", "bf16")] == ["fp32", "bf16"]
    assert is_emulated("bf16", device) is (expected == "fp32")
    assert not is_emulated("auto", device) and not is_emulated("fp32", device)


def test_what_linux_lists_and_what_onednn_says_of_bf16_agree():
    # oneDNN says yes to AVX-512 without bf16 products, too; there it converts, and fp32 is as quick.
    assert not has_native_bf16() or torch.ops.mkldnn._is_mkldnn_bf16_supported()


@needs_native_bf16
def test_a_convolution_in_bf16_is_quick_where_it_is_called_native():
    image, weight = torch.rand(1, 64, 96, 96), torch.rand(64, 64, 3, 3)
    rounded = image.bfloat16(), weight.bfloat16()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other on a busy machine count as work
    try:
        exact = cpu_seconds(lambda: functional.conv2d(image, weight))
        # Half as long on a quiet machine; emulated it takes 26 times as long at least.
        assert cpu_seconds(lambda: functional.conv2d(*rounded)) < 5 * exact
    finally:
        torch.set_num_threads(threads)


def cpu_seconds(run) -> float:
    """The least of ten, after one to warm up."""
    run()
    times = []
    for _ in range(10):
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return min(times)
