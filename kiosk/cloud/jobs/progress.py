"""How far a job has come: a line for each step, durable before the next one.

It holds people's ids in the cloud, hashes of photographs, and where the face is in each: no name,
no subject id, no template. A line that was being written as the machine went down is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.cloud.jobs.placing import Placed, PlacingEnd
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.vision.face import Box
from kiosk.store.job_file import JobBinding, JobFile, JobWords


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


class JobProgress(JobFile):
    """The progress of an unfinished job. A context manager; one process at a time has it.

    Args:
        path: of its file.
        binding: what the job depends on.
        resume: True to go on with an unfinished job, if there is one.

    Raises: as `JobFile`.
    """

    def __init__(self, path: Path, binding: JobBinding, *, resume: bool) -> None:
        self.gated: dict[CloudId, tuple[GatedPhotograph, ...]] = {}
        self.placed: dict[CloudId, Placed] = {}
        self.searched: dict[CloudId, tuple[CloudId, ...]] = {}
        words = JobWords(
            "filling of collections",
            f"progress in {path}",
            "Another process fills the collections from this home.",
            "Delete it to begin anew: who is in the collections already stays as they are.",
            "See to whom the home belongs, and whether the disk is full; then go on.",
        )
        super().__init__(path, words, binding, resume=resume)

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

    # -- records ---------------------------------------------------------------------------------

    def _written(self, record: Mapping[str, Any]) -> bytes:
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"

    def _read(self, raw: bytes) -> tuple[Sequence[Mapping[str, Any]], int]:
        whole, end, _ = raw.rpartition(b"\n")
        return [dict(json.loads(line)) for line in whole.splitlines()], len(whole + end)

    def _made(self) -> None:
        """Nothing is needed beside a new file."""

    def _take(self, record: Mapping[str, Any]) -> None:
        if "gated" in record:
            photographs = tuple(_photograph(each) for each in record["photographs"])
            self.gated[CloudId(record["gated"])] = photographs
        elif "placed" in record:
            end, taken = PlacingEnd(record["end"]), tuple(map(bool, record["taken"]))
            self.placed[CloudId(record["placed"])] = Placed(end, taken)
        else:
            alike = tuple(CloudId(each) for each in record["alike"])
            self.searched[CloudId(record["searched"])] = alike


def _said(photograph: GatedPhotograph) -> list[Any]:
    box = photograph.box
    where = None if box is None else [box.x, box.y, box.width, box.height]
    return [photograph.sha256, photograph.refused, where]


def _photograph(said: Sequence[Any]) -> GatedPhotograph:
    sha256, refused, box = said
    return GatedPhotograph(sha256, refused, None if box is None else Box(*map(float, box)))
