"""Where an access session stands, for the stage that asks a service about its face."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.access.evidence import lacks_only_a_name
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Acquiring, Asking, Claim, State
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands, after the frames so far.

    Attributes:
        began_at: when it began, by which it is told from others; None while a second factor is
            awaited: that is the session that recognised the person.
        track: whose face it is about.
        claimed: whose badge was shown; None for nobody's.
        run_since: capture time of the first frame of its unbroken run; None without one.
        lacks_only_a_name: True if somebody would be recognised now, were they named.
    """

    began_at: Instant | None
    track: TrackId
    claimed: SubjectId | None
    run_since: Instant | None
    lacks_only_a_name: bool


def standing_of(state: State, policy: AccessPolicy) -> Standing | None:
    """Where a session stands; None if there is none in which a face is looked at."""
    if isinstance(state, Acquiring):
        return _standing(state, state.claim, policy, began_at=state.since)
    if isinstance(state, Asking) and state.watched is not None:
        claim = Claim(state.person.subject, state.until) if state.person.verified else None
        wanted = state.shown_at is not None
        return _standing(state.watched, claim, policy, began_at=None, wanted=wanted)
    return None


def _standing(
    session: Acquiring,
    claim: Claim | None,
    policy: AccessPolicy,
    *,
    began_at: Instant | None,
    wanted: bool = True,
) -> Standing:
    times = [each.at for each in session.run]
    valid = claim is None or all(at <= claim.until for at in times)
    return Standing(
        began_at,
        session.track,
        None if claim is None else claim.subject,
        next(iter(times), None),
        wanted and valid and policy.hold is None and lacks_only_a_name(session, policy),
    )
