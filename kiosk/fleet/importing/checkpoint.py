"""The checkpoint of an import: each person as soon as they are assessed, in a sealed file.

It lies beside the admins' keys, with a key of its own that is deleted with it: templates are
biometric data. Each record is bound to its scope and its place in the file. A record that was being
written as the machine went down is dropped, and that person is assessed again.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import BadInput, StoreCorrupt, StoreError
from kiosk.domain.people.batch import AssessedPerson, BatchPhotograph, BatchVerdict
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.fleet.importing.secret_file import new_key, read_key
from kiosk.store.home import OWNER_ONLY_FILE, flush_directory, write_all
from kiosk.store.secrets.sealing import place, seal, unseal

LENGTH_BYTES = 4
Binding = Mapping[str, str]
"""What an import depends on: name -> its hash. It goes on only with the same."""


class Checkpoint:
    """The people of an unfinished import. A context manager; one process at a time has it.

    Args:
        folder: of the admins' keys.
        scope: where the people are brought; a valid name.
        binding: what the import depends on.
        resume: True to go on with an unfinished import, if there is one.

    Raises:
        BadInput: an import is unfinished and is not to be resumed, or began with something else,
            or is running.
        StoreError: it cannot be read or written.
    """

    def __init__(self, folder: Path, scope: str, binding: Binding, *, resume: bool) -> None:
        self.path = folder / f"import-{scope}.checkpoint"
        self._key = folder / f"import-{scope}.key"
        self._scope = scope
        self._count = 0
        self.people: list[AssessedPerson] = []
        self.verdicts: dict[SubjectId, BatchVerdict] = {}
        self._file = self._opened()
        try:
            self._begin(binding, resume=resume)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def add(self, person: AssessedPerson) -> None:
        """Keep a person; durable on return."""
        self._append(_said(person))
        self.people.append(person)

    def decide(self, verdicts: Mapping[SubjectId, BatchVerdict]) -> None:
        """Keep what is about to be said of people; durable on return."""
        self._append({"verdicts": {subject: each.value for subject, each in verdicts.items()}})
        self.verdicts = dict(verdicts)

    def remove(self) -> None:
        """Delete it, and its key first: what was in it can then be opened by nobody."""
        with suppress(FileNotFoundError):
            self._key.unlink()
        with suppress(FileNotFoundError):
            self.path.unlink()
        flush_directory(self.path.parent)

    # -- internals -------------------------------------------------------------------------------

    def _opened(self) -> int:
        """The file, which no other process has."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            file = os.open(self.path, flags, OWNER_ONLY_FILE)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise BadInput(
                f"An import into {self._scope} with these keys is running.", "Wait until it ends."
            ) from error
        return file

    def _begin(self, binding: Binding, *, resume: bool) -> None:
        records = self._records() if os.fstat(self._file).st_size else []
        if not records:
            os.ftruncate(self._file, 0)
            self._cipher = AESGCM(new_key(self._key))
            self._append(dict(binding))
            flush_directory(self.path.parent)
            return
        if not resume:
            raise BadInput(
                f"An import into {self._scope} is unfinished: {self.path}.",
                "Go on with --resume, or delete that file to begin anew.",
            )
        self._refuse_other(records[0], binding)
        for record in records[1:]:
            if "verdicts" in record:
                said = record["verdicts"]
                self.verdicts = {SubjectId(s): BatchVerdict(each) for s, each in said.items()}
            else:
                self.people.append(_person(record))

    def _refuse_other(self, began: Binding, binding: Binding) -> None:
        for name, now in binding.items():
            if began.get(name) != now:
                raise BadInput(
                    f"The unfinished import into {self._scope} began with another {name}.",
                    f"Put the old one back, or delete {self.path} to begin anew.",
                )

    def _records(self) -> Sequence[dict[str, Any]]:
        """The records of the file, which ends after the last whole one from now on."""
        self._cipher = AESGCM(read_key(self._key, self._remedy))
        with open(self._file, "rb", closefd=False) as file:
            raw = file.read()
        records, at = [], 0
        while len(raw) - at >= LENGTH_BYTES:
            end = at + LENGTH_BYTES + int.from_bytes(raw[at : at + LENGTH_BYTES], "big")
            if end > len(raw):
                break
            records.append(self._unsealed(raw[at + LENGTH_BYTES : end]))
            at = end
        os.ftruncate(self._file, at)
        os.lseek(self._file, at, os.SEEK_SET)
        return records

    def _unsealed(self, sealed: bytes) -> dict[str, Any]:
        try:
            plain = unseal(self._cipher, sealed, self._place())
            self._count += 1
            return dict(json.loads(plain))
        except (InvalidTag, ValueError) as error:
            raise StoreCorrupt(f"The checkpoint {self.path} is damaged.", self._remedy) from error

    def _append(self, record: Mapping[str, Any]) -> None:
        sealed = seal(self._cipher, json.dumps(record).encode(), self._place())
        try:
            write_all(self._file, len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
            os.fsync(self._file)
        except OSError as error:
            raise self._unusable(error) from error
        self._count += 1

    def _place(self) -> bytes:
        return place("import", self._scope, str(self._count))

    @property
    def _remedy(self) -> str:
        return f"Delete {self.path} to begin the import anew; nothing of it is published."

    def _unusable(self, error: OSError) -> StoreError:
        return StoreError(
            f"The checkpoint {self.path} cannot be written: {os.strerror(error.errno or 0)}.",
            "See to whom the folder of keys belongs, and whether the disk is full; then go on "
            "with --resume.",
        )


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
