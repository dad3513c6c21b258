"""What is written about people beside boxes and the instance mask."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class AnnotationSettings(BaseModel):
    """Every kind of annotation that can be switched on or off."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # box of a person who is partly hidden: seen, around what can be seen, as COCO and VOC have it and annotators draw
    # it; or whole, around the hidden rest too. Choose the rule that the annotations of the real images follow
    person_box: Literal["seen", "whole"] = "seen"
    has_segmentation: bool = True  # the visible part of persons and heads as COCO run lengths
    has_keypoints: bool = True  # COCO's 17, with visibility flags
    has_parts: bool = False  # parts/*.png, values of people.parts.Part, 0 where nobody is
    has_depth: bool = (
        False  # depth/*.png, 16 bits, millimetres along the ray; 0 where neither person nor chair is
    )
