from pathlib import Path

import pytest

from blender_assets.people.body import BodyBasis, load_body_basis
from tasks.scenes.body_basis import build_body_basis


@pytest.fixture(scope="session")
def basis(tmp_path_factory: pytest.TempPathFactory) -> BodyBasis:
    path: Path = tmp_path_factory.mktemp("people") / "body_basis.npz"
    build_body_basis(path)
    return load_body_basis(path)
