"""The journey from clean and soiled images to scored detectors of soiling: what the pipeline `soiling` adds to `segment`."""

from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.journeys.step_task import journey_task, obtain
from tasks.label_maps import joining
from tasks.soiling import generating, learned_masks, quarter_size, realism, report, scene_labels, stand_in
from tasks.training import (
    dirty_gan_training,
    mask_vae_training,
    super_resolution_training,
    translator_runs,
    translator_training,
)


@journey_task("soil stand-in")
def soil_stand_in(config: stand_in.StandInSetConfig, images: Ref, *, label: str) -> Ref:
    return obtain(stand_in.soil_stand_in, config, label, images=images)


@journey_task("draw stand-in masks")
def draw_stand_in_masks(config: stand_in.StandInMasksConfig, images: Ref, *, label: str) -> Ref:
    return obtain(stand_in.draw_stand_in_masks, config, label, images=images)


@journey_task("reduce to a quarter")
def reduce_label_maps(images: Ref, *, label: str) -> Ref:
    return obtain(quarter_size.reduce_label_maps, None, label, images=images)


@journey_task("join label maps")
def join_label_maps(sets: list[Ref], *, label: str) -> Ref:
    return obtain(joining.join_label_maps, None, label, sets=sets)


@journey_task("label scenes")
def label_scenes(soiled: Ref, clean: Ref, *, label: str) -> Ref:
    return obtain(scene_labels.label_scenes, None, label, soiled=soiled, clean=clean)


@journey_task("train VAE of masks")
def train_mask_vae(config: mask_vae_training.MaskVaeRun, *, label: str, **sets: Ref | list[Ref]) -> Ref:
    return obtain(mask_vae_training.train_mask_vae, config, label, **sets)


@journey_task("draw masks")
def draw_masks(config: learned_masks.MaskDrawingConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(learned_masks.draw_masks, config, label, **parts)


@journey_task("walk among masks")
def walk_masks(config: learned_masks.MaskWalkConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(learned_masks.walk_masks, config, label, **parts)


@journey_task("train super resolution")
def train_super_resolution(
    config: super_resolution_training.SuperResolutionRun, train: Ref, val: Ref, *, label: str
) -> Ref:
    return obtain(super_resolution_training.train_super_resolution, config, label, train=train, val=val)


@journey_task("train translator")
def train_translator(
    config: translator_runs.RefinerRun, source: Ref, target: Ref, weights: SourceFiles, *, label: str
) -> Ref:
    inputs = {"source": [source], "target": [target], "weights": weights}
    return obtain(translator_training.train_translator, config, label, **inputs)


@journey_task("train DirtyGAN")
def train_dirty_gan(config: dirty_gan_training.DirtyGanRun, *, label: str, **inputs: Ref) -> Ref:
    return obtain(dirty_gan_training.train_dirty_gan, config, label, **inputs)


@journey_task("soil by baseline")
def soil_by_baseline(config: generating.BaselineSoilingConfig, *, label: str, **inputs: Ref) -> Ref:
    return obtain(generating.soil_by_baseline, config, label, **inputs)


@journey_task("soil by DirtyGAN")
def soil_by_dirty_gan(config: generating.DirtyGanSoilingConfig, *, label: str, **inputs: Ref) -> Ref:
    return obtain(generating.soil_by_dirty_gan, config, label, **inputs)


@journey_task("measure realism")
def measure_realism(config: realism.RealismRun, test: Ref, sets: list[Ref], *, label: str) -> Ref:
    return obtain(realism.measure_realism, config, label, test=test, sets=sets)


@journey_task("write soiling report")
def write_soiling_report(config: report.SoilingReportConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(report.write_soiling_report, config, label, **parts)
