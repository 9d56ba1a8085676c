"""The file of an unfinished job: a record for each step, durable before the next one.

A record that was being written as the machine went down is dropped, and its step is done again.
"""

from __future__ import annotations

import fcntl
import os
import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.domain.errors import BadInput, StoreCorrupt, StoreError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.closing import ClosedAtItsEnd
from kiosk.store.home import OWNER_ONLY_FILE, flush_directory, write_all

JobBinding = Mapping[str, str]
"""What a job depends on: name -> its hash. It goes on only with the same."""
_BINDING: Final = "binding"


@dataclass(frozen=True, slots=True)
class JobWords:
    """What errors say of a job.

    Attributes:
        job: which, as in "the ... is unfinished".
        file: how its file is called.
        running: the sentence where another process does it.
        anew: the remedy for a file that is damaged.
        usable: the remedy for a file that cannot be written.
    """

    job: str
    file: str
    running: str
    anew: str
    usable: str


class JobFile(ClosedAtItsEnd):
    """The file. A context manager; one process at a time has it, and any of its threads.

    Args:
        path: of it; made for its owner only.
        words: what errors say.
        binding: what the job depends on.
        resume: True to go on with an unfinished job, if there is one.

    Raises:
        BadInput: a job is unfinished and is not to be resumed, or began with something else, or is
            running.
        StoreError: it cannot be read or written.
    """

    def __init__(self, path: Path, words: JobWords, binding: JobBinding, *, resume: bool) -> None:
        self.path, self._words = path, words
        self._turn, self._closed = threading.Lock(), False
        self._file = self._opened()
        try:
            self._begin(binding, resume=resume)
        except BaseException:
            os.close(self._file)
            raise

    def close(self) -> None:
        """Let the file go, with what is in it. Idempotent."""
        if not self._closed:
            self._closed = True
            os.close(self._file)

    def remove(self) -> None:
        """Delete it: the job is done."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        flush_directory(self.path.parent)

    # -- what is in it ---------------------------------------------------------------------------

    @abstractmethod
    def _written(self, record: Mapping[str, Any]) -> bytes:
        """A record as it stands in the file."""

    @abstractmethod
    def _read(self, raw: bytes) -> tuple[Sequence[Mapping[str, Any]], int]:
        """The whole records of a file that is not empty, and where the last of them ends.

        Raises:
            ValueError, TypeError: it is damaged.
        """

    @abstractmethod
    def _take(self, record: Mapping[str, Any]) -> None:
        """A record of before; raises KeyError, TypeError or ValueError where it is none."""

    @abstractmethod
    def _made(self) -> None:
        """Called before the first record of a new file."""

    def _append(self, record: Mapping[str, Any]) -> None:
        """Write a record; durable on return."""
        try:
            with self._turn:
                write_all(self._file, self._written(record))
                os.fsync(self._file)
        except OSError as error:
            raise self._unusable(error) from error

    # -- internals -------------------------------------------------------------------------------

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            file = os.open(self.path, flags, OWNER_ONLY_FILE)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise BadInput(self._words.running, "Wait until it ends.") from error
        return file

    def _begin(self, binding: JobBinding, *, resume: bool) -> None:
        try:
            records = self._records()
        except (ValueError, TypeError) as error:
            raise self._damaged() from error
        if not records:
            self._made()
            self._append({_BINDING: dict(binding)})
            flush_directory(self.path.parent)
            return
        if not resume:
            raise BadInput(
                f"The {self._words.job} is unfinished: {self.path}.",
                Remedy("Resume it, or delete that file to begin anew.", NextStep.RESUME),
            )
        try:
            self._refuse_other(records[0][_BINDING], binding)
            for record in records[1:]:
                self._take(record)
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged() from error

    def _refuse_other(self, began: JobBinding, binding: JobBinding) -> None:
        for name, now in binding.items():
            if began.get(name) != now:
                raise BadInput(
                    f"The unfinished {self._words.job} began with another {name}.",
                    f"Put the old one back, or delete {self.path} to begin anew.",
                )

    def _records(self) -> Sequence[Mapping[str, Any]]:
        """The records of the file, which ends after the last whole one from now on."""
        with open(self._file, "rb", closefd=False) as file:
            raw = file.read()
        records, end = self._read(raw) if raw else ((), 0)
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)
        return records

    def _damaged(self) -> StoreCorrupt:
        return StoreCorrupt(f"The {self._words.file} is damaged.", self._words.anew)

    def _unusable(self, error: OSError) -> StoreError:
        why = os.strerror(error.errno or 0)
        return StoreError(f"The {self._words.file} cannot be written: {why}.", self._words.usable)
