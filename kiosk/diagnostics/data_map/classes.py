"""The classes of stored data: what each is about, how it is protected, and until when it is kept.

The README's table of what is stored says the same in more words; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from kiosk.fleet.trust import layout
from kiosk.store.home import Home

CONTROL: Final = "control.sock"
"""Where a running kiosk hears operators; it knows by itself who is at the other end."""
_BESIDE: Final = "-*"


class Protection(Enum):
    """What keeps others from reading it, beside the rights of the file."""

    SEALED = "sealed"
    """Encrypted under the kiosk's key."""
    SIGNED = "signed; sealed where it is about people"
    """As a fleet publishes it."""
    KEY = "a key in the plain"
    """Nothing: it is what opens the rest."""
    PLAIN = "plain"
    """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataClass:
    """A class of stored data.

    Attributes:
        about: what or whom it is about, as the README's table says it: one text for each row.
        files: patterns of the names in the home, or the beginnings of names in a fleet's store.
        protection: what keeps others from reading it.
        until: when it goes.
        public: true if others may read it, and a link in its place is nobody's attack.
    """

    about: tuple[str, ...]
    files: tuple[str, ...]
    protection: Protection
    until: str
    public: bool = False

    @property
    def shown(self) -> tuple[str, ...]:
        """The files as the README names them, without those that SQLite puts beside its own."""
        own = (each for each in self.files if not each.endswith(_BESIDE))
        return tuple(each.removesuffix("/*").replace("*", "…") for each in own)


_HOME = Home(Path())
_AFTER_A_FLEET = "the kiosk leaves that part of the fleet"
_S, _P = Protection.SEALED, Protection.PLAIN


def _class(
    about: str | tuple[str, ...],
    files: tuple[str | Path, ...],
    protection: Protection,
    until: str,
    *,
    public: bool = False,
) -> DataClass:
    texts = (about,) if isinstance(about, str) else about
    names = tuple(map(str, files))
    return DataClass(about=texts, files=names, protection=protection, until=until, public=public)


NAMED: Final = _class("files that the settings name", (), Protection.KEY, "you remove them")
"""Keys, passwords and certificates of doors and brokers; the check of secrets looks at these."""

CLASSES: Final = (
    _class(
        "enrolled people",
        (_HOME.references, f"{_HOME.references}-*"),
        _S,
        "they withdraw, their last day is over, or retention.unused_days",
    ),
    _class(
        "who is inside, where a rule needs it", (_HOME.presence,), _S, "they leave, or are erased"
    ),
    _class("wrong PINs typed for a person", (_HOME.attempts,), _S, "the right PIN is typed"),
    _class("when a person was let in last", (_HOME.last_use,), _S, "they are erased; a day more"),
    _class(
        "people of a fleet",
        (_HOME.scopes, f"{_HOME.fleet_cache}/*"),
        Protection.SIGNED,
        _AFTER_A_FLEET,
    ),
    _class(
        "how far this kiosk has reported to its fleet",
        (_HOME.fleet_reports,),
        _S,
        "the kiosk leaves the fleet",
    ),
    _class(
        "settings that the fleet gave this kiosk",
        (_HOME.fleet_settings,),
        _S,
        "the kiosk leaves the fleet",
    ),
    _class(
        "people in Amazon Rekognition",
        (_HOME.cloud, f"{_HOME.cloud}-*"),
        _S,
        "they are gone from the cloud",
    ),
    _class(
        (
            "copies of the above, from before a migration or of a damaged database; encrypted as "
            "these"
        ),
        (f"{_HOME.references}.v*", f"{_HOME.references}.*.aside"),
        _S,
        "the next erasure of anybody, or a week",
    ),
    _class(
        "a journal that was put aside, by a restoration or for a new one",
        (f"{_HOME.journal}.*.aside", f"{_HOME.head}.*.aside"),
        _P,
        "you remove it",
    ),
    _class(
        (
            "that somebody was erased, so that no backup brings them back; receipts of withdrawals",
            "every decision about an enrolled person",
            "strangers",
        ),
        (_HOME.journal,),
        _P,
        "retention.journal_days; receipts and erasures retention.receipt_days",
    ),
    _class(
        "nobody: keys",
        (_HOME.key, _HOME.cloud_ids),
        Protection.KEY,
        "you make another, or remove the home",
    ),
    _class(
        "nobody: keys that are sealed, and the admin PIN's hash",
        (_HOME.sealed_key, _HOME.fleet, _HOME.admin),
        _S,
        "another takes its place",
    ),
    _class(
        "nobody: notes of the kiosk",
        (
            _HOME.head,
            _HOME.last_backup,
            _HOME.cloud_spending,
            f"{_HOME.cloud_spending}-*",
            _HOME.cloud_progress,
            f"{_HOME.cloud_progress}-*",
            "errors.log",
        ),
        _P,
        "newer ones take their place",
    ),
    _class(
        "nobody: settings and model packs",
        ("config.toml", "models/*"),
        _P,
        "you change them",
        public=True,
    ),
    _class(
        "unfinished work of the above, and locks",
        (
            f"{_HOME.exchange}/*",
            f"{_HOME.next_exchange}/*",
            f"{_HOME.workshop}/*",
            _HOME.lock,
            _HOME.keeping,
            CONTROL,
            "*.new",
            "*.lock",
        ),
        _S,
        "it is finished, or the next start",
    ),
)
"""What may lie in a home; of several that fit, the first counts."""

STORE: Final = (
    _class(
        "who may sign what, and what counts",
        (layout.METADATA, layout.ROOTS),
        Protection.SIGNED,
        "newer ones take their place, 7 days later",
    ),
    _class(
        "people of the scopes; cards of devices and inviters; settings",
        (layout.TARGETS,),
        Protection.SIGNED,
        "newer ones take their place, 7 days later",
    ),
    _class(
        "statements about people that wait for the publisher",
        layout.INBOXES,
        Protection.SIGNED,
        "the publisher has taken them",
    ),
    _class(
        "changes that wait for more admins; what failed a check; requests of devices",
        (layout.PENDING, layout.REVIEW, layout.REQUESTS),
        Protection.SIGNED,
        "they are taken or dropped; --leftover-days",
    ),
    _class(
        "what devices report: counts, receipts, offers, and journals, which are sealed to admins",
        (layout.DEVICES,),
        Protection.SIGNED,
        "--journal-days, --receipt-days",
    ),
)
"""What lies in a fleet's store, by the beginnings of the names."""


def class_of(name: str) -> DataClass | None:
    """The class of a file by its name below the home; None for none."""
    return next(
        (each for each in CLASSES if any(fnmatchcase(name, form) for form in each.files)), None
    )
