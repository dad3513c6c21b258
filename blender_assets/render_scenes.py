"""The render child: python -m blender_assets.render_scenes SPEC.json puts people into one photo."""

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.annotation import ImageAnnotation, annotate_people
from blender_assets.both_sides.child_protocol import Report, record_path, serve
from blender_assets.compositing import (
    Backdrop,
    Finish,
    RenderedLayers,
    composite,
    depth_millimetres,
    floor_points,
    make_backdrop,
    person_mask,
    read_layers,
    seen_mask,
    shadow_fade,
    srgb_to_linear,
)
from blender_assets.crowd import Crowd, place_people
from blender_assets.framing import mask_box, motion_px, people_box
from blender_assets.light import PhotoLight, SceneLight, draw_light, measure_photo_light
from blender_assets.people.body import BodyBasis, load_body_basis
from blender_assets.people.person import generate_person
from blender_assets.people.poses import PoseBook
from blender_assets.placement import PlacedPerson
from blender_assets.polygons import is_inside
from blender_assets.scene import Stage, catcher_discs
from blender_assets.sensor import PhotoFlaws, SensorSettings, draw_sensor, measure_flaws
from blender_assets.settings import RenderSettings
from blender_assets.site import SiteCamera
from blender_assets.surroundings import Surroundings, lift_surroundings

_RECORD_FIELDS = {"masks": "mask_name", "parts": "parts_name", "depth": "depth_name"}


class RenderSpec(BaseModel):
    """What the parent asks for; scenes are numbers, and each is the same image in whatever list it stands.

    density is the camera's density_image.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    camera: SiteCamera
    background: Path
    jpeg_quality: int | None = Field(
        default=None, ge=1, le=100
    )  # of the background's file, if that was a JPEG
    body_basis: Path
    density: Path | None = None
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

    backdrop: Backdrop
    digest: tuple[int, ...]  # of its pixels: what is drawn does not depend on how a file packs them
    floor_xy: NDArray[np.float32]
    light: PhotoLight
    flaws: PhotoFlaws

    @property
    def seen(self) -> NDArray[np.bool_]:
        return self.backdrop.seen


def load_photo(
    path: Path, surroundings: Surroundings, sensor: SensorSettings, *, jpeg_quality: int | None
) -> Photo:
    """ValueError where the file is no image."""
    rgb = decode_image(path.read_bytes(), path)
    seen, floor_xy = seen_mask(surroundings.camera), floor_points(surroundings.camera)
    is_floor = is_inside(floor_xy.reshape(-1, 2), surroundings.floor_xy).reshape(seen.shape)
    flaws = measure_flaws(rgb, seen, jpeg_quality, sensor)
    return Photo(
        backdrop=make_backdrop(rgb, seen, flaws.sharpening),
        digest=_digest(rgb),
        floor_xy=floor_xy,
        light=measure_photo_light(srgb_to_linear(rgb), seen, is_floor),
        flaws=flaws,
    )


def _digest(rgb: NDArray[np.uint8]) -> tuple[int, ...]:
    digest = hashlib.sha256(str(rgb.shape).encode() + rgb.tobytes()).digest()
    return tuple(np.frombuffer(digest, dtype=np.uint32).tolist())


def decode_image(content: bytes, path: Path) -> NDArray[np.uint8]:
    """[h, w, 3] RGB."""
    bgr = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"{path} cannot be read as an image; give a PNG or JPEG file")
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8)


def decode_grey(path: Path) -> NDArray[np.uint8]:
    """[h, w] brightness; ValueError where the file is no image."""
    return cv2.cvtColor(decode_image(path.read_bytes(), path), cv2.COLOR_RGB2GRAY).astype(np.uint8)


@dataclass(frozen=True)
class Scene:
    """What was drawn for one image; rng goes on with the noise of the sensor."""

    crowd: Crowd
    light: SceneLight
    finish: Finish
    rng: np.random.Generator

    @property
    def people(self) -> list[PlacedPerson]:
        return self.crowd.people


class SceneRenderer:
    """Renders scenes of one spec one after the other; the Blender stage is what it keeps between them."""

    def __init__(self, spec: RenderSpec) -> None:
        self.spec = spec
        cv2.setNumThreads(spec.threads)
        height_px, width_px = decode_image(spec.background.read_bytes(), spec.background).shape[:2]
        density = None if spec.density is None else decode_grey(spec.density)
        self.surroundings = lift_surroundings(spec.camera, width_px, height_px, density=density)
        self.poses = PoseBook(spec.settings.poses)
        self.photo = load_photo(
            spec.background, self.surroundings, spec.settings.sensor, jpeg_quality=spec.jpeg_quality
        )
        self.basis: BodyBasis = load_body_basis(spec.body_basis)
        self.stage = Stage(
            self.surroundings.camera,
            self.surroundings.occluders,
            spec.settings,
            floor_color=self.photo.light.floor_color,
            threads=spec.threads,
            scale=spec.scale,
        )

    def render(self, number: int) -> dict[str, Any]:
        """Writes the image and the mask of one scene and returns its record."""
        scene, wanted = self.arrange(number), self.spec.settings.annotations
        image, layers = self._photograph(scene)
        mask = person_mask(layers, self.photo.seen)
        found = annotate_people(self.surroundings.camera, scene.people, mask, wanted)
        maps: dict[str, np.ndarray] = {"masks": mask}
        if wanted.has_parts:
            maps["parts"] = found.parts
        if wanted.has_depth:
            maps["depth"] = depth_millimetres(layers, self.photo.seen, found.distance_m)
        return self._write(number, image, maps, self._describe(scene, found))

    def arrange(self, number: int) -> Scene:
        """Draws one scene and puts it on the stage."""
        rng = np.random.default_rng([self.spec.seed, number, *self.photo.digest])
        settings = self.spec.settings
        crowd = place_people(
            self.surroundings,
            settings,
            rng,
            lambda person_rng, kind, support: generate_person(
                self.basis,
                person_rng,
                pose_kind=kind,
                settings=settings.people,
                poses=self.poses,
                support=support,
            ),
        )
        people = crowd.people
        light = draw_light(self.photo.light, settings, rng, people_xy=self._spots_of(people))
        sensor = draw_sensor(self.photo.flaws, settings.sensor, rng)
        finish = Finish(
            shadow_strength=float(rng.uniform(*settings.shadow_strength)),
            sensor=sensor,
            shifts_px=self._draw_shifts(people, sensor.exposure_ms, rng),
            contrast=settings.contrast or self.photo.light.contrast,
            middle_grey=self.photo.light.middle_grey,
        )
        self.stage.arrange(people, light, cycles_seed=int(rng.integers(2**31)))
        return Scene(crowd, light, finish, rng)

    def _spots_of(self, people: list[PlacedPerson]) -> NDArray[np.float64]:
        """[n, 2], never empty."""
        spots = [person.spot.xyz[:2] for person in people]
        return np.array(spots or [self.surroundings.floor_xy.mean(axis=0)])

    def _draw_shifts(
        self, people: list[PlacedPerson], exposure_ms: float, rng: np.random.Generator
    ) -> dict[int, tuple[float, float]]:
        """By object index, of those who walk: px from the begin to the end of the exposure."""
        camera, shifts = self.surroundings.camera, {}
        for number, person in enumerate(people, start=1):
            speed_m_s = rng.uniform(*self.spec.settings.sensor.walking_speed_m_s)
            if person.mesh.parameters["pose_activity"] == "walking":
                shifts[number] = motion_px(camera, person, speed_m_s * exposure_ms / 1000)
        return shifts

    def _photograph(self, scene: Scene) -> tuple[NDArray[np.uint8], RenderedLayers]:
        discs = catcher_discs(scene.people)
        fade = shadow_fade(self.photo.floor_xy, discs, margin_m=self.spec.settings.catcher_margin_m)
        boxes = {
            "people_box": people_box(self.surroundings.camera, scene.people),
            "shadow_box": mask_box((fade > 0) & self.photo.seen),
        }
        with tempfile.TemporaryDirectory(prefix="verisim-render-") as folder:
            self.stage.render(Path(folder), **boxes)
            layers = read_layers(Path(folder), self.stage.rig, self.stage.object_numbers())
        image = composite(self.photo.backdrop, layers, fade, scene.finish, scene.rng)
        return image, layers

    def _describe(self, scene: Scene, found: ImageAnnotation) -> dict[str, Any]:
        light = scene.light
        return {
            "nadir_px": list(self.surroundings.camera.nadir_px()),
            "light": vars(light) | {"lamps": [vars(lamp) for lamp in light.lamps]},
            "finish": asdict(scene.finish) | {"sharpening": asdict(self.photo.flaws.sharpening)},
            "people_wanted": scene.crowd.wanted,
            "people_placed": {kind: scene.crowd.count(kind) for kind in scene.crowd.wanted},
            "people": [
                {"person_id": k + 1}
                | vars(annotation)
                | {"pose": person.mesh.pose, "parameters": person_parameters(person)}
                for k, (person, annotation) in enumerate(zip(scene.people, found.people, strict=True))
            ],
        }

    def _write(
        self, scene: int, image: NDArray[np.uint8], maps: dict[str, np.ndarray], record: dict[str, Any]
    ) -> dict[str, Any]:
        """maps hold an image for each folder."""
        name = f"{scene:05d}.png"
        write_png(self.spec.out / "images" / name, image[..., ::-1])
        for folder, values in maps.items():
            write_png(self.spec.out / folder / name, values)
        height_px, width_px = image.shape[:2]
        return {
            "scene": scene,
            "seed": self.spec.seed,
            "file_name": f"images/{name}",
            **{_RECORD_FIELDS[folder]: f"{folder}/{name}" for folder in maps},
            "width": width_px,
            "height": height_px,
            **record,
        }


def person_parameters(person: PlacedPerson) -> dict[str, Any]:
    """What the person is made of, and where the person was put."""
    placing = {
        "position_m": person.spot.xyz.tolist(),
        "facing_deg": float(np.degrees(person.spot.facing_rad) % 360),
        "added_chair": None if person.chair is None else person.chair.kind,
    }
    return dict(person.mesh.parameters) | {"placing": placing}


def write_png(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    is_encoded, encoded = cv2.imencode(path.suffix, image)
    assert is_encoded
    path.write_bytes(encoded.tobytes())


def render_scenes(content: dict[str, Any], report: Report) -> None:
    """All scenes of a spec. A scene's record comes last and in one step: what a killed child has done, counts."""
    spec = RenderSpec.model_validate(content)
    renderer = SceneRenderer(spec)
    total = spec.num_done + len(spec.scenes)
    spec.out.mkdir(exist_ok=True)
    for done, scene in enumerate(spec.scenes, start=spec.num_done + 1):
        record = renderer.render(scene)
        path = record_path(spec.out, scene)
        path.parent.mkdir(exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(path)
        report(done, total, "")


if __name__ == "__main__":
    serve(render_scenes)
