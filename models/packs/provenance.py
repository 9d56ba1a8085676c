"""The provenance of a calibration: on what its scores were measured, and what they do not cover."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.packs.refusal import require

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the calibration of an embedding comes from.

    Attributes:
        data: the data set.
        images: pictures that gave a template.
        non_mated: comparisons of two people, on which the false match rates rest.
        mated: comparisons of one person.
        left_out: what was taken out of the data set, and why.
        form: what was compared with what.
        histogram: the file beside the manifest with the scores of all comparisons.
        tool: what made the templates.
        date: when, ISO 8601.
        not_covered: whom and what the calibration says nothing about.
        mean_shift: how much higher the scores of the form `mean` are at the same rate; its
            points are those of `single` with this added.
        mean_data: on what that shift was measured.
    """

    data: str
    images: int
    non_mated: int
    mated: int
    left_out: str
    form: str
    histogram: str
    tool: str
    date: str
    not_covered: str
    mean_shift: float
    mean_data: str

    def __post_init__(self) -> None:
        texts = (self.data, self.left_out, self.form, self.histogram, self.tool, self.not_covered)
        require(all(texts) and bool(self.mean_data), "a provenance leaves something out")
        require(bool(_DATE.fullmatch(self.date)), f"{self.date!r} is no date")
        require(min(self.images, self.non_mated, self.mated) > 0, "a provenance counts nothing")
        require(0.0 <= self.mean_shift < 1.0, "mean_shift must be 0 to 1")
