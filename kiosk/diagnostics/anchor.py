"""The commands' use of the journal anchor outside the home: check at start, verify, accept."""

from __future__ import annotations

import queue
import re
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kiosk.domain.errors import (
    BadInput,
    JournalTampered,
    LintelError,
    SettingsError,
    StoreReplaced,
)

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.store.home import Home
    from kiosk.store.journal.anchor import AnchorFile
    from kiosk.store.open_home import OpenHome

PATIENCE_SECONDS = 5.0
"""Media that do not answer within this time count as absent."""


def file_of(settings: Settings, home: Home) -> AnchorFile | None:
    """The anchor that the settings name; None if they name none. Raises StoreKeyError."""
    from kiosk.store.journal.anchor import AnchorFile, Anchors
    from kiosk.store.secrets.keys import FileKey

    path = settings.journal.anchor_file
    return None if path is None else AnchorFile(path, Anchors(home, FileKey(home)))


def kept_outside(settings: Settings, open_home: OpenHome) -> AbstractContextManager[object]:
    """Check that the home is not an older copy, and keep the anchor up to date from then on.

    Raises:
        StoreReplaced: the anchor does not match; the error gives the reason and the remedy.
        JournalTampered: the journal does not verify.
    """
    from kiosk.journal.anchoring import Anchoring
    from kiosk.journal.events.keeping import AnchorChanged

    file = file_of(settings, open_home.home)
    if file is None:
        return nullcontext()
    absent = looked_at(file)
    if absent is not None:
        open_home.recorder.note(AnchorChanged(works=False, problem=absent))
        unknown = "Nothing outside the home says whether it is the newest."
        print(f"kiosk: {absent} {unknown}", file=sys.stderr)
    seconds = settings.journal.anchor_seconds
    return Anchoring(file.keep, open_home.recorder.note, seconds, works=absent is None)


def looked_at(file: AnchorFile) -> str | None:
    """The reason why the anchor cannot be read; None if it was read and matches.

    Raises:
        StoreReplaced, JournalTampered: it does not match.
    """
    try:
        in_time(file.check)
    except FileNotFoundError:
        return f"There is no anchor {file.path}."
    except OSError as error:
        return f"The anchor {file.path} cannot be read: {error.strerror or 'it takes too long'}."
    return None


def in_time(look: Callable[[], object]) -> None:
    """Run the check within `PATIENCE_SECONDS`, and pass on its exception.

    Raises:
        TimeoutError: it takes longer; it may continue in its own thread.
    """
    came: queue.Queue[OSError | LintelError | None] = queue.Queue()

    def run() -> None:
        try:
            look()
        except (OSError, LintelError) as error:
            came.put(error)
        else:
            came.put(None)

    threading.Thread(target=run, name="anchor-look", daemon=True).start()
    try:
        error = came.get(timeout=PATIENCE_SECONDS)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error


class Seen(NamedTuple):
    """A matching anchor.

    Attributes:
        entry: the number of the entry that it names; None if no anchor could be read.
        text: the message for the user.
    """

    entry: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The external evidence of a journal's end.

    Attributes:
        home: the home of the journal.
        key: the key of the head's seal, if available.
        anchor: an anchor file, if given.
        number: the number of a known entry, if only that and its hash are given.
        hash: the hash of that entry.
    """

    home: Home
    key: bytes | None
    anchor: Path | None
    number: int | None
    hash: str | None

    def checked(self, config: Path | None) -> Seen | None:
        """Compare the journal with this evidence or the configured anchor; None if neither exists.

        Raises:
            JournalTampered: it does not match.
            BadInput: the options do not go together, or the file cannot be read.
        """
        if (self.number is None) is not (self.hash is None):
            raise BadInput("--number and --hash go together.", "Give both, or neither.")
        try:
            if self.number is not None and self.hash is not None:
                return self._known(self.number, self.hash.strip().lower())
            if self.anchor is not None:
                return self._file(self.anchor)
            return self._of_settings(config)
        except StoreReplaced as error:
            raise JournalTampered(error.problem, error.remedy) from error

    def _known(self, number: int, known: str) -> Seen:
        from kiosk.store.journal.anchor import Anchor, compare

        if re.fullmatch(r"[0-9a-f]{64}", known) is None:
            raise BadInput("--hash is not 64 hexadecimal digits.", "Copy it from the anchor.")
        compare(self.home, self.key, Anchor(None, number, known), "that was given")
        return _goes_on(number)

    def _file(self, path: Path) -> Seen:
        from kiosk.store.journal.anchor import Anchors, compare, read, understood
        from kiosk.store.secrets.keys import FileKey

        try:
            body = read(path)
        except OSError as error:
            raise BadInput(
                f"The anchor {path} cannot be read: {error.strerror}.", "Check --anchor."
            ) from error
        if self.key is None:
            anchor = understood(body, str(path))
            compare(self.home, None, anchor, str(path))
        else:
            anchor = Anchors(self.home, FileKey(self.home)).check(body, str(path))
        return _goes_on(anchor.number)

    def _of_settings(self, config: Path | None) -> Seen | None:
        from config.settings import load

        try:
            path = load(self.home.path, config).journal.anchor_file
        except SettingsError as error:
            return Seen(None, f"No anchor was checked. {error.problem}")
        if path is None:
            return None
        try:
            return self._file(path)
        except BadInput as error:
            return Seen(None, error.problem)


def accept_anchor(home: Home, config: Path | None) -> bool:
    """Accept that the configured anchor does not match, and say so. True if it did not match.

    Raises:
        Refused: it is another kiosk's anchor.
        LintelError: it cannot be done, or the settings are invalid.
    """
    from config.settings import load
    from kiosk.store.journal.anchor import accept
    from kiosk.store.journal.journal import Journal
    from kiosk.store.secrets.keys import FileKey

    file = file_of(load(home.path, config), home)
    if file is None or not accept(file, Journal(home, FileKey(home))):
        return False
    print(f"Accepted although the anchor {file.path} did not fit; it was written anew.")
    print("Whoever was erased since that copy was made is enrolled again: erase them again.")
    return True


def _goes_on(number: int) -> Seen:
    return Seen(number, f"The journal goes on from entry {number}, which is known outside.")
