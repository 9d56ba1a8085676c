"""`python -m kiosk` and the `kiosk` command."""

from __future__ import annotations

import os
import sys

# Before anything can import onnxruntime: it would write a device id and connect out.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def main() -> None:
    """Run the command line."""
    fill_descriptors()
    from kiosk.last_resort import guard

    sys.exit(guard(_command))


def _command() -> None:
    from kiosk.cli import app

    app()


def fill_descriptors() -> None:
    """See that the three standard descriptors are open.

    The next file that is opened would else take the number of a closed one, and what a library
    prints would go into it: into the journal, for one.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


if __name__ == "__main__":
    main()
