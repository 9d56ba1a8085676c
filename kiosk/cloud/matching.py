"""Whose a face is, by a search in the collections: of one person, or of everybody.

Whoever is claimed is looked for in the one collection that would hold them (R43); whoever is not,
in all collections at once (R44). What the collections say is put together by person. An id that
belongs to nobody here stands for somebody unknown: it never names anybody, and still takes the lead
from whoever comes second.

Calls are made in a few threads of their own, so that nobody waits for a network. Which collections
there are is looked up in another thread, one look at a time: however long that takes, it holds up
no question while they are known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from kiosk.cloud.ids import CloudIds
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, SearchAnswer
from kiosk.domain.cloud.fusion import space_of
from kiosk.domain.cloud.modes import PartialAnswer
from kiosk.domain.cloud.opinion import SearchResult
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable, MatchingUnavailable, StoreError
from kiosk.domain.people.enrolled import Person
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.template import SubjectId

SOMEBODY_UNKNOWN = SubjectId("")
"""Stands for a person of a collection who is not enrolled here, or not for it; no subject has this
id."""
MOST_QUESTIONS = 4
"""Answered at the same time; one is asked after another, and those given up take their time."""
MOST_THREADS = 64
LOOK_SECONDS = 60.0
"""The most that it takes to find out which collections there are: at five a second a hundred take
twenty. No question waits for it longer than it may take itself."""
_SAY = "Wait; meanwhile what is declared for a missing answer applies."


class SearchedCollections(Protocol):
    """Says which collections are searched; see `CollectionsInForce`."""

    def known(self) -> ShardedCollections | None:
        """What was read lately; asks nobody."""
        ...

    def current(self, *, seconds: float) -> ShardedCollections:
        """The collections in force. Raises CloudRefused, CloudUnavailable or StoreError."""
        ...

    def close(self) -> None:
        """End a look at them soon."""
        ...


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """How the collections are searched.

    Attributes:
        threshold: the similarity that a search is sent with.
        partial: what an answer is worth that some of them did not give.
    """

    threshold: float
    partial: PartialAnswer = PartialAnswer.REFUSE


class CollectionSearch:
    """Asks the collections. `ask` may be called by one thread at a time.

    Args:
        service: Rekognition.
        collections: which are searched.
        ids: people's ids in the cloud.
        people: everybody who is enrolled; a mapping that is replaced when it changes.
        terms: how they are searched.
        monotonic: seconds.
        end: called when it is closed.
    """

    def __init__(
        self,
        service: FaceService,
        collections: SearchedCollections,
        ids: CloudIds,
        people: Callable[[], Mapping[SubjectId, Person]],
        terms: SearchTerms,
        monotonic: Callable[[], float] = time.monotonic,
        end: Callable[[], None] = lambda: None,
    ) -> None:
        self._service, self._collections, self._ids = service, collections, ids
        self._people, self._terms, self._monotonic = people, terms, monotonic
        self._questions = ThreadPoolExecutor(MOST_QUESTIONS, "cloud-question")
        self._searches = ThreadPoolExecutor(MOST_THREADS, "cloud-search")
        self._looks = ThreadPoolExecutor(1, "cloud-collections")
        self._look: Future[ShardedCollections] | None = None
        self._lock, self._end = threading.Lock(), end
        self._known: tuple[Mapping[SubjectId, Person], Mapping[CloudId, SubjectId]] | None = None

    def prepare(self) -> None:
        """Find out in the background which collections there are; returns at once."""
        self._looked()

    def ask(
        self, picture: bytes, claimed: SubjectId | None, seconds: float
    ) -> Future[SearchResult]:
        """Ask whose a face is; returns at once. Its answer raises MatchingUnavailable.

        Args:
            picture: JPEG of one face.
            claimed: the only person whom it may be; None for everybody.
            seconds: the most that the answer may take.
        """
        deadline = self._monotonic() + seconds
        return self._questions.submit(self._answer, picture, claimed, deadline)

    def close(self) -> None:
        """Give up everything under way; nothing is asked afterwards."""
        self._questions.shutdown(wait=False, cancel_futures=True)
        self._searches.shutdown(wait=False, cancel_futures=True)
        self._collections.close()
        self._looks.shutdown(wait=False, cancel_futures=True)
        self._end()

    def _answer(self, picture: bytes, claimed: SubjectId | None, deadline: float) -> SearchResult:
        try:
            collections, look = self._collections.known(), self._looked()
            if collections is None:  # else nobody waits to be told that they are still the same
                collections = self._awaited(look, deadline)
            names = collections.names
            if claimed is not None:
                names = (collections.of(self._ids.of(claimed)),)
            answers = self._searched(names, picture, deadline)
            return self._together(collections, answers)
        except (CloudUnavailable, CloudRefused, StoreError) as error:
            raise MatchingUnavailable(error.problem, error.remedy) from error

    def _looked(self) -> Future[ShardedCollections]:
        """The look at the collections that is under way, or a new one."""
        with self._lock:
            if self._look is None or self._look.done():
                look = self._looks.submit(self._collections.current, seconds=LOOK_SECONDS)
                self._look = look
            return self._look

    def _awaited(self, look: Future[ShardedCollections], deadline: float) -> ShardedCollections:
        if not wait([look], timeout=self._left(deadline)).done:
            raise CloudUnavailable("It is not known in time which collections there are.", _SAY)
        return look.result()

    def _left(self, deadline: float) -> float:
        left = deadline - self._monotonic()
        if left <= 0.0:
            raise CloudUnavailable("Amazon Rekognition gave no answer in time.", _SAY)
        return left

    def _searched(
        self, names: Sequence[str], picture: bytes, deadline: float
    ) -> Sequence[SearchAnswer]:
        """What each collection says; raises what one of them raised unless a part is enough."""
        if len(names) == 1:
            return [self._search(names[0], picture, deadline)]
        asked = [self._searches.submit(self._search, name, picture, deadline) for name in names]
        done, late = wait(asked, timeout=self._left(deadline))
        for each in late:
            each.cancel()
        failures = [each.exception() for each in done if each.exception() is not None]
        answers = [each.result() for each in asked if each in done and each.exception() is None]
        if answers and (len(answers) == len(names) or self._terms.partial is PartialAnswer.ACCEPT):
            return answers
        for failure in failures:
            if failure is not None:
                raise failure
        raise CloudUnavailable(
            f"{len(late)} of {len(names)} collections gave no answer in time.", _SAY
        )

    def _search(self, name: str, picture: bytes, deadline: float) -> SearchAnswer:
        left = self._left(deadline)
        return self._service.search(name, picture, self._terms.threshold, seconds=left)

    def _together(
        self, collections: ShardedCollections, answers: Sequence[SearchAnswer]
    ) -> SearchResult:
        """One list of people of what the collections say.

        Similarities of different face models are never compared: the space then names them all, so
        that it is known to nobody.
        """
        models = sorted({collections.model, *(answer.model for answer in answers)})
        space = space_of("+".join(models))
        if len(models) > 1:
            return SearchResult(CandidateList(space))
        people = self._table()
        highest: dict[SubjectId | CloudId, Candidate] = {}
        for match in (match for answer in answers for match in answer.matches):
            if not 0.0 <= match.similarity <= 100.0:  # noqa: PLR2004 - per cent
                raise CloudRefused("A similarity is not between 0 and 100.", "Check the endpoint.")
            subject = people.get(match.person, SOMEBODY_UNKNOWN)
            known = highest.get(match.person)
            if known is None or match.similarity > known.score:
                highest[match.person] = Candidate(subject, match.similarity)
        best = sorted(highest.values(), key=lambda each: -each.score)[:2]
        return SearchResult(CandidateList(space, tuple(best)), any(it.faces for it in answers))

    def _table(self) -> Mapping[CloudId, SubjectId]:
        """Who agreed to be there, by their ids; made anew when the people change."""
        people = self._people()
        with self._lock:
            if self._known is None or self._known[0] is not people:
                agreed = (subject for subject, person in people.items() if person.cloud)
                self._known = people, self._ids.table(agreed)
            return self._known[1]
