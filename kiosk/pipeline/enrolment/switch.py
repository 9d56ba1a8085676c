"""Which of the door and an enrolment a frame belongs to.

The door has every frame until a code, a key or an admin begins an enrolment, which it does when the
door decides on nobody: its session is set aside, and everything seen of it is forgotten. While an
enrolment goes on, the door's session sees an empty lane. So it does while the result is on the
screen and the same face before it: whoever was just told what came of it is not refused in the next
moment. Owned by the vision thread.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from kiosk.domain.access.events import Event, Faulted, SetAside, Ticked
from kiosk.domain.access.states import Acquiring, Idle, LockedOut, Resolved, State
from kiosk.domain.enrolment.events import CodesRead, DataWanted, EnrolmentEvent, Judged
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.states import EnrolmentState
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.pipeline.enrolment.session import EnrolmentSession
from kiosk.pipeline.session import Session

PENDING_SECONDS = 5.0
"""What would begin while the door decides on somebody counts for so long."""

LONGEST_SECONDS = 3600
"""No session lasts as long."""

EnrolmentInbox = queue.SimpleQueue[EnrolmentEvent]
"""What others have to say to the enrolment: services, the screen, a key."""


class Sees(Protocol):
    """Turns frames into the events of an enrolment; see `EnrolmentVision`."""

    def observe(self, frame: Frame, state: EnrolmentState) -> Sequence[EnrolmentEvent]:
        """What is seen in a frame, as far as the state allows."""
        ...


class EnrolmentSwitch:
    """Gives a frame to the enrolment or leaves it to the door.

    Args:
        session: owns the enrolment state.
        access: owns the door's state.
        inbox: events from other threads.
    """

    def __init__(
        self, session: EnrolmentSession, access: Session, inbox: EnrolmentInbox | None = None
    ) -> None:
        self._session = session
        self._access = access
        self.inbox = EnrolmentInbox() if inbox is None else inbox
        self.sees: Sees | None = None
        self._pending: CodesRead | Judged | DataWanted | None = None
        self._faces: frozenset[TrackId] = frozenset()

    def show_code(self, text: str, at: Instant) -> None:
        """Take an invitation that is held up to the camera while no enrolment goes on."""
        self._pending = CodesRead(at, frozenset({text}))

    @property
    def active(self) -> bool:
        """True if a session is going on; may be read by any thread."""
        return self._session.active

    def takes(self, frame: Frame) -> bool:
        """Process a frame if it is the enrolment's; False if it is the door's."""
        self._hear(frame.captured_at)
        if self.sees is None or not (self._session.active or self._stays()):
            return False
        for event in self.sees.observe(frame, self._session.state):
            self._see(event)
        self._access.handle(Ticked(frame.captured_at))
        return True

    def tick(self, now: Instant) -> None:
        """Process the time without a frame."""
        self._hear(now)

    def end(self, at: Instant, patience: float = 0.0) -> None:
        """End an enrolment that a recording leaves unfinished: whoever was there counts as gone.

        Args:
            at: after the last frame; the session hears of the time until it has ended.
            patience: seconds that a service has left to answer.
        """
        self._hear(at)
        with contextlib.suppress(queue.Empty):
            while self._session.waiting:
                self._session.handle(self.inbox.get(timeout=patience))
        for seconds in range(1, LONGEST_SECONDS):
            if not self._session.active:
                return
            self._hear(Instant(at + seconds))

    def tell(self, event: Event) -> None:
        """Pass on that a part failed: it ends an enrolment, as it takes the door out of service."""
        if isinstance(event, Faulted):
            self._session.handle(event)

    # -- internals -------------------------------------------------------------------------------

    def _stays(self) -> bool:
        """True if a result is on the screen, and a face of that session has been there since."""
        return self._session.showing and bool(self._faces)

    def _see(self, event: EnrolmentEvent) -> None:
        """Handle what was seen; an invitation that follows a result waits its turn like any."""
        active = self._session.active
        if isinstance(event, Looked):
            faces = frozenset(face.track for face in event.faces)
            self._faces = faces if active else self._faces & faces
        if isinstance(event, CodesRead) and not active:
            self._pending = _invitation(event) or self._pending
        else:
            self._session.handle(event)

    def _hear(self, at: Instant) -> None:
        while not self.inbox.empty():
            self._take(self.inbox.get())
        self._begin(at)
        if self._session.showing:
            self._session.handle(Ticked(at))

    def _take(self, event: EnrolmentEvent) -> None:
        """Handle what others say; what begins a session waits until the door is free."""
        if isinstance(event, DataWanted) or (isinstance(event, Judged) and not event.text):
            self._pending = event
        else:
            self._session.handle(event)

    def _begin(self, at: Instant) -> None:
        """Begin what is pending once the door decides on nobody."""
        pending = self._pending
        if pending is None:
            return
        if at - pending.at > PENDING_SECONDS or self._session.active:
            self._pending = None
        elif free(self._access.state) or (
            isinstance(pending, DataWanted) and past(self._access.state, at)
        ):
            self._pending = None
            self._access.handle(SetAside(at))
            self._session.handle(pending)


def _invitation(event: CodesRead) -> CodesRead | None:
    """The invitations among the codes; None if there is none."""
    texts = frozenset(text for text in event.texts if text.startswith(MARK))
    return replace(event, texts=texts) if texts else None


def past(state: State, at: Instant) -> bool:
    """True if a decision stands on the screen, and its time is over: somebody still stands there.

    Whoever is enrolled is let in before they can ask for their data, and asks for it then.
    """
    return isinstance(state, Resolved) and at >= state.until


def free(state: State) -> bool:
    """True if the door decides on nobody: whoever is before it is not recognised so far."""
    match state:
        case Acquiring(run=run):
            return all(each.subject is None for each in run)
        case Resolved(subject=subject):
            return subject is None
        case _:
            return isinstance(state, Idle | LockedOut)
