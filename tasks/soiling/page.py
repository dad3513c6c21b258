"""The page of a run of the pipeline `soiling`: one self-contained HTML file, with the blind sheet and the walk beside it."""

import json
from pathlib import Path
from typing import Any

from tasks.artifacts.disk import write_atomically
from tasks.building.run_facts import RunFacts
from tasks.images.files import write_at_once
from tasks.report.blocks import NONE, Table, number
from tasks.report.headline import headline
from tasks.report.result_tables import comparison_table, seed_table
from tasks.report.templates import render_run_page
from tasks.segmentation.page import class_table
from tasks.soiling.seed_figures import accuracy_table, degradation_table
from tasks.soiling.warnings import warnings

_FEW_CROPS = 100
_BESIDE = ("blind_sheet.png", "blind_key.csv", "walk.gif", "walk.mp4")


def write_soiling_page(
    path: Path, content: dict[str, Any], report: Path, run: RunFacts, *, config: dict[str, Any]
) -> None:
    """Write `path` (index.html), which works from disk without a network, and beside it the files that `report`, the folder
    of `write_soiling_report`, has; `content` is that of its `content.json`.
    """
    detection, scenes = content["detection"], content["degradation"]
    evaluation = detection["evaluation"]
    values = {
        **content,
        "evaluation": evaluation,
        "plots": detection["plots"],
        "panels": detection["panels"],
        "colors": detection["colors"],
        "headline": headline(detection),
        "warnings": warnings(content),
        "accuracy_table": accuracy_table(evaluation),
        "comparison_table": comparison_table(evaluation),
        "class_table": class_table(evaluation),
        "seed_table": seed_table(evaluation),
        "degradation_table": degradation_table(scenes),
        "scene_headline": [
            f"On the {test} test: {said}" for test, each in scenes.items() for said in _said(each)
        ],
        "network_table": network_table(content["networks"]),
        "realism_tables": [realism_table(made) for made in content["realism"]],
        "finding_table": finding_table(content["finding"]),
        "confinement_table": confinement_table(content["confinement"]),
    }
    text = render_run_page(Path(__file__).with_name("page.html"), run, values, config=config)
    write_atomically(path, text)
    write_atomically(path.with_name("evaluation.json"), json.dumps(evaluation, indent=1))
    write_atomically(path.with_name("degradation.json"), json.dumps(scenes, indent=1))
    for source in filter(Path.exists, (report / name for name in _BESIDE)):
        pixels = source.read_bytes()
        write_at_once(path.with_name(source.name), lambda partial, pixels=pixels: partial.write_bytes(pixels))


_NETWORKS = {"super_resolution": "super-resolution", "mask_vae": "VAE of masks", "dirty_gan": "DirtyGAN"}
_FIGURES = {
    "psnr_db": "PSNR [dB]",
    "bicubic_psnr_db": "PSNR of bicubic enlarging [dB]",
    "gain_db": "gain over bicubic enlarging [dB]",
    "iou": "IoU of masks given back",
    "soft_iou": "the same of unthresholded masks",
    "mask": "loss: masks found again",
    "clean_cycle": "loss: clean images given back",
    "soiled_cycle": "loss: soiled images given back",
    "found_iou": "IoU of generated masks with what M finds",
}


def _said(evaluation: dict[str, Any]) -> list[str]:
    return headline({"evaluation": evaluation})


def network_table(networks: dict[str, dict[str, float]]) -> Table:
    """Figures on R_val of the networks that soil."""
    rows = [
        (_NETWORKS.get(name, name), _FIGURES.get(figure, figure.replace("_", " ")), number(value))
        for name, figures in networks.items()
        for figure, value in figures.items()
    ]
    return Table("", ("Network", "Figure on R_val", ""), tuple(rows))


def realism_table(realism: dict[str, Any]) -> Table:
    """Distances of each set's crops to those of the real test; its caption says by which features."""
    rows = [
        (
            name,
            number(figures["frechet"], "{:.4g}"),
            f"{figures['kernel']:.3g} ± {figures['kernel_std']:.2g}",
        )
        for name, figures in realism["sets"].items()
    ]
    return Table(_told_features(realism), ("Crops of", "Frechet distance", "Kernel distance"), tuple(rows))


def _told_features(realism: dict[str, Any]) -> str:
    few = " So few crops say little." * (realism["crops"] < _FEW_CROPS)
    kind = " Features of random weights see colours and textures, not contents: this is not FID, nor KID." * (
        "random weights" in realism["extractor"]
    )
    return (
        f"How far {realism['crops']} crops of each set are from as many of the real test, in the features of "
        f"{realism['extractor']}; smaller is nearer. What is real and was annotated to learn from is not at 0 either."
        f"{kind}{few}"
    )


def confinement_table(confinement: dict[str, dict[str, float | None]]) -> Table:
    """What each way changes where nothing is to be soiled."""
    names = ("clear_share", "changed_clear_share", "changed_unmasked_share")
    rows = [(way, *(_percent(own[name]) for name in names)) for way, own in confinement.items()]
    header = ("Way", "Pixels of level 0, %", "of these changed, %", "of pixels with mask 0 changed, %")
    return Table("", header, tuple(rows))


def finding_table(finding: dict[str, dict[str, float | None]]) -> Table:
    """What a detector that saw none of these images finds of their soiling."""
    names = ("iou", "recall", "precision")
    rows = [
        (name, *(NONE if own[key] is None else number(own[key]) for key in names))
        for name, own in finding.items()
    ]
    return Table("", ("Images", "IoU", "Recall", "Precision"), tuple(rows))


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.2f}"
