"""What a test needs of the processor that it runs on."""

import pytest

from models.arithmetic.precision import has_native_bf16

needs_native_bf16 = pytest.mark.skipif(
    not has_native_bf16(), reason="this processor emulates bfloat16, up to 88 times as slowly as float32"
)
