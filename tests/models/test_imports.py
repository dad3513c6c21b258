import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What models/ may use, and pillow and jinja2, which torchvision and torch take for themselves.
ALLOWED = {"torch", "torchvision", "numpy", "pillow", "jinja2"}
MODULES = {"opencv-python-headless": "cv2", "pyyaml": "yaml", "openexr": "OpenEXR"}

TRAIN = """
import importlib, pkgutil, sys

sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))  # None: as if it were not installed
import models
names = [module.name for module in pkgutil.walk_packages(models.__path__, "models.")]
for name in names:
    importlib.import_module(name)

import numpy as np
from models.features.config import FeaturesConfig
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.domains import Domains, array_domain
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.refining import refine
from models.translation.training import Hooks, train_refiner

config = OneWayConfig(
    generator=GeneratorConfig(filters=2, blocks=1),
    discriminator=DiscriminatorConfig(filters=2),
    losses=OneWayLosses(contrast=1.0, identity_features=0.1),
    features=FeaturesConfig(layers=(1,)),
    epochs=None,
    steps=1,
    device="cpu",
)
crops = np.zeros((2, 32, 32, 3), np.uint8)
domains = Domains(array_domain("a", crops), array_domain("b", crops))
state = train_refiner(config, domains, seed=0, resume=None, hooks=Hooks(print, lambda report: None))
print(len(names), refine(state, crops).shape)
"""


def test_models_import_train_and_refine_where_only_torch_torchvision_and_numpy_are_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [name.split("[")[0] for name in project["dependencies"] if name not in ALLOWED]
    blocked = {MODULES.get(name, name) for name in names} | {"tasks", "flows", "blender_assets"}
    assert {"prefect", "pydantic", "cv2", "pandas", "bpy"} <= blocked
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, ",".join(sorted(blocked))], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    count, shape = done.stdout.split(" ", 1)
    assert int(count) == len(list((ROOT / "models").rglob("*.py"))) - 1  # all but models/__init__.py itself
    assert shape.strip() == "(2, 32, 32, 3)"
