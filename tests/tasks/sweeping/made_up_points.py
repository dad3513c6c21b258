"""Summaries of points with scores as wanted, for tests of sections: no step is run."""

import numpy as np

from tasks.detection.arms import pair_arms
from tasks.sweeping.points import Point, PointConfig

NUM_IMAGES, BOXES = 60, 4
FIGURES = {
    "frechet": 150.0,
    "frechet_unrefined": 170.0,
    "frechet_to_synthetic": 70.0,
    "frechet_synthetic_halves": 5.0,
    "frechet_real_halves": 7.0,
    "kid": 0.15,
    "kid_std": 0.01,
    "kid_unrefined": 0.17,
    "kid_to_synthetic": 0.07,
    "kid_real_halves": 0.001,
    "kid_synthetic_halves": -0.001,
    "checkerboard": 1.2,
}


def make_point(section, values, recalls, *, seed=0, refiner_seed=0, figures=(), **config):
    """One point whose arms' detectors find this share of boxes, a value a detector seed, and nothing false."""
    rng = np.random.default_rng(seed)
    counts = {
        arm: [rng.binomial(BOXES, recall, NUM_IMAGES) for recall in seeds] for arm, seeds in recalls.items()
    }
    scores = [_score(arm, true) for arm, true in counts.items()]
    summary = {
        "steps": 50,
        "figures": FIGURES | dict(figures),
        "warnings": [],
        "extractor": "vgg16 with made-up weights",
        "num_compared": 40,
        "num_scenes": 80,
        "num_real": 20,
        "leaks": {"pairs": [], "cut_clips": [], "left_out": []},
        "notes": None,
        "pca": {
            "pool2": {
                name: rng.normal(index, 1, (5, 2)).tolist()
                for index, name in enumerate(("cS", "cS+", "cR_train"))
            },
            "explained": {"pool2": [0.4, 0.2]},
        },
        "validation": {
            arm: [[[step, 0.1 * step / 10] for step in (10, 20, 30)] for _ in seeds]
            for arm, seeds in recalls.items()
        },
        "evaluation": {
            "num_images": NUM_IMAGES,
            "num_clips": NUM_IMAGES // 3,
            "num_seeds": len(next(iter(recalls.values()), [])),
            "scores": scores,
            "comparisons": [
                {"arm": arm, "baseline": baseline}
                for arm, baseline in pair_arms(tuple(tuple(arm.split(" + ")) for arm in recalls))
            ]
            if recalls
            else [],
        },
        "statistics": {
            "conditions": {"IoU": 0.5},
            "images": [f"{n}" for n in range(NUM_IMAGES)],
            "clips": [f"{n // 3}" for n in range(NUM_IMAGES)],
            "truths": [""] * NUM_IMAGES,
            "seeds": list(range(len(next(iter(recalls.values()), [])))),
            "arms": {
                arm: [[[int(found), int(found), BOXES] for found in seed] for seed in true]
                for arm, true in counts.items()
            },
        },
        "before": None,
        "after": None,
    }
    return Point(_config(section, values, refiner_seed, {"refiner_key": "ab" * 32} | config), summary)


def failed_point(section, values, error, **config):
    return Point(_config(section, values, 0, config | {"error": error}), None)


def _config(section, values, refiner_seed, config):
    return PointConfig(
        values={"section": section} | values, sections={section: values}, refiner_seed=refiner_seed, **config
    )


def _score(arm, true):
    total = NUM_IMAGES * BOXES
    f1 = [2 * found.sum() / (found.sum() + total) for found in true]
    recall = float(np.mean([found.sum() / total for found in true]))
    seeds = [{"seed": number, "f1": float(value)} for number, value in enumerate(f1)]
    mean = float(np.mean(f1))
    return {
        "arm": arm,
        "precision": 1.0,
        "recall": recall,
        "f1": mean,
        "val_f1": mean,
        "interval": [mean - 0.03, mean + 0.03],
        "seeds": seeds,
    }
