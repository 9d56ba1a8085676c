"""What is relied on although it should not be: a clock, and places that others could change."""

from __future__ import annotations

from liars import lies

MUTANTS = [
    *lies(
        "walltime",
        ("walltime",),
        ("any year can be", "return NOT_BEFORE <= now < NOT_AFTER", "return True"),
        ("no year is too early", "return NOT_BEFORE <= now <", "return now <"),
        ("no year is too late", "<= now < NOT_AFTER", "<= now"),
        ("a clock may be behind", "> BEHIND_SECONDS:", "> 1e12:"),
        ("a clock may not be corrected", "> BEHIND_SECONDS:", "> 0:"),
        ("nobody need set the clock", "if synchronised is False:", "if False:"),
        ("who knows nothing has set nothing", "if synchronised is False:", "if not synchronised:"),
    ),
    *lies(
        "ownership",
        ("ownership",),
        ("anybody's is ours", "if place.uid not in {me, ROOT}:", "if False:"),
        ("root's is not relied on", "if place.uid not in {me, ROOT}:", "if place.uid != me:"),
        ("others may write", "if place.mode & _OTHERS_WRITE:", "if False:"),
        ("the group may write", "_OTHERS_WRITE = 0o022", "_OTHERS_WRITE = 0o002"),
        ("what lies above does not count", "for each in above)", "for each in ())"),
        ("anybody's sticky folder will do", "and place.uid in {me, ROOT}\n", "and True\n"),
        (
            "below the sticky is nothing ours",
            "return None if sticky else",
            "return None if False else",
        ),
    ),
]
