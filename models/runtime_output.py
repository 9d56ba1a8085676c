"""What runtimes do beside their work, and how they are kept from it.

They greet on standard error, past every logging setting, and an error of ours would drown. And
MediaPipe looks for a microphone's library at its import, by starting a compiler and a linker.
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
    """Send what is written to standard error meanwhile to nowhere; exceptions pass as ever."""
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
    """Let an import of MediaPipe find no sound library; its audio tasks are not used here."""
    kept = sys.modules.get(SOUND_LIBRARY)
    sys.modules[SOUND_LIBRARY] = None  # type: ignore[assignment] # how an import is made to fail
    try:
        yield
    finally:
        del sys.modules[SOUND_LIBRARY]
        if kept is not None:
            sys.modules[SOUND_LIBRARY] = kept
