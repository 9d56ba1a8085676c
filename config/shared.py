"""The settings that a fleet may set for its kiosks. What is not named here stays with the kiosk.

That is everything of one place: camera, door, lane, files, addresses, secrets, and what was
measured at one door. A new setting is the kiosk's own until it is named here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Final

from kiosk.domain.errors import SettingsError

MOST_CHARACTERS: Final = 65_536

WHOLE_SECTIONS: Final = frozenset({"access", "enrolment", "pad", "quality", "retention"})
"""Sections of which a fleet may set everything."""

PARTS: Final[Mapping[str, frozenset[str]]] = {
    "match": frozenset({"target_fpir", "floor", "margin"}),
    "rules": frozenset(
        {
            "time_zone",
            "schedules",
            "holidays",
            "groups",
            "first_person",
            "unlock_schedule",
            "day_begins",
            "passback",
            "reset_hours",
            "reset_daily",
            "cool_down_seconds",
        }
    ),
    "fleet": frozenset(
        {"poll_seconds", "fresh_hours", "report_seconds", "hand_in_journal", "journal_seconds"}
    ),
    "screen": frozenset(
        {
            "organisation",
            "purpose",
            "contact",
            "other_way",
            "language",
            "texts",
            "words",
            "show_names",
            "speak",
            "text_scale",
        }
    ),
}
"""What a fleet may set of the other sections."""

SharedValues = Mapping[str, Any]
"""Settings by section and key."""


def shared_values(text: str) -> SharedValues:
    """The settings of a fleet, each of which it may set; their values are not checked yet.

    Args:
        text: TOML.

    Raises:
        SettingsError: it is no TOML, too long, or sets what is the kiosk's own.
    """
    if len(text) > MOST_CHARACTERS:
        raise SettingsError(
            f"The settings of a fleet have {len(text):,} characters; {MOST_CHARACTERS:,} fit.",
            "Shorten them.",
        )
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"The settings of a fleet are no TOML: {error}", "Correct that line."
        ) from error
    for section, keys in values.items():
        for name in _named(section, keys):
            if not _may(section, name):
                raise _own(section if name is None else f"{section}.{name}")
    return values


def _named(section: str, keys: object) -> list[str | None]:
    if not isinstance(keys, Mapping):
        raise _own(section)
    return [*keys] or [None]


def _may(section: str, name: str | None) -> bool:
    if section in WHOLE_SECTIONS:
        return True
    return section in PARTS and (name is None or name in PARTS[section])


def _own(name: str) -> SettingsError:
    sections = ", ".join(sorted({*WHOLE_SECTIONS, *PARTS}))
    return SettingsError(
        f"{name} is not for a fleet to set: it is each kiosk's own.",
        f"Leave it in the kiosk's config.toml. A fleet sets keys of {sections}.",
    )
