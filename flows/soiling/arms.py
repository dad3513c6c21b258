"""What a run of the pipeline `soiling` compares, and what masks it makes: the smaller forms of its run files."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from models.segmentation.config import SegmentationConfig

ArmName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=60)]
Way = Literal["baseline", "dirty_gan", "dirty_gan_dot"]  # of soiling images by what was learned
WAYS: tuple[Way, ...] = get_args(Way)
DIRTY_GANS: tuple[Way, ...] = ("dirty_gan", "dirty_gan_dot")


class SoilingArmConfig(BaseModel):
    """What a soiling segmenter learns from beside the real soiled images, and what it has otherwise than `segmenter`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # the clean images of R_train, soiled by the baseline or by DirtyGAN, beside the real soiled ones; dirty_gan_dot: by one
    # more DirtyGAN, whose generators see of the image what is to be soiled alone
    generated: Literal["none", Way] = "none"
    # fields of the segmenter by dotted name, e.g. {augmentation.photometric: null}
    set: dict[str, Any] = {}


_NO_AUGMENTATION = {"augmentation.photometric": None, "augmentation.geometric.flip_probability": 0.0}
# As the seed's section 4.1 has them; "+" there is read as: with all that came before but for other generated images.
USUAL_ARMS = {
    "real": SoilingArmConfig(set=_NO_AUGMENTATION),
    "augmented": SoilingArmConfig(),
    "baseline": SoilingArmConfig(generated="baseline"),
    "dirty_gan": SoilingArmConfig(generated="dirty_gan"),
}


class MasksConfig(BaseModel):
    """Masks that the VAE makes of the annotated ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(default=1000, ge=1)  # of new masks, one of which each clean image is soiled by
    # mix: codes between those of two annotated masks, as the seed does; sample: codes from the standard normal
    way: Literal["mix", "sample"] = "mix"
    # of mix: the second code is one of so many nearest to the first, "close on the manifold"; null: any other
    neighbours: int | None = Field(default=5, ge=1)
    # standard deviation of the gaussian over annotated masks at the VAE's size: polygons become soiling with soft edges
    smoothing_px: float = Field(default=4.0, ge=0)
    # how much steeper edges of the made masks become, around an opacity of a half: a VAE blurs them, and generated soiling
    # that is thin for many pixels is found by nobody; 1 leaves them as they are
    steepness: float = Field(default=4.0, ge=1, le=100)
    walk_stops: int = Field(default=5, ge=3)  # annotated masks through which the animated walk goes
    walk_frames_between: int = Field(default=12, ge=1)  # from one stop to the next
    seed: int = Field(default=0, ge=0)  # another one makes other masks


class DegradationConfig(BaseModel):
    """Segmenters of scenes, trained on clean and on soiled images, on clean and on soiled tests (the seed's 4.3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # the network and its training; classes are those of the clean images' label maps
    segmenter: SegmentationConfig = SegmentationConfig(network="deeplabv3plus_resnet50")
    soiled_by: Literal[Way, "stand_in"] = "baseline"  # the seed: by the baseline
