"""The check of the LiteRT engine against pinned values, where no reference engine is installed.

The values are the reference engine's for the two public-domain portraits. A build of LiteRT that
computes something else is found by them, in any of its networks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np

from kiosk.domain.vision.face import Face
from kiosk.domain.vision.template import Template

FACTS = "portraits.toml"
LANDMARKS = (10, 152, 234, 454, 33, 133, 362, 263, 4, 61, 291, 468, 473)
"""Forehead, chin, cheeks, corners of the eyes, nose tip, corners of the mouth, irises."""

MOST_PX, MOST_DEGREES, MOST_CLOSURE = 0.5, 0.5, 0.05
"""The largest differences; MediaPipe and LiteRT on one processor differ by a tenth of these."""

MOST_SCORE, MOST_COMPONENT = 0.02, 0.01
"""The same for attack detection, and for each number of a template; measured: .002 and .0015."""


def pinned_faces() -> Mapping[str, Any]:
    """What is pinned of each portrait, by its role in the pack `demo-portraits`."""
    text = resources.files("models.engines").joinpath(FACTS).read_text(encoding="utf-8")
    pinned: Mapping[str, Any] = tomllib.loads(text)["portraits"]
    return pinned


def facts_of(face: Face) -> Mapping[str, Any]:
    """The values of a face that are pinned."""
    return {
        "landmarks": [[round(float(v), 2) for v in face.mesh[index]] for index in LANDMARKS],
        "pose": [round(v, 2) for v in (face.pose.yaw, face.pose.pitch, face.pose.roll)],
        "eyes": [round(face.eyes.left, 3), round(face.eyes.right, 3)],
    }


def deviations(role: str, faces: Sequence[Face]) -> Sequence[str]:
    """What differs from the pinned values of a portrait; empty if nothing does."""
    if len(faces) != 1:
        return [f"{role}: {len(faces)} faces instead of 1"]
    found, pinned = facts_of(faces[0]), pinned_faces()[role]
    bounds = {"landmarks": MOST_PX, "pose": MOST_DEGREES, "eyes": MOST_CLOSURE}
    off = {key: _largest(found[key], pinned[key]) for key in bounds}
    return [
        f"{role}: {key} off by {off[key]:.3g}, allowed {most:g}"
        for key, most in bounds.items()
        if not off[key] <= most
    ]


def network_deviations(role: str, score: float, template: Template) -> Sequence[str]:
    """What attack detection and templates have other than pinned; empty if nothing.

    Args:
        role: of the portrait.
        score: of attack detection.
        template: of the same face; one of a space that is not pinned is not looked at.
    """
    pinned = pinned_faces()[role]
    off = {"attack detection score": (abs(score - pinned["attack"]), MOST_SCORE)}
    numbers = pinned["templates"].get(template.space)
    if numbers is not None:
        found = list(template.vector[: len(numbers)])
        off["template"] = (_largest(found, numbers), MOST_COMPONENT)
    return [
        f"{role}: {name} off by {by:.3g}, allowed {most:g}"
        for name, (by, most) in off.items()
        if not by <= most
    ]


def _largest(found: Sequence[Any], pinned: Sequence[Any]) -> float:
    return float(np.abs(np.subtract(found, pinned)).max())
