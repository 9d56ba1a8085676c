"""When a prompt is shown, so that nothing flickers: at the door and while people enrol.

A defect is shown once it has lasted a moment, and each sentence stays long enough to be read. A
result is shown at once: it is the answer that the person waits for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, Protocol, Self, TypeVar

from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant

SETTLE_SECONDS = 0.3
"""A changed prompt must last this long before it is shown (`screen.md`)."""

READ_SECONDS = 0.7
"""A prompt on the screen stays at least this long (`screen.md`)."""


class Guides(Protocol):
    """A view that tells people what to do: the door's, or that of an enrolment."""

    @property
    def prompt(self) -> Prompt:
        """The sentence."""
        ...

    @property
    def tone(self) -> Tone:
        """The look."""
        ...

    @property
    def at_once(self) -> bool:
        """True if it is shown without settling."""
        ...

    @property
    def left_at_once(self) -> bool:
        """True if the next view need not wait until this one could be read."""
        ...

    def kept(self) -> Self:
        """The view while its sentence is only kept so that it can be read."""
        ...


V = TypeVar("V", bound=Guides)


@dataclass(frozen=True, slots=True)
class Guidance(Generic[V]):
    """The view on the screen, and the one that waits to be shown.

    Attributes:
        shown: on the screen now.
        since: since when.
        waiting: another view that is requested; None if there is none.
        waiting_since: since when it has been requested without a break.
    """

    shown: V
    since: Instant
    waiting: V | None = None
    waiting_since: Instant = Instant(0.0)

    def follow(self, view: V, at: Instant) -> Guidance[V]:
        """The guidance after one more requested view.

        The progress ring is empty while a sentence is only kept so that it can be read.
        """
        if view.prompt is self.shown.prompt and view.tone is self.shown.tone:
            return replace(self, shown=view, waiting=None)
        if view.at_once or self.shown.left_at_once:
            return Guidance(view, at)
        emptied = replace(self, shown=self.shown.kept())
        if self.waiting is None or self.waiting.prompt is not view.prompt:
            return replace(emptied, waiting=view, waiting_since=at)
        settled = at - self.waiting_since >= SETTLE_SECONDS
        read = at - self.since >= READ_SECONDS
        return Guidance(view, at) if settled and read else emptied
