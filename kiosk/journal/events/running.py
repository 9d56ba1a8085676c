"""The events of a running kiosk: its start and end, its faults, its output and its gallery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.domain.access.states import Part
from kiosk.domain.audit import Value
from kiosk.journal.events.event import JournalEvent

CLOCK = "clock"
"""Not a part whose fault closes the door: people without time limits are still admitted."""
_IN_SERVICE = frozenset({CLOCK, Part.MATCHER.value})


@dataclass(frozen=True, slots=True)
class Started(JournalEvent):
    """The kiosk started.

    Attributes:
        source: the camera source.
        pack: the model pack.
        schema: the version of the events that follow; None in entries older than versions.
        engine: what runs the networks; None in entries older than engines.
    """

    name: ClassVar[str] = "started"
    source: str
    pack: str
    schema: int | None = None
    engine: str | None = None

    def sentence(self) -> str:
        """That it did."""
        return "The kiosk started."


@dataclass(frozen=True, slots=True)
class Stopped(JournalEvent):
    """The kiosk stopped.

    Attributes:
        problem: why, unless it ended regularly.
        lost_lines: lines of its output that nobody read.
    """

    name: ClassVar[str] = "stopped"
    problem: str | None = None
    lost_lines: int = 0

    def sentence(self) -> str:
        """Why it did."""
        more = f" {self.lost_lines} lines of its output were lost." if self.lost_lines else ""
        return f"The kiosk stopped. {self.problem or ''}".rstrip() + more


@dataclass(frozen=True, slots=True)
class PartFailed(JournalEvent):
    """A part failed. That of the clock is an alarm.

    Attributes:
        part: its name.
        detail: what is wrong.
    """

    name: ClassVar[str] = "fault"
    fixed: ClassVar[dict[str, Value]] = {"recovered": False}
    part: str
    detail: str

    def sentence(self) -> str:
        """What is wrong. Faults of clock and matcher leave the kiosk in service."""
        detail = self.detail or ""
        return (
            detail
            if self.part in _IN_SERVICE
            else f"Out of service: {self.part}. {detail}".rstrip()
        )


@dataclass(frozen=True, slots=True)
class PartRecovered(JournalEvent):
    """A part works again.

    Attributes:
        part: its name.
        detail: what was wrong; may be empty.
    """

    name: ClassVar[str] = "recovered"
    fixed: ClassVar[dict[str, Value]] = {"recovered": True}
    part: str
    detail: str

    def sentence(self) -> str:
        """Which part."""
        return f"Works again: {self.part}."


@dataclass(frozen=True, slots=True)
class ScreenFailed(JournalEvent):
    """The screen failed; written by older versions, whose screen is no part of its own now."""

    name: ClassVar[str] = "screen_failed"
    detail: str

    def sentence(self) -> str:
        """What is wrong."""
        return f"The screen failed. {self.detail}"


@dataclass(frozen=True, slots=True)
class OutputChanged(JournalEvent):
    """An output stream cannot be written, or can again.

    Attributes:
        stream: its name.
        works: which of the two.
        lost_lines: lines lost since the start.
        problem: why it cannot be written.
    """

    name: ClassVar[str] = "output"
    stream: str
    works: bool
    lost_lines: int
    problem: str | None = None

    def sentence(self) -> str:
        """Whether it is written, and what was lost."""
        if self.works:
            return f"The {self.stream} is written again; {self.lost_lines} lines are lost."
        return f"The {self.stream} cannot be written: {self.problem}. The door does not need it."


@dataclass(frozen=True, slots=True)
class GalleryOutgrown(JournalEvent):
    """The gallery outgrew its calibration: people enrolled last are not recognised.

    Attributes:
        references: the number of references, one a person.
        most: the number that scores were measured for.
        people_left_out: the number of people.
    """

    name: ClassVar[str] = "gallery_full"
    references: int
    most: int
    people_left_out: int

    def sentence(self) -> str:
        """How many people, and why."""
        return (
            f"People enrolled last who are not recognised: {self.people_left_out}. There are "
            f"{self.references} references, and scores were measured for {self.most}."
        )


@dataclass(frozen=True, slots=True)
class GalleryFits(JournalEvent):
    """Everybody who is enrolled is recognised again."""

    name: ClassVar[str] = "gallery_fits"

    def sentence(self) -> str:
        """That they are."""
        return "Everybody who is enrolled is recognised again."
