"""The console: errors for people on standard error, results for programs on standard output."""

from __future__ import annotations

import json
import sys

from kiosk.domain.errors import LintelError


def print_error(error: LintelError) -> None:
    """Print the problem and its remedy on standard error."""
    print(f"kiosk: {error.problem}", file=sys.stderr)
    if error.remedy:
        print(f"       {error.remedy}", file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Print one JSON object on one line, and flush it."""
    print(json.dumps(value), flush=True)
