"""A check that there are words in the language of the screen, and fonts for every character."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.settings import Settings


def letters(home: Path, settings: Settings) -> Iterator[Finding]:
    """Check every text of the settings, and every given name that may be shown.

    Raises:
        SettingsError: there are no words for the language of the settings.
        StoreError: the names cannot be read.
    """
    from kiosk.store.home import Home
    from kiosk.store.open_home import references_of
    from kiosk.ui.strings import load
    from kiosk.wiring.screen import screen_text

    load(settings.screen.language)
    with references_of(Home(home)) as references:
        people = references.people() if references and settings.screen.show_names else ()
    names = {str(person.subject): person.profile.given_name or "" for person in people}
    try:
        with _drawing():
            from kiosk.ui.look.legible import problems

            found = list(problems(screen_text(settings), names))
    except ImportError as error:
        remedy = "`make setup` installs what is missing; `kiosk run --headless` needs no screen."
        yield Finding("screen", Health.WARN, f"cannot be loaded: {error}", remedy)
        return
    for problem, remedy in found:
        health = Health.BAD if problem.startswith("screen.") else Health.WARN
        yield Finding("screen", health, problem, remedy)
    if not found:
        yield Finding("screen", Health.OK, "the installed fonts have every letter that it shows")


@contextmanager
def _drawing() -> Iterator[None]:
    """Qt and the kiosk's typeface: the running kiosk's, or temporary ones without a display."""
    from PyQt6.QtWidgets import QApplication

    from kiosk.ui.look import fonts

    running = QApplication.instance()
    made = None if running else QApplication(["kiosk", "-platform", "offscreen"])
    if made is not None:
        fonts.install()
    yield
    del made
