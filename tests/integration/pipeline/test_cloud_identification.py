"""The stage that asks a service: when, about whom, how often, and what an answer is worth.

Vision and session are the kiosk's own; a test says what the models see and what the service says.
"""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from asked_kiosk import ANSWER_SECONDS, HIGH, LOW
from asked_service import GONE, RUN, AskingKiosk, OwnMatcher, Said, named
from doorway import FRAME, POLICY

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Answered, Idle, LockedOut, Part, Reason
from kiosk.domain.cloud.modes import CloudMode, WhenGone
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SpaceId
from kiosk.pipeline.identification.cloud import MOST_SEARCHES
from kiosk.pipeline.identification.runs import FORGET_SECONDS

ANN, BOB, NOBODY = named(("ann", 99.9)), named(("bob", 99.9)), named()
EITHER = named(("ann", 99.9), ("bob", 99.8))
ANSWER = round(ANSWER_SECONDS / FRAME)
MODES = [CloudMode.CLOUD, CloudMode.BOTH_AGREE]


@pytest.fixture(params=MODES)
def kiosk(request: pytest.FixtureRequest) -> AskingKiosk:
    return AskingKiosk(request.param)


def asked(kiosk: AskingKiosk) -> AskingKiosk:
    """The kiosk, with a question under way about Ann."""
    kiosk.see(times=RUN + 1)
    assert kiosk.asked == 1
    return kiosk


# -- when it is asked ----------------------------------------------------------------------------


def test_it_is_asked_once_everything_but_the_name_is_known(kiosk: AskingKiosk) -> None:
    kiosk.see(times=RUN)
    assert kiosk.asked == 0
    kiosk.see()
    assert kiosk.asked == 1
    kiosk.see(times=3)
    assert (kiosk.asked, kiosk.let_in) == (1, [])


def test_the_answer_lets_in_with_the_next_frame(kiosk: AskingKiosk) -> None:
    asked(kiosk).says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]
    (person,) = kiosk.kiosk.people
    assert person.threshold == 99.0
    assert person.captured_at == kiosk.kiosk.seen[0].at
    assert sum(e.since is not None for e in person.evidence) >= POLICY.comparisons_required


def test_an_answer_in_most_of_its_time_lets_in(kiosk: AskingKiosk) -> None:
    asked(kiosk).see(times=ANSWER - 3)
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]


def test_local_mode_asks_nobody() -> None:
    kiosk = AskingKiosk(CloudMode.LOCAL)
    kiosk.see(times=RUN)
    assert (kiosk.asked, kiosk.let_in) == (0, ["ann"])


def test_who_is_clear_is_not_sent_where_the_service_decides_what_is_not() -> None:
    kiosk = AskingKiosk(CloudMode.LOCAL_THEN_CLOUD)
    kiosk.see(times=RUN)
    assert (kiosk.asked, kiosk.let_in) == (0, ["ann"])


@pytest.mark.parametrize(
    ("said", "outcome"),
    [(ANN, "ann"), (BOB, "bob"), (NOBODY, "not_recognised"), (named(("zoe", 99.9)), "ambiguous")],
)
def test_who_looks_like_two_is_whom_the_service_names_of_these(said: Said, outcome: str) -> None:
    kiosk = AskingKiosk(CloudMode.LOCAL_THEN_CLOUD)
    kiosk.see("either", RUN + 1)
    assert (kiosk.asked, kiosk.let_in, kiosk.reasons) == (1, [], [])
    kiosk.says(said)
    kiosk.see("either", POLICY.refusal_probes)
    assert [*kiosk.let_in, *(reason.value for reason in kiosk.reasons)] == [outcome]


# -- what it is not asked ------------------------------------------------------------------------


@pytest.mark.parametrize("pad", [0.0, 0.3, 0.49])
def test_a_face_that_fails_attack_detection_is_never_sent(kiosk: AskingKiosk, pad: float) -> None:
    kiosk.see(times=POLICY.refusal_probes * 3, pad=pad)
    assert kiosk.asked == 0
    assert kiosk.shapes == []


def test_a_run_that_was_doubtful_is_not_sent_before_the_doubt_is_settled(
    kiosk: AskingKiosk,
) -> None:
    kiosk.see(times=2, pad=0.2)
    kiosk.see(times=RUN + 1, pad=0.6)
    assert kiosk.asked == 0


def test_a_face_in_poor_quality_is_never_sent(kiosk: AskingKiosk) -> None:
    kiosk.see(times=POLICY.refusal_probes * 3, sharp=False)
    assert kiosk.asked == 0


def test_two_people_are_never_sent(kiosk: AskingKiosk) -> None:
    kiosk.kiosk.see(HIGH, LOW, times=3 * RUN)
    assert kiosk.asked == 0


@pytest.mark.parametrize("mode", list(CloudMode))
def test_a_stranger_is_never_sent(mode: CloudMode) -> None:
    kiosk = AskingKiosk(mode)
    kiosk.see("stranger", POLICY.refusal_probes + 1)
    assert kiosk.asked == 0
    assert kiosk.reasons == [Reason.NOT_RECOGNISED]


@pytest.mark.parametrize("when", list(WhenGone))
def test_who_agreed_to_local_matching_only_is_never_sent(
    kiosk: AskingKiosk, when: WhenGone
) -> None:
    kiosk = AskingKiosk(kiosk.mode, when, agreed=("bob",))
    kiosk.see(times=RUN + 3)
    assert kiosk.asked == 0
    if when is WhenGone.REFUSE:
        assert kiosk.reasons == [Reason.NOT_COMPARED]
    else:
        assert kiosk.let_in == ["ann"]
        assert kiosk.kiosk.people[0].unconfirmed is (when is WhenGone.SECOND_FACTOR)
    assert kiosk.kiosk.faults == []


def test_a_lookalike_of_somebody_who_did_not_agree_is_not_sent() -> None:
    kiosk = AskingKiosk(CloudMode.CLOUD, agreed=("ann",))
    kiosk.see("either", RUN + 3)
    assert kiosk.asked == 0


# -- claims --------------------------------------------------------------------------------------


def test_the_badge_of_somebody_who_agreed_sends_a_face_that_is_not_known_here() -> None:
    kiosk = AskingKiosk(own=OwnMatcher(enrolled=("bob",)))
    kiosk.shows_badge("ann")
    kiosk.see(times=RUN + 1)
    assert [search.claimed for search in kiosk.service.searches] == ["ann"]
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]
    assert kiosk.kiosk.people[0].verified


def test_the_badge_of_somebody_who_did_not_agree_sends_nobody() -> None:
    kiosk = AskingKiosk(own=OwnMatcher(enrolled=("bob",)), agreed=("bob",))
    kiosk.shows_badge("ann")
    kiosk.see(times=RUN + 3)
    assert kiosk.asked == 0


def test_somebody_who_did_not_agree_is_not_sent_with_anothers_badge() -> None:
    kiosk = AskingKiosk(agreed=("ann",))
    kiosk.shows_badge("ann")
    kiosk.see("bob", RUN + 3)
    assert (kiosk.asked, kiosk.let_in) == (0, [])


@pytest.mark.parametrize("mode", MODES)
def test_the_badge_of_one_and_the_face_of_another(mode: CloudMode) -> None:
    """R22: not even a service that says so lets Bob in as Ann."""
    kiosk = AskingKiosk(mode)
    kiosk.shows_badge("ann")
    kiosk.see("bob", RUN + 1)
    for search in kiosk.service.searches:
        search.said = ANN
    kiosk.see("bob", 2 * POLICY.refusal_probes)
    assert kiosk.let_in == []


def test_a_badge_that_is_shown_meanwhile_is_a_new_question(kiosk: AskingKiosk) -> None:
    asked(kiosk).shows_badge("ann")
    kiosk.says(ANN)
    kiosk.see(times=RUN)
    assert kiosk.let_in == []
    kiosk.see(times=3)
    assert [search.claimed for search in kiosk.service.searches] == [None, "ann"]
    assert kiosk.service.searches[0].cancelled


# -- who it is about -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["bob", "stranger"])
def test_who_takes_her_place_while_the_answer_is_awaited_is_not_her(
    kiosk: AskingKiosk, who: str
) -> None:
    asked(kiosk).says(ANN)
    kiosk.see(who, 2 * RUN)
    assert "ann" not in kiosk.let_in
    assert kiosk.let_in == []


@pytest.mark.parametrize("how", ["poor", "empty", "two"])
def test_an_answer_about_a_run_that_broke_lets_nobody_in(kiosk: AskingKiosk, how: str) -> None:
    asked(kiosk)
    if how == "poor":
        kiosk.see(sharp=False)
    else:
        kiosk.kiosk.see(*((HIGH, LOW) if how == "two" else ()))
    assert kiosk.service.searches[0].cancelled
    kiosk.service.searches[0].said = ANN
    kiosk.see(times=RUN)
    assert kiosk.let_in == []


def test_an_answer_about_somebody_who_has_left_lets_nobody_in(kiosk: AskingKiosk) -> None:
    asked(kiosk)
    kiosk.kiosk.see(times=round(POLICY.absence_seconds / FRAME) + 1)
    kiosk.service.searches[0].said = ANN
    kiosk.see("bob", RUN)
    assert kiosk.let_in == []


def test_a_picture_that_is_shown_after_the_question_is_not_let_in(kiosk: AskingKiosk) -> None:
    asked(kiosk).see(times=RUN + 2, pad=0.0)
    kiosk.says(ANN)
    kiosk.see(pad=0.0)
    kiosk.see()
    assert kiosk.let_in == []


def test_answers_out_of_order_are_about_their_own_question(kiosk: AskingKiosk) -> None:
    asked(kiosk).see(sharp=False)
    kiosk.see(times=RUN + 1)
    assert kiosk.asked == 2
    kiosk.service.searches[0].said = BOB
    kiosk.see()
    assert kiosk.let_in == []
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]


# -- what it says --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (NOBODY, Reason.NOT_RECOGNISED),
        (named(("ann", 98.99)), Reason.NOT_RECOGNISED),
        (BOB, Reason.AMBIGUOUS),
    ],
)
def test_one_answer_that_does_not_name_her_refuses(
    kiosk: AskingKiosk, said: Said, reason: Reason
) -> None:
    asked(kiosk).says(said)
    kiosk.see(times=POLICY.refusal_probes)
    assert (kiosk.asked, kiosk.reasons) == (1, [reason])


@pytest.mark.parametrize("unclear", [EITHER, named(seen=False)])
def test_an_unclear_answer_is_asked_for_once_more(kiosk: AskingKiosk, unclear: Said) -> None:
    asked(kiosk).says(unclear)
    kiosk.see(times=2)
    assert kiosk.asked == 2
    assert kiosk.service.searches[1].seconds < kiosk.service.searches[0].seconds
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]


@pytest.mark.parametrize("second", [EITHER, GONE, None])
def test_an_answer_that_stays_unclear_lets_nobody_in(
    kiosk: AskingKiosk, second: Said | None
) -> None:
    """Not even where the kiosk's own matcher would stand in for a service that is gone."""
    kiosk = AskingKiosk(kiosk.mode, WhenGone.LOCAL)
    asked(kiosk).says(EITHER)
    kiosk.see(times=2)
    if second is not None:
        kiosk.says(second)
    kiosk.see(times=ANSWER + POLICY.refusal_probes)
    assert (kiosk.asked, kiosk.let_in, kiosk.reasons) == (2, [], [Reason.AMBIGUOUS])


@pytest.mark.parametrize("when", list(WhenGone))
def test_a_face_model_without_a_threshold_lets_nobody_in(
    kiosk: AskingKiosk, when: WhenGone
) -> None:
    """R46: refused, whatever is declared for a service that is gone, and said in the journal."""
    kiosk = AskingKiosk(kiosk.mode, when)
    asked(kiosk).says(named(("ann", 100.0), space=SpaceId("rekognition/8.0")))
    kiosk.see(times=2)
    assert (kiosk.let_in, kiosk.reasons) == ([], [Reason.NOT_COMPARED])
    (fault,) = kiosk.kiosk.faults
    assert (fault.part, "rekognition/8.0" in fault.detail) == (Part.MATCHER, True)


# -- without an answer ---------------------------------------------------------------------------


def test_no_answer_in_time_refuses(kiosk: AskingKiosk) -> None:
    asked(kiosk)
    at = kiosk.kiosk.now
    kiosk.see(times=ANSWER)
    assert kiosk.reasons == [Reason.NOT_COMPARED]
    assert kiosk.kiosk.decisions[0].at - at < ANSWER_SECONDS
    assert kiosk.service.searches[0].cancelled
    kiosk.service.searches[0].said = ANN
    kiosk.see(times=RUN)
    assert kiosk.let_in == []
    assert [fault.part for fault in kiosk.kiosk.faults] == [Part.MATCHER]


@pytest.mark.parametrize("when", [WhenGone.LOCAL, WhenGone.SECOND_FACTOR])
def test_no_answer_in_time_lets_in_as_declared(kiosk: AskingKiosk, when: WhenGone) -> None:
    kiosk = AskingKiosk(kiosk.mode, when)
    asked(kiosk)
    at = kiosk.kiosk.now
    kiosk.see(times=ANSWER)
    assert kiosk.let_in == ["ann"]
    (person,) = kiosk.kiosk.people
    assert person.at - at < ANSWER_SECONDS
    assert person.unconfirmed is (when is WhenGone.SECOND_FACTOR)


def test_a_failure_is_asked_for_once_more_within_the_same_time(kiosk: AskingKiosk) -> None:
    asked(kiosk).says(GONE)
    kiosk.see(times=2)
    assert kiosk.asked == 2
    kiosk.says(GONE)
    kiosk.see(times=2)
    assert (kiosk.asked, kiosk.reasons) == (2, [Reason.NOT_COMPARED])
    assert [fault.detail for fault in kiosk.kiosk.faults] == [GONE.problem]


def test_a_service_that_takes_no_question_is_gone_at_once(kiosk: AskingKiosk) -> None:
    """As with the monthly limit used up."""
    kiosk.service.refusing = GONE
    kiosk.see(times=RUN + 2)
    assert kiosk.reasons == [Reason.NOT_COMPARED]
    assert [fault.detail for fault in kiosk.kiosk.faults] == [GONE.problem]


def test_it_is_asked_again_in_the_next_session_and_its_recovery_is_said(
    kiosk: AskingKiosk,
) -> None:
    kiosk.service.refusing = GONE
    kiosk.see(times=RUN + 2)
    kiosk.service.refusing = None
    kiosk.kiosk.see(times=round(POLICY.refused_hold_seconds / FRAME) + 8)
    kiosk.see(times=RUN + 1)
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]
    assert [fault.recovered for fault in kiosk.kiosk.faults] == [False, True]


@pytest.mark.parametrize("when", list(WhenGone))
def test_stepping_aside_again_and_again_is_no_way_round_the_service(
    kiosk: AskingKiosk, when: WhenGone
) -> None:
    """Whoever breaks two runs gets no third question, and no decision without the service."""
    kiosk = AskingKiosk(kiosk.mode, when)
    for _ in range(MOST_SEARCHES):
        kiosk.see(times=RUN + 1)
        kiosk.see(sharp=False)
    kiosk.see(times=RUN + 3)
    assert (kiosk.asked, kiosk.let_in) == (MOST_SEARCHES, [])
    assert kiosk.reasons == [Reason.NOT_COMPARED]


@pytest.mark.parametrize("stays", [0, 1], ids=["goes at once", "until refused"])
def test_questions_that_nobody_waits_for_lock_the_door(kiosk: AskingKiosk, stays: int) -> None:
    """The lookalike of a badge's owner: two questions a visit, and no answer is waited for."""
    for visit in range(1, POLICY.failures_allowed + 1):
        kiosk.shows_badge("ann")
        for _ in range(MOST_SEARCHES):
            kiosk.see(times=RUN + 2)
            kiosk.see(sharp=False)
        kiosk.see(times=stays * (RUN + 3))
        kiosk.kiosk.see(times=round(POLICY.refused_hold_seconds / FRAME) + 8)
        locked = isinstance(kiosk.kiosk.session.state, LockedOut)
        assert locked is (visit == POLICY.failures_allowed)
    asked = kiosk.asked
    kiosk.shows_badge("ann")
    kiosk.see(times=3 * RUN)
    assert (kiosk.asked, kiosk.let_in) == (asked, [])
    assert asked == MOST_SEARCHES * POLICY.failures_allowed


def test_who_waits_for_a_service_that_is_gone_is_not_locked_out(kiosk: AskingKiosk) -> None:
    for _ in range(POLICY.failures_allowed + 1):
        kiosk.see(times=RUN + 1 + ANSWER)
        kiosk.kiosk.see(times=round(POLICY.refused_hold_seconds / FRAME) + 8)
    assert kiosk.asked == POLICY.failures_allowed + 1
    assert set(kiosk.reasons) == {Reason.NOT_COMPARED}
    assert isinstance(kiosk.kiosk.session.state, Idle)


# -- a second factor -----------------------------------------------------------------------------


def types_pin(kiosk: AskingKiosk) -> None:
    """Whoever was recognised owes a PIN, and types it."""
    person, now = kiosk.kiosk.people[-1], Instant(kiosk.kiosk.now)
    needed = Answered(now, Reason.FACTOR_NEEDED, person, Factor.PIN)
    kiosk.kiosk.session.handle(needed)
    kiosk.see(times=2)
    now = Instant(kiosk.kiosk.now)
    kiosk.kiosk.session.handle(Answered(now, Reason.FACTOR_SHOWN, person, presented_at=now))


def test_the_second_question_is_for_the_look_after_the_factor(kiosk: AskingKiosk) -> None:
    kiosk.kiosk.agrees = False
    asked(kiosk).says(ANN)
    kiosk.see()
    types_pin(kiosk)
    assert kiosk.asked == 1
    kiosk.see(times=RUN + 3)
    assert (kiosk.asked, kiosk.let_in) == (2, ["ann"])
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann", "ann"]


def test_another_face_after_the_factor_is_not_let_in(kiosk: AskingKiosk) -> None:
    kiosk.kiosk.agrees = False
    asked(kiosk).says(ANN)
    kiosk.see()
    types_pin(kiosk)
    kiosk.see("bob", RUN + 3)
    for search in kiosk.service.searches[1:]:
        search.said = ANN
    kiosk.see("bob", 3 * RUN)
    assert kiosk.let_in == ["ann"]


def test_a_factor_makes_up_for_a_service_that_is_gone_without_asking_it_again(
    kiosk: AskingKiosk,
) -> None:
    kiosk = AskingKiosk(kiosk.mode, WhenGone.SECOND_FACTOR)
    kiosk.kiosk.agrees = False
    asked(kiosk)
    kiosk.see(times=ANSWER)
    assert kiosk.let_in == ["ann"]
    types_pin(kiosk)
    kiosk.see(times=RUN + 3)
    assert (kiosk.asked, kiosk.let_in) == (1, ["ann", "ann"])
    assert kiosk.kiosk.people[1].factor is Factor.PIN
    assert kiosk.kiosk.people[1].unconfirmed


# -- what is kept --------------------------------------------------------------------------------


def test_a_cut_out_is_sent_and_no_frame_is_kept(
    kiosk: AskingKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[weakref.ref[np.ndarray]] = []  # type: ignore[type-arg] # of any pixels
    real = np.zeros

    def zeros(shape: object, *rest: object) -> object:
        made = real(shape, *rest)  # type: ignore[call-overload] # whatever it was called with
        if shape == (480, 640, 3):
            frames.append(weakref.ref(made))
        return made

    monkeypatch.setattr(np, "zeros", zeros)
    asked(kiosk)
    gc.collect()
    assert len(frames) == RUN + 1
    assert all(frame() is None for frame in frames[:-1])
    ((height, width, _),) = kiosk.shapes
    assert height < 480
    assert width < 640


def test_the_picture_goes_with_the_run(kiosk: AskingKiosk) -> None:
    kiosk.see(times=RUN)
    assert kiosk.stage._best is not None
    kiosk.see(sharp=False)
    assert kiosk.stage._best is None


def test_the_picture_and_the_question_go_where_no_frame_comes_any_more(
    kiosk: AskingKiosk,
) -> None:
    asked(kiosk)
    kiosk.see(times=3)
    assert kiosk.stage._best is not None
    kiosk.kiosk.hear(seconds=FORGET_SECONDS)
    assert kiosk.stage._best is None
    assert kiosk.service.searches[0].cancelled


def test_the_service_is_closed_with_the_kiosk(kiosk: AskingKiosk) -> None:
    asked(kiosk).kiosk.vision.stages = None  # type: ignore[attr-defined] # nothing else is open
    kiosk.stage.close()
    assert kiosk.service.closed
    assert kiosk.service.searches[0].cancelled


def test_the_frame_that_lets_in_is_known_before(kiosk: AskingKiosk) -> None:
    asked(kiosk)
    kiosk.says(ANN)
    kiosk.stage.answers(Instant(kiosk.kiosk.now))
    assert kiosk.stage.may_decide(Instant(kiosk.kiosk.now + FRAME))


def test_no_frame_decides_while_the_answer_is_awaited(kiosk: AskingKiosk) -> None:
    """R51: those that do are not shown, and the picture of whoever waits goes on."""
    asked(kiosk)
    for _ in range(ANSWER - 3):
        assert not kiosk.stage.may_decide(Instant(kiosk.kiosk.now + FRAME))
        kiosk.see()
    kiosk.says(ANN)
    kiosk.see()
    assert kiosk.let_in == ["ann"]
