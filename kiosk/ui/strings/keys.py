"""The tables of texts other than the prompts, their keys, and the placeholders.

A text of the table `screen` is found under its key, one of another table under `table.key`.
"""

from __future__ import annotations

FORMS = frozenset({"sentence", "sentence_one", "named", "noted", "quiet", "spoken"})
PLACEHOLDERS = frozenset(
    {"name", "seconds", "contact", "other_way", "organisation", "purpose", "when"}
)
SCREEN = "screen"
"""The table of texts on the screen other than the prompts."""

STANDING = frozenset(
    {
        "title",
        "notice",
        "responsible",
        "other_way",
        "questions",
        "help",
        "picture",
        "help_described",
        "help_title",
        "help_call",
        "help_sent",
        "help_unsent",
        "help_other_way",
        "help_strangers",
        "help_responsible",
        "help_close",
        "badge_here",
    }
)

DOOR = frozenset(
    {
        "secured",
        "released",
        "passing",
        "held_open_warning",
        "held_open",
        "forced",
        "locked_down",
        "unlocked",
        "tampered",
        "unknown",
        "fire",
        "stuck",
    }
)
"""The conditions of the door, as named by the door model."""

PAD = frozenset({"typed", "delete", "enter", "spoken_digit", "spoken_delete", "spoken_enter"})

INSTALLER = frozenset(
    {
        "title",
        "ask_pin",
        "checking",
        "back",
        "version",
        "address",
        "unknown",
        "door",
        "silent",
        "lock",
        "leaf",
        "tamper",
        "exit",
        "fire",
        "neighbour",
        "released",
        "secured",
        "open",
        "closed",
        "unseen",
        "tampered",
        "untouched",
        "pressed",
        "unpressed",
        "burning",
        "calm",
        "not_secured",
        "release",
        "secure",
        "test",
        "doctor",
        "working",
        "done",
        "nothing_yet",
        "ok",
        "warn",
        "bad",
    }
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WHEN = frozenset({"today", "tomorrow", "weekday", "date", *WEEKDAYS, *MONTHS})

TABLES = {
    SCREEN: STANDING,
    "door": DOOR,
    "pad": PAD,
    "installer": INSTALLER,
    "when": WHEN,
}
"""The keys of each table other than the prompts."""

FILLED = {"when": frozenset({"time", "day", "month"})}
"""Placeholders of the tables that differ from those of the prompts."""
