"""Checks the domains of a training and brings them to where it takes its batches from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from models.configs import require
from models.translation.domains import Domain, Domains, ImageShapes
from models.translation.families.family import Needs
from models.translation.image_sets import ImageSet, StreamedImages, load_whole
from models.translation.images import check_size
from models.translation.sources import Source
from models.translation.translator_config import TranslatorConfig

_RESIDENT_BYTES = (
    2**30
)  # of all images and maps together; a larger training reads each batch when it needs it


@dataclass(frozen=True)
class LoadedDomain:
    """A domain as batches are drawn from it; `bits` are those of the regions that are needed."""

    channels: int
    image_hw: tuple[int, int]
    images: ImageSet
    bits: Mapping[str, int]
    regions: ImageSet | None = None
    labels: ImageSet | None = None
    pairs: ImageSet | None = None


LoadedDomains = Mapping[str, LoadedDomain]  # a and b


def shapes_of(domains: LoadedDomains) -> ImageShapes:
    """What all images of a training, and those of each domain, have in common."""
    channels = {name: domain.channels for name, domain in domains.items()}
    return ImageShapes(domains["a"].image_hw, channels)


def load_domains(
    domains: Domains,
    config: TranslatorConfig,
    needs: Needs,
    device: torch.device,
    *,
    resident_bytes: int = _RESIDENT_BYTES,
) -> LoadedDomains:
    """Both domains on the device as uint8 or float16 bchw, or, beyond `resident_bytes`, read batch by batch.

    ValueError if sizes differ, a batch cannot be filled, or regions are needed and missing.
    """
    _check_domains(domains, config)
    wanted = {name: _wanted_bits(name, domain, needs) for name, domain in domains.named().items()}
    total = sum(_num_bytes(domain) for domain in domains.named().values())

    def load(source: Source | None) -> ImageSet | None:
        if source is None:
            return None
        return load_whole(source, device) if total <= resident_bytes else StreamedImages(source, device)

    loaded = {}
    for name, domain in domains.named().items():
        images = load(domain.images)
        assert images is not None
        maps = domain.regions.maps if domain.regions is not None and wanted[name] else None
        loaded[name] = LoadedDomain(
            channels=domain.channels,
            image_hw=(domain.height, domain.width),
            images=images,
            bits=wanted[name],
            regions=load(maps),
            labels=load(domain.labels),
            pairs=load(domain.pairs),
        )
    return loaded


def _num_bytes(domain: Domain) -> int:
    return sum(len(source) * source.read(np.array([0])).nbytes for _, source in _sources(domain))


def _sources(domain: Domain) -> list[tuple[str, Source]]:
    """What a domain reads from, with what it is called."""
    regions = domain.regions.maps if domain.regions is not None else None
    named = {"images": domain.images, "regions": regions, "labels": domain.labels, "pairs": domain.pairs}
    return [(name, source) for name, source in named.items() if source is not None]


def _wanted_bits(letter: str, domain: Domain, needs: Needs) -> dict[str, int]:
    """Of the regions of this domain that are needed. ValueError where the domain does not name one."""
    suffix = f"_{letter}"
    names = [name.removesuffix(suffix) for name in needs.regions if name.endswith(suffix)]
    bits = domain.regions.bits if domain.regions is not None else {}
    missing = [name for name in names if name not in bits]
    require(
        not missing,
        f"The losses unchanged_outside and head_structure look at regions, of which the {domain.name} images lack "
        f"{' and '.join(missing)}; crop rendered images, or set the weights to 0.",
    )
    return {name: bits[name] for name in names}


def _check_domains(domains: Domains, config: TranslatorConfig) -> None:
    for domain in domains.named().values():
        require(len(domain.images) >= 1, f"There are no {domain.name} images; at least one is needed.")
        check_size(domain.name, height=domain.height, width=domain.width)
        require(
            len(domain.images) >= config.batch_size,
            f"There are {len(domain.images)} {domain.name} images, but batch_size is {config.batch_size}; "
            "lower batch_size or add images.",
        )
        for kind, source in _sources(domain):
            _check_source(domain, kind, source)
    a, b = domains.a, domains.b
    require(
        (a.height, a.width) == (b.height, b.width),
        f"The {a.name} images are {a.width} x {a.height} px and the {b.name} ones {b.width} x {b.height} px; "
        "crop both to one size.",
    )
    require(
        "color" not in config.adversarial.augment or max(a.channels, b.channels) <= 4,
        f"adversarial.augment changes the colours of images, but the domains have {a.channels} and {b.channels} channels; "
        "leave color out.",
    )


def _check_source(domain: Domain, kind: str, source: Source) -> None:
    """ValueError unless there is one of these for every image, of its size and of a type that is known."""
    require(
        len(source) == len(domain.images),
        f"There are {len(source)} {kind} of {len(domain.images)} {domain.name} images; give one for each.",
    )
    first = source.read(np.array([0]))
    size = [domain.height, domain.width]
    expected = size + ([domain.channels] if kind == "images" else [])
    found = list(first.shape[1:3] if kind == "pairs" else first.shape[1:])
    types = (np.uint8, np.float16) if kind in ("images", "pairs") else (np.uint8,)
    require(
        found == (size if kind == "pairs" else expected) and first.dtype in types,
        f"The {kind} of the {domain.name} domain must be {' or '.join(t.__name__ for t in types)} {expected} each, "
        f"but were {first.dtype} {list(first.shape[1:])}.",
    )
