"""A fresh install is the install that was tested: every distribution here has the version that pyproject.toml pins."""

import tomllib
from importlib.metadata import distributions

import torch
from torchvision.ops import nms

from tests.pins import BEGIN, END, PYPROJECT, normal_name, read_pins

TEXT = PYPROJECT.read_text()
PINS = read_pins(TEXT)


def test_every_installed_distribution_has_exactly_its_pinned_version():
    installed = {
        normal_name(item.metadata["Name"]): item.version.partition("+")[0] for item in distributions()
    }
    assert len(installed) > 150  # all of the environment is seen
    others = {name: (PINS.get(name), here) for name, here in installed.items() if PINS.get(name) != here}
    assert others == {}, (
        "(pinned, installed); `make setup` installs what is pinned, `make pins` pins what is missing"
    )


def test_every_direct_dependency_is_pinned_by_hand():
    content = tomllib.loads(TEXT)
    groups = content["dependency-groups"].values()
    named = [*content["project"]["dependencies"], *(item for group in groups for item in group)]
    by_hand = read_pins(TEXT.partition(f"{BEGIN}\n")[0] + TEXT.partition(f"{END}\n")[2])
    assert {item.partition("[")[0] for item in named if isinstance(item, str)} - by_hand.keys() == set()


def test_torchvision_s_compiled_part_fits_this_torch():
    boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.9], [5.0, 5.0, 6.0, 6.0]])
    assert nms(boxes, torch.tensor([0.5, 0.9, 0.1]), iou_threshold=0.5).tolist() == [1, 2]
