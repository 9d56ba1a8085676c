"""Reports unexpected errors: one sentence on standard error, and a stack trace in a log.

Covers errors in a command, a thread, an import, or during interpreter shutdown. The log holds
files, lines and error types. It holds no error message and no value, which may be a person's name
or PIN. Only the standard library is used: the error may be that nothing else can be imported.
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
"""The exit code for a fault of this program; see README."""
INTERRUPTED = 130
OUTPUT_LOST = 4
LOG_NAME = "errors.log"
MOST_BYTES = 262144
"""A log larger than this is truncated before the next entry."""
_MOST_STEPS = 100
_LOST = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF})

_folders: list[Path] = []
_writing = threading.Lock()


def log_into(folder: Path) -> None:
    """Set the log folder; used if it exists at that time and this user can write to it."""
    _folders[:] = [folder]


def guard(work: Callable[[], object]) -> int:
    """Run a whole process and return its exit code. No error escapes."""
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
    """Report an error in plain words; returns the exit code for it."""
    if isinstance(error, KeyboardInterrupt):
        _say("kiosk: It was interrupted.")
        return INTERRUPTED
    if isinstance(error, OSError) and error.errno in _LOST and error.filename is None:
        return _output_lost(error)
    report(error)
    return EXIT_CODE


def report(error: BaseException) -> None:
    """Log an error's stack trace, and print where it was logged."""
    place = _logged(error)
    steps = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(steps[-1].filename).name}, line {steps[-1].lineno}" if steps else ""
    kept = f"The steps to it are in {place}: please report it with them."
    if place is None:
        kept = "The steps to it could not be kept: no log can be written."
    _say(f"kiosk: An error that was not foreseen: {type(error).__name__}{where}.\n       {kept}")


def install() -> None:
    """Install the hooks for every otherwise unhandled error."""
    sys.excepthook = _hook
    threading.excepthook = _thread_hook
    sys.unraisablehook = _unraisable_hook
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # escape what a terminal cannot show
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # suppressed


def _hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    told(error)


def _thread_hook(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not isinstance(given.exc_value, SystemExit):
        report(given.exc_value)


def _unraisable_hook(given: sys.UnraisableHookArgs) -> None:
    """Report an error raised where no caller can catch it: in a destructor, or at shutdown."""
    if given.exc_value is not None:
        report(given.exc_value)


def _output_lost(error: OSError) -> int:
    _say(
        f"kiosk: The output cannot be written: {error.strerror}.\n"
        "       Give it to a program that reads on, or to a disk with room."
    )
    return OUTPUT_LOST


def _flushed(code: int) -> int:
    """Flush standard output, or report that it cannot be; Python's own message would differ."""
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
    """Log an error; returns the file, or None where none could be written."""
    text = "".join(_entry(error))
    for place in _places():
        with _writing, suppress(OSError):
            _append(place, text.encode("utf-8", "backslashreplace"))
            return place
    return None


def _places() -> Iterator[Path]:
    """Yield the kiosk's home, then a file of this user in the temporary folder."""
    given = os.environ.get("KIOSK_HOME")
    for folder in _folders or ([Path(given)] if given else []):
        if folder.is_dir():
            yield folder / LOG_NAME
    yield Path(tempfile.gettempdir()) / f"lintel-{os.getuid()}-{LOG_NAME}"


def _append(place: Path, text: bytes) -> None:
    """Append to a regular file that this user owns and only this user can read.

    Raises:
        OSError: the file cannot be written, or belongs to another user.
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
