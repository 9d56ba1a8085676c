"""A service's opinion in the access session names the run that it was asked about, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from doorway import ANN, FRAME, POLICY, Doorway, Look

from kiosk.domain.access.evidence import progress
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Acquiring,
    Answered,
    Asking,
    Claimed,
    Identified,
    Idle,
    LockedOut,
    Observed,
    Reason,
    Resolved,
)
from kiosk.domain.access.policy import AccessPolicy, Hold
from kiosk.domain.cloud.fusion import CloudRules, Scale
from kiosk.domain.cloud.modes import CloudMode, WhenGone
from kiosk.domain.cloud.opinion import Opinion
from kiosk.domain.cloud.standing import Standing, standing_of
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SpaceId, SubjectId

SERVICE = SpaceId("rekognition/7.0")
RUN = POLICY.probes_required


def rules(mode: CloudMode = CloudMode.CLOUD, when: WhenGone = WhenGone.REFUSE) -> AccessPolicy:
    return replace(POLICY, cloud=CloudRules(mode, when, {SERVICE: Scale(99.0, 0.5)}))


@dataclass
class Room:
    """Frames of one person, each compared here; a service may have an opinion on one of them."""

    policy: AccessPolicy = field(default_factory=rules)

    def __post_init__(self) -> None:
        self.doorway = Doorway(self.policy)
        self.began = self.doorway.now + FRAME

    def see(
        self,
        look: Look = ANN,
        times: int = 1,
        opinion: Opinion | None = None,
        *,
        gone: bool = False,
        since: float | None = None,
    ) -> None:
        for _ in range(times):
            self.doorway.now += FRAME
            at = Instant(self.doorway.now)
            back = Instant(self.began if since is None else since)
            probe = replace(look.probe(at), opinion=opinion, gone=gone, since=back)
            self.doorway.handle(Observed(at, (probe,)))

    def said(
        self, who: str | None = "ann", score: float = 99.5, space: SpaceId = SERVICE, at: int = 0
    ) -> Opinion:
        """An opinion on a frame, counted from the first."""
        found = () if who is None else (Candidate(SubjectId(who), score),)
        return Opinion(CandidateList(space, found), Instant(self.began + at * FRAME))

    @property
    def let_in(self) -> list[str]:
        return [person.subject for person in self.doorway.people]

    @property
    def standing(self) -> Standing | None:
        return standing_of(self.doorway.state, self.policy)


@pytest.fixture
def room() -> Room:
    return Room()


def test_nothing_is_decided_before_the_opinion_has_come(room: Room) -> None:
    room.see(times=3 * POLICY.refusal_probes)
    assert room.let_in == []
    assert room.doorway.reasons == []


def test_the_opinion_names_the_whole_run(room: Room) -> None:
    room.see(times=RUN)
    room.see(opinion=room.said())
    assert room.let_in == ["ann"]
    (person,) = room.doorway.people
    assert person.captured_at == room.began
    assert (person.threshold, person.evidence[-1].space) == (99.0, SERVICE)


def test_a_run_that_is_too_short_goes_on_after_the_opinion(room: Room) -> None:
    room.see(times=RUN - 2)
    room.see(opinion=room.said())
    assert room.let_in == []
    room.see(opinion=room.said())
    assert room.let_in == ["ann"]


@pytest.mark.parametrize("score", [98.99, 0.9, float("nan"), -1.0])
def test_less_than_99_lets_nobody_in(room: Room, score: float) -> None:
    """R17: a similarity of 0.9 is no cosine of 0.9."""
    room.see(times=RUN)
    room.see(opinion=room.said(score=score), times=POLICY.refusal_probes)
    assert room.let_in == []
    assert room.doorway.reasons == [Reason.NOT_RECOGNISED]


@pytest.mark.parametrize("space", ["rekognition/8.0", "rekognition/", "rekognition/7.0 "])
def test_an_unknown_model_names_nobody(room: Room, space: str) -> None:
    """R46. No fallback stands in for it either."""
    room = Room(rules(when=WhenGone.LOCAL))
    room.see(times=RUN)
    room.see(opinion=room.said(score=100.0, space=SpaceId(space)), times=2 * RUN, gone=True)
    assert room.let_in == []


def test_an_opinion_in_the_kiosks_own_space_names_nobody(room: Room) -> None:
    """A service that says it speaks of cosines has no scale."""
    room.see(times=RUN)
    room.see(opinion=room.said(score=0.99, space=POLICY.space), times=RUN)
    assert room.let_in == []


@pytest.mark.parametrize("breaks", ["poor", "empty", "two"])
def test_an_opinion_on_a_frame_before_a_break_names_nobody(room: Room, breaks: str) -> None:
    room.see(times=RUN)
    before = room.said()
    if breaks == "empty":
        room.doorway.see()
    else:
        room.doorway.see(
            *((ANN, ANN.but(track=2)) if breaks == "two" else (ANN.but(measured=False),))
        )
    again = room.doorway.now + FRAME
    room.see(times=RUN, since=again)
    room.see(times=RUN, opinion=before, since=again)
    room.see(times=RUN, opinion=before)
    assert room.let_in == []


def test_an_opinion_on_a_frame_that_was_never_captured_names_nobody(room: Room) -> None:
    room.see(times=RUN)
    room.see(opinion=room.said(at=100), times=RUN)
    assert room.let_in == []


def test_an_opinion_on_another_track_is_that_of_another_session(room: Room) -> None:
    room.see(times=RUN)
    room.see(ANN.but(track=9), opinion=room.said(), times=RUN)
    assert room.let_in == []


def test_an_opinion_on_a_frame_that_has_left_the_window_names_nobody(room: Room) -> None:
    frames = round(POLICY.window_seconds / FRAME) + 1
    room.see(times=frames)
    room.see(opinion=room.said(), since=room.began + 2 * FRAME, times=2)
    assert room.let_in == []


def test_a_badge_that_is_shown_meanwhile_voids_the_question(room: Room) -> None:
    """What was asked without a claim says nothing of whoever claims to be somebody."""
    room.see(times=RUN)
    now = Instant(room.doorway.now)
    room.doorway.handle(Claimed(now, SubjectId("ann"), now))
    room.see(times=RUN, opinion=room.said())
    assert room.let_in == []


@pytest.mark.parametrize("attack", [0.0, 0.2])
def test_a_run_that_looks_like_a_picture_is_no_run_whoever_is_named(
    room: Room, attack: float
) -> None:
    picture = ANN.but(pad=attack)
    room.see(picture, times=RUN)
    assert not (room.standing and room.standing.lacks_only_a_name)
    room.see(picture, opinion=room.said(), times=2 * RUN)
    assert room.let_in == []


def test_a_picture_that_is_shown_after_the_question_spoils_the_run(room: Room) -> None:
    room.see(times=RUN)
    room.see(ANN.but(pad=0.0, ranked=False), times=RUN + 2)
    room.see(opinion=room.said())
    assert room.let_in == []


# -- without an answer ---------------------------------------------------------------------------


def test_no_answer_refuses_kindly(room: Room) -> None:
    room.see(times=RUN)
    at = Instant(room.doorway.now)
    room.doorway.handle(Identified(at, TrackId(1), at, None))
    assert room.doorway.reasons == [Reason.NOT_COMPARED]


def test_what_was_declared_lets_in_by_the_kiosks_own_matcher() -> None:
    room = Room(rules(when=WhenGone.LOCAL))
    room.see(times=RUN)
    room.see(gone=True)
    assert room.let_in == ["ann"]
    assert not room.doorway.people[0].unconfirmed
    assert room.doorway.people[0].threshold == POLICY.decision_threshold


def test_a_second_factor_makes_up_for_the_missing_answer() -> None:
    room = Room(rules(when=WhenGone.SECOND_FACTOR))
    room.see(times=RUN)
    room.see(gone=True)
    assert room.doorway.people[0].unconfirmed


# -- when to ask ---------------------------------------------------------------------------------


def test_a_question_is_due_once_only_the_name_is_missing(room: Room) -> None:
    room.see(times=RUN - 1)
    assert room.standing is not None
    assert not room.standing.lacks_only_a_name
    room.see()
    assert room.standing == Standing(
        Instant(room.began), TrackId(1), None, Instant(room.began), lacks_only_a_name=True
    )


def test_a_session_that_doubts_asks_later() -> None:
    room = Room()
    room.see(ANN.but(pad=0.2, ranked=False), times=2)
    room.see(times=RUN)
    assert room.standing is not None
    assert not room.standing.lacks_only_a_name
    room.see(times=2 * RUN)
    assert room.standing.lacks_only_a_name


def test_no_session_no_question(room: Room) -> None:
    assert room.standing is None


def test_an_order_to_pause_asks_nobody(room: Room) -> None:
    room.see(times=RUN)
    held = replace(room.policy, hold=Hold.PAUSED)
    standing = standing_of(room.doorway.state, held)
    assert standing is not None
    assert not standing.lacks_only_a_name


@pytest.mark.parametrize(("late", "asked"), [(0.0, True), (FRAME / 2, False)])
def test_a_claim_that_has_expired_asks_nobody(room: Room, *, late: float, asked: bool) -> None:
    room.see()
    until = room.doorway.now + RUN * FRAME - late
    shown_at = Instant(until - POLICY.claim_seconds)
    room.doorway.handle(Claimed(Instant(room.doorway.now), SubjectId("ann"), shown_at))
    after = room.doorway.now + FRAME
    room.see(times=RUN, since=after)
    assert room.standing is not None
    assert room.standing.claimed == "ann"
    assert room.standing.lacks_only_a_name is asked


def test_a_session_without_a_run_has_none(room: Room) -> None:
    room.see(ANN.but(measured=False))
    assert room.standing == Standing(
        Instant(room.began), TrackId(1), None, None, lacks_only_a_name=False
    )


def test_progress_shows_the_run_while_the_answer_is_awaited(room: Room) -> None:
    room.see(times=RUN)
    assert isinstance(room.doorway.state, Acquiring)
    assert progress(room.doorway.state.run, room.policy) == pytest.approx(1.0)


# -- with a second factor ------------------------------------------------------------------------


def asking(room: Room, claim: str | None = None) -> Room:
    """Ann was recognised by the service, and is asked for a PIN."""
    room.doorway.agrees = False
    if claim is not None:
        now = Instant(room.doorway.now)
        room.doorway.handle(Claimed(now, SubjectId(claim), now))
    room.see(times=RUN)
    room.see(opinion=room.said())
    (person,) = room.doorway.people
    now = Instant(room.doorway.now)
    room.doorway.handle(Answered(now, Reason.FACTOR_NEEDED, person, Factor.PIN))
    return room


def types_pin(room: Room) -> None:
    (person,) = room.doorway.people
    now = Instant(room.doorway.now)
    room.doorway.handle(Answered(now, Reason.FACTOR_SHOWN, person, presented_at=now))


@pytest.mark.parametrize("claim", [None, "ann"])
def test_nothing_is_asked_before_the_factor_is_shown(room: Room, claim: str | None) -> None:
    asking(room, claim)
    again = room.doorway.now + FRAME
    room.see(times=RUN + 1, since=again)
    assert room.standing is not None
    assert not room.standing.lacks_only_a_name
    types_pin(room)
    after = room.doorway.now + FRAME
    room.see(times=RUN + 1, since=after)
    assert room.standing == Standing(
        None, TrackId(1), claim, Instant(after), lacks_only_a_name=True
    )


def test_where_no_face_is_looked_at_nobody_is_asked(room: Room) -> None:
    """A badge alone, while faces are paused."""
    asking(room)
    assert isinstance(room.doorway.state, Asking)
    assert standing_of(replace(room.doorway.state, watched=None), room.policy) is None


def test_an_opinion_from_before_the_factor_names_nobody_after_it(room: Room) -> None:
    asking(room)
    types_pin(room)
    room.see(times=2 * RUN, opinion=room.said())
    assert room.let_in == ["ann"], "recognised once, before"
    after = room.doorway.now - RUN * FRAME
    room.see(opinion=Opinion(room.said().candidates, Instant(after + FRAME)), since=after + FRAME)
    assert room.let_in == ["ann", "ann"]


# -- what is held against whoever goes -----------------------------------------------------------


def goes(room: Room, frames: int = 0, opinion: Opinion | None = None) -> None:
    """A visit that lacks nothing but a name, some more frames of it, and nobody there any more."""
    room.began = room.doorway.now + FRAME
    room.see(times=RUN)
    room.see(times=frames, opinion=opinion)
    room.doorway.empty(POLICY.absence_seconds + FRAME)


def steps_aside(room: Room) -> None:
    """The run breaks, and the visit goes on until there is no time left."""
    room.began = room.doorway.now + FRAME
    room.see(times=RUN)
    unseen = round(POLICY.session_timeout_seconds / FRAME)
    room.see(ANN.but(measured=False), times=unseen)
    room.doorway.empty(POLICY.refused_hold_seconds + FRAME)


def shows_another_badge(room: Room) -> None:
    room.began = room.doorway.now + FRAME
    room.see(times=RUN)
    now = Instant(room.doorway.now)
    room.doorway.handle(Claimed(now, SubjectId("bob"), now))
    room.doorway.empty(POLICY.absence_seconds + FRAME)


@pytest.mark.parametrize("visit", [goes, steps_aside, shows_another_badge])
@pytest.mark.parametrize("mode", [CloudMode.CLOUD, CloudMode.BOTH_AGREE])
def test_who_goes_before_the_answer_is_locked_out_like_who_is_refused(
    mode: CloudMode, visit: Callable[[Room], None]
) -> None:
    """A stolen badge is good for as many questions as there are refusals, and no more."""
    room = Room(rules(mode))
    for failures in range(1, POLICY.failures_allowed):
        visit(room)
        assert isinstance(room.doorway.state, Idle)
        assert len(room.doorway.state.failures.at) == failures
    visit(room)
    assert LockedOut in {type(step.state) for step in room.doorway.steps}
    assert room.let_in == []


def test_one_frame_less_than_a_question_takes_is_passing_by(room: Room) -> None:
    room.see(times=RUN - 1)
    room.doorway.empty(1.0)
    assert room.doorway.state == Idle()


def test_where_no_service_is_asked_nothing_is_held_against_who_is_not_compared_yet() -> None:
    room = Room(rules(CloudMode.LOCAL))
    room.see(times=RUN - 1)
    room.see(ANN.but(ranked=False))
    room.doorway.empty(1.0)
    assert room.doorway.state == Idle()


def test_who_is_let_in_at_the_second_try_is_not_locked_out(room: Room) -> None:
    for _ in range(POLICY.failures_allowed - 1):
        goes(room)
    goes(room, 1, opinion=Opinion(room.said().candidates, Instant(room.doorway.now + FRAME)))
    assert room.let_in == ["ann"]
    room.doorway.empty(POLICY.granted_hold_seconds)
    assert isinstance(room.doorway.state, Idle)
    assert len(room.doorway.state.failures.at) == POLICY.failures_allowed - 1


def test_who_is_let_in_by_the_second_question_of_a_visit_has_failed_at_nothing(
    room: Room,
) -> None:
    for _ in range(POLICY.failures_allowed + 1):
        room.see(times=RUN)
        room.see(ANN.but(measured=False))
        room.began = room.doorway.now + FRAME
        room.see(times=RUN)
        room.see(opinion=room.said())
        room.doorway.empty(5.0)
    assert set(room.doorway.reasons) == {Reason.MATCHED}
    assert room.doorway.state == Idle()


@pytest.mark.parametrize(("used_up", "failures"), [(False, 0), (True, 1)])
def test_an_outage_is_nobodys_failure_but_using_up_the_questions_is(
    room: Room, *, used_up: bool, failures: int
) -> None:
    room.see(times=RUN)
    at = Instant(room.doorway.now)
    room.doorway.handle(Identified(at, TrackId(1), at, None, used_up))
    assert room.doorway.reasons == [Reason.NOT_COMPARED]
    assert isinstance(room.doorway.state, Resolved)
    assert len(room.doorway.state.failures.at) == failures


@pytest.mark.parametrize(("used_up", "failures"), [(False, 0), (True, 1)])
def test_and_so_it_is_after_a_second_factor(room: Room, *, used_up: bool, failures: int) -> None:
    asking(room)
    types_pin(room)
    room.see(times=RUN, since=room.doorway.now + FRAME)
    at = Instant(room.doorway.now)
    room.doorway.handle(Identified(at, TrackId(1), at, None, used_up))
    assert isinstance(room.doorway.state, Resolved)
    assert room.doorway.state.reason is Reason.NOT_COMPARED
    assert len(room.doorway.state.failures.at) == failures


@pytest.mark.parametrize(("typed", "failures"), [(False, 0), (True, 1)])
def test_who_goes_after_the_factor_and_before_the_answer_is_counted(
    room: Room, *, typed: bool, failures: int
) -> None:
    """Nobody is asked about whoever has not shown it yet: that is no guess."""
    asking(room)
    if typed:
        types_pin(room)
    room.see(times=RUN, since=room.doorway.now + FRAME)
    room.doorway.empty(POLICY.factor_absence_seconds + FRAME)
    assert isinstance(room.doorway.state, Idle)
    assert len(room.doorway.state.failures.at) == failures


# -- what both say of one frame ------------------------------------------------------------------


def test_with_a_claim_the_service_decides_about_a_face_that_is_not_known_here(room: Room) -> None:
    now = Instant(room.doorway.now)
    room.doorway.handle(Claimed(now, SubjectId("ann"), now))
    unknown = ANN.but(subject="zoe", score=0.3, rival=None)
    room.see(unknown, times=RUN)
    room.see(unknown, opinion=room.said())
    assert room.let_in == ["ann"]


def test_where_the_kiosk_is_clear_no_opinion_is_looked_at() -> None:
    room = Room(rules(CloudMode.LOCAL_THEN_CLOUD))
    room.see(times=RUN, opinion=room.said("bob", at=-100))
    assert room.let_in == ["ann"]
    assert {each.asked_about for each in room.doorway.people[0].evidence} == {None}


def test_an_opinion_on_the_newest_frame_counts(room: Room) -> None:
    room.see(times=RUN)
    room.see(opinion=room.said(at=RUN))
    assert room.let_in == ["ann"]


def test_doubt_of_an_earlier_run_is_asked_about_once_it_is_made_up_for(room: Room) -> None:
    room.see(ANN.but(pad=0.2, ranked=False), times=3)
    room.see(ANN.but(measured=False))
    assert room.standing is not None
    assert not room.standing.lacks_only_a_name
    after = room.doorway.now + FRAME
    room.see(times=RUN, since=after)
    assert not room.standing.lacks_only_a_name


def test_a_late_answer_of_the_kiosks_own_stands_in_for_no_service() -> None:
    room = Room(rules(when=WhenGone.LOCAL))
    for _ in range(2 * RUN):
        room.see(ANN.but(ranked=False))
        at = Instant(room.doorway.now)
        said = ANN.probe(at).candidates
        room.doorway.handle(Identified(at, TrackId(1), at, said))
    assert room.let_in == []
