"""Suppression of unwanted side effects of the runtimes.

They print banners to standard error, bypassing all logging settings, which would hide this
project's own errors. And MediaPipe searches for a sound library when imported, by running a
compiler and a linker.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_ERROR = 2
SOUND_LIBRARY = "sounddevice"


@contextmanager
def hushed() -> Iterator[None]:
    """Discard output to standard error within the context; exceptions are not affected."""
    sys.stderr.flush()
    kept = os.dup(STANDARD_ERROR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(nowhere)
        os.close(kept)


@contextmanager
def no_microphone() -> Iterator[None]:
    """Let the import of MediaPipe find no sound library; its audio tasks are not used here."""
    kept = sys.modules.get(SOUND_LIBRARY)
    sys.modules[SOUND_LIBRARY] = None  # type: ignore[assignment] # makes an import fail
    try:
        yield
    finally:
        del sys.modules[SOUND_LIBRARY]
        if kept is not None:
            sys.modules[SOUND_LIBRARY] = kept
