import pytest
from pydantic import BaseModel, ValidationError

from flows.configuration.arms import require_different, with_fields
from models.segmentation.config import SegmentationConfig


class Arm(BaseModel):
    steps: int = 1


def test_two_arms_that_are_the_same_training_are_named():
    require_different({"a": Arm(), "b": Arm(steps=2)})
    with pytest.raises(ValueError, match="arms a and c are the same training; remove one"):
        require_different({"a": Arm(), "b": Arm(steps=2), "c": Arm(steps=1)})


def test_fields_are_set_at_any_depth_and_the_rest_stays():
    changed = with_fields(SegmentationConfig(steps=7), {"losses.pixel": "focal"}, source="arms.a.set")
    assert (changed.losses.pixel, changed.steps) == ("focal", 7)


def test_a_field_that_is_none_and_a_wrong_value_are_refused():
    with pytest.raises(ValidationError, match="stepz"):
        with_fields(SegmentationConfig(), {"stepz": 7}, source="arms.a.set")
    with pytest.raises(ValidationError, match="steps"):
        with_fields(SegmentationConfig(), {"steps": 0}, source="arms.a.set")
    with pytest.raises(ValueError, match=r"arms\.a\.set\.steps\.many"):
        with_fields(SegmentationConfig(), {"steps.many": 1}, source="arms.a.set")
