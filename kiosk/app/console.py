"""The console: errors for people on standard error, results for programs on standard output."""

from __future__ import annotations

import json
import sys

from kiosk.domain.errors import LintelError
from kiosk.domain.remedies import NextStep, Remedy

COMMANDS = {
    NextStep.DROP_FACTOR: "Run `kiosk people allow {subject} --factor none`.",
    NextStep.INSTALL_DOOR_LIBRARIES: "Run `make setup DOOR={extra}` in the folder of Lintel.",
    NextStep.ISSUE_BADGE: "Run `kiosk people badge {subject} --out FILE`.",
    NextStep.MEASURE_SPEED: "Run `kiosk bench`.",
    NextStep.RENEW_JOURNAL: "Run `kiosk audit export`, then `kiosk audit renew`.",
    NextStep.SET_PIN: "Run `kiosk people pin {subject}`.",
    NextStep.VERIFY_MODELS: "Run `kiosk models verify`.",
}
"""The command line's way to take each step; names in braces are those of `Remedy.about`."""


def with_command(remedy: str) -> str:
    """The remedy as the command line prints it: its sentence, then the command of its step."""
    if not isinstance(remedy, Remedy):
        return remedy
    return f"{remedy} {COMMANDS[remedy.step].format_map(remedy.about)}"


def print_error(error: LintelError) -> None:
    """Print the problem and its remedy on standard error."""
    print(f"kiosk: {error.problem}", file=sys.stderr)
    if error.remedy:
        print(f"       {with_command(error.remedy)}", file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Print one JSON object on one line, and flush it."""
    print(json.dumps(value), flush=True)
