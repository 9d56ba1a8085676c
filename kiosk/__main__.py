"""`python -m kiosk` and the `kiosk` command."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

# Set before any import of onnxruntime: it would write a device id and open a connection.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# Set before any import of numpy. A search takes less than a frame on one thread; a second one would
# compete with the window and the camera for the other core of a small machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COLLECT_EVERY = 400_000
"""New objects between two garbage collections, more than a start makes: modules and settings make a
hundred thousand that stay. A kiosk that runs collects more often (`kiosk.app.age`)."""

M_ARENA_MAX = -8  # of mallopt(3)


def main() -> None:
    """Run the command line."""
    fill_descriptors()
    gc.set_threshold(COLLECT_EVERY)
    share_heap()
    from kiosk.last_resort import guard

    sys.exit(guard(_command))


def _command() -> None:
    from kiosk import processor

    if told := processor.problem():
        sys.stderr.write(f"{told}\n")
        sys.exit(processor.EXIT_CODE)
    from kiosk.cli import app

    app()


def share_heap() -> None:
    """Let all threads allocate from one heap; otherwise glibc gives most threads one of their own.

    What one thread freed is then used by another: a kiosk with 10,000 references takes 5 MB less.
    Other C libraries have no such setting, and need none.
    """
    import ctypes

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def fill_descriptors() -> None:
    """Make sure that the three standard descriptors are open.

    Otherwise the next opened file would take the number of a closed one, and a library's output
    would be written into it: into the journal, for example.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


if __name__ == "__main__":
    main()
