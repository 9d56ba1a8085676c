"""The checkpoint of an import: each person as soon as they are assessed, in a sealed file.

It lies beside the admins' keys, with a key of its own that is deleted with it: templates are
biometric data. Each record is bound to its scope and its place in the file. A record that was being
written as the machine went down is dropped, and that person is assessed again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.people.batch import AssessedPerson, BatchPhotograph, BatchVerdict
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.fleet.importing.secret_file import new_key, read_key
from kiosk.store.job_file import JobBinding, JobFile, JobWords
from kiosk.store.secrets.sealing import place, seal, unseal

LENGTH_BYTES = 4


class Checkpoint(JobFile):
    """The people of an unfinished import. A context manager; one process at a time has it.

    Args:
        folder: of the admins' keys.
        scope: where the people are brought; a valid name.
        binding: what the import depends on.
        resume: True to go on with an unfinished import, if there is one.

    Raises: as `JobFile`.
    """

    def __init__(self, folder: Path, scope: str, binding: JobBinding, *, resume: bool) -> None:
        path = folder / f"import-{scope}.checkpoint"
        self._key = folder / f"import-{scope}.key"
        self._scope = scope
        self._count = 0
        self.people: list[AssessedPerson] = []
        self.verdicts: dict[SubjectId, BatchVerdict] = {}
        self._began: dict[SubjectId, str] | None = None
        words = JobWords(
            f"import into {scope}",
            f"checkpoint {path}",
            f"An import into {scope} with these keys is running.",
            f"Delete {path} to begin the import anew; nothing of it is published.",
            "See to whom the folder of keys belongs, and whether the disk is full; then go on "
            "with --resume.",
        )
        super().__init__(path, words, binding, resume=resume)

    def add(self, person: AssessedPerson) -> None:
        """Keep a person; durable on return."""
        self._append(_said(person))
        self.people.append(person)

    def begin(self, records: Mapping[SubjectId, str]) -> Mapping[SubjectId, str]:
        """Keep the last word on people of the batch, by its hash; durable on return.

        Returns:
            What was kept as the import began, before it was gone on with.
        """
        if self._began is None:
            self._append({"began": dict(records)})
            self._began = dict(records)
        return self._began

    def decide(self, verdicts: Mapping[SubjectId, BatchVerdict]) -> None:
        """Keep what is about to be said of people; durable on return."""
        self._append({"verdicts": {subject: each.value for subject, each in verdicts.items()}})
        self.verdicts = dict(verdicts)

    def remove(self) -> None:
        """Delete it, and its key first: what was in it can then be opened by nobody."""
        with suppress(FileNotFoundError):
            self._key.unlink()
        super().remove()

    # -- records ---------------------------------------------------------------------------------

    def _made(self) -> None:
        self._cipher = AESGCM(new_key(self._key))

    def _written(self, record: Mapping[str, Any]) -> bytes:
        sealed = seal(self._cipher, json.dumps(record).encode(), self._place())
        self._count += 1
        return len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed

    def _read(self, raw: bytes) -> tuple[Sequence[Mapping[str, Any]], int]:
        self._cipher = AESGCM(read_key(self._key, self._words.anew))
        records, at = [], 0
        while len(raw) - at >= LENGTH_BYTES:
            end = at + LENGTH_BYTES + int.from_bytes(raw[at : at + LENGTH_BYTES], "big")
            if end > len(raw):
                break
            records.append(self._unsealed(raw[at + LENGTH_BYTES : end]))
            at = end
        return records, at

    def _unsealed(self, sealed: bytes) -> Mapping[str, Any]:
        try:
            plain = unseal(self._cipher, sealed, self._place())
        except InvalidTag as error:
            raise ValueError("it was changed or moved") from error
        self._count += 1
        return dict(json.loads(plain))

    def _take(self, record: Mapping[str, Any]) -> None:
        if "verdicts" in record:
            said = record["verdicts"]
            self.verdicts = {SubjectId(s): BatchVerdict(each) for s, each in said.items()}
        elif "began" in record:
            self._began = {SubjectId(s): str(each) for s, each in record["began"].items()}
        else:
            self.people.append(_person(record))

    def _place(self) -> bytes:
        return place("import", self._scope, str(self._count))


def _said(person: AssessedPerson) -> dict[str, Any]:
    return {
        "subject": person.subject,
        "photographs": [[p.name, p.sha256, p.refused, p.detail] for p in person.photographs],
        "templates": [
            [name, each.space, base64.b64encode(_numbers(each)).decode()]
            for name, each in person.templates
        ],
    }


def _numbers(template: Template) -> bytes:
    return np.ascontiguousarray(template.vector, "<f4").tobytes()


def _person(said: Mapping[str, Any]) -> AssessedPerson:
    return AssessedPerson(
        SubjectId(said["subject"]),
        tuple(BatchPhotograph(*each) for each in said["photographs"]),
        tuple(
            (name, Template(np.frombuffer(base64.b64decode(text), "<f4"), SpaceId(space)))
            for name, space, text in said["templates"]
        ),
    )
