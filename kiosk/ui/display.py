"""The display: the error if there is none, and the shutdown if it is lost.

Qt aborts the process in the first case and ends it in the second, without running any `finally`. It
logs a message just before; this module catches that message to lock the door in time.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from PyQt6.QtCore import QLibraryInfo, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QGuiApplication

from kiosk.domain.errors import OutOfServiceError

LOST_EXIT_CODE = OutOfServiceError.exit_code
_BROKEN = ("connection broke", "connection experienced a fatal error")
"""Messages of X11 and Wayland after which the process or the event loop ends."""
_UNREACHABLE = ("could not connect to display", "Failed to create wl_display")
_VARIABLES = ("WAYLAND_DISPLAY", "DISPLAY")
_WITHOUT = "`--headless` runs without a screen."

_IoErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class DisplayWatch:
    """Watches Qt's messages from before the display is opened until it is closed.

    Args:
        on_lost: called with the error when the display is lost; locks the door. After it returns or
            fails, the process ends with exit code 4, and Qt must not be used again.
    """

    def __init__(self, on_lost: Callable[[OutOfServiceError], None]) -> None:
        self._on_lost = on_lost
        self._said: list[str] = []
        self._opened = False
        self._old: Any = qInstallMessageHandler(self._hear)
        self._xlib: ctypes.CDLL | None = None
        self._xlib_handler = _IoErrorHandler(lambda _: self.end(gone()))

    def opened(self) -> None:
        """Note that the display is open. From now on an Xlib I/O error calls `end`, not `exit`."""
        self._opened = True
        self._said.clear()
        if QGuiApplication.platformName() != "xcb":
            return
        with suppress(OSError, AttributeError):
            self._xlib = ctypes.CDLL("libX11.so.6", mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
            self._xlib.XSetIOErrorHandler(self._xlib_handler)

    def end(self, error: OutOfServiceError) -> NoReturn:
        """End the process because there is no display."""
        try:
            self._on_lost(error)
        finally:
            os._exit(LOST_EXIT_CODE)

    def close(self) -> None:
        """Restore the previous message handlers of Qt and Xlib."""
        if self._xlib is not None:
            self._xlib.XSetIOErrorHandler(None)
        qInstallMessageHandler(self._old)

    def _hear(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        text = message or ""
        if any(words in text for words in _BROKEN):
            self.end(gone())
        if kind is QtMsgType.QtFatalMsg:
            self.end(missing(self._said) if not self._opened else failed(text))
        if not self._opened:
            self._said.append(text)
        elif self._old is not None:
            self._old(kind, context, message)
        else:
            sys.stderr.write(f"{text}\n")


def gone() -> OutOfServiceError:
    """The error for a display that was lost during use."""
    return OutOfServiceError(
        "The display has gone: its server ended, or threw us out.",
        "Start the display, then the kiosk; let the service manager start it again by itself.",
    )


def failed(text: str) -> OutOfServiceError:
    """The error for a fatal failure of Qt."""
    return OutOfServiceError(f"The screen has failed: {_first_line(text)}", "Start it again.")


def missing(said: Sequence[str]) -> OutOfServiceError:
    """The error for a display that is missing at the start.

    Args:
        said: Qt's messages from its search for a display.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    named = [f"{name} ({os.environ[name]})" for name in _VARIABLES if os.environ.get(name)]
    if any(words in text for words in _UNREACHABLE for text in said):
        if not named:
            return _none()
        return OutOfServiceError(
            f"The display of {' and '.join(named)} cannot be opened.",
            f"See that it runs and lets this user in, or correct that variable. {_WITHOUT}",
        )
    if lacks := _lacks(chosen or "xcb"):
        return OutOfServiceError(
            f"The display cannot be used without a system library: {lacks}.",
            f"`make setup` installs what is missing. {_WITHOUT}",
        )
    if chosen:
        return OutOfServiceError(
            f"QT_QPA_PLATFORM names {chosen}, which shows no screen here.",
            f"Unset it, or name xcb or wayland. {_WITHOUT}",
        )
    return _none()


def _none() -> OutOfServiceError:
    return OutOfServiceError(
        "There is no display: neither DISPLAY nor WAYLAND_DISPLAY leads to one.",
        f"Start the kiosk from a graphical session, or set one of them. {_WITHOUT}",
    )


def _lacks(platform: str) -> str:
    """The library that a platform plugin lacks, as named by the loader; empty if none."""
    plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    plugin = f"{plugins}/platforms/libq{platform}.so"
    if not Path(plugin).exists():
        return ""
    try:
        ctypes.CDLL(plugin)
    except OSError as error:
        return str(error).partition(":")[0]
    return ""


def _first_line(text: str) -> str:
    return text.partition("\n")[0].rstrip(".") + "."
