"""A simulated morning: people arrive at a few doors, and some of them are asked about in the cloud.

Nothing is measured here, and nothing is sent: a queue for each door, one bucket of calls for the
site, and dice. It shows what a quota, a limit of waiting and a mode come to before a site has any
of them.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from kiosk.domain.cloud.bucket import TokenBucket
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.planning import MOST_SEARCHES
from kiosk.domain.errors import BadInput

_THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class Morning:
    """An office and its people, whose arrivals are normally distributed. Times are seconds.

    Attributes:
        people: who come, each once.
        doors: that they come to, evenly.
        spread: standard deviation of their arrivals.
        passing: from the decision until the next is looked at.
        local: that a decision takes the kiosk alone.
        answer: that an answer takes once it is asked for, at the median.
        answer_spread: of its logarithm; 0 for answers that all take as long.
        ambiguous: share of those whom the kiosk alone cannot tell apart from another.
        again: share of the answers after which it is asked once more.
        known: share of those who show a badge, a PIN or a code first.
        seed: of the dice.
    """

    people: int = 2_000
    doors: int = 2
    spread: float = 900.0
    passing: float = 2.0
    local: float = 0.7
    answer: float = 0.4
    answer_spread: float = 0.5
    ambiguous: float = 0.02
    again: float = 0.05
    known: float = 0.0
    seed: int = 830

    def __post_init__(self) -> None:
        shares = self.ambiguous, self.again, self.known
        times = self.spread, self.passing, self.local, self.answer, self.answer_spread
        if self.people < 1 or self.doors < 1 or min(times) < 0.0:
            raise BadInput(
                "A morning needs people, doors, and times that are not negative.",
                "Give at least one person and one door.",
            )
        if not all(0.0 <= each <= 1.0 for each in shares):
            raise BadInput("A share of the people is outside 0 to 1.", "Give 0.02 for 2 %.")


@dataclass(frozen=True, slots=True)
class CloudTerms:
    """What the site has of Rekognition.

    Attributes:
        mode: who decides.
        quota: calls a second of the search, of the whole site.
        shards: collections that somebody unknown is searched in.
        price: of a thousand calls.
        limit: seconds from the question until the fallback takes its place.
    """

    mode: CloudMode
    quota: float
    shards: int = 1
    price: float = 1.0
    limit: float = 3.0


@dataclass(slots=True)
class MorningReport:
    """What became of a morning.

    Attributes:
        decisions: of people.
        asked: how many of these asked the cloud.
        calls: that were made.
        fallbacks: decisions whose answer would have come too late.
        wanted: the most calls that were wanted within one second.
        sent: the most calls that were made within one second.
        held: seconds that questions waited for the bucket, in order of size.
        queued: seconds that people waited for those before them, in order of size.
        cost: of the calls.
    """

    decisions: int = 0
    asked: int = 0
    calls: int = 0
    fallbacks: int = 0
    wanted: int = 0
    sent: int = 0
    held: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    cost: float = 0.0


def simulated(morning: Morning, terms: CloudTerms) -> MorningReport:
    """A morning under these terms; the same numbers each time.

    Raises:
        BadInput: the terms are none.
    """
    if not terms.quota > 0.0 or terms.shards < 1 or not terms.limit > 0.0:
        raise BadInput(
            "A quota, a limit or a number of shards of 0 decides nobody.",
            "Give calls a second, seconds, and at least one shard.",
        )
    return _Simulation(morning, terms).run()


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that a share of the values does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(slots=True)
class _Asked:
    """Somebody about whom the cloud is asked."""

    door: int
    until: float
    calls: int
    questions: int


class _Simulation:
    """One morning, moment by moment."""

    def __init__(self, morning: Morning, terms: CloudTerms) -> None:
        self._morning, self._terms = morning, terms
        self._dice = random.Random(morning.seed)  # noqa: S311 - a simulation
        self._bucket = TokenBucket(terms.quota)
        self._report = MorningReport()
        self._wanted: Counter[int] = Counter()
        self._sent: Counter[int] = Counter()
        self._lines: list[deque[float]] = [deque() for _ in range(morning.doors)]
        self._busy = [False] * morning.doors
        self._moments: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = count()

    def run(self) -> MorningReport:
        for number, at in enumerate(self._arrivals()):
            self._later(at, partial(self._arrives, number % self._morning.doors))
        while self._moments:
            now, _, happens = heapq.heappop(self._moments)
            happens(now)
        return self._summed()

    def _later(self, at: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._moments, (at, next(self._order), happens))

    def _arrivals(self) -> list[float]:
        morning = self._morning
        drawn = sorted(self._dice.gauss(0.0, morning.spread) for _ in range(morning.people))
        return [at - drawn[0] for at in drawn]

    def _arrives(self, door: int, now: float) -> None:
        self._lines[door].append(now)
        if not self._busy[door]:
            self._looks(door, now)

    def _looks(self, door: int, now: float) -> None:
        """The kiosk looks at the next, if there is anybody."""
        self._busy[door] = bool(self._lines[door])
        if not self._busy[door]:
            return
        self._report.decisions += 1
        self._report.queued.append(now - self._lines[door].popleft())
        decided = now + self._morning.local
        if not self._asks():
            self._decided(door, decided)
            return
        self._report.asked += 1
        calls = 1 if self._dice.random() < self._morning.known else self._terms.shards
        questions = MOST_SEARCHES if self._dice.random() < self._morning.again else 1
        asked = _Asked(door, decided + self._terms.limit, calls, questions)
        self._later(decided, partial(self._question, asked))

    def _asks(self) -> bool:
        mode = self._terms.mode
        if mode is CloudMode.LOCAL_THEN_CLOUD:
            return self._dice.random() < self._morning.ambiguous
        return mode is not CloudMode.LOCAL

    def _question(self, asked: _Asked, now: float) -> None:
        answered = self._answered(now, asked)
        if answered is None:
            self._report.fallbacks += 1
            self._decided(asked.door, asked.until)
        elif asked.questions > 1:
            asked.questions -= 1
            self._later(answered, partial(self._question, asked))
        else:
            self._decided(asked.door, answered)

    def _answered(self, now: float, asked: _Asked) -> float | None:
        """When all the calls of a question are answered; None if that is too late."""
        last = now
        for _ in range(asked.calls):
            self._wanted[int(now)] += 1
            sent = self._bucket.reserve(now, asked.until)
            if sent is None:
                return None
            self._sent[int(sent)] += 1
            self._report.calls += 1
            self._report.held.append(sent - now)
            spread = self._dice.lognormvariate(0.0, self._morning.answer_spread)
            last = max(last, sent + self._morning.answer * spread)
        return last if last <= asked.until else None

    def _decided(self, door: int, at: float) -> None:
        self._later(at + self._morning.passing, partial(self._looks, door))

    def _summed(self) -> MorningReport:
        report = self._report
        report.wanted = max(self._wanted.values(), default=0)
        report.sent = max(self._sent.values(), default=0)
        report.held.sort()
        report.queued.sort()
        report.cost = report.calls * self._terms.price / _THOUSAND
        return report
