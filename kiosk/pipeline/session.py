"""The only owner of the access state. Every event passes through `handle`, in one thread.

Effects that must not be lost (audit, door, results) are committed, in order. Guidance, thirty times
a second, may be lost. It is shown directly, and the newest replaces older ones.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.access.closing import gathers
from kiosk.domain.access.lockout import Held
from kiosk.domain.access.machine import (
    Effect,
    Event,
    Idle,
    LockedOut,
    Remember,
    Show,
    State,
    advance,
)
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import held, resumed
from kiosk.domain.guidance import Guidance
from kiosk.domain.prompts import View, view_of
from kiosk.domain.vision.frame import Instant

Commit = Callable[[tuple[Effect, ...], View], None]
"""Receives effects to carry out in order, and the view for their `Show`."""


class Session:
    """Advances the access state machine.

    Args:
        policy: returns the current policy; it changes with the gallery.
        commit: receives effects that must be carried out.
        guide: shows guidance.
        kept: the lockout state (refusals, doubt) stored before the kiosk was started.
    """

    def __init__(
        self,
        policy: Callable[[], AccessPolicy],
        commit: Commit,
        guide: Callable[[View], None],
        kept: Held | None = None,
    ) -> None:
        self.state: State = Idle() if kept is None else resumed(kept)
        self._shown = not isinstance(self.state, LockedOut)
        self._policy = policy
        self._commit = commit
        self._guide = guide
        self._guidance: Guidance[View] | None = None

    @property
    def absence_seconds(self) -> float:
        """Seconds after which a face that has disappeared counts as gone."""
        return self._policy().absence_seconds

    def look(self) -> tuple[State, AccessPolicy]:
        """The state, and the policy in force; for whoever works in the same thread."""
        return self.state, self._policy()

    def gathers(self, at: Instant) -> bool:
        """True if a frame captured then may become evidence; see `gathers`."""
        return gathers(self.state, at, self._policy())

    def handle(self, event: Event) -> None:
        """Process one event."""
        policy = self._policy()
        before = held(self.state)
        step = advance(self.state, event, policy)
        self.state = step.state
        effects = step.effects
        if not self._shown:
            self._shown, effects = True, effects or (Show(step.state),)
        view = view_of(step.state, policy)
        if held(step.state) != before:
            self._commit((Remember(held(step.state)),), view)
        if not effects:
            return
        view = self._smooth(view, event)
        if all(isinstance(effect, Show) for effect in effects):
            self._guide(view)
        else:
            self._commit(effects, view)

    def _smooth(self, view: View, event: Event) -> View:
        if self._guidance is None:
            self._guidance = Guidance(view, event.at)
        self._guidance = self._guidance.follow(view, event.at)
        return self._guidance.shown
