"""The error tree of Lintel. A refusal at the door is a value (`Reason`), never an error.

LintelError
├── BadInput                the input cannot be used (exit code 2)
│   ├── SettingsError       a setting is unknown, missing or outside its bounds
│   │   └── LibraryMissing  the settings need a library that is not installed
│   ├── ImageError          a file is not an image, too large, empty, or not readable
│   ├── SourceError         a camera source is malformed or does not exist
│   ├── SubjectExists       that subject is enrolled already
│   └── SubjectUnknown      no such subject
├── Refused                 the input is valid, but the rules forbid it (exit code 3)
│   ├── GalleryFull         no threshold is known for a gallery of so many references
│   ├── JournalTampered     the audit journal does not verify
│   ├── FleetRefused        the fleet's store refuses access, or what it holds cannot be verified
│   │   └── ObjectChanged   somebody else has written that object meanwhile
│   └── CloudRefused        Rekognition refuses a request, or its answer makes no sense
└── OutOfServiceError       the kiosk cannot do its work now (exit code 4)
    ├── CameraLost          no usable frames: absent, stalled, frozen, black
    ├── ModelError          weights are missing, altered, or in an unknown format
    ├── MatchingUnavailable  a face cannot be compared now
    ├── StoreError
    │   ├── StoreCorrupt    the database is damaged or newer than this program
    │   │   └── StoreTooNew  it is newer
    │   ├── StoreKeyError   the key is missing, unreadable, or of another database
    │   ├── StoreReplaced   stored data is an older copy, another one, or gone
    │   └── SpaceMismatch   templates of another embedding space
    ├── JournalUnwritable   an audit entry could not be made durable
    ├── FleetStoreUnreachable  the fleet's store does not answer, or with an error that may pass
    ├── CloudUnavailable    Rekognition gives no answer now, or its limits are used up
    ├── PolicyError         no threshold can be derived for this space and gallery
    └── DoorError
        ├── DoorTimeout     the door did not answer in time
        ├── DoorRefused     the door does not accept this command (for example: stale)
        └── DoorUnusable    the device is there, but does not match the settings

`EndOfSource` is not in the tree: it signals the end of a replay, not a fault.
"""

from __future__ import annotations

from kiosk.domain.remedies import NextStep, Remedy


class LintelError(Exception):
    """An error with its problem and its remedy.

    Args:
        problem: one sentence that names the thing.
        remedy: one sentence that says what to do; may be empty.
    """

    exit_code = 2

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class BadInput(LintelError):
    """The input cannot be used."""


class SettingsError(BadInput):
    """A setting is unknown, missing or outside its bounds."""


class LibraryMissing(SettingsError):
    """The settings need a library that is not installed.

    Args:
        what: the feature that needs it.
        library: the missing library.
        extra: the extra that contains it.
        for_door: True for an extra of a door's driver.
    """

    def __init__(
        self,
        what: str,
        library: str | None,
        extra: str,
        *,
        for_door: bool = True,
    ) -> None:
        install = f"Install the libraries for {extra} on this machine."
        super().__init__(
            f"{what} needs {library}, which is not installed.",
            Remedy(install, NextStep.INSTALL_DOOR_LIBRARIES, extra=extra)
            if for_door
            else Remedy(install, NextStep.INSTALL_EXTRA, extra=extra),
        )


class ImageError(BadInput):
    """A file is not an image, too large, empty, or cannot be read."""


class SourceError(BadInput):
    """A camera source is malformed or does not exist."""


class SubjectExists(BadInput):
    """That subject is enrolled already."""


class SubjectUnknown(BadInput):
    """No such subject is enrolled."""


class Refused(LintelError):
    """The input is valid, but the rules forbid it."""

    exit_code = 3


class GalleryFull(Refused):
    """No decision threshold is known for a gallery of so many references."""


class JournalTampered(Refused):
    """The audit journal does not verify."""


class FleetRefused(Refused):
    """What the fleet's store holds cannot be verified, or the store refuses access."""


class ObjectChanged(FleetRefused):
    """Somebody else has written that object of the fleet's store meanwhile."""


class CloudRefused(Refused):
    """Rekognition refuses a request, or its answer makes no sense."""


class OutOfServiceError(LintelError):
    """The kiosk cannot do its work now."""

    exit_code = 4


class CameraLost(OutOfServiceError):
    """No usable frames: absent, stalled, frozen or black."""


class ModelError(OutOfServiceError):
    """Weights are missing, altered, or in an unknown format."""


class MatchingUnavailable(OutOfServiceError):
    """A face cannot be compared now, or the comparison gave no answer in time."""


class StoreError(OutOfServiceError):
    """The reference store cannot be used."""


class StoreCorrupt(StoreError):
    """The database is damaged, or newer than this program."""


class StoreTooNew(StoreCorrupt):
    """The database is newer than this program."""


class StoreKeyError(StoreError):
    """The key is missing, unreadable, or belongs to another database."""


class StoreReplaced(StoreError):
    """Stored data is not the last version that was stored: an older copy, another one, or gone."""


class SpaceMismatch(StoreError):
    """Templates of one embedding space were offered to another."""


class JournalUnwritable(OutOfServiceError):
    """An audit entry could not be made durable."""


class FleetStoreUnreachable(OutOfServiceError):
    """The fleet's object store does not answer, or answers with an error that may pass."""


class CloudUnavailable(OutOfServiceError):
    """Rekognition gives no answer now, or its limits are used up."""


class PolicyError(OutOfServiceError):
    """No decision threshold can be derived for this space and this gallery."""


class DoorError(OutOfServiceError):
    """The door did not carry out an order."""


class DoorTimeout(DoorError):
    """The door did not answer in time."""


class DoorRefused(DoorError):
    """The door does not accept this command."""


class DoorUnusable(DoorError):
    """The device is there, but does not match the settings: a key, an output, a certificate."""


class EndOfSource(Exception):
    """A replay has delivered its last frame."""
