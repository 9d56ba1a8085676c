"""The photographs of one person of a batch, assessed as those of any newcomer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.domain.errors import ImageError
from kiosk.domain.people.batch import AssessedPerson, BatchPhotograph
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.enrolment.batch.sources import PhotographSource
from kiosk.enrolment.from_photographs import Enroller

Decode = Callable[[bytes, str], Pixels]
"""The picture in a file's content, whose name is for messages; or ImageError."""


class HashingReader:
    """Reads photographs, and remembers the hash of each.

    Args:
        source: where they lie.
        decode: makes pictures of them.
    """

    def __init__(self, source: PhotographSource, decode: Decode) -> None:
        self._source, self._decode = source, decode
        self._hashes: dict[str, str] = {}

    def __call__(self, image: Path) -> Pixels:
        """The picture of that path.

        Raises:
            ImageError: it is none.
        """
        return self._decode(self._content(str(image)), str(image))

    def hash_of(self, name: str) -> str | None:
        """The hash of a photograph's content; None where it cannot be read."""
        try:
            self._content(name)
        except ImageError:
            return None
        return self._hashes[name]

    def taken(self) -> dict[str, str]:
        """The hashes of all that was read since this was asked last."""
        hashes, self._hashes = self._hashes, {}
        return hashes

    def _content(self, name: str) -> bytes:
        content = self._source.content(name)
        self._hashes[name] = hashlib.sha256(content).hexdigest()
        return content


def assess_person(
    enroller: Enroller,
    reader: HashingReader,
    space: SpaceId,
    subject: SubjectId,
    names: Sequence[str],
) -> AssessedPerson:
    """What comes of a person's photographs, compared with nobody else.

    The same content under another name counts once: it is no other view.

    Args:
        enroller: reads by the reader.
        reader: of the photographs.
        space: of the enroller's templates.
        subject: whose photographs they are.
        names: of the photographs.
    """
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(reader.hash_of(name) or name, name)
    outcome = enroller.assess(
        [Path(name) for name in first.values()], Gallery.of(space, ()), lambda: None
    )
    hashes = reader.taken()
    refused = {each.image: (each.reason.value, each.detail) for each in outcome.refused}
    templates = {each.image: each.template for each in outcome.accepted}
    again = (SampleRefusal.TOO_MANY.value, "")
    photographs = tuple(
        BatchPhotograph(name, hashes.get(name), *refused.get(name, again))
        if name not in templates
        else BatchPhotograph(name, hashes.get(name))
        for name in names
    )
    boxes = tuple((each.image, each.box) for each in outcome.accepted if each.box is not None)
    return AssessedPerson(subject, photographs, tuple(templates.items()), boxes)


def unreadable(subject: SubjectId, names: Sequence[str]) -> AssessedPerson:
    """The outcome for somebody at whose photographs a process ended."""
    detail = "the process that read the photographs of this person was ended by one of them."
    refusal = SampleRefusal.NOT_AN_IMAGE.value
    photographs = tuple(BatchPhotograph(name, None, refusal, detail) for name in names)
    return AssessedPerson(subject, photographs, ())
