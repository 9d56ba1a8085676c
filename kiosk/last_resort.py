"""What is said of an error that nobody foresaw: one sentence, and where the steps to it are kept.

Wherever it happens: in a command, a thread, an import, or while Python ends. The log has files,
lines and kinds of errors; no message of theirs and no value, which may be somebody's name or PIN.
The standard library alone is needed: the error may be that nothing else can be imported.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

EXIT_CODE = 5
"""A fault of this program; see README."""
INTERRUPTED = 130
OUTPUT_LOST = 4
LOG_NAME = "errors.log"
MOST_BYTES = 262144
"""A log that has grown beyond that begins anew."""
_MOST_STEPS = 100
_LOST = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF})

_folders: list[Path] = []
_writing = threading.Lock()


def log_into(folder: Path) -> None:
    """Keep the log there from now on, if that folder is there by then and ours to write."""
    _folders[:] = [folder]


def guard(work: Callable[[], object]) -> int:
    """Do the whole work of a process; its exit code. No error leaves through here."""
    install()
    try:
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else (0 if ended.code is None else 2)
        if isinstance(ended.code, str):
            _say(ended.code)
    except BaseException as error:  # noqa: BLE001 - the last resort
        code = told(error)
    return _flushed(code)


def told(error: BaseException) -> int:
    """Say what an error was, in words for people; the exit code that it makes."""
    if isinstance(error, KeyboardInterrupt):
        _say("kiosk: It was interrupted.")
        return INTERRUPTED
    if isinstance(error, OSError) and error.errno in _LOST and error.filename is None:
        return _output_lost(error)
    report(error)
    return EXIT_CODE


def report(error: BaseException) -> None:
    """Log the steps that led to an error, and say where."""
    place = _logged(error)
    steps = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(steps[-1].filename).name}, line {steps[-1].lineno}" if steps else ""
    kept = f"The steps to it are in {place}: please report it with them."
    if place is None:
        kept = "The steps to it could not be kept: no log can be written."
    _say(f"kiosk: An error that was not foreseen: {type(error).__name__}{where}.\n       {kept}")


def install() -> None:
    """Take every error that nothing else takes."""
    sys.excepthook = _hook
    threading.excepthook = _thread_hook
    sys.unraisablehook = _unraisable_hook
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a terminal lacks letters: escapes then
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # suppressed


def _hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    told(error)


def _thread_hook(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not isinstance(given.exc_value, SystemExit):
        report(given.exc_value)


def _unraisable_hook(given: sys.UnraisableHookArgs) -> None:
    """Raised where nobody could take it: in a destructor, or while Python ends."""
    if given.exc_value is not None:
        report(given.exc_value)


def _output_lost(error: OSError) -> int:
    _say(
        f"kiosk: The output cannot be written: {error.strerror}.\n"
        "       Give it to a program that reads on, or to a disk with room."
    )
    return OUTPUT_LOST


def _flushed(code: int) -> int:
    """See that what was printed is out, or say that it is not; Python would say so its own way."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        lost = error if isinstance(error, OSError) else OSError(errno.EBADF, "it was closed")
        return _output_lost(lost) if code == 0 else code
    return code


def _say(text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


# -- the log -------------------------------------------------------------------------------------


def _logged(error: BaseException) -> Path | None:
    """Where it was written; None where nowhere could be."""
    text = "".join(_entry(error))
    for place in _places():
        with _writing, suppress(OSError):
            _append(place, text.encode("utf-8", "backslashreplace"))
            return place
    return None


def _places() -> Iterator[Path]:
    """The kiosk's home; else a file of this user's in the folder for temporary ones."""
    given = os.environ.get("KIOSK_HOME")
    for folder in _folders or ([Path(given)] if given else []):
        if folder.is_dir():
            yield folder / LOG_NAME
    yield Path(tempfile.gettempdir()) / f"lintel-{os.getuid()}-{LOG_NAME}"


def _append(place: Path, text: bytes) -> None:
    """Add to a plain file of our own, which nobody else reads.

    Raises:
        OSError: it cannot be, or is somebody else's.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(place, flags, 0o600)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.getuid() or not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise PermissionError
        if status.st_size > MOST_BYTES:
            os.ftruncate(descriptor, 0)
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, text)
    finally:
        os.close(descriptor)


def _entry(error: BaseException) -> Iterator[str]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    yield f"{at} Python {sys.version.partition(' ')[0]}, thread {threading.current_thread().name}\n"
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        number = f" {cause.errno}" if isinstance(cause, OSError) and cause.errno else ""
        yield f"  {type(cause).__name__}{number}\n"
        for step in traceback.extract_tb(cause.__traceback__)[-_MOST_STEPS:]:
            yield f"    {step.filename}:{step.lineno} {step.name}\n"
        cause = cause.__cause__ or cause.__context__
