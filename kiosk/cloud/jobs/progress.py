"""How far a job has come: a line for each step, durable before the next one.

It holds people's ids in the cloud, hashes of photographs, and where the face is in each: no name,
no subject id, no template. A line that was being written as the machine went down is dropped.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kiosk.cloud.jobs.placing import Placed, PlacingEnd
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.errors import BadInput, StoreCorrupt, StoreError
from kiosk.domain.vision.face import Box
from kiosk.store.home import OWNER_ONLY_FILE, flush_directory, write_all

_GO_ON = "Resume it, or delete that file to begin anew."


@dataclass(frozen=True, slots=True)
class GatedPhotograph:
    """What the local gates said of a photograph.

    Attributes:
        sha256: of its content; None if it could not be read.
        refused: why it is not sent; empty if it may be.
        box: of its face; None if it is not sent.
    """

    sha256: str | None
    refused: str
    box: Box | None


class JobProgress:
    """The progress of an unfinished job. A context manager; one process at a time has it.

    Args:
        path: of its file.
        binding: what the job depends on: name -> its hash. It goes on only with the same.
        resume: True to go on with an unfinished job, if there is one.

    Raises:
        BadInput: a job is unfinished and is not to be resumed, or began with something else, or is
            running.
        StoreError: it cannot be read or written.
    """

    def __init__(self, path: Path, binding: Mapping[str, str], *, resume: bool) -> None:
        self.path = path
        self.gated: dict[CloudId, tuple[GatedPhotograph, ...]] = {}
        self.placed: dict[CloudId, Placed] = {}
        self.searched: dict[CloudId, tuple[CloudId, ...]] = {}
        self._turn = threading.Lock()
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

    @property
    def resumed(self) -> bool:
        """True if there is anything that an earlier process has done."""
        return bool(self.gated)

    def gate(self, person: CloudId, photographs: Sequence[GatedPhotograph]) -> None:
        """Keep what the gates said of somebody's photographs; durable on return."""
        self._append({"gated": person, "photographs": [_said(each) for each in photographs]})
        self.gated[person] = tuple(photographs)

    def place(self, person: CloudId, placed: Placed) -> None:
        """Keep what became of somebody's faces; durable on return."""
        self._append({"placed": person, "end": placed.end.value, "taken": list(placed.taken)})
        self.placed[person] = placed

    def search(self, person: CloudId, alike: Sequence[CloudId]) -> None:
        """Keep whom somebody resembles; durable on return."""
        self._append({"searched": person, "alike": list(alike)})
        self.searched[person] = tuple(alike)

    def remove(self) -> None:
        """Delete it: the job is done."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        flush_directory(self.path.parent)

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
            raise BadInput(
                "Another process fills the collections from this home.", "Wait until it ends."
            ) from error
        return file

    def _begin(self, binding: Mapping[str, str], *, resume: bool) -> None:
        records = list(self._records())
        if not records:
            self._append({"binding": dict(binding)})
            flush_directory(self.path.parent)
            return
        if not resume:
            raise BadInput(f"The filling of collections is unfinished: {self.path}.", _GO_ON)
        began = records[0].get("binding", {})
        for name, now in binding.items():
            if began.get(name) != now:
                raise BadInput(
                    f"The unfinished filling of collections began with another {name}.",
                    f"Put the old one back, or delete {self.path} to begin anew.",
                )
        for record in records[1:]:
            self._take(record)

    def _records(self) -> Iterator[dict[str, Any]]:
        """The records of the file, which ends after the last whole one from now on."""
        with open(self._file, "rb", closefd=False) as file:
            raw = file.read()
        whole, _, _ = raw.rpartition(b"\n")
        os.ftruncate(self._file, len(whole) + 1 if whole else 0)
        os.lseek(self._file, 0, os.SEEK_END)
        for line in whole.splitlines():
            try:
                yield dict(json.loads(line))
            except (ValueError, TypeError) as error:
                raise self._damaged() from error

    def _take(self, record: Mapping[str, Any]) -> None:
        try:
            if "gated" in record:
                photographs = tuple(_photograph(each) for each in record["photographs"])
                self.gated[CloudId(record["gated"])] = photographs
            elif "placed" in record:
                end, taken = PlacingEnd(record["end"]), tuple(map(bool, record["taken"]))
                self.placed[CloudId(record["placed"])] = Placed(end, taken)
            else:
                alike = tuple(CloudId(each) for each in record["alike"])
                self.searched[CloudId(record["searched"])] = alike
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged() from error

    def _append(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        try:
            with self._turn:
                write_all(self._file, line)
                os.fsync(self._file)
        except OSError as error:
            raise self._unusable(error) from error

    def _damaged(self) -> StoreCorrupt:
        return StoreCorrupt(
            f"The progress in {self.path} is damaged.",
            "Delete it to begin anew: who is in the collections already stays as they are.",
        )

    def _unusable(self, error: OSError) -> StoreError:
        return StoreError(
            f"The progress in {self.path} cannot be written: {os.strerror(error.errno or 0)}.",
            "See to whom the home belongs, and whether the disk is full; then go on.",
        )


def _said(photograph: GatedPhotograph) -> list[Any]:
    box = photograph.box
    where = None if box is None else [box.x, box.y, box.width, box.height]
    return [photograph.sha256, photograph.refused, where]


def _photograph(said: Sequence[Any]) -> GatedPhotograph:
    sha256, refused, box = said
    return GatedPhotograph(sha256, refused, None if box is None else Box(*map(float, box)))
