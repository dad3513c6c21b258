"""The journey from day to night: the table of contents of the pipeline `night`, beside `segment`."""

from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.journeys.step_task import journey_task, obtain
from tasks.label_maps import joining
from tasks.night import choosing, pseudo_labelling, report, splitting, translating, translation_figures, twins
from tasks.training import translator_training
from tasks.training.translator_runs import RefinerRun


@journey_task("join label maps")
def join_label_maps(sets: list[Ref], *, label: str) -> Ref:
    return obtain(joining.join_label_maps, None, label, sets=sets)


@journey_task("split by lighting")
def split_by_lighting(config: splitting.LightingConfig, images: Ref, *, label: str) -> Ref:
    return obtain(splitting.split_by_lighting, config, label, images=images)


@journey_task("take light")
def take_light(config: splitting.LightConfig, images: Ref, lighting: Ref, *, label: str) -> Ref:
    return obtain(splitting.take_light, config, label, images=images, lighting=lighting)


@journey_task("train translator")
def train_translator(
    config: RefinerRun, source: list[Ref], target: list[Ref], weights: SourceFiles, *, label: str
) -> Ref:
    inputs = {"source": source, "target": target, "weights": weights}
    return obtain(translator_training.train_translator, config, label, **inputs)


@journey_task("translate images")
def translate_images(
    config: translating.TranslationConfig, images: Ref, translator: Ref, *, label: str
) -> Ref:
    return obtain(translating.translate_images, config, label, images=images, translator=translator)


@journey_task("measure translation")
def measure_translation(
    config: translation_figures.TranslationFiguresConfig, before: Ref, after: Ref, target: Ref, *, label: str
) -> Ref:
    inputs = {"before": before, "after": after, "target": target}
    return obtain(translation_figures.measure_translation, config, label, **inputs)


@journey_task("measure twins")
def measure_twins(before: Ref, after: Ref, twins_of_before: Ref, *, label: str) -> Ref:
    return obtain(twins.measure_twins, None, label, before=before, after=after, twins=twins_of_before)


@journey_task("choose images")
def choose_images(config: choosing.ChoiceConfig, candidates: Ref, target: Ref, *, label: str) -> Ref:
    return obtain(choosing.choose_images, config, label, candidates=candidates, target=target)


@journey_task("pseudo-label images")
def pseudo_label_images(
    config: pseudo_labelling.PseudoLabelConfig, segmenter: Ref, images: Ref, *, label: str
) -> Ref:
    return obtain(pseudo_labelling.pseudo_label_images, config, label, segmenter=segmenter, images=images)


@journey_task("write night report")
def write_night_report(config: report.NightReportConfig, *, label: str, **parts: Ref | list[Ref]) -> Ref:
    return obtain(report.write_night_report, config, label, **parts)
