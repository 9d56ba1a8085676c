"""Those of a batch who were erased or changed while its photographs were looked at.

Nothing is said of them: it was decided about somebody who is there no more, or is another now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from kiosk.domain.people.batch import (
    CHANGED_MEANWHILE,
    ENROLLED,
    ERASED_MEANWHILE,
    BatchImage,
    BatchResult,
    BatchVerdict,
)
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.directing import known_elsewhere
from kiosk.fleet.importing.admission import Admitted
from kiosk.fleet.inviting.standing import LastWord


class Meanwhile:
    """What changes about the people of a batch from now on, by whoever says it.

    Args:
        admin: the admins who import.
        scope: into which.
        subjects: the people of the batch.
    """

    def __init__(self, admin: FleetAdmin, scope: str, subjects: Collection[SubjectId]) -> None:
        self._admin, self._scope, self._subjects = admin, scope, subjects
        self._decided = admin.last_words(scope, subjects)

    @property
    def records(self) -> Mapping[SubjectId, str]:
        """The last word on each of them, by its hash, as it was when this was made."""
        return {who: word.record for who, word in self._decided.items()}

    def kept(
        self,
        admitted: Sequence[Admitted],
        began: Mapping[SubjectId, str],
        there: Collection[SubjectId],
    ) -> Iterator[Admitted]:
        """What was decided; whoever was erased or changed meanwhile is refused instead.

        Args:
            admitted: what was decided.
            began: the last word on each person as the import began, before it was gone on with.
            there: who was in the scope as it was decided.

        Raises:
            FleetRefused: what is published cannot be verified.
        """
        self._admin.publish()  # what waits counts, such as that somebody has withdrawn
        now = self._admin.last_words(self._scope, self._subjects)
        elsewhere = known_elsewhere(self._admin, self._scope)
        for each in admitted:
            subject = each.result.subject
            word, before = now.get(subject), self._decided.get(subject)
            reason = None
            if word is not None and word.gone:
                if subject in there or began.get(subject) != word.record:
                    reason = CHANGED_MEANWHILE if word.moved else ERASED_MEANWHILE
            elif subject in elsewhere or _record(word) != _record(before):
                reason = CHANGED_MEANWHILE
            refused = reason is not None and each.result.verdict in ENROLLED
            yield Admitted(_refused(each.result, str(reason))) if refused else each


def _record(word: LastWord | None) -> str | None:
    return None if word is None else word.record


def _refused(result: BatchResult, reason: str) -> BatchResult:
    images = []
    for each in result.images:
        photograph = each.photograph
        refused = photograph if photograph.refused else replace(photograph, refused=reason)
        images.append(BatchImage(refused, None))
    return BatchResult(result.subject, BatchVerdict.REFUSED, images)
