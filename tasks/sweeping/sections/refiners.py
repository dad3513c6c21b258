"""All refiners side by side: Tables 4.1 to 4.5 and 4.7, Figures 4.8 to 4.12."""

from collections.abc import Sequence

from tasks.detection.arms import parse_arm
from tasks.report.blocks import Table
from tasks.report.headline import say
from tasks.scoring.records import main_measure
from tasks.sweeping.blocks import Plot, Section
from tasks.sweeping.contrasts import Judged
from tasks.sweeping.figures import components, validation_curves
from tasks.sweeping.points import Group
from tasks.sweeping.scores import ARM, contrast_of, score_cells, score_header
from tasks.sweeping.sections.distances import crop_set_table, distance_plots
from tasks.sweeping.sections.skips import compare_skips

PAIRS = (("S+", "S"), ("R_train + S+", "R_train + S"))
_ADDED, _ALONE = "R_train + S+", "S+"


def describe(title: str, groups: Sequence[Group], judged: Judged) -> Section:
    """Which crops come near the real ones, which detectors that makes, and whether the two go together."""
    measured = [group for group in groups if group.points]
    scored = [group for group in measured if group.arms]
    if not measured:
        return Section("", title, ("No refiner was finished.",), (), (), ())
    chosen = choose_on_val(scored) if scored else measured[0]
    plots, said = distance_plots(scored)
    skips = compare_skips(measured)
    tables = [crop_set_table(measured)]
    tables += [_score_table(scored, judged)] if scored else []
    tables += [skips.table] if skips else []
    lead = [*_lead(scored, chosen, judged), *said, *([skips.sentence] if skips else [])]
    return Section(
        "", title, tuple(lead), (), tuple(tables), (*plots, *_component_plots(chosen), *_curve_plots(chosen))
    )


def choose_on_val(scored: Sequence[Group]) -> Group:
    """The refiner whose detectors do best on R_val; R_test has no part in the choice."""

    def quality(group: Group) -> float:
        arm = _ADDED if _ADDED in group.arms else group.arms[-1]
        return group.measure.gain(group.mean_score_on_val(arm))

    return max(scored, key=quality)


def _lead(scored: Sequence[Group], chosen: Group, judged: Judged) -> list[str]:
    found = [contrast for group in scored if (contrast := contrast_of(group, _ADDED, judged))]
    own = contrast_of(chosen, _ADDED, judged) if scored else None
    if own is None:
        return []
    counts = {verdict: sum(item.verdict == verdict for item in found) for verdict in ("helps", "hurts")}
    rest = len(found) - sum(counts.values())
    sentences = [f"{say(own)} The refiner, {chosen.name}, was chosen on R_val."]
    if len(found) > 1:
        sentences.append(
            f"Of {len(found)} refiners, S+ beside R_train helps with {counts['helps']}, hurts with {counts['hurts']}, and "
            f"nothing can be told with {rest}."
        )
    return sentences


def _score_table(scored: Sequence[Group], judged: Judged) -> Table:
    """Arms that no refiner matters to once, then each refiner's."""
    shared = [(scored[0], arm) for arm in scored[0].arms if not _is_refined(arm)]
    refined = [(group, arm) for group in scored for arm in group.arms if _is_refined(arm)]
    rows = [(arm, "", *score_cells(group, arm, judged)) for group, arm in shared]
    rows += [(arm, group.name, *score_cells(group, arm, judged)) for group, arm in refined]
    caption = (
        "Tables 4.2 to 4.5. Detectors on R_test by what they were trained on; means over seeds. Verdicts allow for all "
        "comparisons of this section (Holm)."
    )
    return Table(caption, (ARM, "Refiner", *score_header(scored[0])), tuple(rows))


def _is_refined(arm: str) -> bool:
    return any(part.name == "S+" for part in parse_arm(arm))


def _component_plots(group: Group) -> list[Plot]:
    """Figure 4.10, of the chosen refiner's first seed."""
    summary = group.points[0].summary
    assert summary is not None
    pca = dict(summary["pca"] or {})
    explained = pca.pop("explained", {})
    return [
        Plot(
            f"Figure 4.10: features of {layer}, refiner {group.name}",
            components(points, explained=explained[layer], layer=layer),
            note="The two principal components of all three sets together; their shares of the variance beside the axes."
            + _of_first_seed(group),
        )
        for layer, points in pca.items()
    ]


def _of_first_seed(group: Group) -> str:
    """Which of several refiners a figure shows."""
    if len(group.points) == 1:
        return ""
    return f" Shown: the refiner of seed {group.points[0].config.refiner_seed}, the first of {len(group.points)}."


def _curve_plots(group: Group) -> list[Plot]:
    """Figures 4.11 and 4.12, of the chosen refiner's first seed."""
    summary = group.points[0].summary
    assert summary is not None
    curves, measured = summary["validation"], f"{main_measure(summary['evaluation'] or {}).title} on R_val"
    figures = {
        "Figure 4.11": [_ALONE, "R_train", _ADDED],
        "Figure 4.12": [_ALONE, "S"],
    }
    return [
        Plot(
            f"{title}: {measured} while detectors train, refiner {group.name}",
            validation_curves({arm: curves[arm] for arm in arms}, y=measured, name=title),
            note="Faint: each seed of the detector. Strong: their mean." + _of_first_seed(group),
        )
        for title, arms in figures.items()
        if all(arm in curves for arm in arms)
    ]
