"""A run of one face: few of its frames are compared, and these by the mean of their templates.

A template takes longer than any other stage, and the frames of a run differ little. So only a few
are compared, spread evenly over the run that a grant takes: its first frame, its last, and some
between. The mean of their templates is closer to the person than any of them, while strangers come
no closer to it.

A mean is only as good as it is one person's. A template that does not agree with the mean so far is
that of another face, which came into the place of the first; nothing of the first is counted for
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.domain.errors import SpaceMismatch
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Template

SHORTEST = 1e-6
"""A shorter sum has no direction."""


def mean_template(templates: Sequence[Template]) -> Template:
    """The mean of some templates, scaled to unit length.

    Args:
        templates: one or more.

    Raises:
        SpaceMismatch: they are of different spaces or lengths, or cancel each other out.
    """
    kinds = {(template.space, template.vector.size) for template in templates}
    if len(kinds) != 1:
        raise SpaceMismatch(
            "Templates of different spaces were to be averaged.",
            "Use one model pack for enrolment and access.",
        )
    ((space, _),) = kinds
    total = np.sum([template.vector for template in templates], axis=0)
    length = max(float(np.linalg.norm(total)), SHORTEST)
    return Template(np.asarray(total / length, np.float32), space)


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """Which frames of a run are compared.

    Attributes:
        comparisons: the frames that a mean is taken over, 2 or more.
        probes: the frames of the run that a grant takes.
        span_seconds: the time that they span at least.
        agreement: the least comparison score of a frame with the mean of those before it; less is
            another face.
    """

    comparisons: int
    probes: int
    span_seconds: float
    agreement: float

    def due(self, made: int, frames: int, seconds: float) -> bool:
        """True if the next comparison is due.

        The first is due with the run's first frame, and the last of `comparisons` with the frame
        that completes `probes` and `span_seconds`; the others lie evenly between. They go on at
        the same pace.

        Args:
            made: the comparisons so far.
            frames: the frames of the run so far.
            seconds: the time since the first of them.
        """
        steps = self.comparisons - 1
        counted = frames * steps >= made * (self.probes - 1)
        return counted and seconds * steps >= made * self.span_seconds


@dataclass(frozen=True, slots=True, eq=False)
class ComparedRun:
    """A run so far: how much of it there was, and the templates that were compared last.

    Attributes:
        began_at: capture time of its first frame.
        frames: its frames so far.
        made: the comparisons so far.
        newest: capture time and template of the last frames that were compared, oldest first.
    """

    began_at: Instant
    frames: int = 0
    made: int = 0
    newest: tuple[tuple[Instant, Template], ...] = ()

    def due(self, at: Instant, plan: ComparisonPlan) -> bool:
        """True if a frame captured then is to be compared."""
        return plan.due(self.made, self.frames, at - self.began_at)

    def counting(self) -> ComparedRun:
        """The run with one more frame."""
        return replace(self, frames=self.frames + 1)

    def agrees(self, template: Template, plan: ComparisonPlan) -> bool:
        """True if a template is that of the same face; the first always is."""
        return not self.newest or float(self.mean.vector @ template.vector) >= plan.agreement

    def comparing(self, at: Instant, template: Template, plan: ComparisonPlan) -> ComparedRun:
        """The run with one more template; it drops what is older than the mean takes."""
        newest = (*self.newest, (at, template))[-plan.comparisons :]
        return replace(self, made=self.made + 1, newest=newest)

    @property
    def mean(self) -> Template:
        """The mean of the newest templates; at least one was compared."""
        return mean_template([template for _, template in self.newest])

    @property
    def since(self) -> Instant:
        """Capture time of the oldest frame in the mean; at least one was compared."""
        return self.newest[0][0]

    def __repr__(self) -> str:
        return f"ComparedRun({self.made} of {self.frames} frames since {self.began_at})"
