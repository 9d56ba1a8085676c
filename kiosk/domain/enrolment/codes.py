"""Which codes were seen when: only one that newly appears is an answer, so no poster consents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class CodeSightings:
    """What the searches of frames for codes have shown since a session began.

    Attributes:
        searched_at: capture time of the newest frame that was searched; None before the first.
        seen: by text, when it was last seen; never printed.
        gone: by text, since when it has not been seen without a break; never printed.
    """

    searched_at: Instant | None = None
    seen: Mapping[str, Instant] = field(default_factory=dict, repr=False)
