from pathlib import Path

import pytest

from tests.flows.tiny_site import write_tiny_site


@pytest.fixture
def tiny_run(tmp_path) -> Path:
    """The configuration of a run over the tiny site."""
    return write_tiny_site(tmp_path)
