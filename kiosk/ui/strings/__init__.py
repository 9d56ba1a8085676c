"""The texts: one TOML file per language, under the same keys in each.

`en.toml` has every key. A key that another language lacks is shown in English; a key, form or
placeholder that is not known stops the start, so nothing but a sentence appears on the screen.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

from kiosk.domain.errors import SettingsError
from kiosk.ui.strings.reading import ABOUT, parse
from kiosk.ui.strings.texts import Strings

ENGLISH = "en"


def load(language: str) -> Strings:
    """Read the texts of one language.

    Raises:
        SettingsError: there is no such language, or its file is invalid.
    """
    english = parse(ENGLISH, _read(ENGLISH))
    return english if language == ENGLISH else parse(language, _read(language), english)


def languages() -> tuple[str, ...]:
    """The codes of all languages that have a file."""
    names = (file.name for file in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def name_of(language: str) -> str:
    """A language's own name for itself, without reading the rest of its file.

    Raises:
        SettingsError: there is no such language.
    """
    start, about, rest = _read(language).partition(f"[{ABOUT}]")
    name: str = tomllib.loads(start + about + rest.partition("\n[")[0])[ABOUT]["name"]
    return name


def _read(language: str) -> str:
    if language not in languages():
        raise SettingsError(
            f"There are no words for the language {language!r}.", "Correct screen.language."
        )
    return (files(__name__) / f"{language}.toml").read_text(encoding="utf-8")
