"""The events of the flows that change what Rekognition knows of people.

People are known by their ids in the cloud, and by their opaque ids here where they are enrolled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.domain.cloud.flows import CloudFlow, FlowEnd, FlowStep
from kiosk.journal.events.enrolling import StepOutcome
from kiosk.journal.events.event import JournalEvent, words


@dataclass(frozen=True, slots=True)
class CloudFlowStepped(JournalEvent):
    """A step of a registration, a photo update or a withdrawal in the cloud.

    Attributes:
        flow: which.
        step: its name.
        outcome: what came of it.
        person: their id in the cloud.
        subject: their id here; null where nobody with that id is enrolled any more.
    """

    name: ClassVar[str] = "cloud_flow_step"
    flow: CloudFlow
    step: FlowStep
    outcome: StepOutcome
    person: str
    subject: str | None = None

    def sentence(self) -> str:
        """Whose step, and how it went."""
        who = self.subject or self.person
        how = f"{words(self.step)} {words(self.outcome)}"
        return f"{words(self.flow).capitalize()} of {who} in the cloud: {how}."


@dataclass(frozen=True, slots=True)
class CloudFlowEnded(JournalEvent):
    """A registration, a photo update or a withdrawal in the cloud ended, or has to wait.

    Attributes:
        flow: which.
        end: approved, incomplete (it is tried again) or failed.
        person: their id in the cloud.
        subject: their id here; null where nobody with that id is enrolled any more.
        step: the step at which it ended; null where it was approved.
        reason: why, where it was not approved; null where it was.
        indexed: how many faces it has added, and left there.
        deleted: how many faces it has deleted.
        duplicates: the ids in the cloud of others who have this face.
    """

    name: ClassVar[str] = "cloud_flow"
    flow: CloudFlow
    end: FlowEnd
    person: str
    subject: str | None = None
    step: FlowStep | None = None
    reason: str | None = None
    indexed: int = 0
    deleted: int = 0
    duplicates: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Whose flow, how it ended, and why."""
        why = "" if self.reason is None else f" ({words(self.reason)})"
        who = self.subject or self.person
        return f"{words(self.flow).capitalize()} of {who} in the cloud: {words(self.end)}{why}."


@dataclass(frozen=True, slots=True)
class CloudWorkFailed(JournalEvent):
    """Work in the cloud could not be done now.

    Attributes:
        work: register, withdraw or settle.
        person: whom it is about, by their id in the cloud.
        attempts: how often it was tried.
        problem: why.
        given_up: true if it is a dead letter now.
    """

    name: ClassVar[str] = "cloud_work_failed"
    work: str
    person: str
    attempts: int
    problem: str
    given_up: bool = False

    def sentence(self) -> str:
        """What, and why."""
        then = "it was given up" if self.given_up else "it is tried again"
        return f"{words(self.work).capitalize()} in the cloud failed, {then}: {self.problem}"


@dataclass(frozen=True, slots=True)
class CloudCircuitChanged(JournalEvent):
    """Calls to Rekognition are not sent for a while, since several failed; or they are again.

    Attributes:
        calls: which: `search` or `rest`.
        shut: true if they are not sent.
    """

    name: ClassVar[str] = "cloud_circuit"
    calls: str
    shut: bool

    def sentence(self) -> str:
        """Which calls, and if they are sent."""
        which = "Searches in" if self.calls == "search" else "Other calls to"
        state = (
            "are not sent: several failed one after the other" if self.shut else "are sent again"
        )
        return f"{which} the cloud {state}."


@dataclass(frozen=True, slots=True)
class CloudSpendingChanged(JournalEvent):
    """Nothing more is sent to Rekognition, by `cloud.monthly_limit`; or something is again.

    Attributes:
        stopped: true if nothing that costs is sent.
    """

    name: ClassVar[str] = "cloud_spending"
    stopped: bool

    def sentence(self) -> str:
        """If calls that cost are sent."""
        if self.stopped:
            return "Nothing more is sent to the cloud: what may be spent in a month is spent."
        return "What costs is sent to the cloud again."


@dataclass(frozen=True, slots=True)
class CloudCollectionFilling(JournalEvent):
    """A collection holds 80 % or more of the faces that it can hold.

    Attributes:
        collection: its name.
        faces: how many it holds.
        most: how many it can hold.
    """

    name: ClassVar[str] = "cloud_collection_filling"
    collection: str
    faces: int
    most: int

    def sentence(self) -> str:
        """Which collection, and how full it is."""
        share = 100.0 * self.faces / self.most
        return f"The collection {self.collection} in the cloud is {share:.0f} % full."


@dataclass(frozen=True, slots=True)
class CloudCompared(JournalEvent):
    """A comparison by Rekognition, one of so many (`cloud.sample_every`): whose face is not said.

    Attributes:
        operation: what was asked, by AWS's name.
        best: the band of the highest similarity.
        lead: the band of its lead over the second person; null for two pictures.
        model: the face model; null where the operation does not say.
        faces: how many faces the service saw in the picture; null where it does not say.
        width: of the face's box, in pixels of the picture that was sent.
        height: of the same.
        sharpness: of the face, 0 to 100, as the service sees it.
        brightness: of the same.
        occluded: true if the service saw the face obscured.
        landmarks: how many the service found.
    """

    name: ClassVar[str] = "cloud_comparison"
    operation: str
    best: str
    lead: str | None
    model: str | None
    faces: int | None
    width: int | None = None
    height: int | None = None
    sharpness: float | None = None
    brightness: float | None = None
    occluded: bool | None = None
    landmarks: int | None = None

    def sentence(self) -> str:
        """What was asked, and how alike by its band."""
        if self.best == "nobody":
            return f"A sample of the cloud's comparisons ({self.operation}): it found nobody."
        return f"A sample of the cloud's comparisons ({self.operation}): similarity {self.best}."
