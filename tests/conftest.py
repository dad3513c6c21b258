"""The body data, built once a test run: it takes two seconds."""

from pathlib import Path

import pytest

from blender_assets.people.body import BodyBasis, load_body_basis
from tasks.scenes.body_basis import build_body_basis


@pytest.fixture(scope="session")
def body_basis_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("body") / "body_basis.npz"
    build_body_basis(path)
    return path


@pytest.fixture(scope="session")
def body_basis(body_basis_path: Path) -> BodyBasis:
    return load_body_basis(body_basis_path)
