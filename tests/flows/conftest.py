import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.serving import Served, serving
from tests.flows.tiny_site import write_tiny_site


@pytest.fixture
def tiny_run(tmp_path) -> Path:
    """The configuration of a run over the tiny site."""
    return write_tiny_site(tmp_path)


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """Commands that are called here and not in a process of their own point Prefect to their server."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Iterator[Served]:
    """A server with workers for all tests that leave it as it is; who kills some of it starts one of its own."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running
