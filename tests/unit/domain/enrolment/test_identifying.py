"""Who wants to see their data shows a badge and types its PIN; nothing is measured before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import FRAME
from enrolling import ANN, ENROLLED, INVITATION, POLICY, Visit, kept

from kiosk.domain.access.events import Faulted, Ticked
from kiosk.domain.access.factors import BADGE_MARK
from kiosk.domain.access.states import Part
from kiosk.domain.enrolment.effects import CheckBadge, JudgeInvitation
from kiosk.domain.enrolment.events import BadgeJudged, DataWanted, PinTyped, StopWanted
from kiosk.domain.enrolment.states import (
    Dormant,
    Ended,
    Identifying,
    Judging,
    Recognising,
    active,
    may_extract,
)
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant

BADGE, OTHER = f"{BADGE_MARK}:ann:1:ab", f"{BADGE_MARK}:ben:2:cd"
HERS = replace(ENROLLED, invitation=None)


def wanting() -> Visit:
    visit = Visit()
    visit.handle(DataWanted(visit.at()))
    assert isinstance(visit.state, Identifying)
    return visit


def typed(pin: str = "4711") -> Visit:
    """A badge was held up, and a PIN typed."""
    visit = wanting()
    visit.see(ANN, codes=(BADGE,))
    visit.handle(PinTyped(visit.at(), pin))
    return visit


def judged(visit: Visit, *, right: bool = False, paused: bool = False) -> None:
    assert isinstance(visit.state, Identifying)
    assert visit.state.checking is not None
    invitee = HERS if right else None
    visit.handle(BadgeJudged(visit.at(), visit.state.checking, invitee, paused))


def test_a_badge_and_its_pin_lead_to_the_face_and_to_nothing_else() -> None:
    visit = wanting()
    assert (visit.view.prompt, visit.view.pad) == (Prompt.DATA_BADGE, False)
    visit.see(ANN, codes=(BADGE,))
    assert (visit.view.prompt, visit.view.pad) == (Prompt.ENTER_PIN, True)
    assert visit.view.at_once, "a pad that is seen is listened to, and no other is"
    assert visit.view.left_at_once
    visit.handle(PinTyped(visit.at(), "4711"))
    at = Instant(visit.now)
    assert visit.effects == [CheckBadge(BADGE, "4711", at)]
    assert (visit.view.prompt, visit.view.pad) == (Prompt.ONE_MOMENT, False)
    judged(visit, right=True)
    assert isinstance(visit.state, Recognising)
    assert visit.state.who.invitee == HERS
    assert visit.notes == []


def test_nothing_is_measured_and_no_secret_printed_before_both_are_right() -> None:
    visit = typed()
    assert active(visit.state)
    assert not may_extract(visit.state)
    assert kept(visit.state) == []
    assert "4711" not in repr(visit.moves)
    assert BADGE not in repr(visit.moves)


def test_a_mistake_asks_for_the_pin_again_and_too_many_for_help() -> None:
    visit = typed()
    judged(visit)
    assert (visit.view.prompt, visit.view.tone, visit.view.pad) == (
        Prompt.CODE_UNKNOWN,
        Tone.WRONG,
        True,
    )
    visit.handle(PinTyped(visit.at(), "4712"))
    judged(visit, paused=True)
    assert isinstance(visit.state, Ended)
    assert (visit.view.prompt, visit.view.tone) == (Prompt.ASK_FOR_HELP, Tone.REFUSED)
    visit.tick(POLICY.result_seconds - FRAME)
    assert isinstance(visit.state, Ended)
    visit.tick(FRAME)
    assert isinstance(visit.state, Dormant)


def test_a_code_that_is_no_badge_asks_for_no_pin() -> None:
    visit = wanting()
    visit.see(ANN, codes=("https://example.org",))
    assert visit.view.prompt is Prompt.DATA_BADGE


def test_a_pin_and_its_answer_give_as_long_again_each() -> None:
    visit = wanting()
    visit.see(ANN, codes=(BADGE,))
    visit.stand(POLICY.idle_seconds - 1.0)
    visit.handle(PinTyped(visit.at(), "4711"))
    visit.stand(POLICY.idle_seconds - 1.0)
    judged(visit)
    visit.stand(POLICY.idle_seconds - 1.0)
    assert isinstance(visit.state, Identifying)


def test_an_answer_about_an_earlier_pin_means_nothing() -> None:
    visit = typed()
    earlier = Instant(visit.now - 1.0)
    visit.handle(BadgeJudged(visit.at(), earlier, HERS))
    visit.handle(BadgeJudged(visit.at(), earlier))
    assert isinstance(visit.state, Identifying)
    assert visit.view.prompt is Prompt.ONE_MOMENT
    judged(visit)
    assert isinstance(visit.state, Identifying)
    visit.handle(BadgeJudged(visit.at(), earlier, HERS))
    assert isinstance(visit.state, Identifying)


def test_a_second_pin_while_one_is_checked_is_not_checked() -> None:
    visit = typed()
    visit.handle(PinTyped(visit.at(), "9999"))
    assert [it.pin for it in visit.effects if isinstance(it, CheckBadge)] == ["4711"]


def test_a_pin_without_a_badge_is_nothing() -> None:
    visit = wanting()
    visit.handle(PinTyped(visit.at(), "4711"))
    assert visit.effects == []


def test_two_badges_at_once_are_none_and_a_later_one_takes_no_ones_place() -> None:
    visit = wanting()
    visit.see(ANN, codes=(BADGE, OTHER))
    assert visit.view.prompt is Prompt.DATA_BADGE
    visit.see(ANN, codes=(BADGE,))
    visit.see(ANN, codes=(OTHER,))
    visit.handle(PinTyped(visit.at(), "4711"))
    assert [it.badge for it in visit.effects if isinstance(it, CheckBadge)] == [BADGE]


def test_other_codes_are_nothing_and_an_invitation_is_judged() -> None:
    visit = wanting()
    visit.see(ANN, codes=("https://example.org", "LINTEL-YES"))
    assert visit.view.prompt is Prompt.DATA_BADGE
    visit.see(ANN, codes=(INVITATION,))
    assert isinstance(visit.state, Judging)
    assert any(isinstance(it, JudgeInvitation) for it in visit.effects)


@pytest.mark.parametrize("event", [StopWanted, lambda at: Faulted(at, Part.STORE, "gone")])
@pytest.mark.parametrize("begins", [wanting, typed])
def test_a_stop_and_a_failed_part_end_it(event: object, begins: object) -> None:
    visit = begins()  # type: ignore[operator]
    visit.handle(event(visit.at()))  # type: ignore[operator]
    assert visit.state == Dormant()


def test_a_failed_matcher_ends_nothing() -> None:
    visit = wanting()
    visit.handle(Faulted(visit.at(), Part.MATCHER, "slow"))
    assert isinstance(visit.state, Identifying)


def test_whoever_goes_away_leaves_the_door_to_others() -> None:
    visit = wanting()
    visit.stand(12.0)
    assert isinstance(visit.state, Identifying)
    visit.nobody(POLICY.hidden_seconds - 0.5)
    assert isinstance(visit.state, Identifying)
    visit.nobody(1.0)
    assert visit.state == Dormant()


def test_whoever_does_nothing_does_not_keep_the_door() -> None:
    visit = wanting()
    visit.stand(POLICY.idle_seconds - 0.5)
    assert isinstance(visit.state, Identifying)
    visit.stand(1.0)
    assert visit.state == Dormant()


def test_a_badge_gives_as_long_again_for_the_pin() -> None:
    visit = wanting()
    visit.stand(POLICY.idle_seconds - 0.5)
    visit.see(ANN, codes=(BADGE,))
    visit.stand(POLICY.idle_seconds - 0.5)
    assert visit.view.prompt is Prompt.ENTER_PIN


def test_it_begins_after_a_result_and_not_within_a_session() -> None:
    visit = typed()
    judged(visit, paused=True)
    visit.handle(DataWanted(visit.at()))
    assert isinstance(visit.state, Identifying)
    other = Visit()
    other.invite()
    before = other.state
    other.handle(DataWanted(other.at()))
    assert type(other.state) is type(before)


def test_the_waits_end_at_their_very_moment() -> None:
    gone = wanting()
    since = gone.now
    gone.handle(Ticked(Instant(since + POLICY.hidden_seconds - 0.25)))
    assert isinstance(gone.state, Identifying)
    gone.handle(Ticked(Instant(since + POLICY.hidden_seconds)))
    assert gone.state == Dormant()
    idle = wanting()
    since = idle.now
    idle.now = since + POLICY.idle_seconds - 2 * FRAME
    idle.state = replace(idle.state, seen_at=Instant(idle.now))  # type: ignore[arg-type]
    idle.see(ANN)
    assert isinstance(idle.state, Identifying)
    idle.handle(Ticked(Instant(since + POLICY.idle_seconds)))
    assert idle.state == Dormant()


def test_a_badge_that_hides_the_face_shows_that_somebody_is_there() -> None:
    visit = wanting()
    visit.nobody(POLICY.hidden_seconds - 1.0)
    visit.see(codes=(BADGE,))
    visit.nobody(POLICY.hidden_seconds - 1.0)
    assert visit.view.prompt is Prompt.ENTER_PIN
