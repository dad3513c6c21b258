"""Facial expressions: named mixtures of the body basis's face units, drawn with weights."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

# strengths of face units; a name without a side stands for both
EXPRESSIONS: dict[str, dict[str, float]] = {
    "smile": {"mouthSmile": 0.8, "cheekSquint": 0.5, "eyeSquint": 0.3},
    "laugh": {"mouthSmile": 0.9, "jawOpen": 0.4, "cheekSquint": 0.8, "eyeSquint": 0.5, "mouthUpperUp": 0.3},
    "smirk": {"mouthSmileLeft": 0.7, "mouthDimpleLeft": 0.4, "browOuterUpLeft": 0.4},
    "talk open": {"jawOpen": 0.35, "mouthLowerDown": 0.3, "browInnerUp": 0.2},
    "talk round": {"jawOpen": 0.25, "mouthFunnel": 0.6},
    "talk wide": {"jawOpen": 0.15, "mouthStretch": 0.5, "mouthUpperUp": 0.3},
    "surprise": {"jawOpen": 0.4, "browInnerUp": 0.7, "browOuterUp": 0.8, "eyeWide": 0.8},
    "frown": {"mouthFrown": 0.7, "browDown": 0.6, "mouthShrugLower": 0.3},
    "concentrate": {"browDown": 0.7, "eyeSquint": 0.5, "mouthPress": 0.4},
    "disgust": {"noseSneer": 0.8, "mouthUpperUp": 0.5, "browDown": 0.4, "eyeSquint": 0.4},
    "sad": {"browInnerUp": 0.8, "mouthFrown": 0.6, "eyeLookDown": 0.3},
    "pucker": {"mouthPucker": 0.7},
    "pressed lips": {"mouthPress": 0.6, "mouthRollUpper": 0.4, "mouthRollLower": 0.4},
    "puffed cheeks": {"cheekPuff": 0.6, "mouthClose": 0.1},
    "closed eyes": {"eyeBlink": 0.95},
    "look down": {"eyeLookDown": 0.8, "eyeBlink": 0.3},
    "look up": {"eyeLookUp": 0.6, "browOuterUp": 0.2},
    "look left": {"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6},
    "look right": {"eyeLookInLeft": 0.6, "eyeLookOutRight": 0.6},
    "jaw aside": {"jawLeft": 0.5, "mouthLeft": 0.3},
}


class ExpressionSettings(BaseModel):
    """How often and how strongly faces move (the thesis draws from 43 expressions, Table 7.1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    neutral_fraction: float = Field(default=0.3, ge=0, le=1)  # share of the faces without any expression
    # share of the others that mix two expressions
    second_expression_fraction: float = Field(default=0.4, ge=0, le=1)
    # strength is even between this and 1, the full expression
    least_weight: float = Field(default=0.3, ge=0, le=1)
    # standard deviation of what every muscle of the face moves by itself, 1 for all it can
    unit_jitter_std: float = Field(default=0.04, ge=0, le=0.3)


def draw_expression(rng: np.random.Generator, *, settings: ExpressionSettings) -> dict[str, float]:
    """Weights 0..1 by the name of an expression: none, one or two of EXPRESSIONS."""
    if rng.random() < settings.neutral_fraction:
        return {}
    count = 1 + int(rng.random() < settings.second_expression_fraction)
    names = rng.choice(list(EXPRESSIONS), size=count, replace=False)
    shares = rng.uniform(settings.least_weight, 1.0, size=count) / count**0.5
    return {str(name): float(share) for name, share in zip(names, shares, strict=True)}


def expand_units(unit: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The face units that a name without a side stands for."""
    return (unit,) if unit in names else (f"{unit}Left", f"{unit}Right")


def face_units_of(
    expression: dict[str, float], names: tuple[str, ...], rng: np.random.Generator, *, jitter_std: float
) -> dict[str, float]:
    """Strength 0..1 by face unit: the weighted sum of the expressions, and a little of every unit."""
    strengths = dict(zip(names, np.abs(rng.normal(0, jitter_std, len(names))), strict=True))
    for expression_name, weight in expression.items():
        for unit, strength in EXPRESSIONS[expression_name].items():
            for name in expand_units(unit, names):
                strengths[name] += weight * strength
    return {name: float(min(strength, 1.0)) for name, strength in strengths.items()}
