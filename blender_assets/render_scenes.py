"""The render child: python -m blender_assets.render_scenes SPEC.json puts people into one photo."""

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.annotation import annotate_people
from blender_assets.child_protocol import Report, record_path, serve
from blender_assets.compositing import (
    Finish,
    composite,
    estimate_noise,
    floor_points,
    person_mask,
    read_layers,
    seen_mask,
    shadow_fade,
    srgb_to_linear,
)
from blender_assets.framing import mask_box, people_box
from blender_assets.light import PhotoLight, SceneLight, draw_light, measure_photo_light
from blender_assets.people import BodyBasis, generate_person, load_body_basis
from blender_assets.placement import PlacedPerson, place_people
from blender_assets.scene import Stage, catcher_discs
from blender_assets.settings import RenderSettings
from blender_assets.site import SiteCamera
from blender_assets.surroundings import Surroundings, is_inside, lift_surroundings


class RenderSpec(BaseModel):
    """What the parent asks for; scenes are numbers, and each is the same image in whatever list it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    camera: SiteCamera
    background: Path
    body_basis: Path
    settings: RenderSettings = RenderSettings()
    seed: int = Field(ge=0)
    scenes: list[int]
    num_done: int = Field(default=0, ge=0)  # scenes that other children have rendered, for progress
    out: Path
    scale: float = Field(default=1.0, gt=0, le=1)  # people's resolution; below 1 is for previews
    threads: int = Field(default=1, ge=1)


@dataclass(frozen=True)
class Photo:
    """The background with all that is measured on it once."""

    rgb: NDArray[np.uint8]
    digest: tuple[int, ...]
    seen: NDArray[np.bool_]
    floor_xy: NDArray[np.float32]
    light: PhotoLight
    noise_grey: float


def load_photo(path: Path, surroundings: Surroundings) -> Photo:
    """ValueError where the file is no image."""
    content = path.read_bytes()
    rgb = decode_image(content, path)
    seen, floor_xy = seen_mask(surroundings.camera), floor_points(surroundings.camera)
    is_floor = is_inside(floor_xy.reshape(-1, 2), surroundings.floor_xy).reshape(seen.shape)
    return Photo(
        rgb=rgb,
        digest=tuple(np.frombuffer(hashlib.sha256(content).digest(), dtype=np.uint32).tolist()),
        seen=seen,
        floor_xy=floor_xy,
        light=measure_photo_light(srgb_to_linear(rgb), seen, is_floor),
        noise_grey=estimate_noise(rgb, seen),
    )


def decode_image(content: bytes, path: Path) -> NDArray[np.uint8]:
    """[h, w, 3] RGB."""
    bgr = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"background {path} cannot be read as an image; give a PNG or JPEG file")
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8)


class SceneRenderer:
    """Renders scenes of one spec one after the other; the Blender stage is what it keeps between them."""

    def __init__(self, spec: RenderSpec) -> None:
        self.spec = spec
        cv2.setNumThreads(spec.threads)
        height_px, width_px = decode_image(spec.background.read_bytes(), spec.background).shape[:2]
        self.surroundings = lift_surroundings(spec.camera, width_px, height_px)
        self.photo = load_photo(spec.background, self.surroundings)
        self.basis: BodyBasis = load_body_basis(spec.body_basis)
        self.stage = Stage(
            self.surroundings.camera,
            self.surroundings.occluders,
            spec.settings,
            floor_color=self.photo.light.floor_color,
            threads=spec.threads,
            scale=spec.scale,
        )

    def render(self, scene: int) -> dict[str, Any]:
        """Writes the image and the mask of one scene and returns its record."""
        rng = np.random.default_rng([self.spec.seed, scene, *self.photo.digest])
        settings = self.spec.settings
        people = place_people(
            self.surroundings,
            settings,
            rng,
            lambda person_rng, pose: generate_person(
                self.basis, person_rng, pose_kind=pose, settings=settings.people
            ),
        )
        light = draw_light(self.photo.light, settings, rng, people_xy=self._spots_of(people))
        finish = Finish(
            blur_px=float(rng.uniform(*settings.blur_px)),
            noise_grey=self.photo.noise_grey,
            shadow_strength=float(rng.uniform(*settings.shadow_strength)),
        )
        self.stage.arrange(people, light, cycles_seed=int(rng.integers(2**31)))
        image, mask = self._photograph(people, finish, rng)
        return self._write(scene, image, mask, self._describe(people, light, finish))

    def _spots_of(self, people: list[PlacedPerson]) -> NDArray[np.float64]:
        """[n, 2], never empty."""
        spots = [person.spot.xyz[:2] for person in people]
        return np.array(spots or [self.surroundings.floor_xy.mean(axis=0)])

    def _photograph(
        self, people: list[PlacedPerson], finish: Finish, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        discs = catcher_discs(people)
        fade = shadow_fade(self.photo.floor_xy, discs, margin_m=self.spec.settings.catcher_margin_m)
        boxes = {
            "people_box": people_box(self.surroundings.camera, people),
            "shadow_box": mask_box((fade > 0) & self.photo.seen),
        }
        with tempfile.TemporaryDirectory(prefix="verisim-render-") as folder:
            self.stage.render(Path(folder), **boxes)
            height_px, width_px = self.photo.seen.shape
            layers = read_layers(Path(folder), width_px=width_px, height_px=height_px)
        image = composite(self.photo.rgb, layers, self.photo.seen, fade, finish, rng)
        return image, person_mask(layers, self.photo.seen)

    def _describe(self, people: list[PlacedPerson], light: SceneLight, finish: Finish) -> dict[str, Any]:
        camera = self.surroundings.camera
        annotations = annotate_people(self.stage.scene, camera, people, self.stage.people)
        return {
            "nadir_px": list(camera.nadir_px()),
            "light": vars(light) | {"lamps": [vars(lamp) for lamp in light.lamps]},
            "finish": vars(finish),
            "people": [
                {"person_id": k + 1}
                | vars(annotation)
                | {"pose": person.mesh.pose, "parameters": person_parameters(person)}
                for k, (person, annotation) in enumerate(zip(people, annotations, strict=True))
            ],
        }

    def _write(
        self, scene: int, image: NDArray[np.uint8], mask: NDArray[np.uint8], record: dict[str, Any]
    ) -> dict[str, Any]:
        names = {"file_name": f"images/{scene:05d}.png", "mask_name": f"masks/{scene:05d}.png"}
        write_png(self.spec.out / names["file_name"], image[..., ::-1])
        write_png(self.spec.out / names["mask_name"], mask)
        height_px, width_px = mask.shape
        return {
            "scene": scene,
            "seed": self.spec.seed,
            **names,
            "width": width_px,
            "height": height_px,
            **record,
        }


def person_parameters(person: PlacedPerson) -> dict[str, Any]:
    """What the person is made of, and where the person was put."""
    placing = {
        "position_m": person.spot.xyz.tolist(),
        "facing_deg": float(np.degrees(person.spot.facing_rad) % 360),
        "has_added_chair": person.chair is not None,
    }
    return dict(person.mesh.parameters) | {"placing": placing}


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    is_encoded, encoded = cv2.imencode(path.suffix, image)
    assert is_encoded
    path.write_bytes(encoded.tobytes())


def render_scenes(content: dict[str, Any], report: Report) -> None:
    """All scenes of a spec. A scene's record comes last and in one step: what a killed child has done, counts."""
    spec = RenderSpec.model_validate(content)
    renderer = SceneRenderer(spec)
    total = spec.num_done + len(spec.scenes)
    for done, scene in enumerate(spec.scenes, start=spec.num_done + 1):
        record = renderer.render(scene)
        path = record_path(spec.out, scene)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(record))
        partial.replace(path)
        report(done, total, "")


if __name__ == "__main__":
    serve(render_scenes)
