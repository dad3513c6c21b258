"""Step: points along a line."""

from pathlib import Path

import numpy as np

from tasks.building.steps import step
from tests.two_steps.config import PointsConfig


@step("points", libraries=("numpy",))
def prepare_points(out: Path, config: PointsConfig) -> None:
    """`points.npy` float32 [n, 2]: x in -1..1, and y."""
    rng = np.random.default_rng(config.seed)
    x = rng.uniform(-1, 1, config.count)
    y = config.slope * x + config.noise * rng.standard_normal(config.count)
    np.save(out / "points.npy", np.stack([x, y], axis=1).astype(np.float32))
