"""Checks of what Rekognition answers: what is missing or makes no sense is refused, never guessed.

botocore reads an answer without checking its types: a similarity may be a text, or no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from kiosk.cloud.client.refusals import senseless
from kiosk.domain.cloud.faces import (
    CloudId,
    FaceId,
    ModelVersion,
)
from kiosk.domain.cloud.operations import Operation

_FACE_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PERSON: Final = re.compile(r"[0-9a-f]{32}")
_MODEL: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}")
_MOST: Final = 100.0
_MOST_TEXT: Final = 1000


def is_person(text: object) -> bool:
    """True for the id of a person as this system makes them."""
    return isinstance(text, str) and _PERSON.fullmatch(text) is not None


class ServiceAnswer:
    """An answer to one operation, or a part of it.

    Args:
        operation: what was asked.
        content: as botocore read it.
        where: the part's name in errors; empty for the whole.
    """

    def __init__(self, operation: Operation, content: object, where: str = "") -> None:
        self._operation, self._where = operation, where
        if not isinstance(content, Mapping):
            raise self.wrong("is no structure")
        self._content: Mapping[str, Any] = content

    def wrong(self, what: str, name: str = "") -> Exception:
        """The error for what makes no sense; it names the field and nothing of its content."""
        path = ".".join(part for part in (self._where, name) if part)
        return senseless(self._operation, f"{path or 'it'} {what}")

    def part(self, name: str) -> ServiceAnswer:
        """A structure in it.

        Raises:
            CloudRefused: it is missing.
        """
        return ServiceAnswer(self._operation, self._content.get(name), self._path(name))

    def parts(self, name: str, *, needed: bool = True) -> Iterator[ServiceAnswer]:
        """The structures of a list in it.

        Raises:
            CloudRefused: the list is missing although it is needed, or is none.
        """
        for each in self.items(name, needed=needed):
            yield ServiceAnswer(self._operation, each, self._path(name))

    def items(self, name: str, *, needed: bool = True) -> Sequence[Any]:
        """A list in it.

        Raises:
            CloudRefused: it is missing although it is needed, or is none.
        """
        found = self._content.get(name, None if needed else [])
        if not isinstance(found, list):
            raise self.wrong("is missing, or no list", name)
        return found

    def has(self, name: str) -> bool:
        """True if there is such a field."""
        return self._content.get(name) is not None

    def number(self, name: str, least: float = 0.0, most: float = _MOST) -> float:
        """A number within bounds.

        Raises:
            CloudRefused: it is missing, no number, or outside.
        """
        found = self._content.get(name)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.wrong("is missing, or no number", name)
        if not least <= found <= most:
            raise self.wrong(f"is outside {least:g} to {most:g}", name)
        return float(found)

    def count(self, name: str) -> int:
        """A whole number of things.

        Raises:
            CloudRefused: it is missing, or none.
        """
        found = self._content.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self.wrong("is missing, or no number of things", name)
        return found

    def text(self, name: str, most: int = _MOST_TEXT) -> str:
        """A text.

        Raises:
            CloudRefused: it is missing, none, or too long.
        """
        found = self._content.get(name)
        if not isinstance(found, str) or len(found) > most:
            raise self.wrong("is missing, or no text", name)
        return found

    def face_id(self, name: str = "FaceId") -> FaceId:
        """An id of a face.

        Raises:
            CloudRefused: it is missing, or none.
        """
        return face_id(self, self._content.get(name), name)

    def person(self, name: str) -> CloudId:
        """An id of a person.

        Raises:
            CloudRefused: it is missing, or is of another system.
        """
        found = self._content.get(name)
        if not is_person(found):
            raise self.wrong("is missing, or names nobody of this system", name)
        return CloudId(str(found))

    def person_or_none(self, name: str) -> CloudId | None:
        """An id of a person; None where there is none, or one of another system."""
        found = self._content.get(name)
        return CloudId(str(found)) if is_person(found) else None

    def model(self, name: str = "FaceModelVersion") -> ModelVersion:
        """A version of a face model.

        Raises:
            CloudRefused: it is missing, or none.
        """
        found = self.text(name)
        if _MODEL.fullmatch(found) is None:
            raise self.wrong("is no version", name)
        return ModelVersion(found)

    def yes(self, name: str) -> bool | None:
        """A yes or no of the service; None where it does not say.

        Raises:
            CloudRefused: it is neither.
        """
        found = self._content.get(name)
        if found is None:
            return None
        value = found.get("Value") if isinstance(found, Mapping) else None
        if not isinstance(value, bool):
            raise self.wrong("is neither yes nor no", name)
        return value

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


def face_id(answer: ServiceAnswer, found: object, name: str) -> FaceId:
    """An id of a face.

    Raises:
        CloudRefused: it is none.
    """
    if not isinstance(found, str) or _FACE_ID.fullmatch(found) is None:
        raise answer.wrong("is missing, or no id of a face", name)
    return FaceId(found)
