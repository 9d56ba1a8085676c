"""What is known of a batch is not printed by accident."""

from __future__ import annotations

import numpy as np

from kiosk.domain.people.batch import ENROLLED, AssessedPerson, BatchPerson, BatchVerdict
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SpaceId, SubjectId, Template


def test_neither_names_nor_templates_of_a_batch_are_printed() -> None:
    ann, vector = SubjectId("ann"), np.eye(1, 8, dtype=np.float32)[0]
    row = BatchPerson(ann, "Annabel", PersonRules(), "form 3", ("ann.jpg",))
    assert repr(row) == "BatchPerson(<hidden>)"
    made = AssessedPerson(ann, (), (("ann.jpg", Template(vector, SpaceId("space"))),))
    assert repr(made) == "AssessedPerson(ann, 1 hidden templates)"


def test_whoever_is_enrolled_after_a_batch() -> None:
    others = {BatchVerdict.DUPLICATE, BatchVerdict.REFUSED}
    assert set(BatchVerdict) - others == ENROLLED
