"""Identification with a service behind a network beside the kiosk's own matcher.

Theory of operation. The kiosk's own comparisons go on in every run as they do without a service:
they show that a run is of one person. Once a run lacks nothing for a grant but a name
(`kiosk.domain.cloud.standing`), the service is asked who is on its best frame. Whoever waits is
looked at all the while. The answer is an `Opinion`; it goes to the session with the next frame that
the kiosk's own matcher has found to show the same face, so that nobody can take the place of the
person who was asked about. The session judges it: no score is looked at here.

A question belongs to one run of one session. With the run it is given up, and its answer is never
read. It has a limit of its own; after that, what the settings declare applies, and a late answer
changes nothing. A session asks twice at most: once more if the first answer failed early or was
unclear, if its run was broken, or after a second factor. Whoever has used both up without an answer
is refused, which counts towards the lockout: what is declared for a service that is gone cannot be
had by stepping aside, nor a guess for nothing.

Sent is one cut-out, in memory, and only of people who agreed to it. Owned by one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.access.events import Event, Observed, Probe
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.cloud.faces import MOST_IMAGE_BYTES
from kiosk.domain.cloud.fusion import awaits, judge, may_be_sent
from kiosk.domain.cloud.modes import WhenGone
from kiosk.domain.cloud.opinion import Opinion
from kiosk.domain.cloud.standing import Standing, standing_of
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import Face, TrackId
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.pipeline.identification.asking import CloudParts, LateResult
from kiosk.pipeline.identification.cutting import Cutting, cut_out
from kiosk.pipeline.identification.outage import MatcherOutage
from kiosk.pipeline.identification.runs import RunIdentification

MOST_SEARCHES = 2
"""In one session."""
SPARE_SECONDS = 0.2
"""Of the limit of an answer, for the decision after it: frames and ticks come ten a second."""
LEAST_SECONDS = 0.3
"""With less time left nothing is asked."""

NO_ANSWER = "Amazon Rekognition gave no answer in time."


@dataclass(frozen=True, slots=True)
class _Question:
    """A question under way. It keeps nothing of the picture."""

    track: TrackId
    claimed: SubjectId | None
    asked_about: Instant
    answer: LateResult


@dataclass(slots=True)
class _Visit:
    """What was asked in one session.

    Attributes:
        began_at: of the session.
        searches: questions so far.
        gone: True once what is declared for a missing answer applies.
        refused: True once nothing but a refusal is left.
    """

    began_at: Instant | None = None
    searches: int = 0
    gone: bool = False
    refused: bool = False


class CloudIdentification:
    """The stage. Owned by one thread.

    Args:
        local: compares the runs here, and tells one person from another.
        parts: the service, and what it takes to ask it.
    """

    def __init__(self, local: RunIdentification, parts: CloudParts) -> None:
        self._local, self._parts = local, parts
        self._outage = MatcherOutage()
        self._visit = _Visit()
        self._run_began: Instant | None = None
        self._compared: list[Instant] = []
        self._best: Cutting | None = None
        self._question: _Question | None = None
        self._until = Instant(float("inf"))
        self._asks_again = False
        self._opinion: Opinion | None = None
        self._handed = False
        self._unclear: Opinion | None = None

    # -- the stage -------------------------------------------------------------------------------

    def wants(self, probe: Probe) -> bool:
        """Count this frame; True if it is compared here, for the run or because something waits."""
        due = self._local.wants(probe)
        standing = self._standing(probe.track)
        return due or self._delivers or self._may_ask(standing)

    def may_decide(self, at: Instant) -> bool:
        """True if a comparison in a frame captured then probably decides.

        None does while an answer is awaited, so that the preview goes on.
        """
        if self._question is not None:
            return False
        return self._delivers or self._local.may_decide(at)

    def ask(
        self,
        frame: Frame,
        face: Face,
        probe: Probe,
        apart: Callable[[], TrackId],
        others: Sequence[Face],
    ) -> Probe:
        """The probe with the candidates of its run, and with the service's opinion if it is due."""
        asked = self._local.ask(frame, face, probe, apart)
        if asked.candidates is None or asked.quality is None:
            self._forget()
            return asked
        self._follow_run(asked)
        self._keep_best(cut_out(frame, face, asked.quality.measures, others))
        return self._with_opinion(asked, asked.candidates)

    def follow(self, observed: Observed) -> None:
        """Forget the run, and the question about it, unless its face was seen in this frame."""
        self._local.follow(observed)
        self._end_with_the_run()

    def answers(self, now: Instant) -> Sequence[Event]:
        """A failure of either matcher and its end, and that no answer will come."""
        reports = self._local.answers(now)
        self._end_with_the_run()
        question = self._question
        if question is not None:
            standing = self._standing(question.track)
            if standing is None or standing.claimed != question.claimed:
                self._forget()
            elif question.answer.done():
                self._take(question, now)
        if (self._question is not None or self._asks_again) and not now < self._until:
            self._give_up(now, NO_ANSWER)
        return (*reports, *self._outage.reports(now))

    def close(self) -> None:
        """Give up the question under way, and the service."""
        self._forget()
        self._local.close()
        self._parts.matcher.close()

    # -- the run and the session -----------------------------------------------------------------

    @property
    def _delivers(self) -> bool:
        """True if the next frame of the run brings something to the session."""
        return self._opinion is not None and not self._handed

    def _standing(self, track: TrackId) -> Standing | None:
        """Where the session of this face stands; None if there is none."""
        standing = standing_of(*self._parts.look())
        if standing is None or standing.track != track:
            return None
        if standing.began_at not in {None, self._visit.began_at}:
            self._drop_question()
            self._visit = _Visit(standing.began_at)
        return standing

    def _follow_run(self, asked: Probe) -> None:
        """Note that this frame shows the face of its run; another run has nothing of the last."""
        began = self._local.began_at
        if began != self._run_began:
            self._forget()
            self._run_began = began
        self._compared.append(asked.captured_at)

    def _keep_best(self, cutting: Cutting | None) -> None:
        best = self._best
        if cutting is not None and (best is None or cutting.worth > best.worth):
            self._best = cutting

    def _shown_since(self, at: Instant, standing: Standing | None, window: float) -> Instant:
        """Capture time of the oldest frame of the session's run that shows this very face."""
        began = at if standing is None or standing.run_since is None else standing.run_since
        oldest = max(began, at - window)
        self._compared = [each for each in self._compared if each >= at - window]
        return next((each for each in self._compared if each >= oldest), at)

    def _end_with_the_run(self) -> None:
        if self._local.began_at is None:
            self._forget()

    def _forget(self) -> None:
        """Forget the run, its picture, and what was asked and answered about it."""
        self._drop_question()
        self._run_began, self._compared, self._best = None, [], None

    def _drop_question(self) -> None:
        """Give up the question under way, and what was answered."""
        if self._question is not None:
            self._question.answer.cancel()
        self._question = self._opinion = self._unclear = None
        self._asks_again = self._handed = False

    # -- questions -------------------------------------------------------------------------------

    def _with_opinion(self, asked: Probe, candidates: CandidateList) -> Probe:
        _, policy = self._parts.look()
        standing, at = self._standing(asked.track), asked.captured_at
        since = self._shown_since(at, standing, policy.window_seconds)
        claimed = None if standing is None else standing.claimed
        own = judge(candidates, policy.own_scale, claimed)
        if not awaits(policy.cloud.mode, own, claimed=claimed is not None):
            return asked
        if self._opinion is not None and self._opinion.asked_about < since:
            self._drop_question()
        if self._opinion is not None:
            self._handed = True
            return replace(asked, opinion=self._opinion, since=since)
        if self._visit.gone:
            return replace(asked, gone=True, since=since)
        if standing is None or not self._may_ask(standing):
            return asked
        if not may_be_sent(candidates, policy.own_scale, claimed, self._parts.agreed):
            return self._unsent(asked, since, policy)
        self._put(asked, since, standing, policy)
        return asked

    def _may_ask(self, standing: Standing | None) -> bool:
        """True if a question is due, or the refusal that takes its place."""
        return (
            standing is not None
            and standing.lacks_only_a_name
            and self._question is None
            and self._opinion is None
        )

    def _unsent(self, asked: Probe, since: Instant, policy: AccessPolicy) -> Probe:
        """What is declared for a missing answer, for somebody who did not agree to be sent."""
        if policy.cloud.when_gone is not WhenGone.REFUSE:
            return replace(asked, gone=True, since=since)
        self._outage.unanswered(asked.track, asked.captured_at, asked.captured_at)
        return asked

    def _put(self, asked: Probe, since: Instant, standing: Standing, policy: AccessPolicy) -> None:
        """Ask the service about the best frame of the run; refuse whoever has asked too often."""
        at, visit = asked.captured_at, self._visit
        if visit.refused or visit.searches >= MOST_SEARCHES:
            self._outage.unanswered(asked.track, at, at, used_up=not visit.refused)
            return
        oldest = max(since, at - (policy.window_seconds - self._parts.answer_seconds))
        best, self._best = self._best, None
        if best is None or best.captured_at < oldest:
            return  # a later frame will do
        picture = self._parts.encode(best.pixels)
        if len(picture) > MOST_IMAGE_BYTES:
            return
        if not self._asks_again:
            self._until = Instant(at + self._parts.answer_seconds - SPARE_SECONDS)
        visit.searches += 1
        self._asks_again = False
        try:
            answer = self._parts.matcher.ask(picture, standing.claimed, self._until - at)
        except MatchingUnavailable as error:
            self._give_up(at, error.problem)
            return
        self._question = _Question(asked.track, standing.claimed, best.captured_at, answer)

    # -- answers ---------------------------------------------------------------------------------

    def _take(self, question: _Question, now: Instant) -> None:
        self._question = None
        _, policy = self._parts.look()
        again = self._visit.searches < MOST_SEARCHES and self._until - now >= LEAST_SECONDS
        try:
            said = question.answer.result()
        except MatchingUnavailable as error:
            self._asks_again = again
            if not again:
                self._give_up(now, error.problem)
            return
        scale = policy.cloud.scales.get(said.candidates.space)
        if scale is None:
            self._refuse_model(now, said.candidates.space)
            return
        self._outage.answered(now)
        opinion = Opinion(said.candidates, question.asked_about)
        if again and (not said.seen or judge(said.candidates, scale, question.claimed).ambiguous):
            self._unclear, self._asks_again = opinion, True
            return
        self._opinion, self._unclear = opinion, None

    def _refuse_model(self, now: Instant, space: str) -> None:
        """Let nobody in by a face model without a threshold, whatever is declared (R46)."""
        self._visit.refused = True
        self._outage.fault(now, f"There is no threshold in the settings for {space}.")
        self._refuse(now)

    def _give_up(self, now: Instant, detail: str) -> None:
        """Apply what is declared; an earlier answer that was unclear counts instead."""
        unclear = self._unclear
        self._drop_question()
        self._outage.fault(now, detail)
        _, policy = self._parts.look()
        if unclear is not None:
            self._opinion = unclear
        elif policy.cloud.when_gone is WhenGone.REFUSE:
            self._visit.refused = True
            self._refuse(now)
        else:
            self._visit.gone = True

    def _refuse(self, now: Instant) -> None:
        """Tell the session that the face which it looks at is not compared."""
        standing = standing_of(*self._parts.look())
        if standing is not None and self._compared:
            self._outage.unanswered(standing.track, self._compared[-1], now)
